// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/answer_check.h"
#include "sim/run/lesson.h"
#include "sim/run/sandbox.h"
#include "sim/run/scratch_folder.h"

namespace parallax {

/// An answer held against one data set.
struct Graded {
  std::uint64_t seed = 0;
  bool hidden = false;
  std::size_t rows = 0;        ///< Of the expected answer.
  std::optional<Error> error;  ///< The answer's SQL did not run.
  Comparison comparison;       ///< Where there is no error.
  std::string mistake;         ///< Where it is the result of a wrong query: what that gets wrong.
  bool right() const { return !error && comparison.right(); }
};

/// What a student hands in: SQL, or rows that were computed on the public data.
struct Answer {
  std::string sql;
  std::optional<AnswerTable> rows;
};

/// Holds an answer against the data in `database`. Errors: our own answer does not run.
Result<Graded> grade_on(const Task& task, const Answer& answer,
                        const std::filesystem::path& database, const SandboxLimits& limits = {});

/// Why the task must not be given to anybody on these data: its answer does not run, has no rows,
/// other columns than it says or a key that does not tell rows apart; or a wrong query passes.
/// Empty: it may.
std::vector<std::string> unfit(const Task& task, const std::filesystem::path& database);

/// Seed of the hidden data where none is given: another one than that of the public data.
std::uint64_t hidden_seed_for(std::uint64_t public_seed);

}  // namespace parallax
