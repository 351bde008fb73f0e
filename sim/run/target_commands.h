// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

/// The commands about targets, as functions of plain options (see commands.h): pipelines and
/// oracles that serve, target files that are made and tried, rows that are removed.
namespace parallax {

struct PipelineCommand {
  std::string listen = "127.0.0.1:8100";
  std::string data = "parallax-pipeline";
  std::vector<std::string> bugs;
  std::string policy;    ///< Dedupes as this vendor does; empty: as the reference.
  std::string scenario;  ///< Its tracking plan becomes the data contract.
  bool allow_remote = false;
  std::string from_kafka;  ///< "BROKERS/TOPIC", or a target file that sends to a topic.
  std::string group = "parallax-pipeline";
  std::vector<std::string> allow_hosts;
};
/// Serves until SIGINT or SIGTERM.
int command_pipeline(const PipelineCommand& command);

struct ServeCommand {
  std::string listen = "127.0.0.1:8300";
  std::string target;  ///< File or URL: where rows are read from, and when it has settled.
  std::string out = "parallax-runs/serve";
  std::string scenario;  ///< Its tracking plan is that of runs that bring none.
  std::vector<std::string> allow_hosts;
  bool allow_remote = false;
};
/// The HTTP API for tests of somebody else, until SIGINT or SIGTERM.
int command_serve(const ServeCommand& command);

struct CheckCommand {
  std::string target;  ///< File or URL.
  std::vector<std::string> allow_hosts;
};
/// Tries a target: reachable, credentials, a write, the read-back of one tagged event, the clock.
int command_check(const CheckCommand& command);

struct InitCommand {
  std::string folder;
  std::string target = "http";  ///< See `starter_targets`.
};
/// Writes a starter that passes at once: scenario, target file, snippets for CI.
int command_init(const InitCommand& command);

struct CleanCommand {
  std::string folder;  ///< Run folder.
  std::string target;  ///< File or URL, instead of the folder's.
  std::vector<std::string> allow_hosts;
  bool run = false;  ///< Otherwise it is only printed.
};
/// Prints or runs what removes a run's rows from its target.
int command_clean(const CleanCommand& command);

}  // namespace parallax
