// SPDX-License-Identifier: Apache-2.0
// Each fault alone, by its smoke scenario, and the whole chain of the shop.
#include <algorithm>
#include <stdexcept>

#include "bench/input.h"
#include "bench/stage.h"
#include "fault/chain.h"

namespace parallax::bench {
namespace {

constexpr std::size_t actions = 10'000;

FaultChain chain_of(const Scenario& scenario) {
  Result<FaultChain> chain = FaultChain::make(scenario, scenario.seed);
  if (!chain) throw std::runtime_error(chain.error().text());
  return std::move(*chain);
}

/// Every emission is captured; each twentieth stands for a batch and is sent.
class FaultStage final : public Stage {
 public:
  explicit FaultStage(const std::string& file) : hand_(load(file, 200'000)) {}

  std::uint64_t run() override {
    LaneFaults faults(chain_);
    std::uint64_t attempts = 0;
    for (const Emission& emission : emissions_) {
      captures_.items.clear();
      destroyed_.clear();
      faults.capture(emission, captures_, destroyed_);
      if (++attempts % batch_size != 0) continue;
      std::uint64_t struck = 0, skipped = 0;
      WireFate fate;
      faults.send({emission, 1, batch_size, emission.captured}, {attempts}, fate, struck, skipped);
    }
    return emissions_.size();
  }

 private:
  static constexpr std::uint64_t batch_size = 20;
  Stagehand hand_;
  FaultChain chain_ = chain_of(hand_.scenario);
  std::vector<Emission> emissions_ = emissions_of(hand_, actions_of(hand_, actions));
  Captures captures_;
  std::vector<Destroyed> destroyed_;
};

}  // namespace

void add_fault_stages(StageList& stages) {
  for (const FaultKind& kind : fault_kinds())
    stages.push_back({"fault/" + std::string(kind.name), "event",
                      [file = "scenarios/smoke/" + std::string(kind.name) + ".json"] {
                        return std::make_unique<FaultStage>(file);
                      }});
  stages.push_back({"fault/chain-of-the-shop", "event",
                    [] { return std::make_unique<FaultStage>("scenarios/examples/shop.json"); }});
}

}  // namespace parallax::bench
