// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "sim/core/time.h"
#include "sim/scenario/load.h"
#include "sim/scenario/node.h"
#include "sim/scenario/predicate_program.h"

namespace parallax {
namespace {

constexpr std::array<std::string_view, 10> fixed_names{"action",  "source",   "user",     "page",
                                                       "consent", "currency", "sequence", "time",
                                                       "hour",    "weekday"};
constexpr std::array<std::string_view, 7> weekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::array<std::string_view, 2> source_words{"client", "server"};
constexpr std::array<std::string_view, 2> consent_words{"granted", "denied"};
constexpr std::array<std::string_view, 2> truth_words{"false", "true"};

bool orders(Relation relation) {
  return relation != Relation::equal && relation != Relation::unequal;
}

Error not_this(std::string_view word, std::string expected, const std::string& nearest = "") {
  std::string what = "found \"" + std::string(word) + "\", expected " + std::move(expected);
  if (!nearest.empty()) what += " (did you mean " + nearest + "?)";
  return {Error::Kind::invalid_input, std::move(what), ""};
}

std::string list_of(std::span<const std::string_view> words, std::string_view what) {
  return std::string(what) + (words.empty() ? "" : " (one of " + joined(words) + ")");
}

Result<Literal> word_among(std::span<const std::string_view> words, const ValueToken& value,
                           std::string_view what) {
  const auto at = std::find(words.begin(), words.end(), value.text);
  if (at == words.end())
    return not_this(value.text, list_of(words, what), nearest_name(value.text, words));
  return Literal{at - words.begin(), true, false};
}

Result<Literal> number(const ValueToken& value, int places, std::string expected) {
  // Digits beyond the unit only decide whether the literal is exact, so any number of them is read
  // as one digit that is not zero.
  if (const auto exact = parse_decimal(value.text, places)) return Literal{*exact, true, false};
  const auto point = value.text.find('.');
  const std::size_t kept = point == std::string_view::npos
                               ? std::string_view::npos
                               : point + 1 + static_cast<std::size_t>(places);
  if (kept >= value.text.size()) return not_this(value.text, std::move(expected));
  const std::string_view rest = value.text.substr(kept);
  const bool digits =
      std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::string_view head = value.text.substr(0, places == 0 ? point : kept);
  const auto cut = digits ? parse_decimal(head, places) : std::nullopt;
  if (!cut) return not_this(value.text, std::move(expected));
  return Literal{value.text.front() == '-' ? *cut - 1 : *cut, false, false};
}

Result<Literal> whole(const ValueToken& value, std::int64_t low, std::int64_t high,
                      const std::string& expected) {
  const auto n = parse_decimal(value.text, 0);
  if (!n || *n < low || *n > high) return not_this(value.text, expected);
  return Literal{*n, true, false};
}

Result<Literal> user_number(const ValueToken& value) {
  const ValueToken digits{value.text.substr(value.text.substr(0, 2) == "u-" ? 2 : 0), false};
  auto literal = whole(digits, 0, std::numeric_limits<std::uint32_t>::max(), "");
  if (!literal) return not_this(value.text, "a user number such as 17 or u-17");
  return literal;
}

std::vector<std::string_view> action_names(const TrackingPlan& plan) {
  std::vector<std::string_view> names;
  for (const ActionPlan& action : plan.actions) names.push_back(action.name);
  return names;
}

/// The literal for a field of one action type and currency.
Result<Literal> field_literal(const FieldPlan& field, int exponent, const ValueToken& value) {
  switch (field.type) {
    case FieldType::integer:
      return number(value, 0, "a number");
    case FieldType::number:
      return number(value, 6, "a number");
    case FieldType::money:
      return number(value, exponent, "an amount such as 9.99");
    case FieldType::boolean:
      return word_among(truth_words, value, "true or false");
    case FieldType::string:
      break;
  }
  if (const auto code = field.form.code_of(value.text)) return Literal{*code, true, false};
  switch (field.form.kind) {
    case TextForm::Kind::list: {
      const auto words = views(field.form.texts);
      return not_this(value.text, list_of(words, "a value of " + field.name),
                      nearest_name(value.text, words));
    }
    case TextForm::Kind::numbered:
      return not_this(value.text, "a value of " + field.name + " such as " + field.form.text(1));
    case TextForm::Kind::hex:
      break;
  }
  return not_this(value.text, "a value of " + field.name + " such as " + field.form.text(0x2a));
}

/// What the value means for one field, in one currency of the plan.
Result<Literal> compared_literal(const FieldPlan& field, std::size_t currency, Relation relation,
                                 const ValueToken& value, const TrackingPlan& plan) {
  const bool ordered = field.type != FieldType::string && field.type != FieldType::boolean;
  if (orders(relation) && !ordered) return not_this(field.name, "= or != here: it has no order");
  const int exponent = plan.currencies.empty() ? 2 : plan.currencies[currency].exponent;
  return field_literal(field, exponent, value);
}

Result<Comparison> resolve_field(std::string_view name, Comparison out, const ValueToken& value,
                                 const TrackingPlan& plan) {
  const std::size_t currencies = std::max<std::size_t>(1, plan.currencies.size());
  constexpr Literal never{0, true, true};
  out.subject = Subject::field;
  std::optional<Error> refusal;
  bool possible = false;
  for (const ActionPlan& action : plan.actions) {
    const auto index = action.field_index(name);
    out.fields.push_back(index ? static_cast<std::uint8_t>(*index) : Comparison::no_field);
    for (std::size_t c = 0; c < currencies; ++c) {
      out.literals.push_back(never);
      if (!index) continue;
      auto made = compared_literal(action.fields[*index], c, out.relation, value, plan);
      if (made) out.literals.back() = *made;
      if (!made && !refusal) refusal = made.error();
      possible = possible || made;
    }
  }
  if (!possible && refusal) return *refusal;
  return out;
}

Result<Literal> fixed_literal(Subject subject, const ValueToken& value, const TrackingPlan& plan) {
  switch (subject) {
    case Subject::action:
      return word_among(action_names(plan), value, "an action");
    case Subject::source:
      return word_among(source_words, value, "a source");
    case Subject::user:
      return user_number(value);
    case Subject::page:
      return word_among(views(plan.pages), value, "a page");
    case Subject::consent:
      return word_among(consent_words, value, "a consent");
    case Subject::currency: {
      std::vector<std::string_view> codes;
      for (const CurrencyPlan& currency : plan.currencies) codes.push_back(currency.code);
      return word_among(codes, value, "a currency");
    }
    case Subject::sequence:
      return whole(value, 0, std::numeric_limits<std::uint32_t>::max(), "a position 1, 2, ...");
    case Subject::time: {
      const auto offset = parse_duration(value.text);
      if (!offset) return not_this(value.text, "an offset from the start such as 2d");
      return Literal{*offset, true, false};
    }
    case Subject::day_hour:
      return whole(value, 0, 23, "an hour 0 .. 23");
    default:
      return word_among(weekdays, value, "a weekday");
  }
}

bool is_ordered(Subject subject) {
  return subject == Subject::user || subject == Subject::sequence || subject == Subject::time ||
         subject == Subject::day_hour || subject == Subject::week_day;
}

}  // namespace

Result<void> check_predicate_name(std::string_view name, const TrackingPlan& plan,
                                  bool allows_source) {
  std::vector<std::string_view> known(fixed_names.begin(), fixed_names.end());
  if (!allows_source) known.erase(std::find(known.begin(), known.end(), "source"));
  for (const TraitPlan& trait : plan.traits) known.push_back(trait.name);
  for (const ActionPlan& action : plan.actions)
    for (const FieldPlan& field : action.fields)
      if (std::find(known.begin(), known.end(), field.name) == known.end())
        known.push_back(field.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  if (name == "source") return not_this(name, "a name of actions: an action has no source");
  return not_this(name, list_of(known, "a name"), nearest_name(name, known));
}

Result<Comparison> resolve_comparison(std::string_view name, Relation relation,
                                      const ValueToken& value, const TrackingPlan& plan) {
  Comparison out;
  out.relation = relation;
  const auto fixed = std::find(fixed_names.begin(), fixed_names.end(), name);
  const auto trait = plan.trait_index(name);
  if (fixed == fixed_names.end() && !trait) return resolve_field(name, std::move(out), value, plan);
  out.subject = trait ? Subject::trait : static_cast<Subject>(fixed - fixed_names.begin());
  if (orders(relation) && !is_ordered(out.subject))
    return not_this(name, "= or != here: it has no order");
  if (trait) out.trait = static_cast<std::uint16_t>(*trait);
  auto literal = trait ? word_among(views(plan.traits[*trait].values), value,
                                    "a value of " + std::string(name))
                       : fixed_literal(out.subject, value, plan);
  if (!literal) return literal.error();
  out.literals.push_back(literal.value());
  return out;
}

}  // namespace parallax
