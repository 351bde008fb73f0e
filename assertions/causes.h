// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "assertions/assertion.h"

namespace parallax {

constexpr std::size_t examples_max = 5;

/// Groups actions by verdict and cause, with the faults that struck them.
class CauseTally {
 public:
  /// Adds one action. Call in the order of the ledger: the first become the examples.
  void add(ActionVerdict verdict, Cause cause, const JudgedAction& action);
  /// Most actions first; ties in headline order.
  std::vector<CauseCount> ranked() const;

 private:
  struct Group {
    CauseCount count;
    std::array<std::uint64_t, max_faults> faults{};
  };
  std::map<std::pair<ActionVerdict, Cause>, Group> groups_;
};

/// The first examples over all groups, in order.
std::vector<ActionId> first_examples(const std::vector<CauseCount>& causes);

/// Which actions an assertion is about: its `of` and `where`.
class Selection {
 public:
  Selection(std::optional<std::uint16_t> of, const Predicate& where) : of_(of), where_(where) {}
  bool holds(const Action& action) const {
    return (!of_ || action.type == *of_) && where_.matches(action, Source::server);
  }
  /// Whether a row counts. `owner` is null for a phantom, which no condition but `of` can judge.
  bool holds(const CanonicalRow& row, const Action* owner) const {
    if (of_ && row.type != *of_) return false;
    if (where_.matches_everything()) return true;
    return owner != nullptr && where_.matches(*owner, Source::server);
  }

 private:
  std::optional<std::uint16_t> of_;
  const Predicate& where_;
};

/// Calls `use(row, owner)` for each row of the block, owned ones by action, then phantoms with a
/// null owner.
template <class Use>
void each_row(const Evidence& block, Use use) {
  for (const JudgedAction& judged : block.judged)
    for (std::uint32_t i = 0; i < judged.rows; ++i)
      use(block.row_of(judged, i), &block.action_of(judged));
  for (const CanonicalRow& row : block.phantoms) use(row, static_cast<const Action*>(nullptr));
}

/// Whether the block is the last of its part: then a tally can boil down what it kept of the part.
inline bool ends_part(const Evidence& block) {
  return !block.judged.empty() && block.judged.back().index + 1 == block.ledger.actions.size();
}

/// What an assertion itself finds wrong with actions, whatever their verdict is.
class Findings {
 public:
  void note(CaseRef ref, ActionVerdict verdict, Cause cause) {
    all_.push_back({ref, verdict, cause});
  }
  void note(const Evidence& block, const JudgedAction& judged, ActionVerdict verdict, Cause cause) {
    note({block.part, judged.index}, verdict, cause);
  }
  /// Appends those of the parts behind.
  void merge(const Findings& later) {
    all_.insert(all_.end(), later.all_.begin(), later.all_.end());
  }
  std::size_t size() const { return all_.size(); }
  /// Most actions first, as CauseTally.
  std::vector<CauseCount> ranked(const Verdicts& verdicts) const;

 private:
  struct Finding {
    CaseRef ref;
    ActionVerdict verdict;
    Cause cause;
  };
  std::vector<Finding> all_;
};

/// Appends the selected actions of the block that failed or could not be judged, so far.
void note_failing(const Evidence& block, const Selection& selection, std::vector<CaseRef>& cases);
/// Causes of those of the cases whose verdict is no pass.
std::vector<CauseCount> causes_of(const Verdicts& verdicts, const std::vector<CaseRef>& cases);

/// Appends the cases of the parts behind.
inline void append(const std::vector<CaseRef>& later, std::vector<CaseRef>& cases) {
  cases.insert(cases.end(), later.begin(), later.end());
}

}  // namespace parallax
