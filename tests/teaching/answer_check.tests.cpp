// SPDX-License-Identifier: Apache-2.0
#include "sim/run/answer_check.h"

#include "tests/support/catch.h"
#include "tests/teaching/support.h"

namespace parallax::test {
namespace {

const AnswerTable three_days =
    table({"day:time", "revenue:number"}, {{"2026-03-02T00:00:00.000Z", "10.50"},
                                           {"2026-03-03T00:00:00.000Z", "20.00"},
                                           {"2026-03-04T00:00:00.000Z", "NULL"}});

Comparison compared(const AnswerTable& got, const Task& task = day_task()) {
  return compare_answers(task, three_days, got);
}

AnswerTable days(const char* first, const char* second, const char* third) {
  return table({"day", "revenue"},
               {{"2026-03-02", first}, {"2026-03-03", second}, {"2026-03-04", third}});
}

}  // namespace

TEST_CASE("rows agree in any order, columns by name in any case", "[teaching][answer]") {
  CHECK(compared(three_days).right());
  CHECK(compared(table({"Revenue", "DAY"},
                       {{"20", "2026-03-03"}, {"NULL", "2026-03-04"}, {"10.5", "2026-03-02"}}))
            .right());
}

TEST_CASE("times are instants and numbers are values, however they are written",
          "[teaching][answer]") {
  CHECK(compared(table({"day", "revenue"}, {{"2026-03-02T01:00:00+01:00", "10.500"},
                                            {"2026-03-03 00:00:00", "+20"},
                                            {"2026-03-04", "NULL"}}))
            .right());
  CHECK_FALSE(compared(table({"day", "revenue"}, {{"2026-03-02T01:00:00Z", "10.50"},
                                                  {"2026-03-03", "20"},
                                                  {"2026-03-04", "NULL"}}))
                  .right());
}

TEST_CASE("NULL is neither 0 nor an empty text", "[teaching][answer]") {
  CHECK(compared(days("10.50", "20", "0")).mismatch == Mismatch::values);
  CHECK(compared(days("10.50", "20", "")).mismatch == Mismatch::values);
  CHECK(compared(days("10.50", "20", "NULL")).right());
}

TEST_CASE("missing, odd and unreadable columns are named", "[teaching][answer]") {
  const Comparison missing = compared(table({"day", "revnue"}, {}));
  CHECK(missing.mismatch == Mismatch::columns);
  CHECK(missing.sentence == "missing: revenue (is it your revnue?)");
  CHECK(compared(table({"day", "revenue", "user"}, {})).sentence == "not asked for: user");
  CHECK(compared(table({"day:other", "revenue"}, {})).sentence.find("cast to") !=
        std::string::npos);
}

TEST_CASE("the number of rows is told before their contents", "[teaching][answer]") {
  const Comparison fewer = compared(table({"day", "revenue"}, {{"2026-03-02", "10.5"}}));
  CHECK(fewer.mismatch == Mismatch::row_count);
  CHECK(fewer.sentence == "1 row, expected 3");
  CHECK(fewer.examples.front() == "missing: day 2026-03-03, revenue 20");
  const Comparison twice = compared(table({"day", "revenue"}, {{"2026-03-02", "10.5"},
                                                               {"2026-03-02", "10.5"},
                                                               {"2026-03-03", "20"},
                                                               {"2026-03-04", "NULL"}}));
  CHECK(twice.mismatch == Mismatch::row_count);
  CHECK(twice.examples == std::vector<std::string>{"more than once: day 2026-03-02, revenue 10.5"});
}

TEST_CASE("a wrong value is told by its key", "[teaching][answer]") {
  const Comparison wrong = compared(days("10.50", "21.70", "NULL"));
  CHECK(wrong.mismatch == Mismatch::values);
  CHECK(wrong.sentence == "1 of 3 rows differ");
  CHECK(wrong.examples == std::vector<std::string>{"day 2026-03-03: revenue is 21.7, expected 20"});
}

TEST_CASE("at most three rows are shown", "[teaching][answer]") {
  AnswerTable expected = table({"day", "revenue:number"}, {}), got = expected;
  for (const char* day : {"a", "b", "c", "d", "e"}) {
    expected.rows.push_back({day, "1"});
    got.rows.push_back({day, "2"});
  }
  const Comparison wrong = compare_answers(day_task(), expected, got);
  CHECK(wrong.sentence == "5 of 5 rows differ");
  CHECK(wrong.examples.size() == 3);
}

TEST_CASE("numbers off by less than a per cent are a matter of precision", "[teaching][answer]") {
  const Comparison near = compared(days("10.51", "20", "NULL"));
  CHECK(near.mismatch == Mismatch::precision);
  Task task = day_task();
  task.tolerance = *parse_ratio("0.1%");
  CHECK(compared(days("10.51", "20.01", "NULL"), task).right());
  CHECK(compared(days("10.50", "20.03", "NULL"), task).mismatch == Mismatch::precision);
}

TEST_CASE("the last bits of a binary fraction do not count, a cent does", "[teaching][answer]") {
  const AnswerTable third = table({"day", "revenue:number"}, {{"a", "0.3333333333333333"}});
  const auto check = [&](const char* value) {
    return compare_answers(day_task(), third, table({"day", "revenue"}, {{"a", value}})).right();
  };
  CHECK(check("0.33333333333333337"));
  CHECK(check("3.3333333333333331e-01"));
  CHECK_FALSE(check("0.3333"));
  const AnswerTable sum = table({"day", "revenue:number"}, {{"a", "1234567.89"}});
  CHECK_FALSE(
      compare_answers(day_task(), sum, table({"day", "revenue"}, {{"a", "1234567.90"}})).right());
}

TEST_CASE("the order counts where the task says so", "[teaching][answer]") {
  const AnswerTable turned = table(
      {"day", "revenue"}, {{"2026-03-03", "20"}, {"2026-03-02", "10.50"}, {"2026-03-04", "NULL"}});
  Task task = day_task();
  CHECK(compared(turned, task).right());
  task.ordered = true;
  const Comparison wrong = compared(turned, task);
  CHECK(wrong.mismatch == Mismatch::order);
  CHECK(wrong.sentence == "the rows are right, but row 1 is another one");
  CHECK(compared(three_days, task).right());
}

TEST_CASE("a plan's words are compared in any case, and the right ones are not told",
          "[teaching][answer]") {
  Task task = day_task();
  task.columns = {"item", "choice"};
  task.key = {"item"};
  task.plan = true;
  const AnswerTable expected = table({"item", "choice"}, {{"owner_of_tax", "server"}});
  CHECK(compare_answers(task, expected, table({"item", "choice"}, {{" Owner_of_tax", "SERVER "}}))
            .right());
  const Comparison wrong =
      compare_answers(task, expected, table({"item", "choice"}, {{"owner_of_tax", "client"}}));
  CHECK(wrong.examples == std::vector<std::string>{"item owner_of_tax: client is not right"});
  const Comparison none = compare_answers(task, expected, table({"item", "choice"}, {}));
  CHECK(none.examples == std::vector<std::string>{"missing: item owner_of_tax"});
}

TEST_CASE("many equal texts with near numbers are still matched one by one", "[teaching][answer]") {
  AnswerTable expected = table({"day", "revenue:number"}, {}), got = expected;
  for (int i = 0; i < 5'000; ++i) {
    expected.rows.push_back({"a", std::to_string(i)});
    got.rows.push_back({"a", std::to_string(4'999 - i)});
  }
  CHECK(compare_answers(day_task(), expected, got).right());
  got.rows[17][1] = "9999";
  CHECK_FALSE(compare_answers(day_task(), expected, got).right());
}

}  // namespace parallax::test
