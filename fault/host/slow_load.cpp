// SPDX-License-Identifier: Apache-2.0
// slow_load -- The SDK's script is still loading when the page fires its first events: without a
// stub they are lost, with one they wait and are captured when it is there.
#include <algorithm>
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> calls_words{"lost", "wait"};

class SlowLoad final : public HostEffect {
 public:
  SlowLoad(ParamValue by, bool calls_wait) : by_(std::move(by)), calls_wait_(calls_wait) {}
  HostPoint point() const override { return HostPoint::start; }
  void apply(SimTime, Prng draw, HostFate& fate) const override {
    fate.ready_after = std::max(fate.ready_after, draw_param(by_, draw));
    fate.calls_wait = calls_wait_;
  }

 private:
  ParamValue by_;
  bool calls_wait_;
};

}  // namespace

FaultKind slow_load_kind() {
  return {.name = "slow_load",
          .about = "Loads the SDK of a page late: events before it is there are lost, or wait.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .places = {host_at(StrikePoint::capture)},
          .params = {{.name = "by",
                      .type = ParamKind::Type::distribution,
                      .about = "From the opening of the page to the SDK, at least 0s; default "
                               "{\"exponential\": \"2s\"}.",
                      .words = {}},
                     {.name = "calls",
                      .type = ParamKind::Type::word,
                      .about = "What becomes of earlier events: lost or wait (for a stub to hand "
                               "them over); default lost.",
                      .words = {calls_words.begin(), calls_words.end()}}}};
}

Result<MadeFault> make_slow_load(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server)
    return unusable("side", "client: a server has its SDK before it serves");
  auto by = span_param(plan, "by", {0, day}, exponential_span(2 * second));
  if (!by) return by.error();
  const auto calls = word_param(plan, "calls", calls_words);
  if (!calls) return calls.error();
  return made(std::make_unique<SlowLoad>(std::move(*by), *calls == 1));
}

}  // namespace parallax::faults
