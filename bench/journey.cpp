// SPDX-License-Identifier: Apache-2.0
// Who does what when, and what both sides' tracking code makes of it.
#include "bench/input.h"
#include "bench/stage.h"
#include "sim/journey/lane_journey.h"

namespace parallax::bench {
namespace {

constexpr std::uint32_t users = 200'000;
constexpr std::size_t actions = 20'000;

/// A lane from the first session on, as far as a fixed number of actions.
class JourneyStage final : public Stage {
 public:
  std::uint64_t run() override {
    LaneJourney journey(hand_.world, 0);
    Step step;
    std::uint64_t played = 0;
    while (played < actions && journey.next(step)) played += step.kind == Step::Kind::action;
    return played;
  }

 private:
  Stagehand hand_{load("scenarios/examples/shop.json", users)};
};

class EmitStage final : public Stage {
 public:
  std::uint64_t run() override {
    std::uint64_t emitted = 0;
    for (const Action& action : actions_) emitted += hand_.instrumentation.emit(action, made_);
    return emitted;
  }

 private:
  Stagehand hand_{load("scenarios/examples/shop.json", users)};
  std::vector<Action> actions_ = actions_of(hand_, actions);
  std::array<Emission, 2> made_;
};

}  // namespace

void add_journey_stages(StageList& stages) {
  stages.push_back({"journey/step", "action", [] { return std::make_unique<JourneyStage>(); }});
  stages.push_back({"journey/emit", "event", [] { return std::make_unique<EmitStage>(); }});
}

}  // namespace parallax::bench
