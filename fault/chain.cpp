// SPDX-License-Identifier: Apache-2.0
#include "fault/chain.h"

#include <cassert>
#include <limits>
#include <type_traits>

namespace parallax {
namespace {

/// Copies of one emission that `Emission::copy` can tell apart, itself included.
constexpr std::size_t items_max = std::numeric_limits<std::uint8_t>::max();

template <class Effect>
struct Link {
  std::size_t fault;  ///< Index in the scenario, and bit.
  Selector selector;
  std::unique_ptr<Effect> effect;
  Predicate where;  ///< The fault's own condition, beside the selector's.

  bool has_company(std::uint64_t struck) const {
    return (struck & selector.with()) == selector.with();
  }
};

}  // namespace

/// A link before the emissions of one action type and side, or the attempts that they stand for:
/// only those that it may reach have one.
template <class Effect>
struct FaultGate {
  const Link<Effect>* link;
  NarrowPredicate where, also;  ///< The selector's and the fault's own.
  Reach reach;                  ///< Looks closer where its effect or its selector does.
  std::optional<Quota> quota{};

  bool lets(const Emission& emission, SimTime at) const {
    return link->selector.covers(at) && where.matches(emission.seen, emission.source) &&
           also.matches(emission.seen, emission.source);
  }
};

namespace {

template <class Effect>
std::vector<FaultGate<Effect>> gates_before(const std::vector<Link<Effect>>& links,
                                            std::uint16_t type, Source side,
                                            const TrackingPlan& plan) {
  std::vector<FaultGate<Effect>> gates;
  for (const Link<Effect>& link : links) {
    FaultGate<Effect> gate{&link,
                           link.selector.narrow(type, side, plan),
                           link.where.narrow(type, side, plan),
                           Reach{},
                           {}};
    if (!link.selector.takes(side) || gate.where.never() || gate.also.never()) continue;
    if constexpr (std::is_same_v<Effect, EmissionEffect>) gate.reach = link.effect->reach();
    if constexpr (std::is_same_v<Effect, WireEffect>) {
      gate.reach.looks_closer = link.effect->looks_closer();
      gate.quota = link.effect->quota();
    }
    gate.reach.looks_closer = gate.reach.looks_closer || link.selector.with() != 0;
    gates.push_back(gate);
  }
  return gates;
}

/// Counts an attempt of the sender; whether it is one more than the quota lets through.
bool goes_beyond(const Quota& quota, SimTime at, SelectorMemory& sender) {
  // The number of the span stands above the count of attempts in it.
  constexpr unsigned count_bits = 24;
  const std::uint64_t span = static_cast<std::uint64_t>((at - quota.start) / quota.span)
                             << count_bits;
  if (sender.steps >> count_bits << count_bits != span) sender.steps = span;
  return ++sender.steps - span > quota.attempts;
}

Candidate candidate_of(const Emission& emission) {
  // The lane's bits of an action's id leave the top nine free: for side and copy.
  constexpr unsigned key_shift = 55;
  const Action& seen = emission.seen;
  const std::uint64_t key =
      static_cast<std::uint64_t>(emission.source) | std::uint64_t{emission.copy} << 1U;
  return {.emission = emission,
          .entities = {seen.id.value ^ key << key_shift, seen.session, seen.device, seen.user,
                       lane_of(seen.id.value)},
          .bursts_with = seen.device,
          .counts_with = seen.user};
}

Candidate candidate_of(const Emission& first, AttemptId attempt) {
  // A lane's server host sends for all its users: its bursts are its own, not those of whichever
  // device comes first in the batch.
  const bool host = first.source == Source::server;
  const std::uint64_t lane = lane_of(attempt.value);
  const Action& seen = first.seen;
  return {.emission = first,
          .entities = {attempt.value, seen.session, seen.device, seen.user, lane},
          .bursts_with = host ? lane : seen.device,
          .counts_with = host ? lane : seen.user};
}

Candidate candidate_of(const Emission& opener, std::uint64_t host) {
  const Action& who = opener.seen;
  const bool page = opener.source == Source::client;
  const std::uint64_t lane = page ? 0 : lane_of(host);
  return {.emission = opener,
          .entities = {host, who.session, who.device, who.user, lane},
          .bursts_with = page ? who.device : lane,
          .counts_with = page ? who.user : lane};
}

}  // namespace

struct FaultChain::Compiled {
  std::vector<Link<EmissionEffect>> emission;
  std::vector<Link<WireEffect>> wire;
  std::vector<Link<HostEffect>> host;
  std::size_t faults = 0;
  /// By action type and side, in the order of the scenario.
  std::vector<std::vector<FaultGate<EmissionEffect>>> emission_gates;
  std::vector<std::vector<FaultGate<WireEffect>>> wire_gates;

  Result<void> add(const FaultPlan& plan, const FaultContext& context, Prng stream);
  void sort_out(const TrackingPlan& plan);
  static std::size_t kind_of(const Emission& emission) {
    return std::size_t{emission.seen.type} * both_sources.size() +
           static_cast<std::size_t>(emission.source);
  }
};

void FaultChain::Compiled::sort_out(const TrackingPlan& plan) {
  for (std::uint16_t type = 0; type < plan.actions.size(); ++type)
    for (const Source side : both_sources) {
      emission_gates.push_back(gates_before(emission, type, side, plan));
      wire_gates.push_back(gates_before(wire, type, side, plan));
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
  if (fault->host && !choice.where.matches_everything() && !choice.where.depends_on_user_only())
    return Error{Error::Kind::invalid_input, "a condition over user and user traits alone",
                 "where"};
  const std::size_t index = faults++;
  if (fault->host) host.push_back({index, *selector, std::move(fault->host), fault->where});
  if (fault->emission)
    emission.push_back({index, *selector, std::move(fault->emission), fault->where});
  if (fault->wire) wire.push_back({index, *selector, std::move(fault->wire), fault->where});
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
  compiled->sort_out(scenario.plan);
  return FaultChain(std::move(compiled));
}

LaneFaults::LaneFaults(const FaultChain& chain)
    : chain_(&chain.compiled()),
      counts_(chain_->faults),
      memories_(chain_->faults),
      spares_emissions_(chain_->emission.empty()),
      spares_attempts_(chain_->wire.empty()),
      strikes_hosts_(!chain_->host.empty()) {}

[[gnu::always_inline]] inline bool LaneFaults::chosen(std::size_t fault, const Selector& selector,
                                                      const Candidate& candidate,
                                                      std::uint64_t& struck,
                                                      std::uint64_t& skipped) {
  const bool yes = selector.chooses(candidate, memories_[fault]);
  ++(yes ? counts_[fault].struck : counts_[fault].skipped);
  (yes ? struck : skipped) |= std::uint64_t{1} << fault;
  return yes;
}

[[gnu::always_inline]] inline LaneFaults::Passed LaneFaults::pass(
    const FaultGate<EmissionEffect>& gate, const Candidate& candidate, Emission& emission,
    Micros& later) {
  if (emission.withheld != gate.reach.withheld || !gate.lets(emission, emission.captured))
    return Passed::untouched;
  const auto& link = *gate.link;
  if (gate.reach.looks_closer &&
      (!link.has_company(emission.struck) ||
       !link.effect->reaches(emission, link.selector.stream_for(candidate))))
    return Passed::untouched;
  if (!chosen(link.fault, link.selector, candidate, emission.struck, emission.skipped))
    return Passed::untouched;
  return strike(gate, candidate, emission, later);
}

LaneFaults::Passed LaneFaults::strike(const FaultGate<EmissionEffect>& gate,
                                      const Candidate& candidate, Emission& emission,
                                      Micros& later) {
  made_.items.clear();
  gate.link->effect->apply(emission, gate.link->selector.stream_for(candidate), made_);
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

CaptureFate LaneFaults::capture_in_place(Emission& emission, Captures& copies,
                                         std::vector<Emission>& destroyed) {
  CaptureFate fate;
  if (spares_emissions_) return fate;
  std::vector<Captures::Item>& items = copies.items;
  const std::size_t first = items.size();
  std::uint8_t copies_made = emission.copy;
  const Candidate itself = candidate_of(emission);
  for (const auto& gate : chain_->emission_gates[FaultChain::Compiled::kind_of(emission)]) {
    std::size_t end = items.size();  // A fault does not meet the copies it makes itself.
    if (!fate.destroyed) {
      const Passed passed = pass(gate, itself, emission, fate.later);
      fate.destroyed = passed == Passed::destroyed;
      if (fate.destroyed) destroyed.push_back(emission);
      if (passed == Passed::changed) keep_copies(copies, copies_made);
    }
    if (fate.destroyed && first == items.size()) break;
    for (std::size_t i = first; i < end;) {
      const Candidate copy = candidate_of(items[i].emission);
      const Passed passed = pass(gate, copy, items[i].emission, items[i].later);
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

WireFate LaneFaults::send(const Attempt& attempt, AttemptId id, std::uint64_t& struck,
                          std::uint64_t& skipped) {
  WireFate fate;
  if (spares_attempts_) return fate;
  const Emission& first = attempt.first;
  const Candidate candidate = candidate_of(first, id);
  for (const auto& gate : chain_->wire_gates[FaultChain::Compiled::kind_of(first)]) {
    const auto& link = *gate.link;
    if (fate.strike != Strike::none && !link.effect->delays()) continue;
    if (!gate.lets(first, attempt.at)) continue;
    const Prng draw = link.selector.stream_for(candidate);
    if (gate.reach.looks_closer &&
        (!link.has_company(first.struck | struck) || !link.effect->reaches(attempt, draw)))
      continue;
    if (gate.quota &&
        !goes_beyond(*gate.quota, attempt.at, memories_[link.fault][candidate.bursts_with])) {
      ++counts_[link.fault].skipped;
      skipped |= std::uint64_t{1} << link.fault;
      continue;
    }
    if (!chosen(link.fault, link.selector, candidate, struck, skipped)) continue;
    const bool repeated = fate.again.has_value();
    const bool parted = fate.left_out > 0;
    link.effect->apply(attempt, draw, fate);
    if (!repeated && fate.again) fate.again_by = std::uint64_t{1} << link.fault;
    if (!parted && fate.left_out > 0) fate.left_by = std::uint64_t{1} << link.fault;
  }
  if (fate.strike != Strike::none) {
    // What never left comes no second time, and what was cut was not read event by event.
    fate.left_out = 0;
    fate.left_by = 0;
    if (fate.strike != Strike::after_commit) fate.again.reset();
    if (!fate.again) fate.again_by = 0;
  }
  return fate;
}

HostFate LaneFaults::begin(const Action& who, Source side, std::uint64_t host, SimTime at) {
  HostFate fate;
  if (!strikes_hosts_) return fate;
  Emission opener;
  opener.seen = who;
  opener.source = side;
  const Candidate candidate = candidate_of(opener, host);
  for (const Link<HostEffect>& link : chain_->host) {
    const Selector& selector = link.selector;
    // A process has no `when`: it begins early and ends late. Its effect minds when it ends.
    const bool now = side == Source::server || selector.covers(at);
    if (!now || !selector.takes(side) || !selector.fits(who, side)) continue;
    if (!selector.chooses(candidate, memories_[link.fault])) continue;
    link.effect->apply(at, selector.stream_for(candidate), fate);
    fate.struck[static_cast<std::size_t>(link.effect->point())] |= std::uint64_t{1} << link.fault;
  }
  return fate;
}

}  // namespace parallax
