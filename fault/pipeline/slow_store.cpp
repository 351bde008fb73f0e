// SPDX-License-Identifier: Apache-2.0
// slow_store -- The store behind the collector keeps up with only a part of what comes: compaction,
// a disk that dies, a neighbour. Requests are taken, but their answers wait in a line that grows
// for a while and is worked off behind it; SDKs lose patience and send again.
//
// The line is a fluid queue (Newell, "Applications of Queueing Theory", chapter 2): what comes at
// rate 1 is stored at rate s while the store is slow, for a span w, and at rate 2 afterwards.
//   line after t:   t < w: (1 - s) t      otherwise: (1 - s) w - (t - w), and never below 0
//   wait of what comes at t: until the line before it is stored, at s up to w and at 2 from there
//   on
#include <algorithm>

#include "fault/catalogue.h"
#include "fault/pipeline/everybody.h"

namespace parallax::faults {
namespace {

struct Slowness {
  SimTime from;
  Micros lasts = 0;
  std::int64_t keeps_up = 50;  ///< Per cent of what comes, 1 .. 99.
};

class SlowStore final : public WireEffect {
 public:
  explicit SlowStore(const Slowness& slow) : slow_(slow) {}
  void apply(const Attempt& attempt, Prng, WireFate& fate) const override {
    fate.answer_delay += wait(attempt.at);
  }
  bool delays() const override { return true; }
  bool looks_closer() const override { return true; }
  bool reaches(const Attempt& attempt, Prng) const override { return wait(attempt.at) > 0; }

 private:
  Micros wait(SimTime at) const {
    const Micros t = at - slow_.from;
    if (t < 0) return 0;
    const Micros line_at_end = slow_.lasts / 100 * (100 - slow_.keeps_up);
    if (t >= slow_.lasts) return std::max<Micros>(0, line_at_end - (t - slow_.lasts)) / 2;
    const Micros line = t / 100 * (100 - slow_.keeps_up);
    const Micros slow_left = slow_.lasts - t;
    const Micros stored_slowly = slow_left / 100 * slow_.keeps_up;
    if (line <= stored_slowly) return line / slow_.keeps_up * 100;
    return slow_left + (line - stored_slowly) / 2;
  }

  Slowness slow_;
};

}  // namespace

FaultKind slow_store_kind() {
  return {.name = "slow_store",
          .about = "Lets answers wait in a line that grows while the store is slow.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::answer)},
          .params = {{.name = "at",
                      .type = ParamKind::Type::duration,
                      .about = "When it becomes slow, from time.start; default 0s.",
                      .words = {}},
                     {.name = "lasts",
                      .type = ParamKind::Type::duration,
                      .about = "For how long, 1s .. 366d; default 10m.",
                      .words = {}},
                     {.name = "keeps_up",
                      .type = ParamKind::Type::integer,
                      .about = "Per cent of what comes that is stored meanwhile, 1 .. 99; default "
                               "50.",
                      .words = {}}}};
}

Result<MadeFault> make_slow_store(const FaultPlan& plan, const FaultContext& context) {
  if (const Result<void> fits = strikes_everybody(plan.selector); !fits) return fits.error();
  const auto at = duration_param(plan, "at", {0, span_max}, 0);
  if (!at) return at.error();
  const auto lasts = duration_param(plan, "lasts", {second, 366 * day}, 10 * minute);
  if (!lasts) return lasts.error();
  const auto keeps_up = integer_param(plan, "keeps_up", {1, 99}, 50);
  if (!keeps_up) return keeps_up.error();
  return made(std::make_unique<SlowStore>(Slowness{context.start + *at, *lasts, *keeps_up}));
}

}  // namespace parallax::faults
