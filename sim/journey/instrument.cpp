// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/instrument.h"

namespace parallax {
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

/// A business key names the action across sides, but not across event names.
Uuid Instrumentation::derived_id(const Action& action) const {
  const auto key = static_cast<std::uint64_t>(action.values[key_field_[action.type]]);
  const Prng draw = ids_.keyed(action.type).keyed(key);
  return Uuid::from_bits(draw.at(1).bits(), draw.at(2).bits());
}

std::size_t Instrumentation::emit(const Action& action, std::array<Emission, 2>& out) const {
  std::size_t count = 0;
  for (const Source side : both_sources)
    if (emits(action.type, side)) emit(action, side, out[count++]);
  return count;
}

std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed) {
  return std::string(scenario_name) + "-" + std::to_string(seed);
}

}  // namespace parallax
