// SPDX-License-Identifier: Apache-2.0
// not_flushed -- A server process ends, for a deploy or a crash, without a flush of its SDK: what
// it had queued since the last batch is lost. The classic missing `await shutdown()`.
#include <algorithm>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

/// No process is shorter, so that a run has a bounded number of them.
constexpr Micros shortest_life = minute;

struct NotFlushedPlan {
  ParamValue lives;
  SimTime from, until;  ///< Of `when`.
};

class NotFlushed final : public HostEffect {
 public:
  explicit NotFlushed(NotFlushedPlan plan) : plan_(std::move(plan)) {}
  HostPoint point() const override { return HostPoint::end; }
  void apply(SimTime at, Prng draw, HostFate& fate) const override {
    const Micros life = std::max(shortest_life, draw_param(plan_.lives, draw));
    const SimTime ends = std::max(at, plan_.from) + life;
    if (ends < plan_.until) fate.ends = std::min(fate.ends, ends);
  }

 private:
  NotFlushedPlan plan_;
};

}  // namespace

FaultKind not_flushed_kind() {
  return {.name = "not_flushed",
          .about = "Ends server processes without a flush of their SDK; others take over.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .places = {host_at(StrikePoint::queue)},
          .params = {{.name = "lives",
                      .type = ParamKind::Type::distribution,
                      .about = "How long a process lives, 1m or more; default 1d.",
                      .words = {}}}};
}

Result<MadeFault> make_not_flushed(const FaultPlan& plan, const FaultContext& context) {
  const SelectorPlan& selector = plan.selector;
  if (selector.side == Source::client) return unusable("side", "server; see app_killed");
  if (selector.choice != SelectorPlan::Choice::all)
    return unusable("fault", "no choice among processes: \"lives\" says how often they end");
  if (!selector.where.matches_everything())
    return unusable("where", "none: a process serves all users");
  auto lives = span_param(plan, "lives", {shortest_life, span_max}, fixed_span(day));
  if (!lives) return lives.error();
  const Micros from = std::min(selector.from, span_max);
  const bool open = selector.until >= span_max;
  return made(std::make_unique<NotFlushed>(
      NotFlushedPlan{std::move(*lives), context.start + from,
                     open ? end_of_time : context.start + selector.until}));
}

}  // namespace parallax::faults
