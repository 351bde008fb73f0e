// SPDX-License-Identifier: Apache-2.0
#include "sim/run/fewer_faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/run/run_folder.h"
#include "sim/run/runner.h"
#include "sim/run/scratch_folder.h"

namespace parallax {
namespace {

namespace fs = std::filesystem;

class Replays {
 public:
  Replays(const Scenario& scenario, const TargetPlan& target, const ProofOptions& options,
          const ScratchFolder& scratch)
      : scenario_(scenario), target_(target), options_(options), scratch_(scratch) {}

  /// `planned`: how many there are going to be.
  Result<void> play(const std::vector<std::string>& without, std::size_t planned);
  const std::vector<FewerFaults>& runs() const { return runs_; }

 private:
  const Scenario& scenario_;
  const TargetPlan& target_;
  const ProofOptions& options_;
  const ScratchFolder& scratch_;
  std::vector<FewerFaults> runs_;
};

Result<void> Replays::play(const std::vector<std::string>& without, std::size_t planned) {
  if (options_.progress != nullptr) {
    options_.progress->phase("blame");
    options_.progress->update(static_cast<double>(runs_.size()) / static_cast<double>(planned),
                              fmt::format("run {} of {}: without {}", runs_.size() + 1, planned,
                                          fmt::join(without, ", ")));
  }
  RunOptions run;
  run.folder = scratch_.path() / std::to_string(runs_.size());
  run.run_id = options_.run_id;
  run.interrupted = options_.interrupted;
  const Result<RunReport> report = run_scenario(without_faults(scenario_, without), target_, run);
  if (!report) return report.error();
  if (report->interrupted)
    return Error{Error::Kind::timeout, "interrupted: nothing is proved", run.folder.string()};
  runs_.push_back({without, RunFolder{run.folder}.ledger()});
  return {};
}

}  // namespace

Scenario without_faults(const Scenario& scenario, const std::vector<std::string>& names) {
  Scenario out = scenario;
  out.faults.clear();
  std::vector<std::uint64_t> bits;  // By fault: its new one, 0 where it is gone.
  for (const FaultPlan& fault : scenario.faults) {
    bool stays = std::find(names.begin(), names.end(), fault.name) == names.end();
    std::uint64_t with = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if ((fault.selector.with >> i & 1U) == 0) continue;
      stays = stays && bits[i] != 0;
      with |= bits[i];
    }
    bits.push_back(stays ? std::uint64_t{1} << out.faults.size() : 0);
    if (!stays) continue;
    out.faults.push_back(fault);
    out.faults.back().selector.with = with;
  }
  return out;
}

Result<unsigned> prove_by_replay(const Scenario& scenario, const TargetPlan& target,
                                 const fs::path& folder, const ProofOptions& options) {
  const fs::path ledger = RunFolder{folder}.ledger();
  if (const Result<void> begun = export_findings(scenario, ledger); !begun) return begun.error();
  const Result<std::vector<std::string>> faults = faults_of_findings(ledger);
  if (!faults) return faults.error();
  if (faults->size() > options.runs_max)
    return Error{Error::Kind::invalid_input,
                 fmt::format("{} faults touched findings: that many runs, and {} are allowed",
                             faults->size(), options.runs_max),
                 "--runs"};
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  Replays replays(scenario, target, options, *scratch);
  for (const std::string& fault : *faults)
    if (const auto played = replays.play({fault}, faults->size()); !played) return played.error();
  const auto sets = doubtful_sets(ledger, replays.runs());
  if (!sets) return sets.error();
  const std::size_t planned =
      std::min<std::size_t>(options.runs_max, faults->size() + sets->size());
  for (const std::vector<std::string>& set : *sets) {
    if (replays.runs().size() == planned) break;
    if (const auto played = replays.play(set, planned); !played) return played.error();
  }
  if (const auto proved = prove_findings(ledger, replays.runs()); !proved) return proved.error();
  return static_cast<unsigned>(replays.runs().size());
}

}  // namespace parallax
