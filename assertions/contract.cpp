// SPDX-License-Identifier: Apache-2.0
// contract -- What stands keeps the tracking plan: each row has the fields that the plan requires,
// each value is of its type and, where the plan lists values, one of them, and the event is one
// that the plan knows. And the target refuses no event that keeps it: among its rejected events,
// where it shows them, is what breaks the plan, for the right reason, and nothing else. What was
// sent is no excuse: a field that both sides forget is right by `fields` and wrong here.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "assertions/ledger_view.h"
#include "assertions/rejections.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

/// The values that rows may hold of a listed field, ascending; empty where anything goes.
std::vector<std::int64_t> listed_values(const FieldPlan& field) {
  std::vector<std::int64_t> values;
  if (field.type != FieldType::string || field.form.kind != TextForm::Kind::list) return values;
  for (std::size_t code = 0; code < field.form.texts.size(); ++code)
    values.push_back(comparable(field, static_cast<std::int64_t>(code)));
  std::sort(values.begin(), values.end());
  return values;
}

class ContractTally final : public Tally {
 public:
  ContractTally(const AssertionPlan& plan, const Scenario& scenario)
      : scenario_(scenario), selection_(plan.of, plan.where) {
    for (const ActionPlan& action : scenario.plan.actions) {
      auto& fields = listed_.emplace_back();
      for (const FieldPlan& field : action.fields) fields.push_back(listed_values(field));
    }
  }

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (!selection_.holds(action)) continue;
      Cause worst = Cause::none;
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const Cause found = look_at(block.row_of(judged, i));
        if (worst == Cause::none) worst = found;
      }
      if (worst != Cause::none) wrong_.note(block, judged, ActionVerdict::distorted, worst);
      if (is_refused(block, judged.index))
        refused_.note(block, judged, ActionVerdict::lost, Cause::refused_by_target);
      rejections_.note(block, judged);
    }
    for (const CanonicalRow& row : block.phantoms)
      if (selection_.holds(row, nullptr)) look_at(row);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const ContractTally&>(later);
    rows_ += other.rows_;
    wrong_rows_ += other.wrong_rows_;
    for (const auto& [place, count] : other.places_) places_[place] += count;
    wrong_.merge(other.wrong_);
    refused_.merge(other.refused_);
    rejections_.merge(other.rejections_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "rows keep the tracking plan, and what keeps it is not refused";
    conclude_cases({wrong_rows_, rows_, Ratio::zero(), "rows", "there is no selected row"},
                   verdicts, report);
    for (const auto& [place, count] : places_)
      report.lines.push_back({name_of(place), "0", fmt::format("{}", count),
                              fmt::format("+{}", count), Verdict::fail});
    if (refused_.size() > 0) {
      report.lines.push_back({"actions refused although they keep the plan", "0",
                              fmt::format("{}", refused_.size()),
                              fmt::format("+{}", refused_.size()), Verdict::fail});
      report.found = Verdict::fail;
      report.why += fmt::format("{}the target refused {} actions that keep the plan",
                                report.why.empty() ? "" : "; ", refused_.size());
    }
    Findings all = wrong_;
    all.merge(refused_);
    if (verdicts.facts != nullptr && verdicts.facts->rejected)
      look_at_rejected(*verdicts.facts->rejected, all, report);
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  /// What is wrong where: action type (or no_type), field (or max_fields) and cause.
  using Place = std::tuple<std::uint16_t, std::size_t, Cause>;

  void look_at_rejected(const RowSet& rejected, Findings& all, AssertionReport& report) const {
    const auto because = [&](const std::string& what) {
      report.why += (report.why.empty() ? "" : "; ") + what;
    };
    if (!rejected.complete) {
      report.found = parallax::merge(report.found, Verdict::unknown);
      return because("the rejected events could not be read to their end");
    }
    const Rejections::Found found = rejections_.compare(rejected);
    const auto add = [&](std::string_view name, std::uint64_t n) {
      report.lines.push_back({std::string(name), "0", fmt::format("{}", n),
                              n > 0 ? fmt::format("+{}", n) : "",
                              n > 0 ? Verdict::fail : Verdict::pass});
      if (n == 0) return;
      report.found = Verdict::fail;
      because(fmt::format("{} {}", n, name));
    };
    if (found.checked > 0 || !rejected.rows.empty()) {
      add("events break the plan and are not among the rejected", found.missing);
      add("rejected events keep the plan", found.valid);
      add("events are rejected for another reason than theirs", found.other_reason);
    }
    all.merge(found.findings);
  }

  Cause look_at(const CanonicalRow& row) {
    ++rows_;
    Cause first = Cause::none;
    const auto note = [&](std::size_t field, Cause cause) {
      ++places_[{row.type, field, cause}];
      if (first == Cause::none) first = cause;
    };
    if (row.type == CanonicalRow::no_type) {
      note(max_fields, Cause::not_listed);
    } else {
      const ActionPlan& plan = scenario_.plan.actions[row.type];
      for (std::size_t i = 0; i < plan.fields.size(); ++i)
        if (const Cause cause = fault_of(plan, row, i); cause != Cause::none) note(i, cause);
    }
    wrong_rows_ += first != Cause::none ? 1 : 0;
    return first;
  }

  Cause fault_of(const ActionPlan& plan, const CanonicalRow& row, std::size_t field) const {
    const FieldForm form = row.forms[field];
    if (is_missing(form)) return plan.fields[field].required ? Cause::field_missing : Cause::none;
    if (form == FieldForm::other || form == FieldForm::inexact) return Cause::wrong_type;
    const auto& listed = listed_[row.type][field];
    const bool known =
        listed.empty() || std::binary_search(listed.begin(), listed.end(), row.values[field]);
    return known ? Cause::none : Cause::not_listed;
  }

  /// The target itself refused for good what no fault had touched.
  static bool is_refused(const Evidence& block, std::uint32_t action) {
    const auto emissions = block.view.emissions_of(action);
    return std::any_of(emissions.begin(), emissions.end(), [&](std::uint32_t i) {
      return block.view.facts(i).refused > 0 && !block.view.brief(i).invalid;
    });
  }

  std::string name_of(const Place& place) const {
    const auto& [type, field, cause] = place;
    if (type == CanonicalRow::no_type) return "rows of an event that the plan does not know";
    const ActionPlan& action = scenario_.plan.actions[type];
    const FieldPlan& plan = action.fields[field];
    const std::string name = action.name + "." + plan.name;
    if (cause == Cause::field_missing) return name + " is required and missing";
    if (cause == Cause::wrong_type)
      return fmt::format("{} is no {}", name, parallax::name_of(plan.type));
    return name + " is none of the listed values";
  }

  const Scenario& scenario_;
  Selection selection_;
  std::vector<std::vector<std::vector<std::int64_t>>> listed_;  ///< By action type and field.
  std::uint64_t rows_ = 0, wrong_rows_ = 0;
  std::map<Place, std::uint64_t> places_;
  Findings wrong_, refused_;
  Rejections rejections_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_contract(const AssertionPlan& plan,
                                                 const Scenario& scenario) {
  return make_tally_of<ContractTally>(plan, scenario);
}

}  // namespace parallax
