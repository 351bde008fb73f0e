// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/run/lesson.h"
#include "sim/run/sandbox.h"

namespace parallax {

/// What is wrong with an answer, the first that applies in this order.
enum class Mismatch : std::uint8_t {
  none,
  columns,    ///< Missing, not asked for, or of a type that is not compared.
  row_count,  ///< More or fewer rows than expected.
  values,     ///< As many rows, but others.
  precision,  ///< The right rows, with numbers off by less than a per cent.
  order,      ///< The right rows in another order than the task asks for.
};
std::string_view name_of(Mismatch m);  ///< "row count"

struct Comparison {
  Mismatch mismatch = Mismatch::none;
  std::string sentence;               ///< What is wrong, with numbers.
  std::vector<std::string> examples;  ///< At most three rows, a sentence each.
  bool right() const { return mismatch == Mismatch::none; }
};

/// Compares an answer with the expected one as multisets of rows; where the task says so, as lists.
/// - Columns are found by name, whatever the case; their order does not count.
/// - Cells are read as the expected column's type, so that a CSV file's texts will do. NULL is
///   equal to NULL alone, neither to 0 nor to ''. Times are instants in UTC.
/// - Numbers agree within the task's relative tolerance, and binary fractions within 1e-9; whole
///   numbers and decimals without a tolerance have to be equal.
/// - The words of a plan are compared whatever the case, and examples do not tell the right ones.
Comparison compare_answers(const Task& task, const AnswerTable& expected, const AnswerTable& got);

}  // namespace parallax
