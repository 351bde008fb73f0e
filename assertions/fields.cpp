// SPDX-License-Identifier: Apache-2.0
// fields -- What stands, stands right: each field as the authoritative side sent it, under the
// right user, session and device, at the right event time. How often it stands is the business of
// `exactly_once`. Against the truth it also finds what the app itself said wrong.
#include <fmt/format.h>

#include <map>

#include "assertions/causes.h"
#include "assertions/truth.h"

namespace parallax {
namespace {

constexpr std::uint16_t row_verdicts = bit_of(ActionVerdict::distorted) |
                                       bit_of(ActionVerdict::misattributed) |
                                       bit_of(ActionVerdict::mistimed);

/// The first of the three among the findings.
ActionVerdict headline_of(std::uint16_t findings) {
  if ((findings & bit_of(ActionVerdict::distorted)) != 0) return ActionVerdict::distorted;
  if ((findings & bit_of(ActionVerdict::misattributed)) != 0) return ActionVerdict::misattributed;
  return ActionVerdict::mistimed;
}

class FieldsTally final : public Tally {
 public:
  FieldsTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan),
        scenario_(scenario),
        selection_(plan.of, plan.where),
        truth_(scenario, plan.within_time) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (!selection_.holds(block.action_of(judged))) continue;
      if (judged.verdict == ActionVerdict::unevaluated) could_not_judge_ = true;
      // A leaked row has nothing that it should say.
      if (judged.rows == 0 || (judged.findings & bit_of(ActionVerdict::leaked)) != 0) continue;
      ++sample_;
      const Wrong said = said_wrong(block, judged);
      if (is_wrong(with_target(said, judged))) wrong_.push_back(said);
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const FieldsTally&>(later);
    sample_ += other.sample_;
    could_not_judge_ = could_not_judge_ || other.could_not_judge_;
    wrong_.insert(wrong_.end(), other.wrong_.begin(), other.wrong_.end());
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = plan_.against_truth ? "each row says what really happened"
                                      : "each row says what the authoritative side sent";
    report.sample = sample_;
    CauseTally causes;
    Places places;
    std::uint64_t count = 0;
    for (const Wrong& said : wrong_) {
      const JudgedAction& judged = verdicts[said.ref];
      const Wrong wrong = with_target(said, judged);
      if (!is_wrong(wrong)) continue;
      ++count;
      causes.add(headline_of(wrong.findings), wrong.cause, judged);
      note(judged.type, wrong, places);
    }
    report.causes = causes.ranked();
    report.examples = first_examples(report.causes);
    report.lines = lines_of(places);
    report.expected = fmt::format("{} actions right", report.sample);
    report.actual = fmt::format("{} right", report.sample - count);
    if (count > 0) report.delta = fmt::format("{} wrong", count);
    conclude(verdicts, count, report);
    return report;
  }

 private:
  /// Action type, then field index or one of the three below.
  static constexpr std::size_t envelope = max_fields, identity = max_fields + 1,
                               time = max_fields + 2;
  using Places = std::map<std::pair<std::size_t, std::size_t>, std::uint64_t>;

  /// What the rows of one action say wrong.
  struct Wrong {
    CaseRef ref;
    std::uint16_t findings = 0;  ///< `bit_of` each verdict.
    std::uint16_t fields = 0;    ///< Bit per FieldPlan index.
    Cause cause = Cause::none;
  };

  /// What the app said wrong, against the truth.
  Wrong said_wrong(const Evidence& block, const JudgedAction& judged) {
    Wrong wrong;
    wrong.ref = {block.part, judged.index};
    if (!plan_.against_truth) return wrong;
    for (std::uint32_t i = 0; i < judged.rows; ++i) {
      const CanonicalRow& row = block.row_of(judged, i);
      const RowFindings found = truth_.check(block, judged.index, row);
      wrong.findings = static_cast<std::uint16_t>(wrong.findings | found.bits());
      wrong.fields = static_cast<std::uint16_t>(wrong.fields | found.fields);
      if (wrong.cause == Cause::none) wrong.cause = found.first();
    }
    return wrong;
  }

  /// Together with what the target made wrong of it. The cause is the headline's; of equal ones the
  /// target's, for the app did not say that.
  static Wrong with_target(Wrong wrong, const JudgedAction& judged) {
    const bool target_first =
        wrong.cause == Cause::none || headline_of(judged.findings) <= headline_of(wrong.findings);
    if (judged.row_cause != Cause::none && target_first) wrong.cause = judged.row_cause;
    wrong.findings = static_cast<std::uint16_t>(wrong.findings | judged.findings);
    wrong.fields = static_cast<std::uint16_t>(wrong.fields | judged.fields);
    return wrong;
  }

  bool is_wrong(const Wrong& wrong) const {
    if (plan_.field) return ((wrong.fields >> *plan_.field) & 1U) != 0;
    return (wrong.findings & row_verdicts) != 0;
  }

  void note(std::uint16_t type, const Wrong& wrong, Places& places) const {
    for (std::size_t i = 0; i < max_fields; ++i)
      if (((wrong.fields >> i) & 1U) != 0 && (!plan_.field || *plan_.field == i))
        ++places[{type, i}];
    if (plan_.field) return;
    const auto found = [&](ActionVerdict v) { return (wrong.findings & bit_of(v)) != 0; };
    if (found(ActionVerdict::distorted) && wrong.fields == 0) ++places[{type, envelope}];
    if (found(ActionVerdict::misattributed)) ++places[{type, identity}];
    if (found(ActionVerdict::mistimed)) ++places[{type, time}];
  }

  std::vector<AssertionReport::Line> lines_of(const Places& places) const {
    std::vector<AssertionReport::Line> lines;
    for (const auto& [place, count] : places) {
      const ActionPlan& action = scenario_.plan.actions[place.first];
      std::string name = action.name;
      if (place.second < max_fields) {
        const FieldPlan& field = action.fields[place.second];
        name += fmt::format(".{} (owner: {})", field.name, name_of(field.owner));
      } else {
        constexpr std::array<std::string_view, 3> others{"source, name or flags",
                                                         "user, session or device", "time"};
        name += fmt::format(": {}", others[place.second - max_fields]);
      }
      lines.push_back({name, "0 wrong", fmt::format("{} wrong", count), "", Verdict::fail});
    }
    return lines;
  }

  void conclude(const Verdicts& verdicts, std::uint64_t wrong, AssertionReport& report) const {
    if (wrong > 0) {
      report.found = Verdict::fail;
      report.why = fmt::format("{} of {} actions have a row that says something else than {}",
                               wrong, report.sample, plan_.against_truth ? "happened" : "was sent");
    } else if (report.sample == 0) {
      report.found = Verdict::unknown;
      report.why = "nothing was measured: no selected action has a row";
    } else if (!verdicts.complete || could_not_judge_) {
      report.found = Verdict::unknown;
      report.why = "some actions could not be judged";
    } else {
      report.found = Verdict::pass;
    }
  }

  const AssertionPlan& plan_;
  const Scenario& scenario_;
  Selection selection_;
  TruthCheck truth_;
  std::uint64_t sample_ = 0;
  bool could_not_judge_ = false;
  std::vector<Wrong> wrong_;
};

class Fields final : public Assertion {
 public:
  Fields(const AssertionPlan& plan, const Scenario& scenario) : plan_(plan), scenario_(scenario) {}
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<FieldsTally>(plan_, scenario_);
  }

 private:
  const AssertionPlan& plan_;
  const Scenario& scenario_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_fields(const AssertionPlan& plan,
                                               const Scenario& scenario) {
  if (plan.field && !plan.of)
    return Error{Error::Kind::invalid_input, "a field needs its action", "of"};
  return std::unique_ptr<Assertion>(std::make_unique<Fields>(plan, scenario));
}

}  // namespace parallax
