// SPDX-License-Identifier: Apache-2.0
// The proof that every task may be given to students: its answer stands, and each of its wrong
// queries fails, on the public data and on the hidden ones.
#include <fmt/format.h>

#include "sim/run/grade.h"
#include "sim/run/lesson_data.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Data of one data set: as students have them, then hidden ones.
class Lesson {
 public:
  explicit Lesson(const std::string& name) {
    Result<Dataset> loaded = load_dataset(name);
    if (!loaded) FAIL(loaded.error().text());
    dataset = std::move(*loaded);
    add({});
    add(hidden_seed_for(seeds.front()));
  }

  Dataset dataset;
  std::vector<std::uint64_t> seeds;
  std::vector<std::filesystem::path> databases;

 private:
  void add(std::optional<std::uint64_t> seed) {
    const Result<Scenario> scenario = lesson_scenario(dataset.name, seed, 1);
    if (!scenario) FAIL(scenario.error().text());
    Result<ScratchFolder> folder = ScratchFolder::make();
    REQUIRE(folder);
    const Result<LessonData> data = make_lesson_data(dataset, *scenario, folder->path());
    if (!data) FAIL(data.error().text());
    seeds.push_back(scenario->seed);
    databases.push_back(data->database);
    folders_.push_back(std::move(*folder));
  }
  std::vector<ScratchFolder> folders_;
};

}  // namespace

TEST_CASE("every task's answer passes and its wrong queries fail, on all seeds",
          "[teaching][published]") {
  for (const std::string& name : dataset_names()) {
    const Lesson lesson(name);
    for (const Task& task : lesson.dataset.tasks)
      for (std::size_t i = 0; i < lesson.seeds.size(); ++i)
        for (const std::string& why : unfit(task, lesson.databases[i]))
          FAIL_CHECK(fmt::format("{}, seed {}: {}", task.name, lesson.seeds[i], why));
  }
}

}  // namespace parallax::test
