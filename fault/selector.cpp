// SPDX-License-Identifier: Apache-2.0
#include "fault/selector.h"

#include <algorithm>
#include <charconv>

#include "fault/params.h"

namespace parallax {
namespace {

using faults::unusable;
using Choice = SelectorPlan::Choice;

SimTime offset_from(SimTime start, Micros offset) {
  return offset >= end_of_time - start ? end_of_time : start + offset;
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  int base = 10;
  if (digits.starts_with("0x")) {
    digits.remove_prefix(2);
    base = 16;
  }
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number, base);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

template <class T>
bool holds(const std::vector<T>& sorted, const T& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

/// The chain enters a burst with probability rate / (length * (1 - rate)): it must be one.
bool burst_possible(Ratio rate, std::uint64_t length) {
  return rate == Ratio::whole() || rate.parts <= length * (Ratio::one - rate.parts);
}

}  // namespace

Result<Selector> Selector::make(const SelectorPlan& plan, std::optional<Source> default_side,
                                SimTime start, Prng stream) {
  Selector made(stream);
  const std::optional<Source> side = plan.side ? plan.side : default_side;
  for (const Source source : both_sources)
    made.sides_[static_cast<std::size_t>(source)] = !side || *side == source;
  made.where_ = plan.where;
  made.from_ = offset_from(start, plan.from);
  made.until_ = offset_from(start, plan.until);
  made.always_ = plan.from <= 0 && made.until_ == end_of_time;
  made.scope_ = plan.scope;
  made.choice_ = plan.choice;
  made.rate_ = plan.rate;
  made.burst_length_ = plan.burst_length;
  made.inside_ = plan.inside;
  made.outside_ = plan.outside;
  made.with_ = plan.with;
  made.nth_ = plan.nth;
  if (plan.scope == SelectorPlan::Scope::host && side != Source::server)
    return unusable("per", "\"side\": \"server\" beside it: only servers are hosts of many users");
  if (plan.from >= plan.until) return unusable("when", "a span that ends after it begins");
  if (plan.choice == Choice::nth && plan.nth == 0) return unusable("nth", "1 or more");
  if (plan.choice == Choice::burst && plan.burst_length == 0)
    return unusable("burst/length", "1 or more");
  if (plan.choice == Choice::burst && !burst_possible(plan.rate, plan.burst_length))
    return unusable("burst/length", "longer bursts: so high a rate cannot come in so short ones");
  if (plan.choice == Choice::ids) {
    const Result<void> parsed = made.parse_ids(plan.ids);
    if (!parsed) return parsed.error();
  }
  return made;
}

Result<void> Selector::parse_ids(const std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string_view id = ids[i];
    if (const std::optional<Uuid> event = Uuid::parse(id)) {
      event_ids_.push_back(*event);
      continue;
    }
    const bool user = id.starts_with("u-");
    const auto number =
        user || id.starts_with("a-") ? parse_number(id.substr(2)) : std::optional<std::uint64_t>{};
    if (!number)
      return unusable("ids/" + std::to_string(i),
                      "an event id, a user (u-17) or an action (a-17 or a-0x11)");
    (user ? users_ : actions_).push_back(*number);
  }
  if (ids.empty()) return unusable("ids", "at least one id");
  std::sort(event_ids_.begin(), event_ids_.end());
  std::sort(users_.begin(), users_.end());
  std::sort(actions_.begin(), actions_.end());
  return {};
}

bool Selector::listed(const Emission& emission) const {
  return holds(event_ids_, emission.event_id) || holds(users_, std::uint64_t{emission.seen.user}) ||
         holds(actions_, emission.seen.id.value);
}

bool Selector::in_burst(std::uint64_t sender, SelectorMemory& memory) const {
  // Gilbert's chain, started in its long-run state: leaves with 1 / length, enters so that the
  // share inside is `rate`. Whole numbers, so nothing is rounded.
  Prng draw = bursts_.keyed(sender).keyed(memory.steps);
  if (memory.steps++ == 0) {
    memory.in_burst = draw.chance(rate_);
  } else if (memory.in_burst) {
    memory.in_burst = rate_ == Ratio::whole() || draw.below(burst_length_) != 0;
  } else {
    const std::uint64_t outside = Ratio::one - rate_.parts;
    memory.in_burst = outside == 0 || draw.below(burst_length_ * outside) < rate_.parts;
  }
  return memory.in_burst;
}

bool Selector::struck_by_burst(std::uint64_t sender, SelectorMemory& memory) const {
  const std::uint64_t step = memory.steps;
  const Ratio share = in_burst(sender, memory) ? inside_ : outside_;
  if (share == Ratio::whole() || share == Ratio::zero()) return share == Ratio::whole();
  return within_bursts_.keyed(sender).at(step).chance(share);
}

bool Selector::chooses_otherwise(const Candidate& candidate, SelectorMemories& memories) const {
  switch (choice_) {
    case Choice::burst:
      return struck_by_burst(candidate.bursts_with, memories[candidate.bursts_with]);
    case Choice::nth:
      return ++memories[candidate.counts_with].steps % nth_ == 0;
    case Choice::ids:
      return listed(candidate.emission);
    case Choice::all:
    case Choice::rate:
      break;
  }
  return true;
}

}  // namespace parallax
