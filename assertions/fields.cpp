// SPDX-License-Identifier: Apache-2.0
// fields -- What stands, stands right: each field as the authoritative side sent it, under the
// right user, session and device, at the right event time. How often it stands is the business of
// `exactly_once`.
#include <fmt/format.h>

#include <map>

#include "assertions/causes.h"

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
      : plan_(plan), scenario_(scenario), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (!selection_.holds(block.action_of(judged))) continue;
      if (judged.verdict == ActionVerdict::unevaluated) could_not_judge_ = true;
      // A leaked row has nothing that it should say.
      if (judged.rows == 0 || (judged.findings & bit_of(ActionVerdict::leaked)) != 0) continue;
      ++sample_;
      if (is_wrong(judged)) wrong_.push_back({block.part, judged.index});
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const FieldsTally&>(later);
    sample_ += other.sample_;
    could_not_judge_ = could_not_judge_ || other.could_not_judge_;
    append(other.wrong_, wrong_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "each row says what the authoritative side sent";
    report.sample = sample_;
    CauseTally causes;
    Places places;
    std::uint64_t wrong = 0;
    for (const CaseRef ref : wrong_) {
      const JudgedAction& judged = verdicts[ref];
      if (!is_wrong(judged)) continue;
      ++wrong;
      causes.add(headline_of(judged.findings), judged.row_cause, judged);
      note(judged, places);
    }
    report.causes = causes.ranked();
    report.examples = first_examples(report.causes);
    report.lines = lines_of(places);
    report.expected = fmt::format("{} actions right", report.sample);
    report.actual = fmt::format("{} right", report.sample - wrong);
    if (wrong > 0) report.delta = fmt::format("{} wrong", wrong);
    conclude(verdicts, wrong, report);
    return report;
  }

 private:
  /// Action type, then field index or one of the three below.
  static constexpr std::size_t envelope = max_fields, identity = max_fields + 1,
                               time = max_fields + 2;
  using Places = std::map<std::pair<std::size_t, std::size_t>, std::uint64_t>;

  bool is_wrong(const JudgedAction& judged) const {
    if (plan_.field) return ((judged.fields >> *plan_.field) & 1U) != 0;
    return (judged.findings & row_verdicts) != 0;
  }

  void note(const JudgedAction& judged, Places& places) const {
    for (std::size_t i = 0; i < max_fields; ++i)
      if (((judged.fields >> i) & 1U) != 0 && (!plan_.field || *plan_.field == i))
        ++places[{judged.type, i}];
    if (plan_.field) return;
    const auto found = [&](ActionVerdict v) { return (judged.findings & bit_of(v)) != 0; };
    if (found(ActionVerdict::distorted) && judged.fields == 0) ++places[{judged.type, envelope}];
    if (found(ActionVerdict::misattributed)) ++places[{judged.type, identity}];
    if (found(ActionVerdict::mistimed)) ++places[{judged.type, time}];
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
      report.why = fmt::format("{} of {} actions have a row that says something else than was sent",
                               wrong, report.sample);
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
  std::uint64_t sample_ = 0;
  bool could_not_judge_ = false;
  std::vector<CaseRef> wrong_;
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
