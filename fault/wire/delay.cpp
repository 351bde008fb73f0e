// SPDX-License-Identifier: Apache-2.0
// delay -- Attempts arrive late: a phone without radio, a proxy that holds requests back. What is
// late enough meets an expired dedupe window or a closed day. Or the answers are late: beyond its
// timeout the SDK takes the attempt for failed and sends what the target has again. Or it is the
// event that waits, in a job queue or a batch of the app's own, before the SDK gets it.
#include <algorithm>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

Micros drawn_delay(const ParamValue& by, Prng& draw) {
  return std::max<Micros>(0, draw_param(by, draw));
}

class DelayEvent final : public EmissionEffect {
 public:
  explicit DelayEvent(ParamValue by) : by_(std::move(by)) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, drawn_delay(by_, draw)});
  }

 private:
  ParamValue by_;
};

class Delay final : public WireEffect {
 public:
  Delay(ParamValue by, bool at_answer) : by_(std::move(by)), at_answer_(at_answer) {}
  void apply(const Attempt&, Prng draw, WireFate& fate) const override {
    (at_answer_ ? fate.answer_delay : fate.delay) += drawn_delay(by_, draw);
  }
  bool delays() const override { return true; }

 private:
  ParamValue by_;
  bool at_answer_;
};

}  // namespace

FaultKind delay_kind() {
  return {
      .name = "delay",
      .about = "Lets attempts arrive later, or their answers, or events get into the queue later.",
      .scope = SelectorPlan::Scope::emission,
      .side = std::nullopt,
      .places = {attempt_at(StrikePoint::before_send, "the attempt is late."),
                 event_at(StrikePoint::queue, "the event waits before the SDK gets it."),
                 attempt_at(StrikePoint::answer, "only the answer is late.")},
      .params = {{.name = "by",
                  .type = ParamKind::Type::distribution,
                  .about = "How much later, at least 0s; default {\"exponential\": \"30s\"}.",
                  .words = {}}}};
}

Result<MadeFault> make_delay(const FaultPlan& plan, const FaultContext&) {
  auto by = span_param(plan, "by", {0, span_max}, exponential_span(30 * second));
  if (!by) return by.error();
  const StrikePoint point = point_of(plan);
  if (point == StrikePoint::queue) return made(std::make_unique<DelayEvent>(std::move(*by)));
  return made(std::make_unique<Delay>(std::move(*by), point == StrikePoint::answer));
}

}  // namespace parallax::faults
