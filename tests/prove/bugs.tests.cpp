// SPDX-License-Identifier: Apache-2.0
// The judge against pipelines with known bugs: the right verdict, the right cause, nothing else.
#include <algorithm>
#include <set>

#include "sim/pipeline/pipeline.h"
#include "sim/run/kill_matrix.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

std::string file_of(const Kill& kill) {
  return "scenarios/" + std::string(kill.scenario) + ".json";
}

/// A report of a run that failed by these.
RunReport failed_by(const std::vector<Blame>& blames) {
  RunReport report;
  report.verdict = Verdict::fail;
  for (const auto& [verdict, cause] : blames) {
    CauseCount& count = report.causes.emplace_back();
    count.verdict = verdict;
    count.cause = cause;
    count.actions = 1;
  }
  return report;
}

}  // namespace

TEST_CASE("every bug of the reference pipeline has its line in the kill table", "[prove]") {
  std::multiset<std::string_view> bugs, lines;
  for (const BugKind& kind : bug_kinds()) bugs.insert(kind.name);
  for (const Kill& kill : kill_table()) lines.insert(kill.bug);
  CHECK(bugs == lines);
}

TEST_CASE("each bug of the reference pipeline is found, named and alone", "[prove][.slow]") {
  for (const Kill& kill : kill_table()) {
    const RunReport report = play(file_of(kill), {std::string(kill.bug)});
    INFO(kill.bug << " under " << kill.scenario << ": " << failures(report));
    CHECK(name_of(outcome_of(kill, report)) == "found");
  }
}

TEST_CASE("the scenarios of the bugs accuse no clean pipeline", "[prove]") {
  std::set<std::string> seen;
  for (const Kill& kill : kill_table()) {
    if (!seen.insert(file_of(kill)).second) continue;
    const RunReport report = play(file_of(kill), {});
    INFO(kill.scenario << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
  }
}

TEST_CASE("a bug that strikes nobody survives", "[prove]") {
  const Kill& kill = kill_table().front();
  CHECK(outcome_of(kill, play(file_of(kill), {std::string(kill.bug) + ":0"})) ==
        KillOutcome::survived);
}

TEST_CASE("a bug that is given another name is no kill", "[prove]") {
  const Kill kill{"some_bug", "some/scenario", {{ActionVerdict::lost, Cause::last_batch}}};
  const Blame right{ActionVerdict::lost, Cause::last_batch};
  CHECK(outcome_of(kill, failed_by({right})) == KillOutcome::killed);
  CHECK(outcome_of(kill, failed_by({{ActionVerdict::lost, Cause::after_acknowledgement}})) ==
        KillOutcome::misnamed);
  CHECK(outcome_of(kill, failed_by({right, {ActionVerdict::duplicated, Cause::multiplied}})) ==
        KillOutcome::misnamed);
  CHECK(outcome_of(kill, failed_by({})) == KillOutcome::misnamed);
  RunReport phantom = failed_by({right});
  phantom.rows_phantom = 1;
  CHECK(outcome_of(kill, phantom) == KillOutcome::misnamed);
  RunReport unknown = failed_by({right});
  unknown.verdict = Verdict::unknown;
  CHECK(outcome_of(kill, unknown) == KillOutcome::survived);
}

TEST_CASE("a matrix holds only without survivors, wrong names and accused", "[prove]") {
  Matrix matrix;
  matrix.proofs.push_back({&kill_table().front(), KillOutcome::killed, {}, 0, {}});
  CHECK(matrix.holds());
  matrix.proofs.push_back({&kill_table().front(), KillOutcome::survived, {}, 0, {}});
  CHECK_FALSE(matrix.holds());
  matrix.proofs.back().outcome = KillOutcome::misnamed;
  CHECK_FALSE(matrix.holds());
  matrix.proofs.pop_back();
  matrix.accused.emplace_back("plain, seed 1");
  CHECK_FALSE(matrix.holds());
}

TEST_CASE("the smallest share is that of 95 of 100 seeds", "[prove]") {
  std::vector<std::optional<double>> found(19, 0.01);
  found.push_back(0.3);
  CHECK(found_in_most(found) == 0.01);
  found.front() = std::nullopt;
  CHECK(found_in_most(found) == 0.3);
  found[1] = std::nullopt;
  CHECK(found_in_most(found) == std::nullopt);
  CHECK(found_in_most({0.03}) == 0.03);
}

TEST_CASE("a bug is proved by the command's own way, down to a small share", "[prove]") {
  ProofOptions options;
  options.scenarios = source("scenarios").string();
  options.bugs = {"cents_major"};
  options.seeds = 2;
  options.actions = 300;
  std::size_t said = 0;
  const Result<Matrix> matrix = prove(options, [&](const std::string&) { ++said; });
  REQUIRE(matrix);
  CHECK(matrix->holds());
  CHECK(matrix->clean_runs == 3);
  CHECK(said == 4);
  REQUIRE(matrix->proofs.size() == 1);
  REQUIRE(matrix->proofs[0].smallest);
  // One action of 300 is enough, and a share of 1 % leaves none with chance 0.99^300 = 5 %.
  CHECK(*matrix->proofs[0].smallest >= 0.0003);
  CHECK(*matrix->proofs[0].smallest <= 0.03);
  CHECK_THAT(matrix_text(*matrix, options, 100),
             Catch::Contains("found  cents_major  fault/both-cameras"));
  CHECK_THAT(matrix_markdown(*matrix, options),
             Catch::Contains("| found | cents_major | fault/both-cameras | 269 | "));
  options.seeds = 0;
  CHECK_THAT(matrix_markdown(*matrix, options),
             Catch::Contains("| found | cents_major | fault/both-cameras | 269 | distorted | "
                             "wrong_unit 269 |\n"));
  options.bugs = {"cents_mayor"};
  CHECK_THAT(prove(options, [](const std::string&) {}).error().what,
             Catch::Contains("did you mean cents_major?"));
}

TEST_CASE("the clean pipeline passes 200 seeds of mixed faults without a false alarm",
          "[prove][seeds][.slow]") {
  for (int seed = 1; seed <= 200; ++seed) {
    const RunReport report =
        play("scenarios/fault/mixed.json", {}, {{"/seed", std::to_string(seed)}});
    INFO("seed " << seed << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
    CHECK(report.actions_total > 200);
  }
}

}  // namespace parallax::test
