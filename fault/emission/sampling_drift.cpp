// SPDX-License-Identifier: Apache-2.0
// sampling_drift -- One side decides by itself whom to sample, by another rate or by hashing with
// another salt. What only one side sends looks like loss, and no ratio can be trusted. A sample
// chosen anew with share s: fewer at rate 1 - s, and more at rate s.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> takes_words{"fewer", "more"};

/// Leaves out users of the planned sample.
class TakesFewer final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.withheld = Withheld::sampling;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return in.seen.sampled; }
};

/// Takes users outside the planned sample.
class TakesMore final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.withheld = in.seen.refused ? Withheld::refused : Withheld::no;
  }
  Reach reach() const override { return {Withheld::sampling, true}; }
  bool reaches(const Emission& in, Prng) const override { return !in.seen.sampled; }
};

}  // namespace

FaultKind sampling_drift_kind() {
  return {.name = "sampling_drift",
          .about = "Lets a side sample other users than the plan does.",
          .scope = SelectorPlan::Scope::user,
          .side = Source::server,
          .params = {{.name = "takes",
                      .type = ParamKind::Type::word,
                      .about = "fewer (leaves out sampled users) or more (takes users outside the "
                               "sample); default fewer.",
                      .words = {takes_words.begin(), takes_words.end()}}}};
}

Result<MadeFault> make_sampling_drift(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.scope != SelectorPlan::Scope::user)
    return unusable("per", "user: a sample is of users, it does not decide anew");
  const auto takes = word_param(plan, "takes", takes_words);
  if (!takes) return takes.error();
  if (*takes == 0) return made(std::make_unique<TakesFewer>());
  return made(std::make_unique<TakesMore>());
}

}  // namespace parallax::faults
