// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/checks.h"

#include <array>

namespace parallax {

std::string_view name_of(RowClock c) {
  constexpr std::array<std::string_view, 4> names{"client_ts", "server_ts", "event_ts",
                                                  "ingestion_ts"};
  return names[static_cast<std::size_t>(c)];
}

std::string_view name_of(OwnerId id) {
  constexpr std::array<std::string_view, 3> names{"user", "device", "session"};
  return names[static_cast<std::size_t>(id)];
}

std::size_t Attribute::value_of(const Action& action) const {
  switch (kind) {
    case Kind::action:
      return action.type;
    case Kind::page:
      return action.page;
    case Kind::consent:
      return static_cast<std::size_t>(action.consent);
    case Kind::currency:
      return action.currency;
    case Kind::trait:
      return action.traits[index];
    case Kind::field:
      break;
  }
  return static_cast<std::size_t>(action.values[index]);
}

std::string Attribute::text(const TrackingPlan& plan, std::optional<std::uint16_t> of,
                            std::size_t value) const {
  const auto among = [&](std::size_t size, const auto& text_at) {
    return value < size ? std::string(text_at(value)) : std::string("other");
  };
  switch (kind) {
    case Kind::action:
      return among(plan.actions.size(), [&](std::size_t i) { return plan.actions[i].name; });
    case Kind::page:
      return among(plan.pages.size(), [&](std::size_t i) { return plan.pages[i]; });
    case Kind::consent:
      return std::string(parallax::name_of(value == 0 ? Consent::granted : Consent::denied));
    case Kind::currency:
      return among(plan.currencies.size(), [&](std::size_t i) { return plan.currencies[i].code; });
    case Kind::trait: {
      const auto& values = plan.traits[index].values;
      return among(values.size(), [&](std::size_t i) { return values[i]; });
    }
    case Kind::field:
      break;
  }
  const FieldPlan& field = plan.actions[*of].fields[index];
  if (field.type == FieldType::boolean) return value == 0 ? "false" : "true";
  return among(field.form.texts.size(), [&](std::size_t i) { return field.form.texts[i]; });
}

}  // namespace parallax
