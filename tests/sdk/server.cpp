// SPDX-License-Identifier: Apache-2.0
#include "tests/sdk/server.h"

#include <algorithm>
#include <array>

#include "sim/scenario/sdk_profiles.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Only their addresses are of interest.
std::array<EmissionRecord, 10'001> handles;

}  // namespace

Held handle_of(Number number) { return &handles.at(number); }
Number number_of(Held held) { return static_cast<Number>(held - handles.data()); }

Script statuses(std::vector<std::uint16_t> list) {
  return [list = std::move(list)](std::size_t nth, const Seen&) {
    return SdkAnswer::of(list[std::min(nth, list.size() - 1)]);
  };
}

Play::Play(SdkPlan plan, std::uint64_t seed, Script script)
    : plan_(std::make_shared<const SdkPlan>(std::move(plan))),
      script_(std::move(script)),
      sdk_(*plan_, Prng(seed), SimTime{0}) {}

void Play::put(Number number, Micros at, bool immediate) {
  run(at);
  now_ = {at};
  sdk_.enqueue(handle_of(number), now_, released_, immediate);
}

void Play::unload(Micros at) {
  run(at);
  now_ = {at};
  sdk_.unload(now_, released_, doubled_);
}

void Play::run(Micros until) {
  for (int steps = 0; steps < 10'000; ++steps) {
    SimTime next = sdk_.wants();
    for (const Open& open : open_) next = std::min(next, open.ends);
    if (next == end_of_time || next >= SimTime{until}) return;
    now_ = std::max(now_, next);
    step(now_);
  }
  FAIL("the SDK never comes to rest");
}

void Play::step(SimTime at) {
  const auto ended =
      std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.ends <= at; });
  if (ended != open_.end()) {
    const Open open = *ended;
    open_.erase(ended);
    for (const Queued& queued : sdk_.finish(open.request, open.answer, at, released_))
      delivered_.push_back(number_of(queued.held));
    return;
  }
  Seen seen;
  for (const Queued& queued : sdk_.begin(at)) seen.events.push_back(number_of(queued.held));
  seen.at = at.since_epoch;
  seen.number = sdk_.number();
  seen.marker = retry_marker(*plan_, seen.number);
  const SdkAnswer answer = script_(seen_.size(), seen);
  const bool times_out = answer.status == 0 && answer.failure == SdkAnswer::Failure::none;
  open_.push_back({sdk_.request(), at + (times_out ? plan_->timeout : answers_after), answer});
  seen_.push_back(std::move(seen));
}

std::vector<Micros> Play::times() const {
  std::vector<Micros> list;
  for (const Seen& seen : seen_) list.push_back(seen.at);
  return list;
}

std::vector<std::size_t> Play::sizes() const {
  std::vector<std::size_t> list;
  for (const Seen& seen : seen_) list.push_back(seen.events.size());
  return list;
}

std::vector<std::uint32_t> Play::markers() const {
  std::vector<std::uint32_t> list;
  for (const Seen& seen : seen_)
    if (seen.marker) list.push_back(*seen.marker);
  return list;
}

std::vector<GivenUp> Play::released() const {
  std::vector<GivenUp> list;
  for (const Released& released : released_)
    list.push_back({number_of(released.held), released.why});
  return list;
}

std::vector<Number> Play::doubled() const {
  std::vector<Number> list;
  for (const Held held : doubled_) list.push_back(number_of(held));
  return list;
}

SdkPlan profile_plan(std::string_view name) {
  const SdkProfile* profile = find_sdk_profile(name);
  REQUIRE(profile != nullptr);
  return profile->plan;
}

}  // namespace parallax::test
