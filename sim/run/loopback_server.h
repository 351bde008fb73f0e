// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "sim/core/result.h"

namespace parallax {

/// An HTTP server of this machine alone unless it is told otherwise, listening in a thread of its
/// own. Routes are added to `server()` before `start`.
class LoopbackServer {
 public:
  LoopbackServer() = default;
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer();  ///< Stops and waits for the requests under way.

  httplib::Server& server() { return server_; }
  /// `port` 0: any free one. Errors: the port is taken, or `host` is no address of this machine.
  Result<void> start(std::uint16_t port, const std::string& host = "127.0.0.1");
  std::string url() const;  ///< "http://127.0.0.1:8200/"

 private:
  httplib::Server server_;
  std::thread thread_;
  std::string host_;
  int port_ = 0;
  std::atomic<bool> ended_{false};  ///< The listening thread has returned.
};

}  // namespace parallax
