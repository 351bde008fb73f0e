// SPDX-License-Identifier: Apache-2.0
// delay -- Attempts arrive late: a phone without radio, a proxy that holds requests back. What is
// late enough meets an expired dedupe window or a closed day.
#include <algorithm>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Delay final : public WireEffect {
 public:
  explicit Delay(ParamValue by) : by_(std::move(by)) {}
  void apply(const Emission&, std::uint16_t, Prng draw, WireFate& fate) const override {
    fate.delay += std::max<Micros>(0, draw_param(by_, draw));
  }
  bool delays() const override { return true; }

 private:
  ParamValue by_;
};

ParamValue default_by() {
  ParamValue by;
  by.distribution = "exponential";
  by.numbers = {30 * second};
  return by;
}

}  // namespace

FaultKind delay_kind() {
  return {.name = "delay",
          .about = "Lets attempts arrive later.",
          .wire = true,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "by",
                      .type = ParamKind::Type::distribution,
                      .about = "How much later, at least 0s; default {\"exponential\": \"30s\"}.",
                      .words = {}}}};
}

Result<MadeFault> make_delay(const FaultPlan& plan, const FaultContext&) {
  auto by = span_param(plan, "by", {0, span_max}, default_by());
  if (!by) return by.error();
  return made(std::make_unique<Delay>(std::move(*by)));
}

}  // namespace parallax::faults
