// SPDX-License-Identifier: Apache-2.0
#include "fault/catalogue.h"

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
  for (const Entry& entry : all) kinds.push_back(entry.kind);
  return kinds;
}

}  // namespace

std::span<const FaultKind> fault_kinds() {
  static const std::vector<FaultKind> kinds = kinds_of(entries());
  return kinds;
}

std::optional<Source> default_side(std::string_view kind) {
  for (const FaultKind& known : fault_kinds())
    if (known.name == kind) return known.side;
  return std::nullopt;
}

Result<MadeFault> make_fault(const FaultPlan& plan, const FaultContext& context) {
  for (const Entry& entry : entries())
    if (entry.kind.name == plan.fault) return entry.make(plan, context);
  return Error{Error::Kind::invalid_input, "a fault of the catalogue", "fault"};
}

Uuid faults::mint_id(const Emission& in, Prng draw) {
  Prng own = draw.keyed(in.event_id.high).keyed(in.event_id.low).keyed(in.seen.id.value);
  own = own.keyed(static_cast<std::uint64_t>(in.source)).keyed(in.copy);
  const std::uint64_t high = own.next();
  return Uuid::from_bits(high, own.next());
}

}  // namespace parallax
