// SPDX-License-Identifier: Apache-2.0
#include "sim/run/grade.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace parallax {
namespace fs = std::filesystem;
namespace {

/// How far hidden seeds are from public ones: nobody counts up to there by hand.
constexpr std::uint64_t seed_distance = 7919;

/// Our own SQL: a busy machine must not make a task unfit.
constexpr SandboxLimits own_limits{.time = 5 * minute};

Result<AnswerTable> expected_answer(const Task& task, const fs::path& database) {
  Result<AnswerTable> out = run_in_sandbox(database, task.answer, own_limits);
  if (out) return out;
  return Error{out.error().kind, out.error().what, "the answer of " + task.name};
}

/// Whether both are one answer: where the numbers of rows differ nothing else is looked at.
bool is_same(const Task& task, const AnswerTable& expected, const AnswerTable& given) {
  return expected.rows.size() == given.rows.size() &&
         compare_answers(task, expected, given).right();
}

/// The mistake that gives just these rows, where it is a listed one.
std::string known_mistake(const Task& task, const AnswerTable& given, const fs::path& database) {
  for (const WrongQuery& wrong : task.wrong) {
    const Result<AnswerTable> theirs = run_in_sandbox(database, wrong.sql, own_limits);
    if (theirs && is_same(task, *theirs, given)) return wrong.why;
  }
  return {};
}

bool key_tells_apart(const Task& task, const AnswerTable& answer) {
  std::set<std::vector<AnswerTable::Cell>> seen;
  for (const auto& row : answer.rows) {
    std::vector<AnswerTable::Cell> key;
    for (std::size_t i = 0; i < task.columns.size(); ++i)
      for (const std::string& name : task.key)
        if (task.columns[i] == name) key.push_back(row[i]);
    if (!seen.insert(std::move(key)).second) return false;
  }
  return true;
}

}  // namespace

std::uint64_t hidden_seed_for(std::uint64_t public_seed) { return public_seed + seed_distance; }

Result<Graded> grade_on(const Task& task, const Answer& answer, const fs::path& database,
                        const SandboxLimits& limits) {
  const Result<AnswerTable> expected = expected_answer(task, database);
  if (!expected) return expected.error();
  Graded out;
  out.rows = expected->rows.size();
  Result<AnswerTable> given = answer.rows ? Result<AnswerTable>(*answer.rows)
                                          : run_in_sandbox(database, answer.sql, limits);
  if (!given) {
    out.error = given.error();
    return out;
  }
  out.comparison = compare_answers(task, *expected, *given);
  if (!out.comparison.right() && out.comparison.mismatch != Mismatch::columns)
    out.mistake = known_mistake(task, *given, database);
  return out;
}

std::vector<std::string> unfit(const Task& task, const fs::path& database) {
  const Result<AnswerTable> expected = expected_answer(task, database);
  if (!expected) return {expected.error().text()};
  std::vector<std::string> out, names;
  for (const AnswerTable::Column& column : expected->columns) names.push_back(column.name);
  if (names != task.columns)
    return {fmt::format("the answer has the columns {}, not {}", fmt::join(names, ", "),
                        fmt::join(task.columns, ", "))};
  if (expected->rows.empty()) out.emplace_back("the answer has no rows");
  if (!key_tells_apart(task, *expected)) out.emplace_back("two rows of the answer have one key");
  for (const WrongQuery& wrong : task.wrong) {
    const Result<AnswerTable> theirs = run_in_sandbox(database, wrong.sql, own_limits);
    if (!theirs) {
      out.push_back(fmt::format("\"{}\" does not run: {}", wrong.name, theirs.error().text()));
    } else if (is_same(task, *expected, *theirs)) {
      out.push_back(fmt::format("\"{}\" passes", wrong.name));
    }
  }
  return out;
}

}  // namespace parallax
