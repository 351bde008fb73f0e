// SPDX-License-Identifier: Apache-2.0
// restart -- The pipeline's process crashes and another one starts on the same disk. What it took
// last was stored, but its answers died with it; while it is down no connection is made. The
// embedded pipeline really is killed and started again at this instant of the story (traffic.h):
// what it acknowledged before must be there afterwards.
#include "fault/catalogue.h"
#include "fault/pipeline/everybody.h"

namespace parallax::faults {
namespace {

class Restart final : public WireEffect {
 public:
  Restart(SimTime at, Micros down, Micros unanswered)
      : at_(at), down_(down), unanswered_(unanswered) {}
  void apply(const Attempt& attempt, Prng, WireFate& fate) const override {
    fate.strike = attempt.at < at_ ? Strike::after_commit : Strike::before_send;
  }
  bool looks_closer() const override { return true; }
  bool reaches(const Attempt& attempt, Prng) const override {
    return attempt.at >= at_ - unanswered_ && attempt.at < at_ + down_;
  }

 private:
  SimTime at_;
  Micros down_;
  Micros unanswered_;
};

}  // namespace

FaultKind restart_kind() {
  return {.name = "restart",
          .about = "Crashes the embedded pipeline at one instant, and starts it on its disk again.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::after_commit, "just before the crash."),
                     attempt_at(StrikePoint::before_send, "while it is down.")},
          .everywhere = true,
          .params = {{.name = "at",
                      .type = ParamKind::Type::duration,
                      .about = "When it crashes, from time.start; required.",
                      .words = {}},
                     {.name = "down",
                      .type = ParamKind::Type::duration,
                      .about = "How long until it is back, up to 1d; default 30s.",
                      .words = {}},
                     {.name = "unanswered",
                      .type = ParamKind::Type::duration,
                      .about = "What is sent within so much before is stored and not answered, up "
                               "to 1h; default 200ms.",
                      .words = {}}}};
}

Result<MadeFault> make_restart(const FaultPlan& plan, const FaultContext& context) {
  if (const Result<void> fits = strikes_everybody(plan.selector); !fits) return fits.error();
  const auto at = duration_param(plan, "at", {1, span_max}, 0);
  if (!at) return at.error();
  if (*at == 0) return unusable("at", "a duration from time.start, such as 6h");
  const auto down = duration_param(plan, "down", {0, day}, 30 * second);
  if (!down) return down.error();
  const auto unanswered = duration_param(plan, "unanswered", {0, hour}, 200 * millisecond);
  if (!unanswered) return unanswered.error();
  return made(std::make_unique<Restart>(context.start + *at, *down, *unanswered));
}

}  // namespace parallax::faults
