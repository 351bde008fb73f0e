// SPDX-License-Identifier: Apache-2.0
// The SDK models: all in one table, or one with everything that is known of it.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "sim/run/commands.h"
#include "sim/run/text_table.h"
#include "sim/scenario/sdk_keys.h"
#include "sim/scenario/sdk_profiles.h"

namespace parallax {
namespace {

constexpr std::size_t width = 100;
using Align = TextTable::Align;

std::string show_count(std::uint32_t n) {
  return n == SdkPlan::unlimited ? "-" : fmt::format("{}", n);
}

std::string show_backoff(const SdkPlan& plan) {
  if (plan.retries_max == 0) return "-";
  if (plan.backoff_kind == SdkPlan::Backoff::next_event) return "with the next event";
  std::string text;
  if (plan.first_retry_high > 0) {
    text = format_duration(plan.first_retry_low);
    if (plan.first_retry_low != plan.first_retry_high)
      text += ".." + format_duration(plan.first_retry_high);
    text += ", ";
  }
  text += format_duration(plan.backoff);
  if (plan.backoff_kind == SdkPlan::Backoff::linear) {
    text += "*n";
  } else if (plan.backoff_factor != 100) {
    text += fmt::format("*{}^n", plan.backoff_factor / 100.0);
  }
  if (plan.backoff_jitter != Ratio::zero())
    text +=
        (plan.jitter == SdkPlan::Jitter::around ? " +-" : " +") + format_ratio(plan.backoff_jitter);
  if (plan.retry_grid > 0) text += ", grid " + format_duration(plan.retry_grid);
  return text;
}

std::string show_unload(const SdkPlan& plan) {
  switch (plan.unload) {
    case SdkPlan::Unload::beacon:
      return plan.beacon_keeps ? "beacon, kept" : "beacon";
    case SdkPlan::Unload::persist:
      return "kept";
    case SdkPlan::Unload::lose:
      return "lost";
    case SdkPlan::Unload::flush:
      return plan.shutdown_timeout == SdkPlan::never
                 ? "flush"
                 : "flush " + format_duration(plan.shutdown_timeout);
  }
  return {};
}

void print_table() {
  TextTable table({Align::left, Align::left, Align::right, Align::right, Align::left, Align::right,
                   Align::left, Align::left},
                  width, 0);
  table.add({"sdk", "side", "at", "batch", "interval", "retries", "backoff", "unload"});
  for (const SdkProfile& profile : sdk_profiles()) {
    const SdkPlan& plan = profile.plan;
    const bool timer = plan.flush_interval != SdkPlan::never && plan.flush_at != 1;
    table.add({profile.name, std::string(name_of(profile.side)), show_count(plan.flush_at),
               show_count(plan.batch_limit()), timer ? format_duration(plan.flush_interval) : "-",
               plan.retries_max == SdkPlan::unlimited ? "no end" : show_count(plan.retries_max),
               show_backoff(plan), show_unload(plan)});
  }
  fmt::print(
      "{}\nat: events that trigger a send; batch: events a request; kept: on the device, for its "
      "next "
      "page.\n",
      table.text());
  fmt::print("All of one: parallax sdks NAME\n");
}

std::string evidence_of(const SdkProfile& profile, const SdkKey& key) {
  const auto found = profile.evidence.find(key.name);
  if (found == profile.evidence.end()) return "the model's default";
  return std::string(evidence_names[static_cast<std::size_t>(found->second)]);
}

void print_profile(const SdkProfile& profile) {
  fmt::print("{}, {}\n{}\n\nfrom        {}\n", profile.name, name_of(profile.side), profile.about,
             profile.source);
  if (!profile.leaves_out.empty()) fmt::print("leaves out  {}\n", profile.leaves_out);
  for (const SdkSection& section : sdk_sections()) {
    fmt::print("\n{}\n", section.title);
    TextTable table({Align::left, Align::left, Align::left}, width);
    for (const SdkKey& key : section.keys)
      table.add({std::string(key.name), key.show(key, profile.plan), evidence_of(profile, key)});
    fmt::print("{}", table.text());
  }
}

}  // namespace

int command_sdks(const std::string& name) {
  if (name.empty()) {
    print_table();
    return exit_pass;
  }
  if (const SdkProfile* profile = find_sdk_profile(name)) {
    print_profile(*profile);
    return exit_pass;
  }
  const std::string nearest = nearest_name(name, sdk_profile_names());
  fmt::print(
      stderr, "parallax: no SDK profile \"{}\"{}\n", name,
      nearest.empty() ? "; parallax sdks lists them" : fmt::format(", did you mean {}?", nearest));
  return exit_usage;
}

}  // namespace parallax
