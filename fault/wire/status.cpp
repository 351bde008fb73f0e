// SPDX-License-Identifier: Apache-2.0
// status -- An error status is answered in the target's place: a gateway that is overloaded (503),
// a rate limit (429), a wrong deployment (400), a redirect before the collector (302). The target
// never sees the attempt; or it has taken it, and a gateway that lost patience says 504.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

struct StatusPlan {
  std::uint16_t code = 503;
  Micros retry_after = 0;
  bool at_answer = false;
};

class Status final : public WireEffect {
 public:
  explicit Status(StatusPlan plan) : plan_(plan) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.retry_after = plan_.retry_after;
    if (plan_.at_answer) {
      fate.odd_status = plan_.code;
      fate.odd_body = true;
    } else {
      fate.strike = Strike::answered;
      fate.answer = plan_.code;
    }
  }

 private:
  StatusPlan plan_;
};

}  // namespace

FaultKind status_kind() {
  return {.name = "status",
          .about = "Answers attempts with an error status in the target's place.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::before_send, "the target never sees the attempt."),
                     attempt_at(StrikePoint::answer, "the target has taken it.")},
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
  const auto after = duration_param(plan, "retry_after", {0, day}, 0);
  if (!after) return after.error();
  return made(std::make_unique<Status>(StatusPlan{static_cast<std::uint16_t>(*code), *after,
                                                  point_of(plan) == StrikePoint::answer}));
}

}  // namespace parallax::faults
