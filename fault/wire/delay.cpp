// SPDX-License-Identifier: Apache-2.0
// delay -- Attempts arrive late: a phone without radio, a proxy that holds requests back. What is
// late enough meets an expired dedupe window or a closed day. Or the answers are late: beyond its
// timeout the SDK takes the attempt for failed and sends what the target has again.
#include <algorithm>
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> at_words{"before_send", "answer"};

class Delay final : public WireEffect {
 public:
  Delay(ParamValue by, bool at_answer) : by_(std::move(by)), at_answer_(at_answer) {}
  void apply(const Attempt&, Prng draw, WireFate& fate) const override {
    (at_answer_ ? fate.answer_delay : fate.delay) += std::max<Micros>(0, draw_param(by_, draw));
  }
  bool delays() const override { return true; }

 private:
  ParamValue by_;
  bool at_answer_;
};

}  // namespace

FaultKind delay_kind() {
  return {.name = "delay",
          .about = "Lets attempts arrive later, or their answers.",
          .wire = true,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "by",
                      .type = ParamKind::Type::distribution,
                      .about = "How much later, at least 0s; default {\"exponential\": \"30s\"}.",
                      .words = {}},
                     {.name = "at",
                      .type = ParamKind::Type::word,
                      .about = "before_send (the attempt is late) or answer (only its answer is); "
                               "default before_send.",
                      .words = {at_words.begin(), at_words.end()}}}};
}

Result<MadeFault> make_delay(const FaultPlan& plan, const FaultContext&) {
  auto by = span_param(plan, "by", {0, span_max}, exponential_span(30 * second));
  if (!by) return by.error();
  const auto at = word_param(plan, "at", at_words);
  if (!at) return at.error();
  return made(std::make_unique<Delay>(std::move(*by), *at == 1));
}

}  // namespace parallax::faults
