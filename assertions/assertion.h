// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "sim/core/result.h"

namespace parallax {

/// All that an assertion may look at: some actions of a part of the run, and that part. Borrowed
/// for the call. A part is looked at in blocks of actions, each small enough for the processor's
/// cache.
struct Evidence {
  const Scenario& scenario;
  const Ledger& ledger;
  const LedgerView& view;
  const std::vector<CanonicalRow>& rows;
  /// Indices into `rows` grouped by action, in the ranges that the judged actions name.
  const std::vector<std::uint32_t>& row_order;
  /// The block's actions, in order. Verdicts may still change; passes and excuses do not.
  std::span<const JudgedAction> judged;
  std::span<const Arrival> arrivals;  ///< Parallel to `judged`.
  std::uint32_t part = 0;
  /// Rows of the run that no action of any part owns. They are a part by themselves.
  std::span<const CanonicalRow> phantoms = {};

  const Action& action_of(const JudgedAction& action) const { return ledger.actions[action.index]; }
  /// The n-th of the action's rows, n < action.rows.
  const CanonicalRow& row_of(const JudgedAction& action, std::uint32_t n) const {
    return rows[row_order[action.first_row + n]];
  }
};

/// Which judged action of which part. Ordered as the ledger is.
struct CaseRef {
  std::uint32_t part = 0;
  std::uint32_t index = 0;  ///< Into Judgement::actions.
};

/// The final verdicts of all parts.
struct Verdicts {
  const std::vector<const Judgement*>& parts;
  bool complete = false;  ///< The read was.
  std::span<const Reread> rereads = {};
  std::uint64_t rows = 0;  ///< Of this run, in the read that is judged.
  std::optional<Reread> resent = {};
  const RowFacts* facts = nullptr;  ///< Null where nothing was read.
  const JudgedAction& operator[](CaseRef ref) const { return parts[ref.part]->actions[ref.index]; }
};

/// What tells the actions of a cause from all others: a condition over the ledger.
struct Mark {
  std::string where;      ///< "purchase, country = JP"; empty: nothing does.
  std::uint64_t hit = 0;  ///< Actions of the cause under this condition.
  std::uint64_t all = 0;  ///< Actions under this condition that stand or had to stand.
};

/// Actions that share a verdict and a cause.
struct CauseCount {
  ActionVerdict verdict = ActionVerdict::ok;
  Cause cause = Cause::none;
  std::uint64_t actions = 0;
  std::vector<ActionId> examples;  ///< At most 5, the first by id.
  /// Faults that struck these actions, as scenario fault indices with counts, most first.
  std::vector<std::pair<std::size_t, std::uint64_t>> faults;
  /// What the actions are worth: "1234.50" and "USD", a pair a currency; and which place that
  /// makes among the causes, from 1, by the currency that most of their actions are in. 0: unknown.
  std::vector<std::pair<std::string, std::string>> revenue;
  std::size_t revenue_rank = 0;
  Mark mark;
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

/// What an assertion counts, block by block. Parts of a run are counted by tallies of their own and
/// merged in the order of the ledger, so that the report does not depend on how the run was parted.
/// What depends on a verdict that may still change is kept as a CaseRef and looked up when it is
/// reported.
class Tally {
 public:
  virtual ~Tally() = default;
  virtual void add(const Evidence& block) = 0;
  /// `later`: a tally of the same assertion, of the parts behind this one's.
  virtual void merge(const Tally& later) = 0;
  virtual AssertionReport report(const Verdicts& verdicts) const = 0;
};

/// One property that must hold. Reads like its specification; pure.
/// To add one: assertions/NAME.cpp defining make_NAME, and its line in assertions.inc.
class Assertion {
 public:
  virtual ~Assertion() = default;
  /// An empty tally; the assertion must outlive it.
  virtual std::unique_ptr<Tally> tally() const = 0;
};

/// Both must outlive the assertion. Errors: a plan that this kind cannot use (the loader has
/// checked names and types).
Result<std::unique_ptr<Assertion>> make_assertion(const AssertionPlan& plan,
                                                  const Scenario& scenario);

/// All assertions of a scenario, counted part by part. An assertion that throws is `unknown`, never
/// a pass. A scenario without assertions gets exactly_once and fields.
class AssertionSet {
 public:
  /// `scenario` must outlive it.
  explicit AssertionSet(const Scenario& scenario);
  ~AssertionSet();

  /// One of the caller's own, behind the scenario's. Call before `count`.
  void add(AssertionPlan plan, std::unique_ptr<Assertion> assertion);

  /// What the assertions counted in one part.
  class Counted {
   public:
    void add(const Evidence& block);
    void merge(const Counted& later);

   private:
    friend class AssertionSet;
    struct Slot {
      std::unique_ptr<Tally> tally;
      std::string broken;  ///< Why the assertion cannot say anything.
    };
    std::vector<Slot> slots_;
  };
  Counted count() const;

  /// In the scenario's order, with `expect` applied.
  std::vector<AssertionReport> report(const Counted& counted, const Verdicts& verdicts) const;

 private:
  struct Made;
  std::vector<AssertionPlan> plans_;
  std::vector<Made> made_;
};

/// Causes over all failing actions, ranked by actions.
std::vector<CauseCount> rank_causes(const Verdicts& verdicts);

}  // namespace parallax
