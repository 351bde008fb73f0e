// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "sim/scenario/compile.h"
#include "sim/scenario/sdk_keys.h"
#include "sim/scenario/sdk_profiles.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

void start_from_profile(Compiler& compiler, const Node& name, SdkPlan& out) {
  if (!name.is(Json::Kind::text)) return;
  if (const SdkProfile* profile = find_sdk_profile(name.word())) {
    out = profile->plan;
    out.profile = name.word();
    return;
  }
  compiler.problems.unknown(name, name.word(), "an SDK profile", sdk_profile_names());
}

/// The letters and digits that tell action names apart: $pageview and page_view are one.
std::string bare(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '$' || c == '_') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void check_immediate(Compiler& compiler, const Node& names) {
  std::vector<std::string_view> known;
  for (const ActionPlan& action : compiler.plan().actions) known.push_back(action.name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Node name = names.at(i);
    const bool found = std::any_of(known.begin(), known.end(), [&](std::string_view action) {
      return bare(action) == bare(name.word());
    });
    if (!found)
      compiler.problems.unknown(name, name.word(), "an action of the tracking plan", known);
  }
}

/// A profile names the events of its vendor, of which a tracking plan may have none.
void find_immediate(const TrackingPlan& plan, SdkPlan& sdk) {
  sdk.immediate_actions.clear();
  if (sdk.immediate.empty()) return;
  for (const ActionPlan& action : plan.actions)
    sdk.immediate_actions.push_back(
        std::any_of(sdk.immediate.begin(), sdk.immediate.end(),
                    [&](const std::string& name) { return bare(name) == bare(action.name); }));
}

void compile_side(Compiler& compiler, const Node& side, SdkPlan& out) {
  if (!side.is(Json::Kind::object)) return start_from_profile(compiler, side, out);
  out.profile.clear();
  start_from_profile(compiler, side["profile"], out);
  read_sdk_keys(side, out);
  if (side["immediate"]) check_immediate(compiler, side["immediate"]);
  if (out.backoff_max < out.backoff)
    compiler.problems.error(side["backoff_max"] ? side["backoff_max"] : side["backoff"],
                            "a backoff_max of at least backoff, " + format_duration(out.backoff));
  if (out.flush_at != SdkPlan::unlimited && out.queue_max < out.flush_at)
    compiler.problems.warn(side["queue_max"] ? side["queue_max"] : side["flush_at"],
                           "queue_max below flush_at",
                           "a queue that can hold " + std::to_string(out.flush_at) +
                               " events: flush_at is never reached");
}

}  // namespace

void compile_time(Compiler& compiler, const Node& time) {
  TimePlan& out = compiler.scenario.time;
  if (const auto start = parse_rfc3339(time["start"].word())) out.start = *start;
  read_duration(time["length"], out.length);
  if (const auto pace = parse_pace(time["pace"].word())) out.pace = *pace;
}

void compile_sdk(Compiler& compiler, const Node& sdk) {
  Scenario& scenario = compiler.scenario;
  scenario.client_sdk = find_sdk_profile("browser")->plan;
  scenario.server_sdk = find_sdk_profile("node")->plan;
  compile_side(compiler, sdk["client"], scenario.client_sdk);
  compile_side(compiler, sdk["server"], scenario.server_sdk);
  find_immediate(compiler.plan(), scenario.client_sdk);
  find_immediate(compiler.plan(), scenario.server_sdk);
}

void compile_deploys(Compiler& compiler, const Node& deploys) {
  std::vector<DeployPlan>& out = compiler.scenario.deploys;
  const Micros length = compiler.scenario.time.length;
  for (std::size_t i = 0; i < deploys.size(); ++i) {
    const Node node = deploys.at(i);
    DeployPlan deploy;
    read_duration(node["at"], deploy.at);
    read_text(node["label"], deploy.label);
    if (deploy.at >= length)
      compiler.problems.error(
          node["at"], "a time within the run, before " + format_duration(length) + " are over");
    if (node["label"].is(Json::Kind::text) && deploy.label.empty())
      compiler.problems.error(node["label"], "a name that people know the release by");
    out.push_back(std::move(deploy));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const DeployPlan& a, const DeployPlan& b) { return a.at < b.at; });
}

}  // namespace parallax
