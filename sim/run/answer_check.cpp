// SPDX-License-Identifier: Apache-2.0
#include "sim/run/answer_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "sim/core/time.h"
#include "sim/run/answer_rows.h"
#include "sim/run/report_text.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

using Kind = AnswerTable::Kind;
using report_text::with_thousands;
constexpr std::size_t examples_max = 3;
constexpr double nearly = 0.01;  ///< Numbers this near are a matter of precision.

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Index of each expected column in `got`, or what is wrong with the columns.
struct ColumnMap {
  std::vector<std::size_t> at;
  std::vector<std::string> names;  ///< Of `got`.
  std::string wrong;
};

std::string missing_column(const std::string& name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string nearest = nearest_name(name, views);
  return nearest.empty() ? name : fmt::format("{} (is it your {}?)", name, nearest);
}

std::string counted(std::size_t rows) {
  return with_thousands(rows) + (rows == 1 ? " row" : " rows");
}

ColumnMap map_columns(const AnswerTable& expected, const AnswerTable& got) {
  std::vector<std::string> names, odd, missing, uncompared;
  for (const auto& column : got.columns) names.push_back(lower_case(column.name));
  ColumnMap out;
  for (const auto& column : expected.columns) {
    const auto found = std::find(names.begin(), names.end(), lower_case(column.name));
    if (found == names.end()) {
      missing.push_back(missing_column(column.name, names));
      continue;
    }
    out.at.push_back(static_cast<std::size_t>(found - names.begin()));
    if (got.columns[out.at.back()].kind == Kind::other) uncompared.push_back(column.name);
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::find(out.at.begin(), out.at.end(), i) == out.at.end()) odd.push_back(names[i]);
  if (!missing.empty()) {
    out.wrong = "missing: " + joined(missing);
  } else if (!odd.empty()) {
    out.wrong = "not asked for: " + joined(odd);
  } else if (!uncompared.empty()) {
    out.wrong = fmt::format(
        "of a type that is not compared: {}; cast to a number, a text, a boolean or a TIMESTAMP",
        joined(uncompared));
  }
  out.names = std::move(names);
  return out;
}

/// Says where two answers differ, key by key.
class Explainer {
 public:
  /// `rows`: those of `expected`.
  Explainer(const Task& task, const AnswerTable& expected, const Rows& rows)
      : task_(task), rows_(rows) {
    for (const auto& column : expected.columns) names_.push_back(column.name);
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (std::find(task.key.begin(), task.key.end(), names_[i]) != task.key.end())
        key_.push_back(i);
  }

  /// `missing` and `extra`: rows of one answer that the other has not.
  void explain(const Rows& missing, const Rows& extra, Comparison& out) const {
    std::map<std::string, std::pair<std::vector<const Row*>, std::vector<const Row*>>> by_key;
    for (const Row& row : missing) by_key[key_text(row)].first.push_back(&row);
    for (const Row& row : extra) by_key[key_text(row)].second.push_back(&row);
    bool all_near = true;
    for (const auto& [key, rows] : by_key) {
      const auto& [lacking, odd] = rows;
      const bool pair = lacking.size() == 1 && odd.size() == 1;
      all_near = all_near && pair && near(*lacking.front(), *odd.front());
      if (out.examples.size() == examples_max) continue;
      out.examples.push_back(pair ? differences(key, *lacking.front(), *odd.front())
                                  : uneven(key, lacking, odd));
    }
    if (all_near && out.mismatch == Mismatch::values) out.mismatch = Mismatch::precision;
  }

  std::string row_text(const Row& row) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < names_.size(); ++i)
      parts.push_back(names_[i] + " " + row[i].shown());
    return joined(parts);
  }

 private:
  std::string key_text(const Row& row) const {
    std::vector<std::string> parts;
    for (const std::size_t i : key_) parts.push_back(names_[i] + " " + row[i].shown());
    return joined(parts);
  }
  bool is_key(std::size_t column) const {
    return std::find(key_.begin(), key_.end(), column) != key_.end();
  }
  static bool near(const Row& a, const Row& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!a[i].agrees(b[i], a[i].is_number() ? nearly : 0)) return false;
    return true;
  }
  std::string differences(const std::string& key, const Row& expected, const Row& got) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (is_key(i) || expected[i].agrees(got[i], task_.tolerance.value())) continue;
      parts.push_back(task_.plan ? fmt::format("{} is not right", got[i].shown())
                                 : fmt::format("{} is {}, expected {}", names_[i], got[i].shown(),
                                               expected[i].shown()));
    }
    return fmt::format("{}: {}", key, joined(parts));
  }
  std::string uneven(const std::string& key, const std::vector<const Row*>& missing,
                     const std::vector<const Row*>& extra) const {
    if (extra.empty()) return "missing: " + (task_.plan ? key : row_text(*missing.front()));
    if (missing.empty())
      return (is_expected(key) ? "more than once: " : "not expected: ") + row_text(*extra.front());
    return fmt::format("{}: {} rows of yours, {} expected", key, extra.size(), missing.size());
  }

  bool is_expected(const std::string& key) const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const Row& row) { return key_text(row) == key; });
  }

  const Task& task_;
  const Rows& rows_;
  std::vector<std::string> names_;
  std::vector<std::size_t> key_;
};

/// Where two equal multisets first differ as lists.
void check_order(const Rows& expected, const Rows& got, const Explainer& explainer,
                 double tolerance, Comparison& out) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (agree(expected[i], got[i], tolerance)) continue;
    out.mismatch = Mismatch::order;
    out.sentence = fmt::format("the rows are right, but row {} is another one", i + 1);
    out.examples = {"yours: " + explainer.row_text(got[i]),
                    "expected: " + explainer.row_text(expected[i])};
    return;
  }
}

}  // namespace

std::string_view name_of(Mismatch m) {
  constexpr std::array<std::string_view, 6> names{"right",  "columns",   "row count",
                                                  "values", "precision", "order"};
  return names[static_cast<std::size_t>(m)];
}

Comparison compare_answers(const Task& task, const AnswerTable& expected, const AnswerTable& got) {
  Comparison out;
  const ColumnMap columns = map_columns(expected, got);
  if (!columns.wrong.empty()) {
    out.mismatch = Mismatch::columns;
    out.sentence = columns.wrong;
    out.examples = {"yours: " + joined(columns.names), "expected: " + joined(task.columns)};
    return out;
  }
  std::vector<std::size_t> same;
  for (std::size_t i = 0; i < expected.columns.size(); ++i) same.push_back(i);
  const Rows right = rows_of(expected, expected, same, task.plan);
  const Rows given = rows_of(expected, got, columns.at, task.plan);
  const double tolerance = task.tolerance.value();
  const Unmatched unmatched = match_rows(right, given, tolerance);
  const Explainer explainer(task, expected, right);
  if (right.size() != given.size()) {
    out.mismatch = Mismatch::row_count;
    out.sentence =
        fmt::format("{}, expected {}", counted(given.size()), with_thousands(right.size()));
  } else if (!unmatched.missing.empty()) {
    out.mismatch = Mismatch::values;
    out.sentence = fmt::format("{} of {} differ", with_thousands(unmatched.missing.size()),
                               counted(right.size()));
  }
  if (!out.right()) {
    explainer.explain(unmatched.missing, unmatched.extra, out);
  } else if (task.ordered) {
    check_order(right, given, explainer, tolerance, out);
  }
  if (out.mismatch == Mismatch::precision) out.sentence += ", all by less than a per cent";
  return out;
}

}  // namespace parallax
