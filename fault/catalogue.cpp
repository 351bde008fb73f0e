// SPDX-License-Identifier: Apache-2.0
#include "fault/catalogue.h"

#include <algorithm>
#include <cassert>

#include "fault/params.h"

namespace parallax {
namespace {

struct Entry {
  FaultKind kind;
  Result<MadeFault> (*make)(const FaultPlan& plan, const FaultContext& context);
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
#define EMISSION_FAULT(name) {faults::name##_kind(), faults::make_##name},
#define WIRE_FAULT(name) EMISSION_FAULT(name)
#define HOST_FAULT(name) EMISSION_FAULT(name)
#include "fault/faults.inc"
#undef EMISSION_FAULT
#undef WIRE_FAULT
#undef HOST_FAULT
  };
  return all;
}

std::vector<FaultKind> kinds_of(const std::vector<Entry>& all) {
  std::vector<FaultKind> kinds;
  kinds.reserve(all.size());
  for (const Entry& entry : all) kinds.push_back(entry.kind);
  return kinds;
}

}  // namespace

std::span<const FaultKind> fault_kinds() {
  static const std::vector<FaultKind> kinds = kinds_of(entries());
  return kinds;
}

const FaultKind* find_fault_kind(std::string_view kind) {
  const std::span<const FaultKind> all = fault_kinds();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const FaultKind& known) { return known.name == kind; });
  return found != all.end() ? &*found : nullptr;
}

std::optional<Source> default_side(std::string_view kind) {
  const FaultKind* const known = find_fault_kind(kind);
  return known != nullptr ? known->side : std::nullopt;
}

std::span<const StrikePlace> places_of(const FaultPlan& plan) {
  const FaultKind* const kind = find_fault_kind(plan.fault);
  return kind != nullptr ? places_of(*kind, plan) : std::span<const StrikePlace>();
}

bool meets(const FaultPlan& plan, StrikePlace::Meets what) { return meets(places_of(plan), what); }

Result<MadeFault> make_fault(const FaultPlan& plan, const FaultContext& context) {
  for (const Entry& entry : entries()) {
    if (entry.kind.name != plan.fault) continue;
    if (const auto at = point_param(entry.kind))
      if (const auto known = faults::word_param(plan, at->name, at->words); !known)
        return known.error();
    return entry.make(plan, context);
  }
  return Error{Error::Kind::invalid_input, "a fault of the catalogue", "fault"};
}

StrikePoint faults::point_of(const FaultPlan& plan) {
  const std::span<const StrikePlace> places = places_of(plan);
  assert(places.size() == 1);
  return places.front().point;
}

Strike faults::strike_at(StrikePoint point) {
  if (point == StrikePoint::before_send) return Strike::before_send;
  if (point == StrikePoint::during_body) return Strike::during_body;
  assert(point == StrikePoint::after_commit);
  return Strike::after_commit;
}

Uuid faults::mint_id(const Emission& in, Prng draw) {
  Prng own = draw.keyed(in.event_id.high).keyed(in.event_id.low).keyed(in.seen.id.value);
  own = own.keyed(static_cast<std::uint64_t>(in.source)).keyed(in.copy);
  const std::uint64_t high = own.next();
  return Uuid::from_bits(high, own.next());
}

}  // namespace parallax
