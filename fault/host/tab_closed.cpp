// SPDX-License-Identifier: Apache-2.0
// tab_closed -- The tab is closed so soon after an event that its request never gets out: what was
// captured before is handled as the SDK handles an unload.
#include <algorithm>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class TabClosed final : public HostEffect {
 public:
  explicit TabClosed(Micros within) : within_(within) {}
  HostPoint point() const override { return HostPoint::end; }
  void apply(SimTime, Prng, HostFate& fate) const override {
    fate.loses_last = std::max(fate.loses_last, within_);
  }

 private:
  Micros within_;
};

}  // namespace

FaultKind tab_closed_kind() {
  return {.name = "tab_closed",
          .about = "Loses what was captured just before its page closes.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .places = {host_at(StrikePoint::queue)},
          .params = {{.name = "within",
                      .type = ParamKind::Type::duration,
                      .about = "How long before, 1ms .. 1h; default 1s.",
                      .words = {}}}};
}

Result<MadeFault> make_tab_closed(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server) return unusable("side", "client; see not_flushed");
  const auto within = duration_param(plan, "within", {millisecond, hour}, second);
  if (!within) return within.error();
  return made(std::make_unique<TabClosed>(*within));
}

}  // namespace parallax::faults
