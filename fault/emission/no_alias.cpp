// SPDX-License-Identifier: Apache-2.0
// no_alias -- The client never links the anonymous id to the user: its events go on naming the
// device after the login, and one person is counted as two.
#include "fault/catalogue.h"
#include "fault/users.h"

namespace parallax::faults {

FaultKind no_alias_kind() {
  return {.name = "no_alias",
          .about = "Names the device's anonymous id in place of the user.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_no_alias(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<UserFormEffect>(UserForm::anonymous));
}

}  // namespace parallax::faults
