// SPDX-License-Identifier: Apache-2.0
#include "fault/chain.h"

#include <cassert>
#include <limits>

namespace parallax {
namespace {

/// Copies of one emission that `Emission::copy` can tell apart, itself included.
constexpr std::size_t items_max = std::numeric_limits<std::uint8_t>::max();

template <class Effect>
struct Link {
  std::size_t fault;  ///< Index in the scenario, and bit.
  Selector selector;
  std::unique_ptr<Effect> effect;
};

std::optional<Source> default_side(const std::string& kind) {
  for (const FaultKind& known : fault_kinds())
    if (known.name == kind) return known.side;
  return std::nullopt;
}

Candidate candidate_of(const Emission& emission) {
  const std::uint64_t step =
      static_cast<std::uint64_t>(emission.source) | std::uint64_t{emission.copy} << 1U;
  return {.emission = emission,
          .at = emission.captured,
          .entity = emission.seen.id.value,
          .step = step,
          .bursts_with = emission.seen.device,
          .counts_with = emission.seen.user};
}

Candidate candidate_of(const Emission& first, AttemptId attempt, SimTime at) {
  // A lane's server host sends for all its users: its bursts are its own, not those of whichever
  // device comes first in the batch.
  const bool host = first.source == Source::server;
  const std::uint64_t lane = lane_of(attempt.value);
  return {.emission = first,
          .at = at,
          .entity = attempt.value,
          .step = 0,
          .bursts_with = host ? lane : first.seen.device,
          .counts_with = host ? lane : first.seen.user};
}

}  // namespace

struct FaultChain::Compiled {
  std::vector<Link<EmissionEffect>> emission;
  std::vector<Link<WireEffect>> wire;
  std::size_t faults = 0;
  /// By action type and side: the links above that may reach its emissions, or the attempts that
  /// they stand for, in order.
  using Links = std::vector<std::uint16_t>;
  std::vector<Links> emission_links, wire_links;

  Result<void> add(const FaultPlan& plan, const FaultContext& context, Prng stream);
  void sort_out(std::size_t action_types);
  static std::size_t kind_of(const Emission& emission) {
    return std::size_t{emission.seen.type} * both_sources.size() +
           static_cast<std::size_t>(emission.source);
  }
};

void FaultChain::Compiled::sort_out(std::size_t action_types) {
  const auto links_for = [](const auto& links, std::uint16_t type, Source side) {
    Links some;
    for (std::size_t i = 0; i < links.size(); ++i)
      if (links[i].selector.may_reach(type, side)) some.push_back(static_cast<std::uint16_t>(i));
    return some;
  };
  for (std::size_t type = 0; type < action_types; ++type)
    for (const Source side : both_sources) {
      emission_links.push_back(links_for(emission, static_cast<std::uint16_t>(type), side));
      wire_links.push_back(links_for(wire, static_cast<std::uint16_t>(type), side));
    }
}

Result<void> FaultChain::Compiled::add(const FaultPlan& plan, const FaultContext& context,
                                       Prng stream) {
  Result<MadeFault> fault = make_fault(plan, context);
  if (!fault) return fault.error();
  SelectorPlan choice = plan.selector;
  if (fault->rate && choice.choice == SelectorPlan::Choice::all) {
    choice.choice = SelectorPlan::Choice::rate;
    choice.rate = *fault->rate;
  }
  Result<Selector> selector =
      Selector::make(choice, default_side(plan.fault), context.start, stream);
  if (!selector) return selector.error();
  const std::size_t index = faults++;
  if (fault->emission) {
    emission.push_back({index, std::move(*selector), std::move(fault->emission)});
  } else {
    wire.push_back({index, std::move(*selector), std::move(fault->wire)});
  }
  std::size_t most = 1;
  for (const Link<EmissionEffect>& link : emission) most *= link.effect->most();
  if (most > items_max)
    return Error{Error::Kind::invalid_input, "fewer copies: with the faults before it, at most 255",
                 "times"};
  return {};
}

FaultChain::FaultChain(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
FaultChain::FaultChain(FaultChain&&) noexcept = default;
FaultChain& FaultChain::operator=(FaultChain&&) noexcept = default;
FaultChain::~FaultChain() = default;

Result<FaultChain> FaultChain::make(const Scenario& scenario, std::uint64_t seed) {
  assert(scenario.faults.size() <= max_faults);
  const FaultContext context{scenario, scenario.time.start};
  auto compiled = std::make_unique<Compiled>();
  for (const FaultPlan& plan : scenario.faults) {
    assert(!plan.name.empty());
    const std::string place = "/faults/" + std::to_string(compiled->faults) + "/";
    const Result<void> added =
        compiled->add(plan, context, Prng(seed).stream("fault/" + plan.name));
    if (!added) return Error{added.error().kind, added.error().what, place + added.error().where};
  }
  compiled->sort_out(scenario.plan.actions.size());
  return FaultChain(std::move(compiled));
}

LaneFaults::LaneFaults(const FaultChain& chain)
    : chain_(&chain.compiled()), counts_(chain_->faults), memories_(chain_->faults) {}

[[gnu::always_inline]] inline bool LaneFaults::chosen(std::size_t fault, const Selector& selector,
                                                      const Candidate& candidate,
                                                      std::uint64_t& struck, std::uint64_t& skipped,
                                                      Prng& draw) {
  const bool yes = selector.chooses(candidate, memories_[fault], draw);
  ++(yes ? counts_[fault].struck : counts_[fault].skipped);
  (yes ? struck : skipped) |= std::uint64_t{1} << fault;
  return yes;
}

LaneFaults::Passed LaneFaults::pass(std::size_t link, Emission& emission, Micros& later) {
  const auto& [fault, selector, effect] = chain_->emission[link];
  if (!selector.covers(emission.captured) || !effect->reaches(emission) ||
      !selector.matches(emission))
    return Passed::untouched;
  Prng draw(0);
  if (!chosen(fault, selector, candidate_of(emission), emission.struck, emission.skipped, draw))
    return Passed::untouched;
  made_.items.clear();
  effect->apply(emission, draw, made_);
  if (made_.items.empty()) return Passed::destroyed;
  for (Captures::Item& made : made_.items) made.later += later;
  emission = made_.items.front().emission;
  later = made_.items.front().later;
  return Passed::changed;
}

void LaneFaults::keep_copies(Captures& copies, std::uint8_t& copies_made) {
  for (std::size_t copy = 1; copy < made_.items.size(); ++copy) {
    copies.items.push_back(made_.items[copy]);
    copies.items.back().emission.copy = ++copies_made;
  }
}

bool LaneFaults::spares_emissions() const { return lifted_ || chain_->emission.empty(); }

CaptureFate LaneFaults::capture_in_place(Emission& emission, Captures& copies,
                                         std::vector<Emission>& destroyed) {
  CaptureFate fate;
  if (lifted_) return fate;
  std::vector<Captures::Item>& items = copies.items;
  const std::size_t first = items.size();
  std::uint8_t copies_made = emission.copy;
  for (const std::size_t link : chain_->emission_links[FaultChain::Compiled::kind_of(emission)]) {
    if (fate.destroyed && first == items.size()) break;
    std::size_t end = items.size();  // A fault does not meet the copies it makes itself.
    if (!fate.destroyed) {
      const Passed passed = pass(link, emission, fate.later);
      fate.destroyed = passed == Passed::destroyed;
      if (fate.destroyed) destroyed.push_back(emission);
      if (passed == Passed::changed) keep_copies(copies, copies_made);
    }
    for (std::size_t i = first; i < end;) {
      const Passed passed = pass(link, items[i].emission, items[i].later);
      if (passed == Passed::destroyed) {
        destroyed.push_back(items[i].emission);
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
        --end;
        continue;
      }
      ++i;
      if (passed == Passed::changed) keep_copies(copies, copies_made);
    }
  }
  return fate;
}

void LaneFaults::capture(const Emission& in, Captures& captures, std::vector<Emission>& destroyed) {
  Captures::Item itself{in, 0};
  Captures copies;
  const CaptureFate fate = capture_in_place(itself.emission, copies, destroyed);
  itself.later = fate.later;
  if (!fate.destroyed) captures.items.push_back(itself);
  captures.items.insert(captures.items.end(), copies.items.begin(), copies.items.end());
}

WireFate LaneFaults::send(const Emission& first, AttemptId attempt, std::uint16_t number,
                          SimTime at, std::uint64_t& struck, std::uint64_t& skipped) {
  WireFate fate;
  if (lifted_ || chain_->wire.empty()) return fate;
  const Candidate candidate = candidate_of(first, attempt, at);
  for (const std::size_t link : chain_->wire_links[FaultChain::Compiled::kind_of(first)]) {
    const auto& [fault, selector, effect] = chain_->wire[link];
    if (fate.strike != Strike::none && !effect->delays()) continue;
    if (!selector.covers(at) || !selector.matches(first)) continue;
    Prng draw(0);
    if (!chosen(fault, selector, candidate, struck, skipped, draw)) continue;
    effect->apply(first, number, draw, fate);
  }
  return fate;
}

}  // namespace parallax
