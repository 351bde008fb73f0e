// SPDX-License-Identifier: Apache-2.0
// user_not_passed -- The client's distinct id does not reach the server, whose events then belong
// to nobody, or to a user that it makes up for the session.
#include <array>

#include "fault/catalogue.h"
#include "fault/users.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> sends_words{"own", "nothing"};
constexpr std::array<UserForm, 2> forms{UserForm::minted, UserForm::absent};

}  // namespace

FaultKind user_not_passed_kind() {
  return {.name = "user_not_passed",
          .about = "Takes the user away from a side, which makes one up or names none.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {{.name = "sends",
                      .type = ParamKind::Type::word,
                      .about = "own (an id made up for the session) or nothing (no user_id); "
                               "default own.",
                      .words = {sends_words.begin(), sends_words.end()}}}};
}

Result<MadeFault> make_user_not_passed(const FaultPlan& plan, const FaultContext&) {
  const auto sends = word_param(plan, "sends", sends_words);
  if (!sends) return sends.error();
  return made(std::make_unique<UserFormEffect>(forms[*sends]));
}

}  // namespace parallax::faults
