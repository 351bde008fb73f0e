// SPDX-License-Identifier: Apache-2.0
// cors -- The collector's answer does not allow the page's origin. Where the browser asks first, no
// event ever leaves it; a request that needs no asking arrives, and only its answer is kept from
// the SDK, which sends it again.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Cors final : public WireEffect {
 public:
  explicit Cors(Strike strike) : strike_(strike) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override { fate.strike = strike_; }

 private:
  Strike strike_;
};

}  // namespace

FaultKind cors_kind() {
  return {.name = "cors",
          .about = "Refuses a browser's requests for their origin.",
          .scope = SelectorPlan::Scope::device,
          .side = Source::client,
          .places = {attempt_at(StrikePoint::before_send, "asked for first, and never sent."),
                     attempt_at(StrikePoint::after_commit,
                                "a simple request: arrives, its answer cannot be read.")},
          .params = {}};
}

Result<MadeFault> make_cors(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server)
    return unusable("side", "client: only browsers ask for an origin");
  return made(std::make_unique<Cors>(strike_at(point_of(plan))));
}

}  // namespace parallax::faults
