// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>

#include <charconv>

#include "sim/drive/target.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/commands.h"
#include "sim/run/interrupt.h"

namespace parallax {
namespace {

constexpr int interrupt_look_ms = 200;

int complain(int code, const std::string& text) {
  fmt::print(stderr, "parallax: {}\n", text);
  return code;
}

/// "127.0.0.1:8100", "[::1]:8100".
bool parse_listen(const std::string& text, PipelineOptions& options) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  options.host = text.substr(0, colon);
  if (options.host.front() == '[' && options.host.back() == ']')
    options.host = options.host.substr(1, options.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, options.port);
  return error == std::errc() && stop == end;
}

}  // namespace

int command_pipeline(const PipelineCommand& command) {
  PipelineOptions options;
  if (!parse_listen(command.listen, options))
    return complain(exit_usage, fmt::format("--listen {}: expected HOST:PORT, such as "
                                            "127.0.0.1:8100",
                                            command.listen));
  if (!is_loopback_url("http://" + command.listen) && !command.allow_remote)
    return complain(exit_usage, fmt::format("--listen {}: is not loopback; add --allow-remote to "
                                            "serve other machines",
                                            command.listen));
  options.data = command.data;
  options.leaves_clean_table = true;
  for (const std::string& text : command.bugs) {
    const Result<BugSwitch> bug = parse_bug(text);
    if (!bug) return complain(exit_usage, bug.error().text());
    options.bugs.push_back(*bug);
  }
  if (!command.policy.empty()) {
    const Result<PolicyKind> policy = find_policy(command.policy);
    if (!policy) return complain(exit_usage, policy.error().text());
    options.policy = policy->name;
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
