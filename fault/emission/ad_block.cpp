// SPDX-License-Identifier: Apache-2.0
// ad_block -- Destroys everything the client of some users would send, all the time: an ad blocker
// or a tracking protection list, which knows the SDK's script or its collector's address. The
// server goes on seeing these users.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class AdBlock final : public EmissionEffect {
 public:
  void apply(const Emission&, Prng, Captures&) const override {}
};

class BlockedRequests final : public WireEffect {
 public:
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::before_send;
  }
};

}  // namespace

FaultKind ad_block_kind() {
  return {
      .name = "ad_block",
      .about =
          "Destroys all client emissions of the users it strikes, as an ad blocker does; "
          "by default the share and the users of population.ad_blocker.",
      .scope = SelectorPlan::Scope::user,
      .side = Source::client,
      .places = {event_at(StrikePoint::capture, "the script is blocked: there is no SDK."),
                 attempt_at(StrikePoint::before_send, "the requests are: the SDK tries in vain.")},
      .params = {}};
}

Result<MadeFault> make_ad_block(const FaultPlan& plan, const FaultContext& context) {
  const SelectorPlan& selector = plan.selector;
  using Choice = SelectorPlan::Choice;
  if (selector.side == Source::server) return unusable("side", "client: the server has no blocker");
  if (selector.scope != SelectorPlan::Scope::user)
    return unusable("per", "user: a blocker is there or not, it does not decide anew");
  if (selector.choice == Choice::burst || selector.choice == Choice::nth)
    return unusable(selector.choice == Choice::nth ? "nth" : "burst", "rate or ids");
  if (!selector.where.matches_everything() && !selector.where.depends_on_user_only())
    return unusable("where", "a condition over user and user traits alone");
  const bool as_population = selector.choice == Choice::all;
  const AdBlockerPlan& blocker = context.scenario.population.ad_blocker;
  MadeFault fault = point_of(plan) == StrikePoint::capture
                        ? made(std::make_unique<AdBlock>())
                        : made(std::make_unique<BlockedRequests>());
  if (as_population) {
    fault.rate = blocker.share;
    fault.where = blocker.where;
  }
  return fault;
}

}  // namespace parallax::faults
