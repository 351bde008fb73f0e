// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/instrument.h"

#include <cassert>

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
    auto& forms = forms_.emplace_back();
    for (const Source side : both_sources)
      for (std::size_t i = 0; i < action.fields.size(); ++i)
        forms[static_cast<std::size_t>(side)][i] =
            action.fields[i].on(side) ? FieldForm::present : FieldForm::absent;
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
  std::size_t count = 0;
  for (const Source side : both_sources)
    if (scenario_->plan.actions[action.type].emits(side)) emit(action, side, out[count++]);
  return count;
}

void Instrumentation::emit(const Action& action, Source side, Emission& out) const {
  assert(scenario_->plan.actions[action.type].emits(side));
  const bool client = side == Source::client;
  out.seen = action;
  out.event_id = id_for(action, side);
  out.captured = client ? action.at : action.at + scenario_->actions[action.type].server_after;
  const SimTime stamp = out.captured.to_millisecond();
  out.client_ts = client ? stamp : no_time;
  out.server_ts = client ? no_time : stamp;
  out.clock_error = 0;
  out.struck = 0;
  out.skipped = 0;
  out.source = side;
  out.copy = 0;
  out.id_form = IdForm::normal;
  out.withheld = withheld_by(action);
  out.user_form = UserForm::normal;
  out.other_name = out.other_project = out.odd_fields = false;
  out.schema_version = scenario_->plan.actions[action.type].schema_version;
  out.retry_count = 0;
  out.forms = forms_[action.type][static_cast<std::size_t>(side)];
}

std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed) {
  return std::string(scenario_name) + "-" + std::to_string(seed);
}

}  // namespace parallax
