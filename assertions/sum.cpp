// SPDX-License-Identifier: Apache-2.0
// sum -- A field summed over the rows is what the emissions that arrived say: each row's value as
// the side that may speak for it sent it. Exact integers; money by currency, and currencies are
// never added.
#include <fmt/format.h>

#include <algorithm>

#include "assertions/interval.h"
#include "assertions/witness.h"
#include "sim/core/money.h"

namespace parallax {
namespace {

class SumTally final : public Tally {
 public:
  SumTally(const AssertionPlan& plan, const TrackingPlan& tracking)
      : plan_(plan), tracking_(tracking), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    const Aggregate aggregate{selection_, plan_};
    expect(
        block, aggregate, [&](const Action& action) { return allowed_of(block, action); }, totals_,
        buckets_);
    observe(
        block, aggregate,
        [&](const CanonicalRow& row, const Action* owner) { return amount_of(row, owner); },
        totals_, buckets_);
    note_failing(block, selection_, failing_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const SumTally&>(later);
    parallax::merge(other.totals_, totals_);
    parallax::merge(other.buckets_, buckets_);
    append(other.failing_, failing_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = fmt::format("the rows' {} adds up to what arrived", field().name);
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    conclude(
        verdicts.complete, plan_, tracking_, totals_, buckets_,
        [&](std::size_t series, Wide value) { return print(series, clamp_to_int64(value)); },
        report);
    if (report.found == Verdict::fail) report.causes = causes_of(verdicts, failing_);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::fail) {
      report.why = fmt::format("the rows' {} does not add up to what arrived", field().name);
    } else if (report.found == Verdict::unknown) {
      report.why = verdicts.complete ? "nothing was measured: no amount had to be there"
                                     : "the read is partial: it proves presence, never absence";
    }
    return report;
  }

 private:
  const FieldPlan& field() const { return tracking_.actions[*plan_.of].fields[*plan_.field]; }
  bool is_money() const { return field().type == FieldType::money; }
  std::size_t unknown_currency() const { return tracking_.currencies.size(); }

  /// What the action's row may hold: the owner's value, or what stands in for it, or nothing.
  std::optional<Amount> allowed_of(const Evidence& block, const Action& action) {
    const auto index = static_cast<std::uint32_t>(&action - block.ledger.actions.data());
    witnesses_.summon(block.ledger, block.view, index);
    values_.clear();
    const bool may_be_missing =
        add_allowed_values(tracking_, witnesses_, field(), *plan_.field, values_);
    if (values_.empty()) return std::nullopt;
    const auto [low, high] = std::minmax_element(values_.begin(), values_.end());
    return Amount{is_money() ? action.currency : 0U, *low, *high, !may_be_missing};
  }

  std::optional<Amount> amount_of(const CanonicalRow& row, const Action* owner) const {
    const FieldForm form = row.forms[*plan_.field];
    if (form != FieldForm::present && form != FieldForm::as_text) return std::nullopt;
    const std::int64_t value = row.values[*plan_.field];
    if (!is_money()) return Amount{0, value, value};
    if (row.currency != CanonicalRow::no_currency) return Amount{row.currency, value, value};
    if (owner != nullptr) return Amount{owner->currency, value, value};
    return Amount{tracking_.currencies.size() == 1 ? 0 : unknown_currency(), value, value};
  }

  std::string print(std::size_t series, std::int64_t value) const {
    if (field().type == FieldType::number) return format_money(value, 6);
    if (!is_money()) return fmt::format("{}", value);
    if (series >= tracking_.currencies.size())
      return fmt::format("{} minor units of no currency", value);
    const CurrencyPlan& currency = tracking_.currencies[series];
    return format_money(value, currency.exponent) + " " + currency.code;
  }

  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Selection selection_;
  Witnesses witnesses_;  ///< Of the action looked at; reused, as the next.
  std::vector<std::int64_t> values_;
  Series totals_, buckets_;
  std::vector<CaseRef> failing_;
};

class Sum final : public Assertion {
 public:
  Sum(const AssertionPlan& plan, const TrackingPlan& tracking) : plan_(plan), tracking_(tracking) {}
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<SumTally>(plan_, tracking_);
  }

 private:
  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_sum(const AssertionPlan& plan, const Scenario& scenario) {
  if (!plan.of || !plan.field)
    return Error{Error::Kind::invalid_input, "a sum needs an action and a field", "of"};
  const FieldType type = scenario.plan.actions[*plan.of].fields[*plan.field].type;
  if (type == FieldType::string || type == FieldType::boolean)
    return Error{Error::Kind::invalid_input, "only numbers and money can be summed", "of"};
  return std::unique_ptr<Assertion>(std::make_unique<Sum>(plan, scenario.plan));
}

}  // namespace parallax
