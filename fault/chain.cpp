// SPDX-License-Identifier: Apache-2.0
#include "fault/chain.h"

#include <cassert>
#include <limits>
#include <type_traits>

#include "fault/candidate.h"
#include "fault/sieve.h"

namespace parallax {
namespace {

/// Copies of one emission that `Emission::copy` can tell apart, itself included.
constexpr std::size_t items_max = std::numeric_limits<std::uint8_t>::max();

template <class Effect>
struct Link {
  std::size_t fault;  ///< Index in the scenario, and bit.
  Selector selector;
  std::unique_ptr<Effect> effect;
  Predicate where;        ///< The fault's own condition, beside the selector's.
  bool in_queue = false;  ///< Strikes there, behind the capture.

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
  std::optional<Quota> quota = std::nullopt;

  /// Reaches them all and takes them by a rate, as most do: one draw decides, by what follows.
  bool plain = false;
  std::size_t fault = 0, scope = 0;
  std::uint64_t bit = 0;         ///< Of the fault.
  std::uint64_t from_queue = 0;  ///< The same, where it strikes in the queue.
  Prng stream{0};
  Ratio rate;

  bool lets(const Emission& emission, SimTime at) const {
    return link->selector.covers(at) && where.matches(emission.seen, emission.source) &&
           also.matches(emission.seen, emission.source);
  }
};

namespace {

template <class Effect>
FaultGate<Effect> gate_before(const Link<Effect>& link, std::uint16_t type, Source side,
                              const TrackingPlan& plan) {
  const Selector& selector = link.selector;
  FaultGate<Effect> gate{
      .link = &link,
      .where = selector.narrow(type, side, plan),
      .also = link.where.narrow(type, side, plan),
      .reach = {},
      .fault = link.fault,
      .scope = selector.scope(),
      .bit = std::uint64_t{1} << link.fault,
      .from_queue = std::uint64_t{link.in_queue} << link.fault,
      .stream = selector.stream(),
      .rate = selector.rate().value_or(Ratio::whole()),
  };
  if constexpr (std::is_same_v<Effect, EmissionEffect>) gate.reach = link.effect->reach();
  if constexpr (std::is_same_v<Effect, WireEffect>) {
    gate.reach.looks_closer = link.effect->looks_closer();
    gate.quota = link.effect->quota();
  }
  gate.reach.looks_closer = gate.reach.looks_closer || selector.with() != 0;
  gate.plain = selector.rate() && selector.reaches_everything() &&
               link.where.matches_everything() && !gate.reach.looks_closer && !gate.quota;
  return gate;
}

template <class Effect>
std::vector<FaultGate<Effect>> gates_before(const std::vector<Link<Effect>>& links,
                                            std::uint16_t type, Source side,
                                            const TrackingPlan& plan) {
  std::vector<FaultGate<Effect>> gates;
  for (const Link<Effect>& link : links) {
    const FaultGate<Effect> gate = gate_before(link, type, side, plan);
    if (link.selector.takes(side) && !gate.where.never() && !gate.also.never())
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

/// Of what is no plain gate.
[[gnu::noinline]] bool reaches(const FaultGate<EmissionEffect>& gate, const Candidate& candidate,
                               const Emission& emission) {
  if (!gate.lets(emission, emission.captured)) return false;
  if (!gate.reach.looks_closer) return true;
  const auto& link = *gate.link;
  return link.has_company(emission.struck) &&
         link.effect->reaches(emission, link.selector.stream_for(candidate));
}

[[gnu::noinline]] bool reaches(const FaultGate<WireEffect>& gate, const Candidate& candidate,
                               const Attempt& attempt, std::uint64_t struck) {
  if (!gate.lets(attempt.first, attempt.at)) return false;
  if (!gate.reach.looks_closer) return true;
  const auto& link = *gate.link;
  return link.has_company(attempt.first.struck | struck) &&
         link.effect->reaches(attempt, link.selector.stream_for(candidate));
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
  /// The same again: for emissions those that reach what is withheld for the same reason.
  std::vector<SievesByWithheld> emission_sieves;
  std::vector<FaultSieves> wire_sieves;

  Result<void> add(const FaultPlan& plan, const FaultContext& context, Prng stream);
  void sort_out(const TrackingPlan& plan);
};

void FaultChain::Compiled::sort_out(const TrackingPlan& plan) {
  for (std::uint16_t type = 0; type < plan.actions.size(); ++type)
    for (const Source side : both_sources) {
      emission_gates.push_back(gates_before(emission, type, side, plan));
      emission_sieves.push_back(sieves_by_withheld(emission_gates.back()));
      wire_gates.push_back(gates_before(wire, type, side, plan));
      wire_sieves.push_back(sieves_before(wire_gates.back()));
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
  const bool in_queue = places_of(plan).front().point == StrikePoint::queue;
  if (fault->host) host.push_back({index, *selector, std::move(fault->host), fault->where});
  if (fault->emission)
    emission.push_back({index, *selector, std::move(fault->emission), fault->where, in_queue});
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
      passed_(chain_->emission_gates.size()),
      memories_(chain_->faults),
      spares_emissions_(chain_->emission.empty()),
      spares_attempts_(chain_->wire.empty()),
      strikes_hosts_(!chain_->host.empty()) {}

std::vector<FaultCounts> LaneFaults::counts() const {
  std::vector<FaultCounts> counts = counts_;
  for (std::size_t kind = 0; kind < passed_.size(); ++kind) {
    add_passed(chain_->wire_gates[kind], chain_->wire_sieves[kind], passed_[kind].attempts, counts);
    for (std::size_t why = 0; why < passed_[kind].emissions.size(); ++why)
      add_passed(chain_->emission_gates[kind], chain_->emission_sieves[kind][why],
                 passed_[kind].emissions[why], counts);
  }
  return counts;
}

template <class Effect>
[[gnu::always_inline]] inline bool LaneFaults::chosen(const FaultGate<Effect>& gate,
                                                      const Candidate& candidate,
                                                      std::uint64_t& struck,
                                                      std::uint64_t& skipped) {
  const bool yes = gate.plain ? gate.stream.at(candidate.entities[gate.scope]).chance(gate.rate)
                              : gate.link->selector.chooses(candidate, memories_[gate.fault]);
  if (yes) {
    ++counts_[gate.fault].struck;
    struck |= gate.bit;
  } else {
    ++counts_[gate.fault].skipped;
    skipped |= gate.bit;
  }
  return yes;
}

[[gnu::always_inline]] inline bool LaneFaults::meets(const FaultGate<EmissionEffect>& gate,
                                                     const Candidate& candidate,
                                                     Emission& emission) {
  if (emission.withheld != gate.reach.withheld) return false;
  if (!gate.plain && !reaches(gate, candidate, emission)) return false;
  return chosen(gate, candidate, emission.struck, emission.skipped);
}

bool LaneFaults::strike(const FaultGate<EmissionEffect>& gate, const Candidate& candidate,
                        Emission& emission, Micros& later) {
  made_.items.clear();
  gate.link->effect->apply(emission, gate.link->selector.stream_for(candidate), made_);
  if (made_.items.empty()) return false;
  for (Captures::Item& made : made_.items) made.later += later;
  emission = made_.items.front().emission;
  later = made_.items.front().later;
  return true;
}

void LaneFaults::keep_copies(Captures& copies, std::uint8_t& copies_made) {
  for (std::size_t copy = 1; copy < made_.items.size(); ++copy) {
    copies.items.push_back(made_.items[copy]);
    copies.items.back().emission.copy = ++copies_made;
  }
}

/// Most emissions get past all gates: no copies to look after, and nothing is put away.
CaptureFate LaneFaults::capture_in_place(Emission& emission, Captures& copies,
                                         std::vector<Destroyed>& destroyed) {
  if (spares_emissions_) return {};
  const std::size_t kind = kind_of(emission);
  const auto why = static_cast<std::size_t>(emission.withheld);
  const FaultSieves& sieves = chain_->emission_sieves[kind][why];
  const Candidate itself = candidate_of(emission);
  for (const FaultSieve& sieve : sieves.list) {
    if (sieve.plain && !sieve.strikes(itself)) continue;
    const auto& gates = chain_->emission_gates[kind];
    const auto& gate = gates[sieve.gate];
    if (!sieve.plain && !reaches(gate, itself, emission)) continue;
    if (!chosen(gate, itself, emission.struck, emission.skipped)) continue;
    note_passed(gates, sieves, &sieve, counts_, emission.skipped);
    return go_on_struck(std::span(gates).subspan(sieve.gate), itself, emission, copies, destroyed);
  }
  emission.skipped |= sieves.plain_bits;
  ++passed_[kind].emissions[why];
  return {};
}

/// From the first gate on that has struck `emission`.
CaptureFate LaneFaults::go_on_struck(std::span<const FaultGate<EmissionEffect>> gates,
                                     const Candidate& itself, Emission& emission, Captures& copies,
                                     std::vector<Destroyed>& destroyed) {
  CaptureFate fate{.struck = true};
  std::vector<Captures::Item>& items = copies.items;
  const std::size_t first = items.size();
  std::uint8_t copies_made = emission.copy;
  for (const auto& gate : gates) {
    std::size_t end = items.size();  // A fault does not meet the copies it makes itself.
    if (!fate.destroyed && (&gate == gates.data() || meets(gate, itself, emission))) {
      fate.destroyed = !strike(gate, itself, emission, fate.later);
      if (fate.destroyed) {
        destroyed.push_back({emission, gate.from_queue});
      } else {
        keep_copies(copies, copies_made);
      }
    }
    if (fate.destroyed && first == items.size()) break;
    for (std::size_t i = first; i < end; ++i) {
      const Candidate copy = candidate_of(items[i].emission);
      if (!meets(gate, copy, items[i].emission)) continue;
      if (strike(gate, copy, items[i].emission, items[i].later)) {
        keep_copies(copies, copies_made);
      } else {
        destroyed.push_back({items[i].emission, gate.from_queue});
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(i--));
        --end;
      }
    }
  }
  return fate;
}

void LaneFaults::capture(const Emission& in, Captures& captures,
                         std::vector<Destroyed>& destroyed) {
  Captures::Item itself{in, 0};
  Captures copies;
  const CaptureFate fate = capture_in_place(itself.emission, copies, destroyed);
  itself.later = fate.later;
  if (!fate.destroyed) captures.items.push_back(itself);
  captures.items.insert(captures.items.end(), copies.items.begin(), copies.items.end());
}

void LaneFaults::send(const Attempt& attempt, AttemptId id, WireFate& fate, std::uint64_t& struck,
                      std::uint64_t& skipped) {
  if (spares_attempts_) return;
  const Candidate candidate = candidate_of(attempt.first, id);
  const std::size_t kind = kind_of(attempt.first);
  const FaultSieves& sieves = chain_->wire_sieves[kind];
  for (const FaultSieve& sieve : sieves.list) {
    if (sieve.plain && !sieve.strikes(candidate)) continue;
    const auto& gates = chain_->wire_gates[kind];
    note_passed(gates, sieves, &sieve, counts_, skipped);
    return send_on(std::span(gates).subspan(sieve.gate), attempt, candidate,
                   {fate, struck, skipped});
  }
  skipped |= sieves.plain_bits;
  ++passed_[kind].attempts;
}

/// Before the first gate that may strike, and all behind it.
void LaneFaults::send_on(std::span<const FaultGate<WireEffect>> gates, const Attempt& attempt,
                         const Candidate& candidate, Marks marks) {
  auto& [fate, struck, skipped] = marks;
  for (const auto& gate : gates) {
    if (fate.strike != Strike::none && !gate.link->effect->delays()) continue;
    if (!gate.plain && !reaches(gate, candidate, attempt, struck)) continue;
    if (gate.quota &&
        !goes_beyond(*gate.quota, attempt.at, memories_[gate.fault][candidate.bursts_with])) {
      ++counts_[gate.fault].skipped;
      skipped |= gate.bit;
      continue;
    }
    if (chosen(gate, candidate, struck, skipped)) apply(gate, attempt, candidate, fate);
  }
  if (fate.strike != Strike::none) {
    // What never left comes no second time, and what was cut was not read event by event.
    fate.left_out = 0;
    fate.left_by = 0;
    if (fate.strike != Strike::after_commit) fate.again.reset();
    if (!fate.again) fate.again_by = 0;
  }
}

void LaneFaults::apply(const FaultGate<WireEffect>& gate, const Attempt& attempt,
                       const Candidate& candidate, WireFate& fate) {
  const bool repeated = fate.again.has_value(), parted = fate.left_out > 0;
  gate.link->effect->apply(attempt, gate.link->selector.stream_for(candidate), fate);
  if (!repeated && fate.again) fate.again_by = gate.bit;
  if (!parted && fate.left_out > 0) fate.left_by = gate.bit;
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
