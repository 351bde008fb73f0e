// SPDX-License-Identifier: Apache-2.0
// window_replay -- A consumer's offsets are set back, or a day is loaded once more from the
// archive: all that reached the pipeline in a span comes a second time, byte for byte. The repeats
// are attempts of their own in the ledger, which bear the strike.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class WindowReplay final : public WireEffect {
 public:
  explicit WindowReplay(SimTime at) : at_(at) {}
  void apply(const Attempt& attempt, Prng, WireFate& fate) const override {
    fate.again = at_ - attempt.at;
  }
  bool looks_closer() const override { return true; }
  bool reaches(const Attempt& attempt, Prng) const override { return attempt.at < at_; }

 private:
  SimTime at_;
};

}  // namespace

FaultKind window_replay_kind() {
  return {.name = "window_replay",
          .about = "Lets all requests of a span (\"when\") reach the pipeline once more, at once.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::after_delivery)},
          .params = {{.name = "at",
                      .type = ParamKind::Type::duration,
                      .about = "When they come again, from time.start; required.",
                      .words = {}}}};
}

Result<MadeFault> make_window_replay(const FaultPlan& plan, const FaultContext& context) {
  const auto at = duration_param(plan, "at", {1, span_max}, 0);
  if (!at) return at.error();
  if (*at <= plan.selector.from)
    return unusable("at", "a duration beyond the beginning of \"when\"");
  return made(std::make_unique<WindowReplay>(context.start + *at));
}

}  // namespace parallax::faults
