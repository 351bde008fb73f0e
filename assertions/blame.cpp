// SPDX-License-Identifier: Apache-2.0
#include "assertions/blame.h"

#include <array>

namespace parallax {
namespace {

struct Known {
  Cause cause;  ///< Its name is the fault's.
  Aspect aspect;
};

constexpr std::array known{
    Known{Cause::rounding, Aspect::field},       Known{Cause::minor_units, Aspect::field},
    Known{Cause::renamed_field, Aspect::field},  Known{Cause::missing_field, Aspect::field},
    Known{Cause::retyped_field, Aspect::field},  Known{Cause::truncated_field, Aspect::field},
    Known{Cause::flag_differs, Aspect::field},   Known{Cause::personal_data, Aspect::field},
    Known{Cause::renamed_event, Aspect::name},   Known{Cause::wrong_version, Aspect::version},
    Known{Cause::dual_write, Aspect::version},   Known{Cause::user_not_passed, Aspect::user},
    Known{Cause::user_format, Aspect::user},     Known{Cause::previous_user, Aspect::user},
    Known{Cause::no_alias, Aspect::user},        Known{Cause::cookies_cut, Aspect::device},
    Known{Cause::storage_wiped, Aspect::device}, Known{Cause::clock_skew, Aspect::time},
    Known{Cause::slow_load, Aspect::time},       Known{Cause::local_time, Aspect::time},
    Known{Cause::double_fire, Aspect::time},
};

const Known* find(std::string_view kind) {
  for (const Known& one : known)
    if (name_of(one.cause) == kind) return &one;
  return nullptr;
}

}  // namespace

std::optional<Cause> cause_of_fault(std::string_view kind) {
  const Known* const found = find(kind);
  return found != nullptr ? std::optional(found->cause) : std::nullopt;
}

Blame::Blame(const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const Known* const found = find(scenario.faults[i].fault);
    if (found == nullptr) continue;
    const ParamValue* const field = scenario.faults[i].param("field");
    suspects_.push_back({i, found->cause, found->aspect,
                         field != nullptr ? std::string_view(field->text) : std::string_view()});
  }
}

Cause Blame::of(const Emission& emission, Aspect aspect, std::string_view field) const {
  Cause cause = Cause::said_wrong;
  bool by_name = false;
  for (const Suspect& suspect : suspects_) {
    if ((emission.struck >> suspect.fault & 1U) == 0 || suspect.aspect != aspect) continue;
    if (!suspect.field.empty() && suspect.field != field) continue;
    if (by_name && suspect.field.empty()) continue;
    by_name = !suspect.field.empty();
    cause = suspect.cause;
  }
  return cause;
}

}  // namespace parallax
