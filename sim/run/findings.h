// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

/// The faults behind each finding, in the ledger's tables: which touched the action, and which of
/// them it needs.
///
/// findings.parquet has a row for each action and failing verdict found of it:
/// - action_id, event_name, verdict; cause, for the action's headline (else NULL);
/// - faults: those that touched the action, its emissions or their attempts;
/// - needed: "clock_skew and delay": without either this would not be; "answer_lost or delay": it
///   takes one of them, whichever; '': no fault, the target does it by itself; NULL: not known;
/// - proof: how that is known. `untouched`: no fault came near the action. `cause`: the cause names
///   what a kind of fault does, and one fault of this kind touched the action. `replay`: the run
///   was played again without the fault (`parallax blame`).
/// Only faults that touched an action are held against it. A run without a fault numbers its
/// attempts anew, and a fault of the wire that takes a rate draws by that number: where several
/// such touched an action, more of them may be called needed than are.
namespace parallax {

inline constexpr const char* verdicts_file = "verdicts.parquet";
inline constexpr const char* findings_file = "findings.parquet";

/// Writes findings.parquet beside verdicts.parquet, from it: what the ledger alone can tell.
/// Errors: the table is missing, the disk is full.
Result<void> export_findings(const Scenario& scenario, const std::filesystem::path& ledger);

/// A run of the same scenario with fewer faults.
struct FewerFaults {
  std::vector<std::string> without;
  std::filesystem::path ledger;  ///< Where its verdicts.parquet is.
};

/// The faults that touched findings, those that touched most first: what is worth a run without.
Result<std::vector<std::string>> faults_of_findings(const std::filesystem::path& ledger);
/// Sets of two and more faults that touched findings of which `runs`, without one fault each, show
/// none to be needed: those may stand in for each other. Most findings first.
Result<std::vector<std::vector<std::string>>> doubtful_sets(const std::filesystem::path& ledger,
                                                            std::span<const FewerFaults> runs);
/// Writes findings.parquet anew, with what the runs prove: first those without one fault each, then
/// those without a set of them. Errors: a run has no verdicts, or could not be judged.
Result<void> prove_findings(const std::filesystem::path& ledger, std::span<const FewerFaults> runs);

/// Findings that are alike.
struct FindingGroup {
  std::string verdict, cause;
  std::string needed;  ///< As in the table; empty with `known`: none.
  bool known = false;  ///< Otherwise NULL.
  std::string proof;
  std::uint64_t actions = 0;
  std::string example;  ///< An action's id.
};
/// By verdict, cause, needed and proof; most actions first.
Result<std::vector<FindingGroup>> finding_groups(const std::filesystem::path& ledger);

}  // namespace parallax
