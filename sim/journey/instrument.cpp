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
    : identity_(scenario.plan.identity.kind),
      ids_(Prng(seed).stream("event-id").keyed(hash_text(run_id))) {
  for (std::size_t type = 0; type < scenario.plan.actions.size(); ++type) {
    const ActionPlan& plan = scenario.plan.actions[type];
    const auto key = plan.field_index(scenario.plan.identity.derived_from);
    key_field_.push_back(key.value_or(max_fields));
    auto& cameras = cameras_.emplace_back();
    for (const Source side : both_sources) {
      Camera& camera = cameras[static_cast<std::size_t>(side)];
      camera.on = plan.emits(side);
      camera.after = side == Source::server ? scenario.actions[type].server_after : 0;
      camera.schema_version = plan.schema_version;
      for (std::size_t i = 0; i < plan.fields.size(); ++i)
        camera.forms[i] = plan.fields[i].on(side) ? FieldForm::present : FieldForm::absent;
    }
  }
}

Uuid Instrumentation::id_for(const Action& action, Source side) const {
  const std::size_t key = key_field_[action.type];
  if (identity_ == IdentityPlan::Kind::derived && key < max_fields) {
    // A business key names the action across sides, but not across event names.
    const Prng draw = ids_.keyed(action.type).keyed(static_cast<std::uint64_t>(action.values[key]));
    return Uuid::from_bits(draw.at(1).bits(), draw.at(2).bits());
  }
  // Four draws an action: two for each side where they differ.
  const bool own = identity_ == IdentityPlan::Kind::independent && side == Source::server;
  const std::uint64_t first = 4 * action.id.value + (own ? 3 : 1);
  return Uuid::from_bits(ids_.at(first).bits(), ids_.at(first + 1).bits());
}

std::size_t Instrumentation::emit(const Action& action, std::array<Emission, 2>& out) const {
  std::size_t count = 0;
  for (const Source side : both_sources)
    if (cameras_[action.type][static_cast<std::size_t>(side)].on) emit(action, side, out[count++]);
  return count;
}

void Instrumentation::emit(const Action& action, Source side, Emission& out) const {
  const Camera& camera = cameras_[action.type][static_cast<std::size_t>(side)];
  assert(camera.on);
  out.seen = action;
  out.event_id = id_for(action, side);
  out.captured = action.at + camera.after;
  const SimTime stamp = out.captured.to_millisecond();
  out.client_ts = side == Source::client ? stamp : no_time;
  out.server_ts = side == Source::server ? stamp : no_time;
  out.clock_error = 0;
  out.struck = 0;
  out.skipped = 0;
  out.source = side;
  out.copy = 0;
  out.id_form = IdForm::normal;
  out.withheld = withheld_by(action);
  out.user_form = UserForm::normal;
  out.other_name = out.other_project = out.odd_fields = false;
  out.schema_version = camera.schema_version;
  out.retry_count = 0;
  out.forms = camera.forms;
}

std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed) {
  return std::string(scenario_name) + "-" + std::to_string(seed);
}

}  // namespace parallax
