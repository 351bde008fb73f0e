// SPDX-License-Identifier: Apache-2.0
// Grades one answer: on the data that students have, and on data that they have not.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "sim/run/bundle.h"
#include "sim/run/command_parts.h"
#include "sim/run/grade.h"
#include "sim/run/lesson_data.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t width = 100;
constexpr std::uintmax_t answer_bytes_max = std::uintmax_t{64} << 20U;

int refuse(const Error& error) { return complain(exit_for(error), error.text()); }

Result<Answer> read_answer(const std::string& file, const Task& task) {
  std::error_code code;
  const std::uintmax_t bytes = fs::file_size(file, code);
  if (code) return Error{Error::Kind::invalid_input, "cannot be read: " + code.message(), file};
  if (bytes > answer_bytes_max)
    return Error{Error::Kind::invalid_input, "is larger than 64 MiB", file};
  Answer out;
  if (file.ends_with(".csv")) {
    Result<AnswerTable> rows = read_answer_csv(file);
    if (!rows) return rows.error();
    out.rows = std::move(*rows);
    return out;
  }
  if (!file.ends_with(".sql"))
    return Error{Error::Kind::invalid_input, "an answer is a .sql or a .csv file", file};
  if (task.plan)
    return Error{Error::Kind::invalid_input,
                 fmt::format("{} is answered by a .csv file with the columns {}", task.name,
                             fmt::join(task.columns, ", ")),
                 file};
  std::ifstream in(file, std::ios::binary);
  out.sql.assign(std::istreambuf_iterator<char>(in), {});
  return out;
}

Result<Graded> grade_seed(const TaskPlace& place, const Answer& answer,
                          std::optional<std::uint64_t> seed, std::uint32_t scale) {
  const auto scenario = lesson_scenario(place.dataset.name, seed, scale);
  if (!scenario) return scenario.error();
  const auto scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  const auto data = make_lesson_data(place.dataset, *scenario, scratch->path());
  if (!data) return data.error();
  Result<Graded> out = grade_on(place.dataset.tasks[place.task], answer, data->database);
  if (out) out->seed = scenario->seed;
  return out;
}

/// Public data, then, for a query that is right there, hidden ones.
Result<std::vector<Graded>> grade_all(const GradeCommand& command, const TaskPlace& place,
                                      const Answer& answer, std::uint32_t scale) {
  Result<Graded> shown = grade_seed(place, answer, command.seed, scale);
  if (!shown) return shown.error();
  const std::uint64_t seed = shown->seed;
  std::vector<Graded> out{std::move(*shown)};
  if (answer.rows || !out.front().right()) return out;
  std::vector<std::uint64_t> hidden = command.hidden_seeds;
  if (hidden.empty()) hidden.push_back(hidden_seed_for(seed));
  for (const std::uint64_t other : hidden) {
    Result<Graded> graded = grade_seed(place, answer, other, 1);
    if (!graded) return graded.error();
    graded->hidden = true;
    out.push_back(std::move(*graded));
  }
  return out;
}

/// Prose as it is written in Markdown: a line break is a blank, an empty line a paragraph.
std::vector<std::string> paragraphs(const std::string& text) {
  std::vector<std::string> out;
  for (std::string paragraph : report_text::split(text, "\n\n")) {
    std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
    out.push_back(std::move(paragraph));
  }
  return out;
}

/// What matters of a message of the database: its first line, and the place in the query.
std::vector<std::string> error_lines(const std::string& message) {
  const std::vector<std::string> parts = report_text::split(message, "\n\n");
  std::vector<std::string> out = report_text::split(parts.front(), "\n");
  if (message.starts_with("Out of Memory")) out.resize(1);
  for (const std::string& part : parts)
    if (part.starts_with("LINE "))
      for (std::string& line : report_text::split(part, "\n")) out.push_back(std::move(line));
  return out;
}

constexpr std::size_t indent = 11;

/// Lines below each other, wrapped, behind a label on the first one.
void print_lines(const std::string& label, const std::vector<std::string>& lines) {
  std::string_view shown = label;
  for (const std::string& line : lines)
    for (const std::string& part : report_text::wrapped(report_text::legal(line), width - indent)) {
      fmt::print("{:<{}}{}\n", shown, indent, part);
      shown = {};
    }
}

void print_items(const std::vector<std::string>& items) {
  for (const std::string& item : items) {
    char mark = '-';
    for (const std::string& part :
         report_text::wrapped(report_text::legal(item), width - indent - 2)) {
      fmt::print("{:<{}}{} {}\n", "", indent, mark, part);
      mark = ' ';
    }
  }
}

void print_graded(const Graded& graded) {
  const std::string where =
      fmt::format("{} data, seed {}", graded.hidden ? "hidden" : "public", graded.seed);
  if (graded.right()) {
    fmt::print("  right  {}: {} {}\n", where, report_text::with_thousands(graded.rows),
               graded.rows == 1 ? "row" : "rows");
    return;
  }
  fmt::print("  wrong  {}\n\n", where);
  if (graded.error) {
    print_lines(graded.error->kind == Error::Kind::timeout ? "too slow" : "error",
                error_lines(graded.error->what));
    return;
  }
  const Comparison& comparison = graded.comparison;
  print_lines(std::string(name_of(comparison.mismatch)), {comparison.sentence});
  print_items(comparison.examples);
  if (!graded.mistake.empty()) print_lines("mistake", paragraphs(graded.mistake));
}

/// What to think about next.
void print_help(const Task& task, const std::vector<Graded>& graded) {
  fmt::print("\n");
  if (graded.back().hidden)
    print_lines("why",
                {"Right on the data you see and wrong on others: something in the query fits "
                 "these data by chance, such as a constant."});
  print_lines("hint", {task.hints.front()});
}

}  // namespace

int command_grade(const GradeCommand& command) {
  const Result<BundleSize> size = bundle_size(command.size);
  if (!size) return refuse(size.error());
  const Result<TaskPlace> place = find_task(command.task);
  if (!place) return refuse(place.error());
  const Task& task = place->dataset.tasks[place->task];
  const Result<Answer> answer = read_answer(command.answer, task);
  if (!answer) return refuse(answer.error());
  const auto graded = grade_all(command, *place, *answer, size->scale);
  if (!graded) return refuse(graded.error());

  const bool right = graded->back().right();
  fmt::print("{}  {} ({}, {})\n", right ? "PASS" : "FAIL", task.title, task.name,
             place->dataset.name);
  for (const Graded& one : *graded) print_graded(one);
  if (!right) {
    print_help(task, *graded);
    return exit_fail;
  }
  fmt::print("\n");
  print_lines("why", paragraphs(task.explanation));
  if (answer->rows && !task.plan)
    print_lines("note",
                {"A file of rows is compared with the public data alone; a query would also "
                 "be tried on hidden ones."});
  return exit_pass;
}

}  // namespace parallax
