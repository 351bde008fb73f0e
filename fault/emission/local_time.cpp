// SPDX-License-Identifier: Apache-2.0
// local_time -- The code writes local time and calls it UTC. The batch's sent_at is right, so that
// no correction of clocks can mend it; a zone each with "where": "country = JP".
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

/// The zones of the world.
constexpr Range zones{-12 * hour, 14 * hour};

class LocalTime final : public EmissionEffect {
 public:
  explicit LocalTime(Micros offset) : offset_(offset) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    Emission& local = out.items.back().emission;
    for (SimTime* stamp : {&local.client_ts, &local.server_ts})
      if (*stamp != no_time) *stamp = *stamp + offset_;
  }

 private:
  Micros offset_;
};

}  // namespace

FaultKind local_time_kind() {
  return {.name = "local_time",
          .about = "States local time as if it were UTC.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "offset",
                      .type = ParamKind::Type::duration,
                      .about = "Local time minus UTC, -12h .. 14h but 0s; required.",
                      .words = {}}}};
}

Result<MadeFault> make_local_time(const FaultPlan& plan, const FaultContext&) {
  const ParamValue* offset = plan.param("offset");
  const bool usable = offset != nullptr && offset->distribution.empty() && offset->number != 0 &&
                      offset->number >= zones.low && offset->number <= zones.high;
  if (!usable) return unusable("offset", "a duration within -12h .. 14h, not 0s");
  return made(std::make_unique<LocalTime>(offset->number));
}

}  // namespace parallax::faults
