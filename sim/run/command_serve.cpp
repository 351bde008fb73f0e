// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>

#include "sim/run/command_parts.h"
#include "sim/run/interrupt.h"
#include "sim/run/serve/api.h"
#include "sim/run/target_commands.h"

namespace parallax {
namespace {

constexpr int interrupt_look_ms = 200;

/// The tracking plan of runs that bring none. False: it cannot be used.
bool read_plan(const std::string& file, serve::RunsOptions& options) {
  if (file.empty()) return true;
  const std::optional<Scenario> scenario = load_or_explain(file, {});
  if (!scenario) return false;
  std::vector<Problem> problems;
  const auto json = parse_json(scenario->effective_json, file, 0, problems);
  if (const Json* actions = json->find("actions")) options.actions = *actions;
  return true;
}

}  // namespace

int command_serve(const ServeCommand& command) {
  const Result<ListenAddress> listen = parse_listen(command.listen, command.allow_remote);
  if (!listen) return complain(exit_usage, listen.error().text());
  RunCommand choice;
  choice.target = command.target;
  choice.allow_hosts = command.allow_hosts;
  const std::optional<TargetPlan> target = choose_target(choice, Scenario{}, command.target);
  if (!target) return exit_usage;
  if (target->read.kind == "embedded")
    return complain(exit_usage, command.target +
                                    ": read.kind: found \"embedded\", expected a pipeline that "
                                    "runs elsewhere: serve reads what your product has sent");
  serve::RunsOptions options;
  options.target = *target;
  options.out = command.out;
  options.allow_hosts = command.allow_hosts;
  if (!read_plan(command.scenario, options)) return exit_usage;
  const std::atomic<int>& interrupts = watch_interrupts();
  const auto api = serve::Api::start(std::move(options), *listen);
  if (!api) return complain(exit_for(api.error()), api.error().text());
  fmt::print("parallax serve: listening on {}, runs in {}\n", (*api)->url(), command.out);
  std::fflush(stdout);
  // Not pause(): it would sleep through a signal that comes just before it.
  while (interrupts == 0) ::poll(nullptr, 0, interrupt_look_ms);
  return exit_pass;
}

}  // namespace parallax
