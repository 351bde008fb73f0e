// SPDX-License-Identifier: Apache-2.0
// app_killed -- The app is gone without a word: killed by the system, crashed, battery empty. No
// unload handler runs, and what waited in memory is lost.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class AppKilled final : public HostEffect {
 public:
  HostPoint point() const override { return HostPoint::end; }
  void apply(SimTime, Prng, HostFate& fate) const override { fate.loses_last = span_max; }
};

}  // namespace

FaultKind app_killed_kind() {
  return {.name = "app_killed",
          .about = "Ends a page or app without unload: what its SDK has not sent is lost.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .places = {host_at(StrikePoint::queue)},
          .params = {}};
}

Result<MadeFault> make_app_killed(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server) return unusable("side", "client; see not_flushed");
  return made(std::make_unique<AppKilled>());
}

}  // namespace parallax::faults
