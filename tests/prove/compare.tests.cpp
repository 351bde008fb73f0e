// SPDX-License-Identifier: Apache-2.0
// One scenario under several vendors' dedupe: the table, and the command that fills it.
#include <nlohmann/json.hpp>

#include "sim/run/compare_text.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

Compared compared(std::size_t policy, Verdict verdict, const std::vector<CauseCount>& causes) {
  Compared one{policy_kinds().at(policy), {}};
  one.report.scenario = "cart";
  one.report.seed = 7;
  one.report.verdict = verdict;
  one.report.actions_total = 1'000;
  one.report.rows_total = 1'000;
  one.report.actions[static_cast<std::size_t>(ActionVerdict::ok)] = 1'000;
  one.report.timing.simulated = day;
  one.report.folder = "runs/compare/" + std::string(one.policy.name);
  AssertionReport& assertion = one.report.assertions.emplace_back();
  assertion.name = "exactly_once";
  assertion.verdict = verdict;
  assertion.causes = causes;
  for (const CauseCount& cause : causes) {
    one.report.actions[static_cast<std::size_t>(cause.verdict)] += cause.actions;
    one.report.actions[static_cast<std::size_t>(ActionVerdict::ok)] -= cause.actions;
  }
  one.report.causes = causes;
  return one;
}

CauseCount count(ActionVerdict verdict, Cause cause, std::uint64_t actions) {
  CauseCount made;
  made.verdict = verdict;
  made.cause = cause;
  made.actions = actions;
  return made;
}

}  // namespace

TEST_CASE("the table has a line a policy, the verdicts met, and why", "[prove][compare]") {
  const std::string text = compare_text(
      {compared(0, Verdict::pass, {}),
       compared(3, Verdict::fail, {count(ActionVerdict::duplicated, Cause::window_expired, 100)})},
      {});
  CHECK_THAT(text, Catch::Contains("cart, seed 7: 1,000 actions over 1d"));
  CHECK_THAT(text, Catch::Contains("policy       verdict   rows     ok  duplicated  why"));
  CHECK_THAT(text, Catch::Contains("reference    pass     1,000  1,000           0\n"));
  CHECK_THAT(text, Catch::Contains("rudderstack  FAIL     1,000    900         100  "
                                   "duplicated/window_expired 100"));
  CHECK_THAT(text, !Catch::Contains("lost"));
  CHECK_THAT(text, Catch::EndsWith("parallax: fail scenario=cart seed=7 policies=2 pass=1\n"));
}

TEST_CASE("a late copy is one row here, two where the window was shorter", "[prove][compare]") {
  const TempFolder folder;
  const Output output = parallax({"compare", source("scenarios/fault/late-copies.json").string(),
                                  "--policies", "rudderstack, amplitude", "--set",
                                  "/population/users=60", "--out", folder / "out", "--json"});
  INFO(output.err);
  CHECK(output.code == 1);
  const auto json = nlohmann::json::parse(output.out);
  REQUIRE(json.at("policies").size() == 3);
  const auto& rows = json.at("policies");
  CHECK(rows[0].at("policy") == "reference");
  CHECK(rows[0].at("verdict") == "pass");
  CHECK(rows[1].at("policy") == "rudderstack");
  CHECK(rows[1].at("actions").at("duplicated") > 0);
  CHECK(rows[2].at("policy") == "amplitude");
  CHECK(std::filesystem::exists(folder / "out/rudderstack/report.html"));
}

TEST_CASE("a policy that is none, or one where it has no place, ends with 4", "[prove][compare]") {
  const std::string scenario = source("scenarios/fault/both-cameras.json").string();
  const Output unknown = parallax({"compare", scenario, "--policies", "posthog,segmant"});
  CHECK(unknown.code == 4);
  CHECK_THAT(unknown.err, Catch::Contains("did you mean segment?"));
  CHECK(parallax({"run", scenario, "--policy", "mixpannel"}).code == 4);
  const Output elsewhere =
      parallax({"run", scenario, "--policy", "segment", "--target", "http://127.0.0.1:1"});
  CHECK(elsewhere.code == 4);
  CHECK_THAT(elsewhere.err, Catch::Contains("--policy is of the embedded pipeline"));
  const Output both = parallax({"run", scenario, "--policy", "segment", "--bug", "no_dedupe"});
  CHECK(both.code == 4);
  CHECK_THAT(both.err, Catch::Contains("replace the same step, keyed"));
}

TEST_CASE("every policy is listed with its key, window, winner and source", "[prove][compare]") {
  const Output listed = parallax({"policies"});
  CHECK(listed.code == 0);
  for (const PolicyKind& kind : policy_kinds())
    for (const std::string_view word : {kind.name, kind.window, kind.source})
      CHECK_THAT(listed.out, Catch::Contains(std::string(word)));
}

}  // namespace parallax::test
