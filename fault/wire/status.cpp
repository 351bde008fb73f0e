// SPDX-License-Identifier: Apache-2.0
// status -- An error status is answered in the target's place: a gateway that is overloaded (503),
// a rate limit (429), a wrong deployment (400), a redirect before the collector (302). The target
// never sees the attempt.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Status final : public WireEffect {
 public:
  Status(std::uint16_t code, Micros retry_after) : code_(code), retry_after_(retry_after) {}
  void apply(const Emission&, std::uint16_t, Prng, WireFate& fate) const override {
    fate.strike = Strike::answered;
    fate.answer = code_;
    fate.retry_after = retry_after_;
  }

 private:
  std::uint16_t code_;
  Micros retry_after_;
};

}  // namespace

FaultKind status_kind() {
  return {.name = "status",
          .about = "Answers attempts with an error status in the target's place.",
          .wire = true,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "code",
                      .type = ParamKind::Type::integer,
                      .about = "The HTTP status, 300 .. 599; default 503.",
                      .words = {}},
                     {.name = "retry_after",
                      .type = ParamKind::Type::duration,
                      .about = "What its Retry-After header says; default 0s: it has none.",
                      .words = {}}}};
}

Result<MadeFault> make_status(const FaultPlan& plan, const FaultContext&) {
  const auto code = integer_param(plan, "code", {300, 599}, 503);
  if (!code) return code.error();
  const auto after = span_param(plan, "retry_after", {0, day}, fixed_span(0));
  if (!after) return after.error();
  if (!after->distribution.empty()) return unusable("retry_after", "one duration 0s .. 1d");
  return made(std::make_unique<Status>(static_cast<std::uint16_t>(*code), after->number));
}

}  // namespace parallax::faults
