// SPDX-License-Identifier: Apache-2.0
#include "sim/run/kill_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

#include "fault/fault.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/report_text.h"
#include "sim/run/runner.h"
#include "sim/run/scratch_folder.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using Set = std::vector<std::pair<std::string, std::string>>;

/// Larger runs have cases in proportion.
constexpr std::uint64_t counted_actions_max = 10'000;

struct Chosen {
  std::string_view scenario;
  std::vector<const Kill*> kills;
};

Result<Scenario> load(const ProofOptions& options, std::string_view name, const Set& set) {
  LoadOptions load;
  load.faults = fault_kinds();
  load.set = set;
  Loaded loaded = load_scenario(fs::path(options.scenarios) / (std::string(name) + ".json"), load);
  if (loaded.ok()) return std::move(loaded.scenario);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning)
      return Error{Error::Kind::invalid_input, problem.text(), std::string(name)};
  return Error{Error::Kind::invalid_input, "cannot be loaded", std::string(name)};
}

/// The scenario's target is left aside: it may have a bug of its own.
TargetPlan target_with(const std::string& bug) {
  TargetPlan target = load_target_text("{}", "embedded").target;
  if (!bug.empty()) target.send.bugs.push_back(bug);
  return target;
}

RunOptions options_for(const fs::path& folder, bool tables) {
  RunOptions options;
  options.folder = folder;
  if (!tables) options.tables_actions_max = 0;
  return options;
}

Result<RunReport> play(const Scenario& scenario, const std::string& bug, const fs::path& folder) {
  return run_scenario(scenario, target_with(bug), options_for(folder, false));
}

/// Whether the report of a run in which few cases were struck names the bug.
bool is_found(const Kill& kill, const RunReport& report) {
  Kill few = kill;
  for (const Cause cause : kill.cases.few_are)
    if (cause != Cause::none) few.blames.emplace_back(kill.blames.front().first, cause);
  return outcome_of(few, report) == KillOutcome::killed;
}

/// Plays what is asked for, scenario by scenario.
class Prover {
 public:
  Prover(const ProofOptions& options, const std::function<void(const std::string&)>& say,
         fs::path folder)
      : options_(options), say_(say), folder_(std::move(folder)) {}

  Result<Matrix> run(const std::vector<Chosen>& all) {
    for (const Chosen& chosen : all)
      if (const Result<void> done = prove_at(chosen); !done) return done.error();
    std::sort(matrix_.proofs.begin(), matrix_.proofs.end(),
              [](const Proof& a, const Proof& b) { return a.kill < b.kill; });
    return std::move(matrix_);
  }

 private:
  Result<void> note_clean(const Result<RunReport>& report, std::string_view scenario) {
    if (!report) return report.error();
    ++matrix_.clean_runs;
    if (report->verdict != Verdict::pass)
      matrix_.accused.push_back(fmt::format("{}, seed {}: {} {}", scenario, report->seed,
                                            name_of(report->verdict),
                                            causes_text(report->causes) + report->because));
    return {};
  }

  Result<void> prove_at(const Chosen& chosen) {
    say_(fmt::format("{}, clean", chosen.scenario));
    const Result<Scenario> scenario = load(options_, chosen.scenario, {});
    if (!scenario) return scenario.error();
    const Result<RunReport> clean = play(*scenario, "", folder_);
    if (const auto noted = note_clean(clean, chosen.scenario); !noted) return noted;
    const std::size_t first = matrix_.proofs.size();
    for (const Kill* kill : chosen.kills) {
      say_(fmt::format("{}, {}", chosen.scenario, kill->bug));
      const Result<RunReport> report = play(*scenario, std::string(kill->bug), folder_);
      if (!report) return report.error();
      matrix_.proofs.push_back(
          {kill, outcome_of(*kill, *report), report->causes, report->actions_total, {}});
    }
    if (options_.actions == 0) return {};
    assert(clean->actions_total > 0);
    const double people_per_action =
        static_cast<double>(scenario->population.users) / static_cast<double>(clean->actions_total);
    const std::span<Proof> proofs = std::span(matrix_.proofs).subspan(first);
    if (const auto done = compute_least(chosen.scenario, people_per_action, proofs); !done)
      return done;
    for (unsigned seed = 1; seed <= options_.check; ++seed)
      if (const auto done = check_least(chosen.scenario, people_per_action, seed, proofs); !done)
        return done;
    return {};
  }

  /// The scenario with so many actions, played without a bug.
  Result<Scenario> play_scaled(std::string_view name, double people_per_action,
                               std::uint64_t actions, Set set) {
    const double people = people_per_action * static_cast<double>(actions);
    set.emplace_back("/population/users", std::to_string(std::max<std::uint64_t>(
                                              1, static_cast<std::uint64_t>(people))));
    Result<Scenario> scenario = load(options_, name, set);
    if (!scenario) return scenario;
    const Result<RunReport> clean = play(*scenario, "", folder_);
    if (const auto noted = note_clean(clean, name); !noted) return noted.error();
    return scenario;
  }

  /// The bug over what the clean run has left, or, at the intake, over the same traffic.
  Result<RunReport> strike(const Scenario& scenario, const Kill& kill, double share, bool tables) {
    const TargetPlan target = target_with(fmt::format("{}:{:.9f}", kill.bug, share));
    const RunOptions options = options_for(folder_of(kill), tables);
    return kill.at_intake ? run_scenario(scenario, target, options)
                          : judge_folder(scenario, target, options);
  }
  fs::path folder_of(const Kill& kill) const {
    return kill.at_intake ? folder_ / "intake" : folder_;
  }

  Result<void> compute_least(std::string_view name, double people_per_action,
                             std::span<Proof> proofs) {
    const std::uint64_t played = std::min(options_.actions, counted_actions_max);
    say_(fmt::format("{}, {} actions", name, played));
    const Result<Scenario> scenario = play_scaled(name, people_per_action, played, {});
    if (!scenario) return scenario.error();
    for (Proof& proof : proofs) {
      say_(fmt::format("{}, cases of {}", name, proof.kill->bug));
      const Result<RunReport> report = strike(*scenario, *proof.kill, 1, true);
      if (!report) return report.error();
      const auto cases = count_cases(folder_of(*proof.kill), proof.kill->cases);
      if (!cases) return cases.error();
      const double scale =
          static_cast<double>(options_.actions) / static_cast<double>(report->actions_total);
      const unsigned needed = proof.kill->cases.needed;
      proof.least.emplace();
      proof.least->cases = static_cast<double>(*cases) * (needed == 0 ? 1 : scale);
      if (needed > 0) proof.least->share = least_share(proof.least->cases, needed);
    }
    return {};
  }

  Result<void> check_least(std::string_view name, double people_per_action, unsigned seed,
                           std::span<Proof> proofs) {
    say_(fmt::format("{}, seed {} of {}", name, seed, options_.check));
    const Result<Scenario> scenario =
        play_scaled(name, people_per_action, options_.actions, {{"/seed", std::to_string(seed)}});
    if (!scenario) return scenario.error();
    for (Proof& proof : proofs) {
      if (proof.kill->cases.needed == 0) continue;
      ShareCheck& check = proof.least->check;
      const auto try_share = [&](double share, unsigned& found) -> Result<void> {
        const Result<RunReport> report = strike(*scenario, *proof.kill, share, false);
        if (!report) return report.error();
        if (is_found(*proof.kill, *report)) ++found;
        return {};
      };
      if (const auto done = try_share(proof.least->share, check.found); !done) return done;
      ++check.seeds;
      if (seed % 2 == 0) continue;
      if (const auto done = try_share(proof.least->share / 10, check.found_at_tenth); !done)
        return done;
      ++check.tenth_seeds;
    }
    return {};
  }

  const ProofOptions& options_;
  const std::function<void(const std::string&)>& say_;
  fs::path folder_;
  Matrix matrix_;
};

/// The kills that are asked for, by scenario.
Result<std::vector<Chosen>> choose(const std::vector<std::string>& bugs) {
  std::vector<Chosen> all;
  for (const std::string& bug : bugs)
    if (const auto known = parse_bug(bug); !known) return known.error();
  for (const Kill& kill : kill_table()) {
    if (!bugs.empty() && std::find(bugs.begin(), bugs.end(), kill.bug) == bugs.end()) continue;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const Chosen& each) { return each.scenario == kill.scenario; });
    if (at == all.end()) at = all.insert(all.end(), {kill.scenario, {}});
    at->kills.push_back(&kill);
  }
  return all;
}

}  // namespace

std::string causes_text(const std::vector<CauseCount>& causes) {
  std::string text;
  for (const CauseCount& cause : causes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(cause.cause),
                        report_text::with_thousands(cause.actions));
  return text;
}

std::string_view name_of(KillOutcome outcome) {
  constexpr std::array<std::string_view, 3> names{"found", "SURVIVED", "MISNAMED"};
  return names[static_cast<std::size_t>(outcome)];
}

KillOutcome outcome_of(const Kill& kill, const RunReport& report) {
  if (report.verdict != Verdict::fail) return KillOutcome::survived;
  if (!kill.seen_by.empty()) {
    const bool alone =
        std::all_of(report.assertions.begin(), report.assertions.end(), [&](const auto& assertion) {
          return assertion.verdict == Verdict::pass || assertion.kind == kill.seen_by;
        });
    return alone && report.causes.empty() ? KillOutcome::killed : KillOutcome::misnamed;
  }
  const bool named =
      std::all_of(report.causes.begin(), report.causes.end(), [&](const CauseCount& cause) {
        const Blame blame{cause.verdict, cause.cause};
        return std::find(kill.blames.begin(), kill.blames.end(), blame) != kill.blames.end();
      });
  return named && !report.causes.empty() && report.rows_phantom == 0 ? KillOutcome::killed
                                                                     : KillOutcome::misnamed;
}

ShareOutcome outcome_of(const Least& least, const Cases& cases) {
  return least.check.seeds == 0 ? ShareOutcome::holds
                                : outcome_of(least.check, least.cases, cases.needed);
}

bool Matrix::holds() const {
  const auto is_proved = [](const Proof& proof) {
    return proof.outcome == KillOutcome::killed &&
           (!proof.least || outcome_of(*proof.least, proof.kill->cases) == ShareOutcome::holds);
  };
  return accused.empty() && std::all_of(proofs.begin(), proofs.end(), is_proved);
}

Result<Matrix> prove(const ProofOptions& options,
                     const std::function<void(const std::string&)>& say) {
  const auto chosen = choose(options.bugs);
  if (!chosen) return chosen.error();
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  return Prover(options, say, scratch->path() / "run").run(*chosen);
}

}  // namespace parallax
