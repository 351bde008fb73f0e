// SPDX-License-Identifier: Apache-2.0
// answer_lost -- The target committed the batch, the sender never learns it and sends it
// again: the classic source of duplicates.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class AnswerLost final : public WireEffect {
 public:
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::after_commit;
  }
};

}  // namespace

FaultKind answer_lost_kind() {
  return {
      .name = "answer_lost",
      .about = "Cuts the connection after the target has committed and before its answer is read.",
      .scope = SelectorPlan::Scope::emission,
      .side = std::nullopt,
      .places = {attempt_at(StrikePoint::after_commit)},
      .params = {}};
}

Result<MadeFault> make_answer_lost(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<AnswerLost>());
}

}  // namespace parallax::faults
