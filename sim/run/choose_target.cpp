// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "sim/pipeline/pipeline.h"
#include "sim/pipeline/postgres_pipeline.h"
#include "sim/run/command_parts.h"
#include "sim/run/connection.h"
#include "sim/scenario/json.h"
#include "sim/scenario/target.h"

namespace parallax {
namespace {

/// Switches them on, also in what the run folder keeps: a replay has them too.
void keep_bugs(const std::vector<std::string>& bugs, TargetPlan& target) {
  std::vector<std::string>& on = target.send.bugs;
  for (const std::string& bug : bugs)
    if (std::find(on.begin(), on.end(), bug) == on.end()) on.push_back(bug);
  std::vector<Problem> none;
  std::optional<Json> kept = parse_json(target.masked_json, "target", 0, none);
  if (bugs.empty() || !kept) return;
  Json list = Json::list();
  for (const std::string& bug : on) list.push(Json::of_text(bug));
  if (put_at(*kept, "/send/bugs", std::move(list))) target.masked_json = write_json(*kept);
}

}  // namespace

std::optional<TargetPlan> choose_target(const RunCommand& command, const Scenario& scenario,
                                        const std::string& file) {
  LoadedTarget loaded;
  if (!command.target.empty()) {
    loaded = load_target(command.target);
  } else if (!scenario.target_json.empty()) {
    loaded = load_target_text(scenario.target_json, file);
  } else {
    loaded = load_target_text("{}", file);
  }
  for (const Problem& problem : loaded.problems)
    fmt::print(stderr, "{}: {}\n", problem.warning ? "warning" : "error", problem.text());
  if (!loaded.ok()) return std::nullopt;
  TargetPlan& target = loaded.target;
  const bool ours = target.send.kind == "embedded" || target.send.reference;
  if (!command.bugs.empty() && !ours) {
    complain(exit_usage, "--bug switches a reference pipeline; this target is none");
    return std::nullopt;
  }
  keep_bugs(command.bugs, target);
  const bool on_postgres = target.send.kind == "postgres";
  for (const std::string& bug : target.send.bugs)
    if (const auto parsed = on_postgres ? parse_postgres_bug(bug) : parse_bug(bug); !parsed) {
      complain(exit_usage, parsed.error().text());
      return std::nullopt;
    }
  if (!command.policy.empty()) target.send.policy = command.policy;
  if (!target.send.policy.empty()) {
    if (target.send.kind != "embedded") {
      complain(exit_usage, "--policy is of the embedded pipeline; this target is another");
      return std::nullopt;
    }
    if (const auto policy = find_policy(target.send.policy); !policy) {
      complain(exit_usage, policy.error().text());
      return std::nullopt;
    }
  }
  const Result<void> near = check_hosts(target, command.allow_hosts);
  if (near) return target;
  complain(exit_usage, near.error().text());
  return std::nullopt;
}

}  // namespace parallax
