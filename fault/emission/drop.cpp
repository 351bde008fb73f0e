// SPDX-License-Identifier: Apache-2.0
// drop -- Something is lost without a word: an emission before the SDK sees it (a crash between the
// commit and the tracking call) or from its queue (a lost queue file), or a request on the wire,
// where nobody resets the connection and the sender waits for its timeout.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Drop final : public EmissionEffect {
 public:
  void apply(const Emission&, Prng, Captures&) const override {}
};

class DropAttempt final : public WireEffect {
 public:
  explicit DropAttempt(Strike strike) : strike_(strike) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = strike_;
    fate.silent = true;
  }

 private:
  Strike strike_;
};

}  // namespace

FaultKind drop_kind() {
  return {
      .name = "drop",
      .about = "Loses an event, or a request, without a word.",
      .scope = SelectorPlan::Scope::emission,
      .side = std::nullopt,
      .places = {event_at(StrikePoint::capture, "the SDK never has the event."),
                 event_at(StrikePoint::queue, "it is lost from the queue."),
                 attempt_at(StrikePoint::before_send, "the request is lost on its way."),
                 attempt_at(StrikePoint::during_body, "half of the request gets through."),
                 attempt_at(StrikePoint::after_commit, "the target has it, its answer is lost.")},
      .params = {}};
}

Result<MadeFault> make_drop(const FaultPlan& plan, const FaultContext&) {
  const StrikePoint point = point_of(plan);
  if (point == StrikePoint::capture || point == StrikePoint::queue)
    return made(std::make_unique<Drop>());
  return made(std::make_unique<DropAttempt>(strike_at(point)));
}

}  // namespace parallax::faults
