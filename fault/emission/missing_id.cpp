// SPDX-License-Identifier: Apache-2.0
// missing_id -- Emissions without a usable event id: an old app version, a hand-written call, a
// default that nobody filled. Only the composite key can tell them apart.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 3> form_words{"absent", "empty", "placeholder"};
constexpr std::array<IdForm, 3> forms{IdForm::absent, IdForm::empty, IdForm::placeholder};

class MissingId final : public EmissionEffect {
 public:
  explicit MissingId(IdForm form) : form_(form) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.id_form = form_;
  }

 private:
  IdForm form_;
};

}  // namespace

FaultKind missing_id_kind() {
  return {.name = "missing_id",
          .about = "Takes the event id away, or puts an empty or an all-zero one in its place.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "form",
                      .type = ParamKind::Type::word,
                      .about = "absent (no key), empty (\"\") or placeholder (all zero); default "
                               "absent.",
                      .words = {form_words.begin(), form_words.end()}}}};
}

Result<MadeFault> make_missing_id(const FaultPlan& plan, const FaultContext&) {
  const auto form = word_param(plan, "form", form_words);
  if (!form) return form.error();
  return made(std::make_unique<MissingId>(forms[*form]));
}

}  // namespace parallax::faults
