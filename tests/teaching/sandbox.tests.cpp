// SPDX-License-Identifier: Apache-2.0
#include "sim/run/sandbox.h"

#include <fstream>

#include "sim/run/answer_wire.h"
#include "tests/support/catch.h"
#include "tests/teaching/support.h"

namespace parallax::test {
namespace {

const SmallDatabase& numbers() {
  static const SmallDatabase database("create table numbers as select i from range(1000) t(i)");
  return database;
}

Result<AnswerTable> ask(const std::string& sql, const SandboxLimits& limits = {}) {
  return run_in_sandbox(numbers().file(), sql, limits);
}

std::string refusal(const std::string& sql) {
  const Result<AnswerTable> answer = ask(sql);
  INFO(sql);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::invalid_input);
  return answer.error().what;
}

}  // namespace

TEST_CASE("the answer is that of the last statement, temporary tables are allowed",
          "[teaching][sandbox]") {
  const auto answer = ask(
      "create temp table odd as from numbers where i % 2 = 1;\n"
      "select count(*) as n, null as nothing, '' as empty, date '2026-03-02' as day, true as yes, "
      "1.50 as price from odd");
  REQUIRE(answer);
  using Kind = AnswerTable::Kind;
  REQUIRE(answer->columns.size() == 6);
  CHECK(answer->columns[0].kind == Kind::number);
  CHECK(answer->columns[3].kind == Kind::time);
  CHECK(answer->columns[4].kind == Kind::truth);
  REQUIRE(answer->rows.size() == 1);
  CHECK(answer->rows[0] ==
        std::vector<AnswerTable::Cell>{"500", {}, "", "2026-03-02T00:00:00.000Z", "true", "1.50"});
}

TEST_CASE("the sandbox sees no other file, and nothing is written", "[teaching][sandbox]") {
  for (const char* sql :
       {"select * from read_csv('/etc/passwd')", "select * from read_text('/etc/hostname')",
        "select * from glob('/etc/*')", "copy numbers to '/tmp/parallax-leak.csv'; select 1",
        "export database '/tmp/parallax-leak'; select 1",
        "attach '/tmp/parallax-leak.duckdb' as other; select 1"}) {
    const std::string why = refusal(sql);
    INFO(why);
    CHECK((why.find("disabled") != std::string::npos || why.find("Cannot") != std::string::npos));
  }
  refusal("select * from '/etc/passwd'");
  CHECK_FALSE(std::filesystem::exists("/tmp/parallax-leak.csv"));
  CHECK_FALSE(std::filesystem::exists("/tmp/parallax-leak"));
  CHECK_FALSE(std::filesystem::exists("/tmp/parallax-leak.duckdb"));
}

TEST_CASE("the sandbox has no network, no extensions, and its lock cannot be opened",
          "[teaching][sandbox]") {
  CHECK(refusal("set enable_external_access = true; select 1").find("locked") != std::string::npos);
  CHECK(refusal("set memory_limit = '100GB'; select 1").find("locked") != std::string::npos);
  refusal("set lock_configuration = false; select 1");
  refusal("install httpfs; select 1");
  refusal("load httpfs; select 1");
  refusal("select * from read_csv('http://127.0.0.1:9/a.csv')");
}

TEST_CASE("the data cannot be changed", "[teaching][sandbox]") {
  for (const char* sql : {"delete from numbers; select 1", "drop table numbers; select 1",
                          "create table mine as select 1; select 1"})
    CHECK(refusal(sql).find("read-only") != std::string::npos);
  const auto still = ask("select count(*) from numbers");
  REQUIRE(still);
  CHECK(still->rows[0][0] == "1000");
}

TEST_CASE("a query that takes too long is stopped", "[teaching][sandbox]") {
  SandboxLimits limits;
  limits.time = second;
  const auto answer = ask("select count(*) from range(10000000) a, range(10000000) b", limits);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Error::Kind::timeout);
  CHECK(answer.error().what == "the query was stopped after 1s");
}

TEST_CASE("a query that takes too much memory is refused", "[teaching][sandbox]") {
  CHECK(refusal("select list(i) from range(200000000) t(i)").find("Out of Memory") !=
        std::string::npos);
  // Texts that functions make are not all counted by the database: the process has a limit too.
  const auto texts =
      ask("select length(a || b) from (select repeat('x', 900000000) a, repeat('y', 900000000) b)");
  REQUIRE_FALSE(texts);
}

TEST_CASE("an answer that is too large is refused", "[teaching][sandbox]") {
  SandboxLimits limits;
  limits.rows = 999;
  REQUIRE_FALSE(ask("from numbers", limits));
  limits.rows = 1'000;
  REQUIRE(ask("from numbers", limits));
  limits.answer = 1'000;
  const auto large = ask("from numbers", limits);
  REQUIRE_FALSE(large);
  CHECK(large.error().what.find("too large") != std::string::npos);
}

TEST_CASE("what is no query is refused in words", "[teaching][sandbox]") {
  CHECK(refusal("") == "there is no statement in it");
  CHECK(refusal("-- nothing yet") == "there is no statement in it");
  CHECK(refusal("select 1; create temp table t (i int)") ==
        "the last statement has to be a SELECT: its rows are the answer");
  CHECK(refusal("selec 1").find("syntax error") != std::string::npos);
  CHECK(refusal("select * from nmbers").find("Did you mean \"numbers\"") != std::string::npos);
}

TEST_CASE("an answer comes through the pipe whole, or is known as damaged", "[teaching][sandbox]") {
  const AnswerTable answer =
      table({"a:number", "b"}, {{"1", "5 x\n"}, {"NULL", ""}, {"2", "\x1f 0 "}});
  const std::string text = encode_answer(answer);
  const auto back = decode_answer(text);
  REQUIRE(back);
  CHECK(back->rows == answer.rows);
  CHECK(back->columns[0].name == "a");
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto part = decode_answer(text.substr(0, cut));
    CHECK_FALSE(part);
  }
  CHECK_FALSE(decode_answer(text + "x"));
  const auto error = decode_answer(encode_answer(Error{Error::Kind::invalid_input, "no", {}}));
  REQUIRE_FALSE(error);
  CHECK(error.error().what == "no");
}

TEST_CASE("a CSV answer tells an empty cell from an empty text", "[teaching][sandbox]") {
  const Result<ScratchFolder> folder = ScratchFolder::make();
  REQUIRE(folder);
  const auto file = folder->path() / "answer.csv";
  std::ofstream(file) << "a,b\n1,\n2,\"\"\n\"x,y\",\"say \"\"no\"\"\"\n";
  const auto answer = read_answer_csv(file);
  REQUIRE(answer);
  REQUIRE(answer->rows.size() == 3);
  CHECK(answer->rows[0][1] == AnswerTable::Cell{});
  CHECK(answer->rows[1][1] == AnswerTable::Cell{""});
  CHECK(answer->rows[2][0] == "x,y");
  CHECK(answer->rows[2][1] == "say \"no\"");
  CHECK_FALSE(read_answer_csv(folder->path() / "none.csv"));
}

}  // namespace parallax::test
