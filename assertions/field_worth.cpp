// SPDX-License-Identifier: Apache-2.0
#include "assertions/field_worth.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/money.h"

namespace parallax {

std::optional<Amount> FieldWorth::of(const Evidence& block, const Action& action) {
  const auto index = static_cast<std::uint32_t>(&action - block.ledger.actions.data());
  witnesses_.summon(block.ledger, block.view, index);
  values_.clear();
  const bool may_be_missing =
      add_allowed_values(tracking_, witnesses_, field(), *plan_.field, values_);
  if (values_.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values_.begin(), values_.end());
  return Amount{is_money() ? action.currency : 0U, *low, *high, !may_be_missing};
}

std::optional<Amount> FieldWorth::of(const CanonicalRow& row, const Action* owner) const {
  const FieldForm form = row.forms[*plan_.field];
  if (form != FieldForm::present && form != FieldForm::as_text && form != FieldForm::inexact)
    return std::nullopt;
  const std::int64_t value = row.values[*plan_.field];
  if (!is_money()) return Amount{0, value, value};
  if (row.currency != CanonicalRow::no_currency) return Amount{row.currency, value, value};
  if (owner != nullptr) return Amount{owner->currency, value, value};
  const std::size_t unknown = tracking_.currencies.size();
  return Amount{unknown == 1 ? 0 : unknown, value, value};
}

std::string FieldWorth::print(std::size_t series, std::int64_t value) const {
  if (field().type == FieldType::number) return format_money(value, 6);
  if (!is_money()) return fmt::format("{}", value);
  if (series >= tracking_.currencies.size())
    return fmt::format("{} minor units of no currency", value);
  const CurrencyPlan& currency = tracking_.currencies[series];
  return format_money(value, currency.exponent) + " " + currency.code;
}

Result<void> check_field_worth(const AssertionPlan& plan, const TrackingPlan& tracking,
                               const std::string& who) {
  if (!plan.of || !plan.field)
    return Error{Error::Kind::invalid_input, who + " needs an action and a field", "of"};
  const FieldType type = tracking.actions[*plan.of].fields[*plan.field].type;
  if (type == FieldType::string || type == FieldType::boolean)
    return Error{Error::Kind::invalid_input, "only numbers and money can be summed", "of"};
  return {};
}

}  // namespace parallax
