// SPDX-License-Identifier: Apache-2.0
#include "sim/run/kill_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

#include "fault/fault.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/report_text.h"
#include "sim/run/runner.h"
#include "sim/run/scratch_folder.h"
#include "sim/run/text_table.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using Set = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<double, 9> shares{1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001};

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

Result<RunReport> play(const Scenario& scenario, const std::string& bug, const fs::path& folder) {
  RunOptions options;
  options.folder = folder;
  options.tables_actions_max = 0;
  return run_scenario(scenario, target_with(bug), options);
}

Result<RunReport> judge_again(const Scenario& scenario, const std::string& bug,
                              const fs::path& folder) {
  RunOptions options;
  options.folder = folder;
  options.tables_actions_max = 0;
  return judge_folder(scenario, target_with(bug), options);
}

std::string causes_text(const std::vector<CauseCount>& causes) {
  std::string text;
  for (const CauseCount& cause : causes)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(cause.cause),
                        report_text::with_thousands(cause.actions));
  return text;
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
    if (options_.seeds == 0) return {};
    return search(chosen, clean->actions_total, scenario->population.users, first);
  }

  /// The smallest shares at `options_.actions` actions, for the proofs from `first` on.
  Result<void> search(const Chosen& chosen, std::uint64_t actions, std::uint64_t users,
                      std::size_t first) {
    assert(actions > 0);
    const std::uint64_t scaled = std::max<std::uint64_t>(1, users * options_.actions / actions);
    std::vector<std::vector<std::optional<double>>> found(chosen.kills.size());
    std::vector<std::size_t> borders(chosen.kills.size(), shares.size() / 2);
    for (unsigned seed = 1; seed <= options_.seeds; ++seed) {
      say_(fmt::format("{}, seed {} of {}", chosen.scenario, seed, options_.seeds));
      const Result<Scenario> scenario =
          load(options_, chosen.scenario,
               {{"/seed", std::to_string(seed)}, {"/population/users", std::to_string(scaled)}});
      if (!scenario) return scenario.error();
      const auto clean = play(*scenario, "", folder_);
      if (const auto noted = note_clean(clean, chosen.scenario); !noted) return noted;
      for (std::size_t i = 0; i < chosen.kills.size(); ++i) {
        const auto border = found_shares(*scenario, *chosen.kills[i], borders[i]);
        if (!border) return border.error();
        borders[i] = *border;
        found[i].push_back(*border == 0 ? std::nullopt : std::optional(shares[*border - 1]));
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i)
      matrix_.proofs[first + i].smallest = found_in_most(found[i]);
    return {};
  }

  /// Cases are struck by their hash, so a larger share strikes those of a smaller one too: the
  /// found ones come first in the list, and their number is `border`. It begins where the seed
  /// before had it, which is mostly where it is.
  Result<std::size_t> found_shares(const Scenario& scenario, const Kill& kill, std::size_t before) {
    std::size_t border = before;
    for (; border > 0; --border) {
      const Result<bool> found = is_found(scenario, kill, shares[border - 1]);
      if (!found) return found.error();
      if (*found) break;
    }
    for (; border >= before && border < shares.size(); ++border) {
      const Result<bool> found = is_found(scenario, kill, shares[border]);
      if (!found) return found.error();
      if (!*found) break;
    }
    return border;
  }

  Result<bool> is_found(const Scenario& scenario, const Kill& kill, double share) {
    const std::string bug = fmt::format("{}:{:.4f}", kill.bug, share);
    const Result<RunReport> report = kill.at_intake ? play(scenario, bug, folder_ / "intake")
                                                    : judge_again(scenario, bug, folder_);
    if (!report) return report.error();
    return report->verdict == Verdict::fail;
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

constexpr std::size_t share_column = 4;

std::string smallest_text(const Proof& proof, const ProofOptions& options) {
  if (options.seeds == 0) return "";
  if (!proof.smallest) return "none";
  return *proof.smallest >= 1 ? "all" : fmt::format("{:g} %", *proof.smallest * 100);
}

std::string verdict_text(const Proof& proof) {
  if (!proof.kill->seen_by.empty()) return std::string(proof.kill->seen_by);
  return std::string(proof.causes.empty() ? "-" : name_of(proof.causes.front().verdict));
}

/// The head, then a line for each proof.
std::vector<std::vector<std::string>> rows_of(const Matrix& matrix, const ProofOptions& options) {
  const std::string share =
      options.seeds == 0
          ? ""
          : fmt::format("least share at {}", report_text::with_thousands(options.actions));
  std::vector<std::vector<std::string>> rows{
      {"", "bug", "scenario", "actions", share, "verdict", "causes"}};
  for (const Proof& proof : matrix.proofs)
    rows.push_back({std::string(name_of(proof.outcome)), std::string(proof.kill->bug),
                    std::string(proof.kill->scenario), report_text::with_thousands(proof.actions),
                    smallest_text(proof, options), verdict_text(proof),
                    proof.kill->seen_by.empty() ? causes_text(proof.causes) : "rows are right"});
  return rows;
}

std::string clean_text(const Matrix& matrix) {
  std::string text =
      fmt::format("{} clean runs, {} accused\n", matrix.clean_runs, matrix.accused.size());
  for (const std::string& accused : matrix.accused) text += "- " + accused + "\n";
  return text;
}

}  // namespace

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

bool Matrix::holds() const {
  return accused.empty() && std::all_of(proofs.begin(), proofs.end(), [](const Proof& proof) {
           return proof.outcome == KillOutcome::killed;
         });
}

std::span<const double> tried_shares() { return shares; }

std::optional<double> found_in_most(std::vector<std::optional<double>> smallest) {
  assert(!smallest.empty());
  // Easiest first; a seed that finds nothing is the hardest of all.
  std::sort(smallest.begin(), smallest.end(),
            [](const auto& a, const auto& b) { return a.value_or(2) < b.value_or(2); });
  return smallest[(smallest.size() * 95 + 99) / 100 - 1];
}

Result<Matrix> prove(const ProofOptions& options,
                     const std::function<void(const std::string&)>& say) {
  const auto chosen = choose(options.bugs);
  if (!chosen) return chosen.error();
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  return Prover(options, say, scratch->path() / "run").run(*chosen);
}

std::string matrix_text(const Matrix& matrix, const ProofOptions& options, std::size_t width) {
  TextTable table({TextTable::Align::left, TextTable::Align::left, TextTable::Align::left,
                   TextTable::Align::right, TextTable::Align::right, TextTable::Align::left,
                   TextTable::Align::left},
                  width, 0);
  for (const auto& row : rows_of(matrix, options)) table.add(row);
  return table.text() + "\n" + clean_text(matrix);
}

std::string matrix_markdown(const Matrix& matrix, const ProofOptions& options) {
  const std::vector<std::vector<std::string>> rows = rows_of(matrix, options);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (i != share_column || options.seeds > 0) text += "| " + cells[i] + " ";
    return text + "|\n";
  };
  std::string text = line(rows.front()) + line({"---", "---", "---", "---:", "---:", "---", "---"});
  for (std::size_t i = 1; i < rows.size(); ++i) text += line(rows[i]);
  return text + "\n" + clean_text(matrix);
}

}  // namespace parallax
