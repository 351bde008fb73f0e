// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/instrument.h"

namespace parallax {
namespace {

Withheld withheld_by(const Action& action) {
  if (action.consent == Consent::denied) return Withheld::consent;
  if (!action.sampled) return Withheld::sampling;
  return action.refused ? Withheld::refused : Withheld::no;
}

}  // namespace

Instrumentation::Instrumentation(const Scenario& scenario, std::uint64_t seed,
                                 std::string_view run_id)
    : scenario_(&scenario), ids_(Prng(seed).stream("event-id").keyed(hash_text(run_id))) {
  const IdentityPlan& identity = scenario.plan.identity;
  for (const ActionPlan& action : scenario.plan.actions) {
    const bool derived = identity.kind == IdentityPlan::Kind::derived;
    key_field_.push_back(derived ? action.field_index(identity.derived_from).value_or(max_fields)
                                 : max_fields);
  }
}

Uuid Instrumentation::id_for(const Action& action, Source side) const {
  const std::size_t key = key_field_[action.type];
  Prng draw = ids_;
  if (key < max_fields) {
    // A business key names the action across sides, but not across event names.
    draw = ids_.keyed(action.type).keyed(static_cast<std::uint64_t>(action.values[key]));
  } else {
    draw = ids_.keyed(action.id.value);
    if (scenario_->plan.identity.kind == IdentityPlan::Kind::independent)
      draw = draw.keyed(static_cast<std::uint64_t>(side) + 1);
  }
  const std::uint64_t high = draw.next();
  return Uuid::from_bits(high, draw.next());
}

std::size_t Instrumentation::emit(const Action& action, std::array<Emission, 2>& out) const {
  const ActionPlan& plan = scenario_->plan.actions[action.type];
  std::size_t count = 0;
  for (const Source side : both_sources) {
    if (!plan.emits(side)) continue;
    Emission& emission = out[count++];
    emission = Emission{};
    emission.seen = action;
    emission.event_id = id_for(action, side);
    emission.source = side;
    emission.schema_version = plan.schema_version;
    emission.withheld = withheld_by(action);
    for (std::size_t i = 0; i < plan.fields.size(); ++i)
      emission.forms[i] = plan.fields[i].on(side) ? FieldForm::present : FieldForm::absent;
    if (side == Source::client) {
      emission.captured = action.at;
      emission.client_ts = emission.captured.to_millisecond();
    } else {
      emission.captured = action.at + scenario_->actions[action.type].server_after;
      emission.server_ts = emission.captured.to_millisecond();
    }
  }
  return count;
}

std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed) {
  return std::string(scenario_name) + "-" + std::to_string(seed);
}

}  // namespace parallax
