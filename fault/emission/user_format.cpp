// SPDX-License-Identifier: Apache-2.0
// user_format -- A side writes the user id in another format than the other: "17" or "USER-17"
// against "u-17". Every join on it finds two people.
#include <array>

#include "fault/catalogue.h"
#include "fault/users.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> form_words{"digits", "capitals"};
constexpr std::array<UserForm, 2> forms{UserForm::digits, UserForm::capitals};

}  // namespace

FaultKind user_format_kind() {
  return {.name = "user_format",
          .about = "Writes the user id in another format.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {{.name = "form",
                      .type = ParamKind::Type::word,
                      .about = "digits (\"17\") or capitals (\"USER-17\"); default digits.",
                      .words = {form_words.begin(), form_words.end()}}}};
}

Result<MadeFault> make_user_format(const FaultPlan& plan, const FaultContext&) {
  const auto form = word_param(plan, "form", form_words);
  if (!form) return form.error();
  return made(std::make_unique<UserFormEffect>(forms[*form]));
}

}  // namespace parallax::faults
