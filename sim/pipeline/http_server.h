// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/result.h"
#include "sim/pipeline/collector.h"
#include "sim/pipeline/warehouse.h"

namespace parallax::pipeline {

/// A harness that plays faster than real time says in it what the time is, RFC 3339.
constexpr std::string_view clock_header = "Parallax-Sim-Time";
/// Otherwise it is this.
SimTime wall_clock();

/// What the routes need from the pipeline behind them. Everything is thread-safe.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Answer post(std::string& body, SimTime arrival) = 0;
  virtual Answer post_sdk(const SdkDialect& dialect, const SdkRequest& request) = 0;
  virtual Result<Snapshot> read(Table table, const std::string& run_id) = 0;
  virtual Answer stats() = 0;
};

/// The routes of pipeline.h on cpp-httplib: one thread a connection, at most 80 connections at a
/// time, bodies of at most 32 MiB before and after unpacking, silent connections closed after 30 s.
class HttpServer {
 public:
  /// Binds and serves; port 0 takes any free one. Errors: the address cannot be bound. `backend`
  /// must outlive the server.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& host, std::uint16_t port,
                                                   Backend& backend);
  ~HttpServer();
  std::uint16_t port() const;
  /// Finishes the requests at hand and takes no more. Idempotent; not thread-safe.
  void stop();

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::pipeline
