// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/commands.h"

namespace parallax {

struct ProxyCommand {
  std::string listen = "127.0.0.1:8300";
  std::string upstream;  ///< URL of the pipeline.
  std::string scenario;
  std::string out;     ///< Run folder.
  std::string target;  ///< What is judged against when it is stopped; empty: nothing is.
  std::string path = "/v1/events";
  std::string run_id;
  std::vector<std::string> allow_hosts;
  std::optional<std::uint64_t> seed;
  std::uint16_t control = 0;  ///< Port; 0: any free one.
  bool allow_remote = false;
  bool insecure = false;
  bool simulated = false;
  bool quiet = false;
};
/// Stands between real clients and a real pipeline until SIGINT or SIGTERM.
int command_proxy(const ProxyCommand& command);
/// Sends the stored requests of such a run to the URL `command.target`.
int command_resend(const std::filesystem::path& folder, const RunCommand& command);

}  // namespace parallax
