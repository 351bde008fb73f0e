// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/compile.h"
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
  std::vector<std::string_view> known;
  for (const SdkProfile& profile : sdk_profiles()) known.push_back(profile.name);
  compiler.problems.unknown(name, name.word(), "an SDK profile", known);
}

void compile_side(Compiler& compiler, const Node& side, SdkPlan& out) {
  if (!side.is(Json::Kind::object)) return start_from_profile(compiler, side, out);
  out.profile.clear();
  start_from_profile(compiler, side["profile"], out);
  read_integer(side["flush_at"], out.flush_at);
  read_integer(side["batch_max"], out.batch_max);
  read_duration(side["flush_interval"], out.flush_interval);
  read_integer(side["queue_max"], out.queue_max);
  read_integer(side["retries_max"], out.retries_max);
  read_duration(side["backoff"], out.backoff_base);
  if (const auto factor = millionths_of(side["backoff_factor"]))
    out.backoff_factor_percent = static_cast<std::uint32_t>(*factor / 10'000);
  read_duration(side["backoff_max"], out.backoff_max);
  read_ratio(side["backoff_jitter"], out.backoff_jitter);
  read_duration(side["timeout"], out.timeout);
  read_flag(side["keeps_sent_at"], out.keeps_sent_at);
  const std::string_view unload = side["unload"].word();
  if (unload == "beacon") out.unload = SdkPlan::Unload::beacon;
  if (unload == "persist") out.unload = SdkPlan::Unload::persist;
  if (unload == "lose") out.unload = SdkPlan::Unload::lose;
  if (unload == "flush") out.unload = SdkPlan::Unload::flush;
  if (out.backoff_max < out.backoff_base)
    compiler.problems.error(
        side["backoff_max"] ? side["backoff_max"] : side["backoff"],
        "a backoff_max of at least backoff, " + format_duration(out.backoff_base));
  if (out.queue_max < out.flush_at)
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
}

}  // namespace parallax
