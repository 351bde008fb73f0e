// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "sim/core/result.h"

namespace parallax {

/// Serves the reports of one run folder on loopback, read anew at each request: report.html as "/",
/// and report.json, summary.md and junit.xml by name. Nothing else of the folder can be had.
class PageServer {
 public:
  /// `port` 0: any free one. Errors: the port is taken.
  static Result<std::unique_ptr<PageServer>> start(const std::filesystem::path& folder,
                                                   std::uint16_t port);
  ~PageServer();  ///< Stops and waits for the requests under way.

  std::string url() const;  ///< "http://127.0.0.1:8200/"

 private:
  struct State;
  explicit PageServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parallax
