// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/sdk_profiles.h"

#include <vector>

namespace parallax {
namespace {

/// What our models need a bound for and the SDK has none.
constexpr std::uint32_t unbounded_queue = 1'000'000;

SdkPlan named(std::string_view name) {
  SdkPlan plan;
  plan.profile = name;
  return plan;
}

SdkPlan node_plan(std::string_view name) {
  SdkPlan plan = named(name);
  plan.flush_interval = 10 * second;
  plan.queue_max = 10'000;
  plan.retries_max = 3;
  plan.backoff_factor_percent = 100;
  plan.backoff_max = plan.backoff_base;
  plan.backoff_jitter = Ratio::zero();
  plan.unload = SdkPlan::Unload::flush;
  return plan;
}

SdkPlan posthog_js() {
  SdkPlan plan = named("posthog-js@1.449");
  plan.flush_at = 10'000;  // Only its 3 s window sends; 101 events went out in one request.
  plan.batch_max = 10'000;
  plan.queue_max = unbounded_queue;
  plan.timeout = minute;
  return plan;
}

SdkPlan posthog_node() {
  SdkPlan plan = node_plan("posthog-node@5.70");
  plan.flush_interval = 5 * second;
  plan.keeps_sent_at = true;
  return plan;
}

SdkPlan segment_node() {
  SdkPlan plan = node_plan("segment-node@3.1");
  plan.flush_at = 15;
  plan.batch_max = 15;
  plan.queue_max = unbounded_queue;
  plan.retries_max = 10;
  // (1 + random) * 500 ms * 2^n from n = 1: 1.5 s +- a third, doubling.
  plan.backoff_base = 1'500 * millisecond;
  plan.backoff_factor_percent = 200;
  plan.backoff_max = minute;
  plan.backoff_jitter = Ratio{333'333'333};
  return plan;
}

SdkPlan segment_js() {
  SdkPlan plan = named("segment-js@1.84");
  plan.flush_at = 1;
  plan.batch_max = 1;
  plan.flush_interval = millisecond;
  plan.backoff_base = 750 * millisecond;
  plan.backoff_max = hour;
  plan.backoff_jitter = Ratio{333'333'333};
  plan.timeout = 10 * minute;
  plan.unload = SdkPlan::Unload::persist;
  return plan;
}

}  // namespace

std::span<const SdkProfile> sdk_profiles() {
  static const std::vector<SdkProfile> all{
      {"browser", "a plain browser SDK: small batches, patient retries, a beacon on unload",
       named("browser")},
      {"node", "a plain server SDK: batches of 20 or 10 s, three retries at 3 s",
       node_plan("node")},
      {"posthog-js@1.449",
       "wire captures and source of posthog-js 1.449: 3 s window without count limit, 10 retries "
       "at "
       "3 s * 2^n +- 25 % up to 30 min, fresh sent_at, sendBeacon on pagehide; its token bucket "
       "(10/s, burst 100) and the 3 s polling grid are left out",
       posthog_js()},
      {"posthog-node@5.70",
       "wire captures and source of posthog-node 5.70 (v0 endpoint): 20 events or 5 s, 3 retries "
       "at "
       "a fixed 3 s, sent_at frozen at the first try, shutdown drains",
       posthog_node()},
      {"segment-node@3.1",
       "wire captures and source of @segment/analytics-node 3.1: 15 events or 10 s, 10 retries at "
       "(1+random) * 500 ms * 2^n up to 60 s, fresh sentAt, closeAndFlush",
       segment_node()},
      {"segment-js@1.84",
       "wire captures and source of @segment/analytics-next 1.84: one request an event, 10 retries "
       "at (1+random) * 500 ms * 2^(k-1), no timeout (10 min here), queue kept in localStorage; "
       "the "
       "first retry's shorter wait of 100 .. 600 ms is left out",
       segment_js()},
  };
  return all;
}

const SdkProfile* find_sdk_profile(std::string_view name) {
  for (const SdkProfile& profile : sdk_profiles()) {
    const bool patch = name.starts_with(profile.name) && name.find('@') != std::string_view::npos &&
                       name.substr(profile.name.size(), 1) == ".";
    if (name == profile.name || patch) return &profile;
  }
  return nullptr;
}

}  // namespace parallax
