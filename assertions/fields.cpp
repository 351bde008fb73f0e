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

class Fields final : public Assertion {
 public:
  Fields(const AssertionPlan& plan, const Scenario& scenario) : plan_(plan), scenario_(scenario) {}

  AssertionReport judge(const Evidence& evidence) const override {
    AssertionReport report;
    report.rule = "each row says what the authoritative side sent";
    const Selection selection(plan_.of, plan_.where);
    CauseTally causes;
    Places places;
    std::uint64_t wrong = 0;
    bool could_not_judge = false;
    for (const JudgedAction& judged : evidence.judgement.actions) {
      if (!selection.holds(evidence.ledger.actions[judged.index])) continue;
      if (judged.verdict == ActionVerdict::unevaluated) could_not_judge = true;
      // A leaked row has nothing that it should say.
      if (judged.rows == 0 || (judged.findings & bit_of(ActionVerdict::leaked)) != 0) continue;
      ++report.sample;
      if (!is_wrong(judged)) continue;
      ++wrong;
      causes.add(headline_of(judged.findings), judged.row_cause, judged,
                 evidence.arrivals[judged.index]);
      note(evidence.ledger.actions[judged.index], judged, places);
    }
    report.causes = causes.ranked();
    report.examples = first_examples(report.causes);
    report.lines = lines_of(places);
    report.expected = fmt::format("{} actions right", report.sample);
    report.actual = fmt::format("{} right", report.sample - wrong);
    if (wrong > 0) report.delta = fmt::format("{} wrong", wrong);
    conclude(evidence, could_not_judge, wrong, report);
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

  void note(const Action& action, const JudgedAction& judged, Places& places) const {
    for (std::size_t i = 0; i < max_fields; ++i)
      if (((judged.fields >> i) & 1U) != 0 && (!plan_.field || *plan_.field == i))
        ++places[{action.type, i}];
    if (plan_.field) return;
    const auto found = [&](ActionVerdict v) { return (judged.findings & bit_of(v)) != 0; };
    if (found(ActionVerdict::distorted) && judged.fields == 0) ++places[{action.type, envelope}];
    if (found(ActionVerdict::misattributed)) ++places[{action.type, identity}];
    if (found(ActionVerdict::mistimed)) ++places[{action.type, time}];
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

  static void conclude(const Evidence& evidence, bool could_not_judge, std::uint64_t wrong,
                       AssertionReport& report) {
    if (wrong > 0) {
      report.found = Verdict::fail;
      report.why = fmt::format("{} of {} actions have a row that says something else than was sent",
                               wrong, report.sample);
    } else if (report.sample == 0) {
      report.found = Verdict::unknown;
      report.why = "nothing was measured: no selected action has a row";
    } else if (!evidence.rows.complete || could_not_judge) {
      report.found = Verdict::unknown;
      report.why = "some actions could not be judged";
    } else {
      report.found = Verdict::pass;
    }
  }

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
