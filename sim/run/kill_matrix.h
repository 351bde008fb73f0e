// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/least_share.h"
#include "sim/run/report.h"

/// The proof of the judge: each bug of the reference pipeline is played under a scenario that makes
/// it observable, and must be found, by its right name and nothing else. The same scenarios without
/// a bug must pass.
namespace parallax {

using Blame = std::pair<ActionVerdict, Cause>;

/// What the judge must say of one bug.
struct Kill {
  std::string_view bug;
  std::string_view scenario;  ///< Below scenarios/.
  std::vector<Blame> blames;  ///< Every failing action has one of these.
  Cases cases = {};           ///< What a share of the bug is a share of.
  bool at_intake = false;     ///< It strikes while events arrive: the log does not show it again.
  /// What stands beside the rows is wrong and they are right: the one kind of assertion that fails.
  std::string_view seen_by = {};
};
/// One for each bug of the embedded pipeline, in the order of bug_kinds.
const std::vector<Kill>& kill_table();

enum class KillOutcome : std::uint8_t { killed, survived, misnamed };
std::string_view name_of(KillOutcome outcome);
/// `survived`: no assertion failed. `misnamed`: one did, and some action has another verdict or
/// cause than `kill` says, or none has any.
KillOutcome outcome_of(const Kill& kill, const RunReport& report);

/// What proving costs and covers.
struct ProofOptions {
  std::vector<std::string> bugs;  ///< Only these; empty: all.
  std::string scenarios = "scenarios";
  /// For a run of so many actions the least share is computed; 0: it is not. The cases are counted
  /// in a run of at most 10,000, and there are more in proportion.
  std::uint64_t actions = 0;
  unsigned check = 0;  ///< Over so many seeds it is played; 0: it is not.
};

/// The least share of a bug that is found in 95 % of the runs.
struct Least {
  double cases = 0;  ///< Of a run of as many actions as the options say.
  double share = 0;
  ShareCheck check;
};
ShareOutcome outcome_of(const Least& least, const Cases& cases);

/// One line of the matrix.
struct Proof {
  const Kill* kill = nullptr;
  KillOutcome outcome = KillOutcome::survived;
  std::vector<CauseCount> causes;  ///< As reported, most actions first.
  std::uint64_t actions = 0;       ///< Of the run.
  std::optional<Least> least;      ///< Where it was asked for.
};
struct Matrix {
  std::vector<Proof> proofs;
  std::vector<std::string> accused;  ///< Clean runs that did not pass: "both-cameras, seed 3: ...".
  std::uint64_t clean_runs = 0;
  bool holds() const;  ///< The checks of least shares too.
};
/// Errors: a scenario cannot be loaded or played, a bug that is none. `say` gets a line on what is
/// played now.
Result<Matrix> prove(const ProofOptions& options,
                     const std::function<void(const std::string&)>& say);

/// "not_merged 269, wrong_side 3".
std::string causes_text(const std::vector<CauseCount>& causes);
/// As aligned tables for terminals, and as Markdown, the way assertions/README.md holds it: the
/// matrix, and the least shares where they were asked for.
std::string matrix_text(const Matrix& matrix, const ProofOptions& options, std::size_t width);
std::string matrix_markdown(const Matrix& matrix, const ProofOptions& options);

}  // namespace parallax
