// SPDX-License-Identifier: Apache-2.0
// reorder -- Neighbouring attempts overtake each other: parallel connections, partitions of a log.
// A small delay of each is enough; a pipeline that trusts arrival order shows it. In the queue it
// is events that do: handlers that end in another order than they began.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class ReorderEvents final : public EmissionEffect {
 public:
  explicit ReorderEvents(Micros window) : window_(window) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, draw.between(0, window_)});
  }

 private:
  Micros window_;
};

class Reorder final : public WireEffect {
 public:
  explicit Reorder(Micros window) : window_(window) {}
  void apply(const Attempt&, Prng draw, WireFate& fate) const override {
    fate.delay += draw.between(0, window_);
  }
  bool delays() const override { return true; }

 private:
  Micros window_;
};

}  // namespace

FaultKind reorder_kind() {
  return {
      .name = "reorder",
      .about = "Delays attempts or events a little, each by its own draw, so that neighbours swap.",
      .scope = SelectorPlan::Scope::emission,
      .side = std::nullopt,
      .places = {attempt_at(StrikePoint::before_send, "attempts overtake each other."),
                 event_at(StrikePoint::queue, "events do, on their way into the queue.")},
      .params = {{.name = "window",
                  .type = ParamKind::Type::duration,
                  .about = "Longest delay; each is uniform from 0s to it; default 5s.",
                  .words = {}}}};
}

Result<MadeFault> make_reorder(const FaultPlan& plan, const FaultContext&) {
  const auto window = duration_param(plan, "window", {1, span_max}, 5 * second);
  if (!window) return window.error();
  if (point_of(plan) == StrikePoint::queue) return made(std::make_unique<ReorderEvents>(*window));
  return made(std::make_unique<Reorder>(*window));
}

}  // namespace parallax::faults
