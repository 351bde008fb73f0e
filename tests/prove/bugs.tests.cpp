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

TEST_CASE("each bug of the reference pipeline is found, named and alone, and no clean one accused",
          "[prove]") {
  ProofOptions options;
  options.scenarios = source("scenarios").string();
  const Result<Matrix> matrix = prove(options, [](const std::string&) {});
  REQUIRE(matrix);
  INFO(matrix_markdown(*matrix, options));
  CHECK(matrix->proofs.size() == bug_kinds().size());
  CHECK(matrix->holds());
  std::set<std::string_view> scenarios;
  for (const Kill& kill : kill_table()) scenarios.insert(kill.scenario);
  CHECK(matrix->clean_runs == scenarios.size());
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

TEST_CASE("a least share is found in 95 % of the runs, computed from the cases that can be struck",
          "[prove]") {
  CHECK(least_share(1, 1) == Approx(0.95));
  CHECK(least_share(10'000, 1) == Approx(0.0002995).margin(1e-7));
  // Two of n: 4.74/n, where one is 3.00/n (quantiles of Poisson's law).
  CHECK(least_share(1e6, 2) == Approx(4.7439e-6).epsilon(1e-4));
  CHECK(least_share(1, 2) == 1);
  CHECK(least_share(0, 1) == 1);
  for (const unsigned needed : {1U, 2U})
    for (const double cases : {3.0, 40.0, 1'234.5, 1e6})
      CHECK(chance_unseen(least_share(cases, needed), cases, needed) == Approx(0.05));
  CHECK(chance_unseen(1, 5, 1) == 0);
  CHECK(chance_unseen(0, 5, 1) == 1);
}

TEST_CASE("a share that is found too seldom, or is not the least one, is refused", "[prove]") {
  // Binomial(20, 0.95): 15 or fewer in 0.26 %, 16 or fewer in 1.6 %.
  CHECK(fewest_found(20, 0.95) == 16);
  CHECK(fewest_found(10, 0.95) == 7);
  CHECK(fewest_found(1'000, 0.95) == 933);
  // A tenth of the share is found in 1 - 0.05^0.1 = 26 %: 10 or more of 20 in 1.8 %, 11 in 0.5 %.
  CHECK(most_found(20, 0.2589) == 10);
  CHECK(outcome_of({20, 16, 20, 10}, 10'000, 1) == ShareOutcome::holds);
  CHECK(outcome_of({20, 15, 20, 10}, 10'000, 1) == ShareOutcome::too_seldom);
  CHECK(outcome_of({20, 16, 20, 11}, 10'000, 1) == ShareOutcome::too_often);
  // Of two that are needed a tenth finds fewer: 8 %.
  CHECK(outcome_of({20, 16, 20, 6}, 10'000, 2) == ShareOutcome::too_often);
  Matrix matrix;
  matrix.proofs.push_back({&kill_table().front(), KillOutcome::killed, {}, 269, Least{}});
  Least& least = *matrix.proofs[0].least;
  least = {10'000, least_share(10'000, 1), {20, 16, 10, 3}};
  CHECK(matrix.holds());
  ProofOptions options;
  options.actions = 10'000;
  options.check = 20;
  CHECK_THAT(matrix_markdown(matrix, options),
             Catch::Contains("| no_dedupe | actions | 10,000 | 0.03 % | 16 of 20 | 3 of 10 |"));
  least.check.found = 15;
  CHECK_FALSE(matrix.holds());
  CHECK_THAT(matrix_text(matrix, options, 110), Catch::Contains("15 of 20: TOO FEW"));
  least.check = {20, 20, 20, 20};
  CHECK_FALSE(matrix.holds());
  CHECK_THAT(matrix_text(matrix, options, 110), Catch::Contains("20 of 20: TOO MANY"));
}

TEST_CASE("the least share is found over seeds by the command's own way, a tenth of it is not",
          "[prove]") {
  ProofOptions options;
  options.scenarios = source("scenarios").string();
  options.bugs = {"cents_major"};
  options.actions = 300;
  options.check = 8;
  std::size_t said = 0;
  const Result<Matrix> matrix = prove(options, [&](const std::string&) { ++said; });
  REQUIRE(matrix);
  INFO(matrix_markdown(*matrix, options));
  CHECK(matrix->holds());
  CHECK(matrix->clean_runs == 10);
  CHECK(said == 12);
  REQUIRE(matrix->proofs.size() == 1);
  REQUIRE(matrix->proofs[0].least);
  const Least& least = *matrix->proofs[0].least;
  CHECK(least.cases == Approx(300));
  CHECK(least.share == Approx(0.00994).margin(0.0001));
  CHECK(least.check.seeds == 8);
  CHECK(least.check.tenth_seeds == 4);
  // The check can fail: the tenth, held to be the least share, is refused.
  CHECK(outcome_of({4, least.check.found_at_tenth, 0, 0}, least.cases, 1) ==
        ShareOutcome::too_seldom);
  options.bugs = {"cents_mayor"};
  CHECK_THAT(prove(options, [](const std::string&) {}).error().what,
             Catch::Contains("did you mean cents_major?"));
}

TEST_CASE("cases are counted by what a bug strikes one of", "[prove]") {
  ProofOptions options;
  options.scenarios = source("scenarios").string();
  options.bugs = {"null_watermark", "silent_reject"};
  options.actions = 300;
  const Result<Matrix> matrix = prove(options, [](const std::string&) {});
  REQUIRE(matrix);
  REQUIRE(matrix->proofs.size() == 2);
  for (const Proof& proof : matrix->proofs) {
    REQUIRE(proof.least);
    CHECK(proof.least->cases > 0);
    CHECK(proof.least->cases < 150);
  }
  CHECK_THAT(
      matrix_markdown(*matrix, options),
      Catch::Contains("| bug | strikes a share of | cases in 300 actions | least share |\n"));
  CHECK_THAT(matrix_markdown(*matrix, options), Catch::Contains("| null_watermark | users |"));
  CHECK_THAT(matrix_markdown(*matrix, options), Catch::Contains("| silent_reject | devices |"));
  CHECK(count_cases("no/such/folder", {}).error().what != "");
}

TEST_CASE("the clean pipeline passes twenty seeds of mixed faults without a false alarm",
          "[prove][seeds]") {
  for (int seed = 1; seed <= 20; ++seed) {
    const RunReport report =
        play("scenarios/fault/mixed.json", {}, {{"/seed", std::to_string(seed)}});
    INFO("seed " << seed << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
    CHECK(report.actions_total > 200);
  }
}

}  // namespace parallax::test
