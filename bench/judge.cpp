// SPDX-License-Identifier: Apache-2.0
// One lane's share of a run judged: ledger and canonical rows to verdicts and assertions.
#include "assertions/trial.h"
#include "bench/input.h"
#include "bench/stage.h"
#include "tests/support/ledger_builder.h"

namespace parallax::bench {
namespace {

constexpr std::size_t actions = 10'000;

/// The ledger of a day on which every emission arrived at once, and what a right pipeline makes of
/// it.
class JudgeStage final : public Stage {
 public:
  JudgeStage() {
    test::LedgerBuilder built(hand_.scenario);
    std::array<Emission, 2> made;
    for (const Action& action : actions_of(hand_, actions)) {
      built.act(action);
      const std::size_t count = hand_.instrumentation.emit(action, made);
      for (std::size_t i = 0; i < count; ++i) {
        const bool held = made[i].withheld != Withheld::no;
        const EmissionKey key = built.queue(made[i], held ? Fate::withheld : Fate::queued);
        if (!held) built.send({key});
      }
    }
    part_.rows = test::RightPipeline{built}.rows().rows;
    for (std::size_t i = 0; i < part_.rows.size(); ++i) part_.rows[i].number = i;
    part_.ledger = std::move(built.ledger);
    facts_.complete = true;
    for (const CanonicalRow& row : part_.rows) facts_.add(row, hash_text(test::run_id));
  }

  std::uint64_t run() override {
    Trial trial(hand_.scenario, facts_, 1);
    trial.judge(part_, LedgerView(hand_.scenario, part_.ledger));
    trial.gather_strays();
    trial.conclude();
    return trial.counts()[static_cast<std::size_t>(ActionVerdict::ok)];
  }

 private:
  Stagehand hand_{load("bench/shop-no-faults.json", 200'000)};
  Part part_;
  RowFacts facts_;
};

}  // namespace

void add_judge_stages(StageList& stages) {
  stages.push_back(
      {"judge/match-and-judge", "action", [] { return std::make_unique<JudgeStage>(); }});
}

}  // namespace parallax::bench
