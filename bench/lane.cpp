// SPDX-License-Identifier: Apache-2.0
// A lane as `parallax generate` plays it: journeys, captures, faults, SDKs, attempts, every event
// written as a line; with the faults and the ledger, and without both.
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "bench/input.h"
#include "bench/stage.h"
#include "fault/chain.h"
#include "sim/run/lane.h"
#include "sim/wire/format.h"

namespace parallax::bench {
namespace {

class LaneStage final : public Stage {
 public:
  LaneStage(const std::string& file, bool ledger) : hand_(load(file, 200'000)) {
    const std::string name = "parallax-bench-lane-" + std::to_string(::getpid()) + ".plx";
    if (ledger) journal_file_ = std::filesystem::temp_directory_path() / name;
  }
  ~LaneStage() override {
    std::error_code ignored;
    if (!journal_file_.empty()) std::filesystem::remove(journal_file_, ignored);
  }

  std::uint64_t run() override {
    const Prng root(hand_.scenario.seed);
    const LaneContext context{hand_.world,
                              hand_.instrumentation,
                              faults_,
                              root.stream("network"),
                              root.stream("backoff"),
                              [] { return no_time; }};
    std::optional<Journal> journal;
    if (!journal_file_.empty()) journal.emplace(std::move(*Journal::create(journal_file_)));
    Lane lane(context, 0, journal ? &*journal : nullptr);
    std::uint64_t events = 0;
    while (const Outgoing* out = lane.next()) {
      for (const Emission* event : out->events) format_->write_event(*event, line_.data());
      events += out->size;
      lane.answer(out->strike == Strike::none ? Receipt::accepted : Receipt::unknown, 0);
    }
    return journal && !journal->close() ? 0 : events;
  }

 private:
  Stagehand hand_;
  FaultChain faults_ = std::move(*FaultChain::make(hand_.scenario, hand_.scenario.seed));
  std::unique_ptr<WireFormat> format_ =
      std::move(*make_wire_format("shared", hand_.scenario.plan, bench_run));
  std::string line_ = std::string(format_->event_room(), '\0');
  std::filesystem::path journal_file_;
};

}  // namespace

void add_lane_stages(StageList& stages) {
  stages.push_back({"generate/no-faults", "event", [] {
                      return std::make_unique<LaneStage>("bench/shop-no-faults.json", false);
                    }});
  stages.push_back({"generate/ten-faults-and-ledger", "event", [] {
                      return std::make_unique<LaneStage>("bench/shop-ten-faults.json", true);
                    }});
}

}  // namespace parallax::bench
