// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/sandbox.h"

/// Cells and rows of answers as they are compared (answer_check.h).
namespace parallax {

/// A cell, read as a type.
class Value {
 public:
  /// A text that does not read as `kind` stays a text, and agrees with no value of that kind.
  Value(const AnswerTable::Cell& cell, AnswerTable::Kind kind, bool any_case);

  /// Numbers: within `tolerance`, relative to the larger one; binary fractions within 1e-9 always.
  bool agrees(const Value& other, double tolerance) const;
  bool is_number() const { return form_ == Form::decimal || form_ == Form::binary; }
  /// For people: "NULL", "''", the number, the time.
  std::string shown() const;
  /// Equal for values that may agree; that of all numbers is the same.
  const std::string& bucket() const { return bucket_; }
  double number() const { return number_; }

 private:
  enum class Form : std::uint8_t {
    null,
    text,
    decimal,  ///< Digits, perhaps with a point.
    binary,   ///< With an exponent.
  };
  Form form_ = Form::null;
  std::string text_;  ///< Canonical.
  std::string bucket_;
  double number_ = 0;
};

using Row = std::vector<Value>;
using Rows = std::vector<Row>;

std::string lower_case(std::string_view text);

bool agree(const Row& a, const Row& b, double tolerance);

/// The rows of `got` in the order of columns of `expected` and read as its types: column i is
/// column `at[i]` of `got`.
Rows rows_of(const AnswerTable& expected, const AnswerTable& got,
             const std::vector<std::size_t>& at, bool any_case);

/// What is left of each when rows that agree are taken out in pairs.
struct Unmatched {
  Rows missing, extra;
};
Unmatched match_rows(const Rows& expected, const Rows& got, double tolerance);

}  // namespace parallax
