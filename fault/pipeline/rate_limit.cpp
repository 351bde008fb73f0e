// SPDX-License-Identifier: Apache-2.0
// rate_limit -- The pipeline takes so many requests of a sender a minute, and answers the others
// 429 with the time until it will take some again. A sender is a device, or a server host: limits
// go by address or by key.
#include "fault/catalogue.h"
#include "fault/pipeline/everybody.h"

namespace parallax::faults {
namespace {

class RateLimit final : public WireEffect {
 public:
  explicit RateLimit(Quota quota) : quota_(quota) {}
  void apply(const Attempt& attempt, Prng, WireFate& fate) const override {
    fate.strike = Strike::answered;
    fate.answer = 429;
    const Micros left = quota_.span - (attempt.at - quota_.start) % quota_.span;
    fate.retry_after = (left + second - 1) / second * second;  // The header has whole seconds.
  }
  std::optional<Quota> quota() const override { return quota_; }

 private:
  Quota quota_;
};

}  // namespace

FaultKind rate_limit_kind() {
  return {
      .name = "rate_limit",
      .about = "Answers 429 to each sender, a device or a server host, beyond so many requests.",
      .scope = SelectorPlan::Scope::emission,
      .side = std::nullopt,
      .places = {attempt_at(StrikePoint::before_send)},
      .params = {{.name = "requests",
                  .type = ParamKind::Type::integer,
                  .about = "Taken of one sender in each span, retries among them, 1 .. 1000000; "
                           "required.",
                  .words = {}},
                 {.name = "each",
                  .type = ParamKind::Type::duration,
                  .about = "The span, counted from time.start, 1s .. 1d; default 1m.",
                  .words = {}}}};
}

Result<MadeFault> make_rate_limit(const FaultPlan& plan, const FaultContext& context) {
  if (const Result<void> fits = strikes_everybody(plan.selector); !fits) return fits.error();
  const auto requests = integer_param(plan, "requests", {1, 1'000'000}, 0);
  if (!requests) return requests.error();
  if (*requests == 0) return unusable("requests", "how many are taken, 1 .. 1000000");
  const auto each = duration_param(plan, "each", {second, day}, minute);
  if (!each) return each.error();
  return made(std::make_unique<RateLimit>(
      Quota{context.start, *each, static_cast<std::uint64_t>(*requests)}));
}

}  // namespace parallax::faults
