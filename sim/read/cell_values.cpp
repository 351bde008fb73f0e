// SPDX-License-Identifier: Apache-2.0
#include "sim/read/cell_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace parallax::cell_values {
namespace {

/// "1.999E1" as "19.99"; empty where `text` has no exponent, or one that no value of ours has.
std::string written_out(std::string_view text) {
  constexpr int most = 40;
  const std::size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return {};
  std::string_view mantissa = text.substr(0, mark), shift = text.substr(mark + 1);
  if (shift.starts_with('+')) shift.remove_prefix(1);
  int by = 0;
  const auto [stop, error] = std::from_chars(shift.data(), shift.data() + shift.size(), by);
  if (error != std::errc{} || stop != shift.data() + shift.size()) return {};
  if (by < -most || by > most) return {};
  std::string out;
  if (mantissa.starts_with('-')) {
    out = "-";
    mantissa.remove_prefix(1);
  }
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, dot));
  int point = static_cast<int>(dot) + by;
  if (dot < mantissa.size()) digits += mantissa.substr(dot + 1);
  if (digits.empty()) return {};
  if (point <= 0) {
    digits.insert(0, static_cast<std::size_t>(1 - point), '0');
    point = 1;
  }
  const auto whole = static_cast<std::size_t>(point);
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  if (digits.size() > whole) digits.insert(whole, 1, '.');
  return out + digits;
}

std::optional<std::int64_t> read_scientific(FieldType type, const Cell& cell, int exponent) {
  const std::string text = written_out(cell.text);
  if (text.empty()) return std::nullopt;
  Cell plain = cell;
  plain.text = text;
  return read_value(type, plain, exponent);
}

/// The whole units next to it.
std::optional<std::int64_t> read_nearest(FieldType type, const Cell& cell, int exponent) {
  if (type != FieldType::integer && type != FieldType::money) return std::nullopt;
  const int places = type == FieldType::money ? exponent : 0;
  double amount = 0;
  if (cell.kind == Kind::integer || cell.kind == Kind::decimal) {
    amount = static_cast<double>(cell.value) * std::pow(10.0, places - cell.scale);
  } else {
    const char* const end = cell.text.data() + cell.text.size();
    const auto [stop, error] = std::from_chars(cell.text.data(), end, amount);
    if (error != std::errc{} || stop != end) return std::nullopt;
    amount *= std::pow(10.0, places);
  }
  constexpr double most = 9e18;
  if (!(amount > -most && amount < most)) return std::nullopt;
  return std::llround(amount);
}

}  // namespace

FieldForm read_odd_field(FieldType type, const Cell& cell, int exponent, std::int64_t& value) {
  const bool flat = cell.kind != Kind::nested;
  if (const auto read = flat ? read_scientific(type, cell, exponent) : std::nullopt) {
    value = *read;
    return form_of(type, cell);
  }
  const auto nearest = flat ? read_nearest(type, cell, exponent) : std::nullopt;
  value = nearest ? *nearest : static_cast<std::int64_t>(hash_text(cell.text));
  return nearest ? FieldForm::inexact : FieldForm::other;
}

}  // namespace parallax::cell_values
