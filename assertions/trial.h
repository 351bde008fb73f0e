// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "assertions/assertion.h"
#include "assertions/judge_part.h"
#include "assertions/strays.h"

namespace parallax {

/// Gets the actions first .. last-1 of a part's ledger.
using LookAtBlock = std::function<void(std::uint32_t first, std::uint32_t last)>;

/// Judges a run part by part, in memory for one part at a time. Verdicts and reports are the same
/// however the run is parted, as long as a lane is in one part.
///
///   judge(part) for every part;
///   if (gather_strays()) { ask(part) for every part; judge(part) again for those of `settle()`; }
///   conclude();
///
/// `judge` and `ask` may be called for several parts at once, from several threads; all else from
/// one. Everything given must outlive the trial.
class Trial {
 public:
  Trial(const Scenario& scenario, const RowFacts& facts, std::size_t parts);
  ~Trial();

  /// A row of this run that no part can be asked about before all are judged: its id is carried in
  /// several parts, or nothing says whose it is.
  void add_stray(const CanonicalRow& row) { unclaimed_.push_back(row); }

  /// Judges the part and counts its assertions; claimed rows of elsewhere are put into it. `view`:
  /// of the part's ledger. `also`, if any, looks at each block of actions while it is in cache.
  void judge(Part& part, const LedgerView& view, const LookAtBlock& also = {});

  /// False when every row has its owner.
  bool gather_strays();
  void ask(const Part& part, const LedgerView& view);
  /// The parts that are to be judged again, ascending.
  std::vector<std::uint32_t> settle();

  /// Finds the causes that only the whole run tells.
  void conclude();

  // After `conclude`:
  const Judgement& judgement(std::size_t part) const { return parts_[part].judged.judgement; }
  const std::vector<CanonicalRow>& phantoms() const { return phantoms_; }
  const RowFacts& facts() const { return facts_; }
  std::uint64_t actions() const;
  const std::array<std::uint64_t, action_verdict_count>& counts() const { return counts_; }
  std::vector<AssertionReport> reports() const;
  std::vector<CauseCount> causes() const;

 private:
  struct PartState {
    JudgedPart judged;
    AssertionSet::Counted counted;
    std::vector<CanonicalRow> strays;
    Strays::Offers offers;
    Strays::Found found;
  };
  Claims claim(Part& part) const;
  Verdicts verdicts(std::vector<const Judgement*>& parts) const;

  const Scenario& scenario_;
  const RowFacts& facts_;
  AssertionSet assertions_;
  std::vector<PartState> parts_;
  std::vector<CanonicalRow> unclaimed_;
  std::optional<Strays> strays_;
  std::vector<CanonicalRow> phantoms_;
  AssertionSet::Counted counted_;
  std::array<std::uint64_t, action_verdict_count> counts_{};
};

}  // namespace parallax
