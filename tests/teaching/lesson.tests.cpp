// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lesson.h"

#include <set>

#include "sim/run/grade.h"
#include "tests/support/catch.h"
#include "tests/teaching/support.h"

namespace parallax::test {
namespace {

const std::string good_task = R"(# Count the days

level: 2
answer: query
columns: day, n
key: day
ordered: yes
tolerance: 0.1%

## Task

How many `rows` a day?

```
## not a section
```

## Hints

1. Look at the days.
2. Group by them,
   and count.

## Answer

```sql
select day, count(*) as n
from rows group by day
```

## Why

Because.

## Wrong: all days in one

It is one row.

```sql
select min(day) as day, count(*) as n from rows
```

## Wrong: no count

It has no count.

```sql
select day, 1 as n from rows
```
)";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& from, const std::string& to) {
  const Result<Task> task = parse_task("teaching/x/01-days.md", changed(good_task, from, to));
  REQUIRE_FALSE(task);
  CHECK(task.error().where == "teaching/x/01-days.md");
  return task.error().what;
}

}  // namespace

TEST_CASE("a task is read from one Markdown file", "[teaching][lesson]") {
  const Result<Task> task = parse_task("teaching/x/01-days.md", good_task);
  REQUIRE(task);
  CHECK(task->name == "days");
  CHECK(task->title == "Count the days");
  CHECK(task->level == 2);
  CHECK_FALSE(task->plan);
  CHECK(task->columns == std::vector<std::string>{"day", "n"});
  CHECK(task->ordered);
  CHECK(task->tolerance == *parse_ratio("0.1%"));
  CHECK(task->text.find("## not a section") != std::string::npos);
  CHECK(task->hints == std::vector<std::string>{"Look at the days.", "Group by them, and count."});
  CHECK(task->answer == "select day, count(*) as n\nfrom rows group by day\n");
  REQUIRE(task->wrong.size() == 2);
  CHECK(task->wrong[0].name == "all days in one");
  CHECK(task->wrong[0].why == "It is one row.");
}

TEST_CASE("what is wrong with a task's file is named", "[teaching][lesson]") {
  CHECK(complaint("# Count", "Count").find("has to be a title") != std::string::npos);
  CHECK(complaint("level: 2", "level: 5") == "level: found \"5\", expected one of 1, 2, 3");
  CHECK(complaint("level: 2", "levle: 2") ==
        "unknown header line \"levle: 2\", did you mean level?");
  CHECK(complaint("key: day", "key: date") == "key: date is none of the columns");
  CHECK(complaint("tolerance: 0.1%", "tolerance: some").find("found \"some\"") !=
        std::string::npos);
  CHECK(complaint("## Why", "## Wy") == "the section \"## Why\" is missing or empty");
  CHECK(complaint("Because.", "").find("## Why") != std::string::npos);
  CHECK(complaint("```sql\nselect day, count", "```\nselect day, count") ==
        "the section \"## Answer\" has no block ```sql");
  CHECK(complaint("## Wrong: no count", "## Right: no count") ==
        "unknown section \"## Right: no count\"");
  CHECK(complaint("It has no count.", "") ==
        "\"## Wrong: no count\" needs a sentence and a block ```sql");
  CHECK(complaint("1. Look at the days.\n2. Group", "Look at the days. Group") ==
        "found 0 hints, expected 1 to 3");
}

TEST_CASE("a story needs its tables told", "[teaching][lesson]") {
  const Result<Dataset> story =
      parse_story("s", "# A\n\nabout: b\n\n## Story\n\nOnce.\n\n## Tables\n\nOne.\n");
  REQUIRE(story);
  CHECK(story->about == "b");
  CHECK(story->prepare.empty());
  CHECK_FALSE(parse_story("s", "# A\n\nabout: b\n\n## Story\n\nOnce.\n"));
}

TEST_CASE("all data sets can be read, and no two tasks have one name", "[teaching][lesson]") {
  std::set<std::string> names;
  std::set<int> levels;
  std::size_t tasks = 0, plans = 0;
  for (const std::string& name : dataset_names()) {
    const Result<Dataset> dataset = load_dataset(name);
    if (!dataset) FAIL(dataset.error().text());
    for (const Task& task : dataset->tasks) {
      INFO(task.name);
      CHECK(names.insert(task.name).second);
      levels.insert(task.level);
      plans += task.plan ? 1 : 0;
    }
    tasks += dataset->tasks.size();
    CHECK(lesson_scenario(name, {}, 1));
  }
  CHECK(dataset_names().size() >= 3);
  CHECK(tasks >= 20);
  CHECK(plans >= 1);
  CHECK(levels == std::set<int>{1, 2, 3});
}

TEST_CASE("a lesson's scenario has the seed and the size it is asked for", "[teaching][lesson]") {
  const auto own = lesson_scenario("webshop", {}, 1);
  const auto other = lesson_scenario("webshop", 9, 10);
  REQUIRE(own);
  REQUIRE(other);
  CHECK(other->seed == 9);
  CHECK(other->population.users == own->population.users * 10);
  CHECK(own->actions.size() == 6);  // Those of the example it extends.
  CHECK(load_dataset("webshp").error().what == "no such data set, did you mean webshop?");
  CHECK(find_task("dedup").error().what == "no such task, did you mean dedupe?");
}

TEST_CASE("a task that its data do not decide is unfit", "[teaching][lesson]") {
  const SmallDatabase days("create table rows as from (values ('a'), ('a'), ('b')) t(day)");
  const auto reasons = [&](const std::string& from, const std::string& to) {
    return unfit(*parse_task("01-days.md", changed(good_task, from, to)), days.file());
  };
  CHECK(reasons("Because", "Because").empty());
  // One row a day: then "no count" is right.
  const SmallDatabase once("create table rows as from (values ('a'), ('b')) t(day)");
  CHECK(unfit(*parse_task("01-days.md", good_task), once.file()) ==
        std::vector<std::string>{"\"no count\" passes"});
  CHECK(reasons("select day, 1 as n from rows", "select dy from rows")
            .front()
            .find("\"no count\" does not run") == 0);
  CHECK(reasons("columns: day, n", "columns: day, m").front() ==
        "the answer has the columns day, n, not day, m");
  CHECK(reasons("from rows group by day", "from rows where false group by day").front() ==
        "the answer has no rows");
  CHECK(reasons("select day, count(*) as n\nfrom rows group by day",
                "select day, row_number() over () as n from rows")
            .front() == "two rows of the answer have one key");
  CHECK(
      reasons("from rows group by day", "from rows group by").front().find("the answer of days") ==
      0);
}

TEST_CASE("a right answer, a known mistake and another mistake", "[teaching][grade]") {
  const SmallDatabase days("create table rows as from (values ('a'), ('a'), ('b')) t(day)");
  const Task task = *parse_task("01-days.md", good_task);
  const auto graded = [&](const std::string& sql) {
    Result<Graded> out = grade_on(task, {sql, {}}, days.file());
    REQUIRE(out);
    return std::move(*out);
  };
  CHECK(graded("select 'a' as DAY, 2 as n union all select 'b', 1 order by 1").right());
  CHECK(graded("select 'a' as day, 3 as n").mistake == "It is one row.");
  const Graded other = graded("select 'c' as day, 3 as n");
  CHECK(other.comparison.mismatch == Mismatch::row_count);
  CHECK(other.mistake.empty());
  CHECK(graded("select 'b' as day, 1 as n union all select 'a', 2").comparison.mismatch ==
        Mismatch::order);
  CHECK(graded("selec 1").error);
}

}  // namespace parallax::test
