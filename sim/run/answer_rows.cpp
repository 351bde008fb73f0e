// SPDX-License-Identifier: Apache-2.0
#include "sim/run/answer_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>

#include "sim/core/time.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Kind = AnswerTable::Kind;

constexpr double binary_tolerance = 1e-9;

/// "+012.50" -> "12.5", "-0.0" -> "0"; nothing for anything but digits with one point.
std::optional<std::string> canonical_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  std::string whole(text.substr(0, point));
  std::string rest(point == std::string_view::npos ? "" : text.substr(point + 1));
  const auto digits = [](const std::string& part) {
    return part.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!digits(whole) || !digits(rest) || whole.size() + rest.size() == 0) return std::nullopt;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  rest.erase(rest.find_last_not_of('0') + 1);
  if (whole.empty()) whole = "0";
  std::string out = rest.empty() ? whole : whole + "." + rest;
  return negative && out != "0" ? "-" + out : out;
}

std::optional<double> binary_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

std::optional<std::string> canonical_time(const std::string& text) {
  std::optional<SimTime> time = parse_rfc3339(text);
  if (!time) time = parse_rfc3339(text + "Z");  // A CSV file may leave the zone out: it is UTC.
  return time ? std::optional(to_rfc3339(*time)) : std::nullopt;
}

std::optional<std::string> canonical_truth(const std::string& text) {
  const std::string word = lower_case(text);
  if (word == "true" || word == "t" || word == "1" || word == "yes") return "true";
  if (word == "false" || word == "f" || word == "0" || word == "no") return "false";
  return std::nullopt;
}

std::string trimmed(std::string_view text) {
  return std::string(report_text::trimmed(text, " \t"));
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Value::Value(const AnswerTable::Cell& cell, Kind kind, bool any_case) {
  if (!cell) {
    bucket_ = "null";
    return;
  }
  form_ = Form::text;
  text_ = any_case ? lower_case(trimmed(*cell)) : *cell;
  if (kind == Kind::number) {
    const std::optional<std::string> decimal = canonical_decimal(trimmed(text_));
    const std::optional<double> number = binary_number(decimal.value_or(trimmed(text_)));
    if (number) {
      // DuckDB writes a DOUBLE that is whole without a point, like an integer.
      form_ = decimal ? Form::decimal : Form::binary;
      text_ = decimal.value_or(fmt::format("{}", *number));
      number_ = *number;
      bucket_ = "number";
      return;
    }
  } else if (kind == Kind::time) {
    text_ = canonical_time(trimmed(text_)).value_or(text_);
  } else if (kind == Kind::truth) {
    text_ = canonical_truth(trimmed(text_)).value_or(text_);
  }
  bucket_ = "=" + text_;
}

bool Value::agrees(const Value& other, double tolerance) const {
  if (!is_number() || !other.is_number()) return bucket_ == other.bucket_;
  if (text_ == other.text_) return true;
  // Many digits behind the point come from a division: the last ones are nobody's choice.
  constexpr std::size_t long_text = 12;
  const bool exact = form_ == Form::decimal && other.form_ == Form::decimal &&
                     std::max(text_.size(), other.text_.size()) < long_text;
  const double most = exact ? tolerance : std::max(tolerance, binary_tolerance);
  const double scale = std::max(std::abs(number_), std::abs(other.number_));
  return std::abs(number_ - other.number_) <= most * scale;
}

std::string Value::shown() const {
  if (form_ == Form::null) return "NULL";
  if (text_.empty()) return "''";
  constexpr std::string_view midnight = "T00:00:00.000Z";
  if (text_.size() == rfc3339_length && text_.ends_with(midnight))
    return text_.substr(0, text_.size() - midnight.size());
  return text_;
}

bool agree(const Row& a, const Row& b, double tolerance) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!a[i].agrees(b[i], tolerance)) return false;
  return true;
}

Rows rows_of(const AnswerTable& expected, const AnswerTable& got,
             const std::vector<std::size_t>& at, bool any_case) {
  Rows out;
  out.reserve(got.rows.size());
  for (const auto& cells : got.rows) {
    out.emplace_back();
    for (std::size_t i = 0; i < at.size(); ++i)
      out.back().emplace_back(cells[at[i]], expected.columns[i].kind, any_case);
  }
  return out;
}

namespace {

/// Rows that may agree have the same text: everything but the numbers.
std::string bucket_of(const Row& row) {
  std::string out;
  for (const Value& value : row) out += value.bucket() + '\x1f';
  return out;
}

bool numbers_before(const Row* a, const Row* b) {
  for (std::size_t i = 0; i < a->size(); ++i)
    if ((*a)[i].number() != (*b)[i].number()) return (*a)[i].number() < (*b)[i].number();
  return false;
}

struct Bucket {
  std::vector<const Row*> expected, got;
};

/// Both lists are in the order of their numbers, so a partner is near the front; looking at a
/// window of them keeps a bucket of equal texts from being compared all with all.
void match_bucket(Bucket& bucket, double tolerance, Unmatched& out) {
  constexpr std::size_t window = 64;
  std::stable_sort(bucket.expected.begin(), bucket.expected.end(), numbers_before);
  std::stable_sort(bucket.got.begin(), bucket.got.end(), numbers_before);
  std::vector<bool> taken(bucket.got.size());
  std::size_t first = 0;
  for (const Row* row : bucket.expected) {
    while (first < taken.size() && taken[first]) ++first;
    std::size_t at = first, looked = 0;
    while (at < taken.size() && looked < window &&
           (taken[at] || !agree(*row, *bucket.got[at], tolerance))) {
      if (!taken[at]) ++looked;
      ++at;
    }
    if (at < taken.size() && looked < window) {
      taken[at] = true;
      continue;
    }
    out.missing.push_back(*row);
    // What is smaller than this one has no partner further on either.
    while (first < taken.size() && (taken[first] || numbers_before(bucket.got[first], row)))
      if (!taken[first]) {
        taken[first] = true;
        out.extra.push_back(*bucket.got[first]);
      } else {
        ++first;
      }
  }
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (!taken[i]) out.extra.push_back(*bucket.got[i]);
}

}  // namespace

Unmatched match_rows(const Rows& expected, const Rows& got, double tolerance) {
  std::map<std::string, Bucket> buckets;
  for (const Row& row : expected) buckets[bucket_of(row)].expected.push_back(&row);
  for (const Row& row : got) buckets[bucket_of(row)].got.push_back(&row);
  Unmatched out;
  for (auto& [text, bucket] : buckets) match_bucket(bucket, tolerance, out);
  return out;
}

}  // namespace parallax
