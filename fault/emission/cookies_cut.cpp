// SPDX-License-Identifier: Apache-2.0
// cookies_cut -- The browser refuses the cookie that should tell the device, since it is a third
// party's: each visit is that of a new device, and visitors count several times.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class CookiesCut final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.seen.device = draw.next();
  }
};

}  // namespace

FaultKind cookies_cut_kind() {
  return {.name = "cookies_cut",
          .about = "Gives a device a new id on each visit.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_cookies_cut(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.scope != SelectorPlan::Scope::session)
    return unusable("per", "session: the id lasts for a visit; whose visits says \"where\"");
  if (plan.selector.side == Source::server)
    return unusable("side", "client: servers get no cookie");
  return made(std::make_unique<CookiesCut>());
}

}  // namespace parallax::faults
