// SPDX-License-Identifier: Apache-2.0
// schema_version -- Each row has a schema version that was sent of its action and may stand, and an
// action that was written under two versions, as in the weeks of a migration, counts once.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class SchemaVersionTally final : public Tally {
 public:
  SchemaVersionTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), scenario_(scenario), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (judged.rows == 0 || !selection_.holds(block.action_of(judged))) continue;
      const bool dual = find_sent(block, judged.index);
      dual_ += dual ? 1 : 0;
      if (dual && judged.rows > 1)
        twice_.note(block, judged, ActionVerdict::duplicated, Cause::other_version);
      bool wrong = false;
      for (std::uint32_t i = 0; i < judged.rows; ++i)
        wrong = !may_stand(block.row_of(judged, i)) || wrong;
      if (wrong) wrong_.note(block, judged, ActionVerdict::distorted, Cause::other_version);
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const SchemaVersionTally&>(later);
    rows_ += other.rows_;
    dual_ += other.dual_;
    for (const auto& [version, count] : other.by_version_) by_version_[version] += count;
    wrong_.merge(other.wrong_);
    twice_.merge(other.twice_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "each row has a version that was sent, and a dual write counts once";
    conclude_cases({wrong_.size() + twice_.size(), rows_, Ratio::zero(), "rows",
                    "no selected row says its schema version"},
                   verdicts, report);
    report.expected = "0 wrong; 0 twice";
    report.actual = fmt::format("{} wrong; {} twice (of {} rows and {} dual writes)", wrong_.size(),
                                twice_.size(), rows_, dual_);
    if (report.found == Verdict::fail)
      report.why = fmt::format("{} rows of another version, {} of {} dual writes counted twice",
                               wrong_.size(), twice_.size(), dual_);
    for (const auto& [version, count] : by_version_)
      report.lines.push_back({fmt::format("version {}", version.first),
                              version.second ? "any" : "0", fmt::format("{} rows", count), "",
                              version.second ? Verdict::pass : Verdict::fail});
    Findings all = wrong_;
    all.merge(twice_);
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  /// The versions under which the action got as far as the target; true when they are several.
  bool find_sent(const Evidence& block, std::uint32_t action) {
    sent_.clear();
    for (const std::uint32_t i : block.view.emissions_of(action))
      if (block.view.facts(i).reached)
        sent_.push_back(block.ledger.emissions[i].emission.schema_version);
    std::sort(sent_.begin(), sent_.end());
    sent_.erase(std::unique(sent_.begin(), sent_.end()), sent_.end());
    return sent_.size() > 1;
  }

  bool may_stand(const CanonicalRow& row) {
    if (row.schema_version < 0) return true;
    ++rows_;
    const auto version = static_cast<std::uint16_t>(row.schema_version);
    const bool was_sent = std::binary_search(sent_.begin(), sent_.end(), version);
    const bool planned = plan_.versions.empty()
                             ? row.type != CanonicalRow::no_type &&
                                   scenario_.plan.actions[row.type].schema_version == version
                             : std::find(plan_.versions.begin(), plan_.versions.end(), version) !=
                                   plan_.versions.end();
    ++by_version_[{version, was_sent && planned}];
    return was_sent && planned;
  }

  const AssertionPlan& plan_;
  const Scenario& scenario_;
  Selection selection_;
  std::vector<std::uint16_t> sent_;  ///< Of the action that is looked at, ascending.
  std::uint64_t rows_ = 0;           ///< That say their version.
  std::uint64_t dual_ = 0;           ///< Actions that arrived under several versions.
  std::map<std::pair<std::uint16_t, bool>, std::uint64_t> by_version_;  ///< Rows; may it stand.
  Findings wrong_, twice_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_schema_version(const AssertionPlan& plan,
                                                       const Scenario& scenario) {
  return make_tally_of<SchemaVersionTally>(plan, scenario);
}

}  // namespace parallax
