// SPDX-License-Identifier: Apache-2.0
// Actions and emissions into the journal: packed, summed and handed to the operating system.
#include <unistd.h>

#include <filesystem>

#include "bench/input.h"
#include "bench/stage.h"
#include "sim/core/ledger.h"

namespace parallax::bench {
namespace {

constexpr std::size_t actions = 20'000;

class LedgerStage final : public Stage {
 public:
  ~LedgerStage() override {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }

  std::uint64_t run() override {
    Result<Journal> journal = Journal::create(file_);
    std::size_t next = 0;
    for (const Action& action : actions_) {
      journal->append(action);
      for (; next < emissions_.size() && emissions_[next].seen.id == action.id; ++next)
        journal->append(EmissionRecord{emissions_[next], Fate::queued});
    }
    return journal->close() ? emissions_.size() : 0;
  }

 private:
  Stagehand hand_{load("scenarios/examples/shop.json", 200'000)};
  std::vector<Action> actions_ = actions_of(hand_, actions);
  std::vector<Emission> emissions_ = emissions_of(hand_, actions_);
  std::filesystem::path file_ = std::filesystem::temp_directory_path() /
                                ("parallax-bench-" + std::to_string(::getpid()) + ".plx");
};

}  // namespace

void add_ledger_stages(StageList& stages) {
  stages.push_back({"ledger/append", "event", [] { return std::make_unique<LedgerStage>(); }});
}

}  // namespace parallax::bench
