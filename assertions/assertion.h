// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assertions/judgement.h"
#include "sim/core/result.h"

namespace parallax {

/// All that an assertion may look at.
struct Evidence {
  const Scenario& scenario;
  const Ledger& ledger;
  const RowSet& rows;
  const Judgement& judgement;
  const std::vector<Arrival>& arrivals;
};

/// Actions that share a verdict and a cause.
struct CauseCount {
  ActionVerdict verdict = ActionVerdict::ok;
  Cause cause = Cause::none;
  std::uint64_t actions = 0;
  std::vector<ActionId> examples;  ///< At most 5, the first by id.
  /// Faults that struck these actions, as scenario fault indices with counts, most first.
  std::vector<std::pair<std::size_t, std::uint64_t>> faults;
};

/// What an assertion found. Numbers are texts with their unit, ready to print.
struct AssertionReport {
  std::string name;
  std::string kind;
  Verdict found = Verdict::unknown;    ///< Before `expect`.
  Verdict verdict = Verdict::unknown;  ///< After `expect`: failing as expected passes.
  bool expected_to_fail = false;
  std::string rule;  ///< The sentence that must hold: "each action lands exactly once".
  std::string expected;
  std::string actual;
  std::string delta;
  std::string tolerance;
  std::uint64_t sample = 0;         ///< Actions or rows looked at.
  std::uint64_t sample_needed = 0;  ///< When unknown for too small a sample.
  std::string why;                  ///< One sentence when the verdict is not pass.
  std::vector<CauseCount> causes;   ///< Most actions first.
  /// One line a bucket when the assertion is by day or hour, or several columns matter.
  struct Line {
    std::string bucket, expected, actual, delta;
    Verdict verdict = Verdict::pass;
  };
  std::vector<Line> lines;
  std::vector<ActionId> examples;  ///< At most 5.
  std::uint64_t phantoms = 0;      ///< Rows tied to no action, where the assertion minds them.
};

/// One property that must hold. Reads like its specification; pure.
/// To add one: assertions/NAME.cpp defining make_NAME, and its line in assertions.inc.
class Assertion {
 public:
  virtual ~Assertion() = default;
  virtual AssertionReport judge(const Evidence& evidence) const = 0;
};

/// Both must outlive the assertion. Errors: a plan that this kind cannot use (the loader has
/// checked names and types).
Result<std::unique_ptr<Assertion>> make_assertion(const AssertionPlan& plan,
                                                  const Scenario& scenario);

/// Runs all assertions of the scenario in order and applies `expect`. An assertion that throws is
/// `unknown`, never a pass. A scenario without assertions gets exactly_once and fields.
std::vector<AssertionReport> run_assertions(const Evidence& evidence);

/// Causes over all failing actions, ranked by actions.
std::vector<CauseCount> rank_causes(const Evidence& evidence);

}  // namespace parallax
