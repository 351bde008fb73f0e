// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

/// What is taught: data sets with a story, and tasks on them. Both are texts in scenarios/teaching,
/// built into the program; its README says how they are written.
namespace parallax {

/// A query that students write and that must not pass.
struct WrongQuery {
  std::string name;  ///< The mistake in a few words: "counting retries".
  std::string why;   ///< What it gets wrong, told to whoever comes to its result.
  std::string sql;
};

struct Task {
  std::string name;  ///< [a-z0-9-]+, unique over all data sets: what `parallax grade` is given.
  std::string title;
  int level = 1;                     ///< 1 first steps, 2 practice, 3 challenge.
  bool plan = false;                 ///< Answered by a table of words, not by SQL.
  std::vector<std::string> columns;  ///< Of the answer, in order.
  std::vector<std::string> key;      ///< Columns that tell the rows apart, for explanations.
  bool ordered = false;              ///< The order of the rows counts.
  Ratio tolerance = Ratio::zero();   ///< Relative, for numbers.
  std::string text;                  ///< Markdown.
  std::vector<std::string> hints;    ///< 1 .. 3, each saying more than the one before.
  std::string answer;                ///< SQL; of a plan too.
  std::string explanation;           ///< Markdown: why the answer is right.
  std::vector<WrongQuery> wrong;     ///< At least two.
};

struct Dataset {
  std::string name;
  std::string title;
  std::string about;    ///< One sentence.
  std::string story;    ///< Markdown, for the bundle's README.
  std::string tables;   ///< Markdown: every table and column, with units and time zones.
  std::string prepare;  ///< SQL that makes more tables (lesson_data.h); may be empty.
  std::vector<Task> tasks;
};

/// Names of all data sets.
std::vector<std::string> dataset_names();
/// Errors: no such data set (with the nearest name), or a text of it that cannot be read.
Result<Dataset> load_dataset(const std::string& name);
/// The data set and the index of the task in it. Errors as above.
struct TaskPlace {
  Dataset dataset;
  std::size_t task = 0;
};
Result<TaskPlace> find_task(const std::string& name);

/// The data set's scenario with another seed, and its population times `scale`; no seed: its own.
Result<Scenario> lesson_scenario(const std::string& dataset, std::optional<std::uint64_t> seed,
                                 std::uint32_t scale);

/// Reads the text of a task: title, header lines "key: value", sections. `file` names it in errors.
Result<Task> parse_task(const std::string& file, std::string_view text);
/// Reads the text of a story; without the tasks.
Result<Dataset> parse_story(const std::string& file, std::string_view text);

/// The text of scenarios/NAME; the empty name gives all names that are built in, a line each.
std::string_view embedded_scenario(std::string_view name);

}  // namespace parallax
