// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "sim/run/bundle.h"
#include "sim/run/report_text.h"
#include "sim/run/version.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> level_names{"first steps", "practice", "challenge"};

std::string_view level_name(const Task& task) {
  return level_names[static_cast<std::size_t>(task.level - 1)];
}

std::string columns_text(const std::vector<std::string>& columns) {
  return fmt::format("`{}`", fmt::join(columns, "`, `"));
}

std::string answer_file(const Task& task) { return task.name + (task.plan ? ".csv" : ".sql"); }

/// What a student must know about how the answer is compared.
std::string how_compared(const Task& task) {
  std::string out = task.plan ? "A CSV file with a header line and the columns "
                              : "A query, or a CSV file of its result, with the columns ";
  out += columns_text(task.columns) + ". ";
  out += task.ordered ? "The order of the rows counts." : "The order of the rows does not count.";
  if (task.tolerance != Ratio::zero())
    out += fmt::format(" Numbers may be off by {}.", format_ratio(task.tolerance));
  return out;
}

}  // namespace

std::string grade_command(const BundlePlan& plan, const std::string& task,
                          const std::string& file) {
  std::string out = fmt::format("parallax grade {} {}", task, file);
  if (!plan.usual) out += fmt::format(" --size {} --seed {}", plan.size.name, plan.scenario.seed);
  return out;
}

std::string bundle_readme(const BundlePlan& plan, const std::vector<BundleFile>& data) {
  const Dataset& dataset = plan.dataset;
  const Task& first = dataset.tasks.front();
  std::string out = fmt::format("# {}\n\n{}\n\n{}\n\n## The data\n\n", dataset.title, dataset.about,
                                dataset.story);
  out += "| file | rows | bytes |\n| --- | ---: | ---: |\n";
  for (const BundleFile& file : data)
    out += fmt::format("| [{0}]({0}) | {1} | {2} |\n", file.path,
                       file.rows ? report_text::with_thousands(*file.rows) : "",
                       file.rows ? report_text::with_thousands(file.bytes) : "");
  out += fmt::format(
      "\nThe same tables three times: as CSV, as Parquet, and all in one DuckDB database, where "
      "you "
      "can start at once:\n\n```sh\nduckdb -readonly data/{}.duckdb\n```\n\nWhat the columns mean "
      "is "
      "in [schema.md](schema.md). All times are UTC.\n\n## The tasks\n\n"
      "| task | level | what it is about |\n| --- | --- | --- |\n",
      dataset.name);
  for (const Task& task : dataset.tasks)
    out += fmt::format("| [{0}](tasks.md#{0}) | {1}, {2} | {3} |\n", task.name, task.level,
                       level_name(task), task.title);
  out += fmt::format(
      "\nEach is told in full in [tasks.md](tasks.md), with hints; programs find the same in "
      "[tasks.json](tasks.json).\n\n## Being graded\n\nWrite your query into a file and ask:\n\n"
      "```sh\n{}\n```\n\nYour query runs in DuckDB on these data, and on hidden ones: the same "
      "story "
      "told with other dice. A query that is right for the right reason passes on both. Where it "
      "does "
      "not, you are told what the first difference is. A CSV file of rows will do too; it is "
      "compared "
      "with the answer on these data alone.\n",
      grade_command(plan, first.name, answer_file(first)));
  return out;
}

std::string bundle_teacher_readme(const BundlePlan& plan) {
  std::string out = fmt::format(
      "# {}: for teachers\n\nNot for students: hand out the folder `student` beside this one.\n\n"
      "## Answers\n\n| task | level | answer | rows | explanation, and the wrong answers |\n"
      "| --- | --- | --- | --- | --- |\n",
      plan.dataset.title);
  for (const Task& task : plan.dataset.tasks)
    out += fmt::format(
        "| {0} | {1} | [SQL](answers/{0}.sql) | [CSV](answers/{0}.csv) | [{2}](answers/{0}.md) |\n",
        task.name, level_name(task), task.title);
  const std::string first = plan.dataset.tasks.front().name;
  out += fmt::format(
      "\nEach wrong answer was tried on these data and on hidden ones, and fails on both. For an "
      "exam, "
      "choose hidden data of your own:\n\n```sh\n{} --hidden-seed 2026 --hidden-seed 2027\n```\n\n"
      "## Truth\n\n[scenario.json](scenario.json) is what was played, its faults among it. "
      "[truth](truth) is the ledger of it, as Parquet: `actions` is what people really did, "
      "`emissions` "
      "what each side recorded of it and which faults struck, `attempts` and `deliveries` what was "
      "sent "
      "when and how it ended, `abandons` what was given up.\n",
      grade_command(plan, first, first + ".sql"));
  return out;
}

std::string bundle_tasks(const BundlePlan& plan) {
  std::string out = fmt::format("# The tasks of {}\n", plan.dataset.name);
  for (const Task& task : plan.dataset.tasks) {
    out += fmt::format(
        "\n<a id=\"{}\"></a>\n## {}\n\nLevel {}, {}.\n\n{}\n\n**Answer.** {}\n\n```sh\n{}\n```\n",
        task.name, task.title, task.level, level_name(task), task.text, how_compared(task),
        grade_command(plan, task.name, answer_file(task)));
    for (std::size_t i = 0; i < task.hints.size(); ++i)
      out += fmt::format("\n<details><summary>Hint {} of {}</summary>\n\n{}\n\n</details>\n", i + 1,
                         task.hints.size(), task.hints[i]);
  }
  return out;
}

std::string bundle_tasks_json(const BundlePlan& plan) {
  Json tasks = Json::array();
  for (const Task& task : plan.dataset.tasks)
    tasks.push_back({{"id", task.name},
                     {"title", task.title},
                     {"level", task.level},
                     {"text", task.text},
                     {"answer", task.plan ? "plan" : "query"},
                     {"columns", task.columns},
                     {"ordered", task.ordered},
                     {"tolerance", task.tolerance.value()},
                     {"hints", task.hints},
                     {"grade", grade_command(plan, task.name, answer_file(task))}});
  const Json out{{"schema_version", 1}, {"dataset", plan.dataset.name}, {"tasks", tasks}};
  return out.dump(2) + "\n";
}

std::string bundle_answer(const Task& task) {
  std::string out =
      fmt::format("# {}\n\n{}\n\n```sql\n{}```\n\n{}\n\n## Answers that must not pass\n",
                  task.title, task.text, task.answer, task.explanation);
  for (const WrongQuery& wrong : task.wrong)
    out += fmt::format("\n### {}\n\n{}\n\n```sql\n{}```\n", wrong.name, wrong.why, wrong.sql);
  return out;
}

std::string bundle_manifest(const BundlePlan& plan, const std::vector<BundleFile>& files) {
  Json list = Json::array();
  for (const BundleFile& file : files) {
    Json entry{{"path", file.path}};
    if (file.rows) entry["rows"] = *file.rows;
    if (!file.sha256.empty()) {
      entry["bytes"] = file.bytes;
      entry["sha256"] = file.sha256;
    }
    list.push_back(std::move(entry));
  }
  const Json out{{"schema_version", 1},          {"parallax", version_text},
                 {"dataset", plan.dataset.name}, {"size", plan.size.name},
                 {"seed", plan.scenario.seed},   {"files", list}};
  return out.dump(2) + "\n";
}

}  // namespace parallax
