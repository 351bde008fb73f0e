// SPDX-License-Identifier: Apache-2.0
// Data sets to learn with: what there is, and a bundle of one to hand out.
#include <fmt/format.h>

#include "sim/run/bundle.h"
#include "sim/run/command_parts.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace {

constexpr std::size_t width = 100;
using Align = TextTable::Align;

int refuse(const Error& error) { return complain(exit_for(error), error.text()); }

}  // namespace

int command_dataset_list() {
  std::size_t tasks = 0;
  for (const std::string& name : dataset_names()) {
    const Result<Dataset> dataset = load_dataset(name);
    if (!dataset) return refuse(dataset.error());
    fmt::print("{}  {}\n", name, dataset->about);
    TextTable table({Align::left, Align::left, Align::left}, width);
    for (const Task& task : dataset->tasks)
      table.add({task.name, std::string(static_cast<std::size_t>(task.level), '*'), task.title});
    fmt::print("{}\n", table.text());
    tasks += dataset->tasks.size();
  }
  fmt::print(
      "{} tasks; * first steps, ** practice, *** challenge.\n"
      "Data and tasks of one:  parallax dataset make webshop --out webshop\n"
      "Being graded:           parallax grade dedupe my.sql\n",
      tasks);
  return exit_pass;
}

int command_dataset_make(const DatasetCommand& command) {
  const Result<BundleSize> size = bundle_size(command.size);
  if (!size) return refuse(size.error());
  Result<Dataset> dataset = load_dataset(command.name);
  if (!dataset) return refuse(dataset.error());
  auto scenario = lesson_scenario(command.name, command.seed, size->scale);
  if (!scenario) return refuse(scenario.error());
  const bool usual = size->scale == 1 && !command.seed;
  const std::string first = dataset->tasks.front().name;
  BundlePlan plan{std::move(*dataset), std::move(*scenario), *size, usual};
  const std::string title =
      fmt::format("{}, {}, seed {}", command.name, size->name, plan.scenario.seed);
  const std::string grade = grade_command(plan, first, first + ".sql");
  const Clock::time_point began = Clock::now();
  const Result<Bundle> bundle = make_bundle(std::move(plan), command.out);
  if (!bundle) return refuse(bundle.error());
  fmt::print("{}, in {}\n\n", title, report_text::wall_time(since(began)));
  TextTable table({Align::left, Align::right, Align::right}, width);
  for (const BundleFile& file : bundle->data)
    table.add({command.out + "/student/" + file.path,
               file.rows ? report_text::with_thousands(*file.rows) + " rows" : "",
               report_text::with_thousands(file.bytes) + " bytes"});
  fmt::print("{}\n", table.text());
  for (const Bundle::Withheld& task : bundle->withheld)
    fmt::print("left out   {}: these data do not decide it: {}\n", task.task,
               report_text::split(task.why, "\n").front());
  fmt::print(
      "hand out   {0}/student: data, schema, tasks with hints; begin with README.md\n"
      "keep       {0}/teacher: answers with explanations, the truth, the scenario\n"
      "grade      {1}\n",
      command.out, grade);
  return exit_pass;
}

}  // namespace parallax
