// SPDX-License-Identifier: Apache-2.0
// worker_replay -- A worker handles messages a second time: its offsets were reset, a day was run
// again by hand. The same events come once more, at one instant, and still say when they were.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> id_words{"same", "new"};

class WorkerReplay final : public EmissionEffect {
 public:
  WorkerReplay(SimTime at, bool new_id) : at_(at), new_id_(new_id) {}

  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.push_back({in, at_ - in.captured});
    Emission& copy = out.items.back().emission;
    copy.captured = at_;
    if (new_id_) copy.event_id = mint_id(in, draw);
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return in.captured < at_; }
  std::size_t most() const override { return 2; }

 private:
  SimTime at_;
  bool new_id_;
};

}  // namespace

FaultKind worker_replay_kind() {
  return {.name = "worker_replay",
          .about = "Emits a side's events of a span (\"when\") once more, at one instant.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {{.name = "at",
                      .type = ParamKind::Type::duration,
                      .about = "When they come again, from time.start; required.",
                      .words = {}},
                     {.name = "id",
                      .type = ParamKind::Type::word,
                      .about = "Event id of the copies: same or new; default same.",
                      .words = {id_words.begin(), id_words.end()}}}};
}

Result<MadeFault> make_worker_replay(const FaultPlan& plan, const FaultContext& context) {
  const auto at = duration_param(plan, "at", {1, span_max}, 0);
  if (!at) return at.error();
  if (*at <= plan.selector.from)
    return unusable("at", "a duration beyond the beginning of \"when\"");
  const auto id = word_param(plan, "id", id_words);
  if (!id) return id.error();
  return made(std::make_unique<WorkerReplay>(context.start + *at, *id == 1));
}

}  // namespace parallax::faults
