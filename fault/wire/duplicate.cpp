// SPDX-License-Identifier: Apache-2.0
// duplicate -- A request arrives twice although its SDK sent it once: a browser that repeats a POST
// on a closed connection, a proxy that tries again, a broker that delivers at least once. Or two
// tabs share a queue on the device, and both of them send it.
#include <algorithm>
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> at_words{"after_delivery", "queue"};

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
          .wire = true,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "at",
                      .type = ParamKind::Type::word,
                      .about = "after_delivery (byte for byte) or queue (another tab sends the "
                               "same events at its own time); default after_delivery.",
                      .words = {at_words.begin(), at_words.end()}},
                     {.name = "after",
                      .type = ParamKind::Type::distribution,
                      .about = "How much later, at least 0s; default 30ms.",
                      .words = {}}}};
}

Result<MadeFault> make_duplicate(const FaultPlan& plan, const FaultContext&) {
  const auto at = word_param(plan, "at", at_words);
  if (!at) return at.error();
  auto after = span_param(plan, "after", {0, span_max}, fixed_span(30 * millisecond));
  if (!after) return after.error();
  return made(std::make_unique<Duplicate>(std::move(*after), *at == 1));
}

}  // namespace parallax::faults
