// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>

#include "sim/pipeline/pipeline.h"
#include "sim/run/commands.h"
#include "sim/run/interrupt.h"
#include "sim/run/listen_address.h"

namespace parallax {
namespace {

constexpr int interrupt_look_ms = 200;

int complain(int code, const std::string& text) {
  fmt::print(stderr, "parallax: {}\n", text);
  return code;
}

}  // namespace

int command_pipeline(const PipelineCommand& command) {
  PipelineOptions options;
  Result<ListenAddress> address = listen_address(command.listen, command.allow_remote);
  if (!address) return complain(exit_usage, address.error().text());
  options.host = std::move(address->host);
  options.port = address->port;
  options.data = command.data;
  options.leaves_clean_table = true;
  for (const std::string& text : command.bugs) {
    const Result<BugSwitch> bug = parse_bug(text);
    if (!bug) return complain(exit_usage, bug.error().text());
    options.bugs.push_back(*bug);
  }
  if (!command.scenario.empty()) {
    const std::optional<Scenario> scenario = load_or_explain(command.scenario, {});
    if (!scenario) return exit_usage;
    options.contract = scenario->plan;
  }
  const std::atomic<int>& interrupts = watch_interrupts();
  const Result<std::unique_ptr<Pipeline>> pipeline = Pipeline::start(options);
  if (!pipeline) return complain(exit_internal, pipeline.error().text());
  fmt::print("parallax pipeline: listening on {}, data in {}\n", (*pipeline)->url(), command.data);
  std::fflush(stdout);
  // Not pause(): it would sleep through a signal that comes just before it.
  while (interrupts == 0) ::poll(nullptr, 0, interrupt_look_ms);
  (*pipeline)->stop();
  return exit_pass;
}

}  // namespace parallax
