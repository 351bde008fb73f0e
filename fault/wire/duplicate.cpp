// SPDX-License-Identifier: Apache-2.0
// duplicate -- A request arrives twice although its SDK sent it once: a browser that repeats a POST
// on a closed connection, a proxy that tries again, a broker that delivers at least once. Or two
// tabs share a queue on the device, and both of them send it.
#include <algorithm>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Duplicate final : public WireEffect {
 public:
  Duplicate(ParamValue after, bool of_its_own)
      : after_(std::move(after)), of_its_own_(of_its_own) {}
  void apply(const Attempt&, Prng draw, WireFate& fate) const override {
    fate.again = std::max<Micros>(0, draw_param(after_, draw));
    fate.again_states_time = of_its_own_;
  }

 private:
  ParamValue after_;
  bool of_its_own_;
};

}  // namespace

FaultKind duplicate_kind() {
  return {.name = "duplicate",
          .about = "Lets a request arrive once more, unknown to the SDK that sent it.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::after_delivery, "byte for byte."),
                     attempt_at(StrikePoint::queue,
                                "another tab sends the same events at its own time.")},
          .params = {{.name = "after",
                      .type = ParamKind::Type::distribution,
                      .about = "How much later, at least 0s; default 30ms.",
                      .words = {}}}};
}

Result<MadeFault> make_duplicate(const FaultPlan& plan, const FaultContext&) {
  auto after = span_param(plan, "after", {0, span_max}, fixed_span(30 * millisecond));
  if (!after) return after.error();
  return made(std::make_unique<Duplicate>(std::move(*after), point_of(plan) == StrikePoint::queue));
}

}  // namespace parallax::faults
