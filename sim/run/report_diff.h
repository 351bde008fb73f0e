// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assertions/judgement.h"
#include "sim/core/result.h"
#include "sim/run/report.h"

namespace parallax {

/// One thing of a report that has a value on either side. A side without it has no text.
struct DiffLine {
  std::string what;                 ///< "duplicated", "exactly_once", "duplicated/retransmit".
  std::optional<std::string> a, b;  ///< As they are shown: "1,204", "pass".
  std::optional<std::int64_t> number_a, number_b;  ///< Where both or one are numbers.
  /// Towards fail, or away from it; 0 where neither side is better.
  int worse = 0;
};

/// What of a report belongs together. Only what differs has lines.
struct DiffSection {
  std::string name;  ///< "actions"; a key of the JSON.
  std::vector<DiffLine> lines;
  std::size_t same = 0;  ///< Things that are equal on both sides.
};

/// What changed from run A to run B.
struct ReportDiff {
  struct Side {
    std::string folder, scenario, scenario_hash, run_id, target, because;
    std::uint64_t seed = 0;
    Verdict verdict = Verdict::unknown;
  };
  Side a, b;
  std::vector<DiffSection> sections;
  /// The worst verdict that an assertion or the run has in B and had not in A; pass: nothing that
  /// held in A has ceased to.
  Verdict worsened = Verdict::pass;

  bool same() const;  ///< Nothing differs but times and ids.
};

/// Compares two texts of report.json. Wall times are compared only where both are loads: elsewhere
/// they differ between equal runs. Errors (invalid_input): no JSON, or not a report of version 1;
/// `where` names the folder and what is missing.
Result<ReportDiff> diff_reports(std::string_view a, const std::string& folder_a, std::string_view b,
                                const std::string& folder_b);

/// For a terminal: what changed, section by section; the last line is "diff: ...".
std::string diff_text(const ReportDiff& diff, const TerminalStyle& style);
/// As JSON, version 1 (diff.schema.json describes it).
std::string diff_json(const ReportDiff& diff);

}  // namespace parallax
