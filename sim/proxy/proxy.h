// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fault/chain.h"
#include "sim/core/result.h"
#include "sim/drive/url.h"
#include "sim/scenario/scenario.h"

/// A reverse proxy between real clients and a real pipeline, HTTP/1.1 on both sides, TLS towards
/// the pipeline. Requests with events of the scenario's plan, in any format that sim/wire reads,
/// meet the scenario's wire faults and stand in the ledger; everything else passes byte for byte.
namespace parallax::proxy {

/// Bounds; reaching one is told, never silent.
struct Limits {
  std::size_t connections = 1'024;           ///< Of clients at a time; others wait to be accepted.
  std::size_t body = std::size_t{8} << 20U;  ///< Longer ones pass unread.
  std::size_t answer = std::size_t{8} << 20U;       ///< To a request with events; longer is a 502.
  std::uint64_t archive = std::uint64_t{4} << 30U;  ///< Bytes of stored requests.
  Micros connect = 10 * second;  ///< Until the pipeline has taken the connection.
  Micros answer_wait = 60 * second;
  Micros idle = 75 * second;   ///< A client's connection without a request, or a stuck one.
  Micros delay = 10 * minute;  ///< Longest that a fault holds a request or an answer back.
  Micros drain = 10 * second;  ///< For what is under way when the proxy is stopped.
};

struct ProxyOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one.
  Url upstream;
  bool verify_tls = true;
  std::filesystem::path folder;  ///< The run folder, prepared.
  /// The clients play simulated time (`parallax run`): the instant of a request is what its clock
  /// header says, and a delay is added to that instead of being waited for.
  bool simulated = false;
  /// Where events of the shared format are sent; vendors' SDKs have paths of their own.
  std::string shared_path = "/v1/events";
  Limits limits;
  SimTime (*wall_clock)() = nullptr;
};

/// Totals since the start. Of requests: `with_events` + `untouched` + `refused`.
struct ProxyCounts {
  std::uint64_t connections = 0;
  std::uint64_t with_events = 0, untouched = 0;
  std::uint64_t refused = 0;    ///< No HTTP, or beyond a limit of ours.
  std::uint64_t events = 0;     ///< Of requests with events, those of the plan.
  std::uint64_t unplanned = 0;  ///< Those of no action of the plan.
  std::uint64_t actions = 0, attempts = 0;
  std::uint64_t accepted = 0, rejected = 0, unknown = 0;  ///< Attempts by receipt.
  std::uint64_t upstream_down = 0;  ///< Requests for which there was no connection.
  /// What went wrong, each with how often; most first.
  std::vector<std::pair<std::string, std::uint64_t>> problems;
  std::vector<FaultCounts> faults;  ///< By fault of the scenario.
};

class Proxy {
 public:
  /// Binds and opens the files of the folder: ledger/journal-0.plx, requests.plxr, names.txt.
  /// `scenario` holds wire faults alone and is opened (names.h). Errors: the address is taken, the
  /// folder cannot be written, a fault that cannot be (FaultChain::make).
  static Result<std::unique_ptr<Proxy>> start(Scenario scenario, ProxyOptions options);
  ~Proxy();

  std::uint16_t port() const;
  /// Serves on the caller's thread until `interrupted` is not 0, drains, and closes the ledger.
  /// Errors: a file of the folder could not be written; from then on nothing with events was
  /// forwarded.
  Result<void> run(const std::atomic<int>& interrupted);

  /// Safe from any thread while `run` serves; each is done between two requests.
  ///
  /// Other faults: those that were there keep their places, the ledger knows them by these; those
  /// in `lifted` (by place) strike no more. Errors: see FaultChain::make.
  Result<void> change_faults(Scenario scenario, std::vector<bool> lifted);
  ProxyCounts counts() const;

 private:
  struct State;
  explicit Proxy(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::proxy
