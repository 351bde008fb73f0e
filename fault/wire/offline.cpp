// SPDX-License-Identifier: Apache-2.0
// offline -- Devices have no network for hours: a flight, a dead zone, a data plan used up. What is
// tried meanwhile never leaves; what the SDK keeps comes late, all at once.
#include "fault/catalogue.h"
#include "fault/spells.h"

namespace parallax::faults {
namespace {

class Offline final : public WireEffect {
 public:
  explicit Offline(Spells spells) : spells_(std::move(spells)) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::before_send;
  }
  bool looks_closer() const override { return true; }
  bool reaches(const Attempt& attempt, Prng draw) const override {
    return spells_.cover(attempt.at, draw);
  }

 private:
  Spells spells_;
};

}  // namespace

FaultKind offline_kind() {
  return {.name = "offline",
          .about = "Leaves devices without network for a spell in each period.",
          .scope = SelectorPlan::Scope::device,
          .side = Source::client,
          .places = {attempt_at(StrikePoint::before_send)},
          .params = {{.name = "every",
                      .type = ParamKind::Type::duration,
                      .about = "Length of a period, 1m .. 366d; default 1d.",
                      .words = {}},
                     {.name = "lasts",
                      .type = ParamKind::Type::distribution,
                      .about = "How long a spell is, at most a period; default "
                               "{\"exponential\": \"2h\"}.",
                      .words = {}}}};
}

Result<MadeFault> make_offline(const FaultPlan& plan, const FaultContext& context) {
  if (plan.selector.scope == SelectorPlan::Scope::emission)
    return unusable("per", "session, device or user: who is offline stays so for a while");
  const auto every = duration_param(plan, "every", {minute, 366 * day}, day);
  if (!every) return every.error();
  auto lasts = span_param(plan, "lasts", {0, *every}, exponential_span(2 * hour));
  if (!lasts) return lasts.error();
  return made(std::make_unique<Offline>(Spells(context.start, *every, std::move(*lasts))));
}

}  // namespace parallax::faults
