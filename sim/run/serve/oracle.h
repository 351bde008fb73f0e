// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/run/report.h"
#include "sim/run/serve/declared_run.h"
#include "sim/scenario/target.h"

namespace parallax::serve {

/// Something in which a row is not what was declared.
struct Difference {
  std::string column, found, expected;
};

/// A row of the target, as its own text and what is wrong with it.
struct ToldRow {
  std::string json;  ///< In our column names; empty where the target did not give it any more.
  std::vector<Difference> differences;
};

/// What became of one declared action.
struct ToldAction {
  std::string id, action_key, name, label;
  ActionVerdict verdict = ActionVerdict::unevaluated;
  Cause cause = Cause::none;
  std::string why;  ///< One sentence; empty where nothing is wrong.
  std::uint32_t rows_total = 0;
  std::vector<ToldRow> rows;          ///< The first `rows_told_max`.
  std::vector<ToldRow> nearest;       ///< At most one: of an action without a row, what came near.
  std::vector<std::string> timeline;  ///< "TIME  what", oldest first.
};
constexpr std::size_t rows_told_max = 5;
/// Of so many actions the rows are told, the wrong ones first; of all others only how many.
constexpr std::size_t actions_told_max = 200;

/// A run judged.
struct Judged {
  RunReport report;
  std::vector<ToldAction> actions;    ///< As declared.
  std::vector<std::string> phantoms;  ///< Rows as JSON, the first `rows_told_max`.
  std::string message;                ///< Lines for a failing test: what is wrong, and where.
};

/// Where a run's rows are read from.
struct Reading {
  TargetPlan target;
  std::filesystem::path folder;  ///< For what does not fit into memory.
};

/// Waits until the target has settled, at most for its limit, reads and judges.
/// 400: plan or assertions cannot be used; 409: nothing was declared; 500: the target file makes no
/// reader, or the disk failed. A target that cannot be read is no refusal: the verdict is unknown.
std::optional<Refusal> judge(const Declared& declared, const Reading& reading, Judged& judged);

}  // namespace parallax::serve
