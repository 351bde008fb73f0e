// SPDX-License-Identifier: Apache-2.0
#include "sim/run/findings.h"

#include <filesystem>

#include "sim/core/duckdb.h"
#include "sim/run/ledger_parquet.h"
#include "tests/support/catch.h"
#include "tests/support/shop.h"

using namespace parallax;
namespace fs = std::filesystem;
using Table = std::vector<std::vector<std::string>>;

TEST_CASE(
    "a finding has the faults that touched it, and the one that it needs, where that is known",
    "[run][parquet]") {
  Scenario scenario = test::shop();
  scenario.faults.resize(2);
  scenario.faults[0].name = scenario.faults[0].fault = "clock_skew";
  scenario.faults[1].name = scenario.faults[1].fault = "answer_lost";
  Judgement judgement;
  const auto add = [&](ActionVerdict verdict, Cause cause, std::uint64_t struck) {
    JudgedAction judged;
    judged.id = {judgement.actions.size() + 1};
    judged.verdict = verdict;
    judged.cause = cause;
    judged.findings = bit_of(verdict);
    judged.struck = struck;
    judgement.actions.push_back(judged);
  };
  add(ActionVerdict::ok, Cause::none, 3);
  add(ActionVerdict::excused, Cause::never_acknowledged, 3);
  add(ActionVerdict::lost, Cause::after_acknowledgement, 0);
  add(ActionVerdict::mistimed, Cause::clock_skew, 3);
  add(ActionVerdict::duplicated, Cause::retransmit, 2);
  judgement.actions.back().findings |= bit_of(ActionVerdict::late);
  const fs::path folder = fs::temp_directory_path() / "parallax-findings";
  fs::create_directories(folder);
  REQUIRE(export_verdicts(scenario, {&judgement}, folder));
  auto connection = duckdb::Database::open({})->connect();
  REQUIRE(connection);
  auto rows = connection->query(
      "select action_id, verdict, cause, faults, needed, proof from read_parquet($1)",
      {(folder / findings_file).string()});
  REQUIRE(rows);
  CHECK(rows->texts() ==
        Table{{"a-3", "lost", "after_acknowledgement", "", "", "untouched"},
              {"a-4", "mistimed", "clock_skew", "clock_skew, answer_lost", "clock_skew", "cause"},
              {"a-5", "duplicated", "retransmit", "answer_lost", "NULL", "NULL"},
              {"a-5", "late", "NULL", "answer_lost", "NULL", "NULL"}});
  remove_verdicts(folder);
  CHECK(fs::is_empty(folder));
  fs::remove_all(folder);
}
