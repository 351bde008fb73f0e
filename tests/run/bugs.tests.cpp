// SPDX-License-Identifier: Apache-2.0
// The judge against pipelines with known bugs: the right verdict, the right cause, nothing else.
#include <algorithm>

#include "tests/run/play.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

struct Kill {
  const char* bug;
  const char* scenario;
  ActionVerdict verdict;
  std::vector<Cause> causes;  ///< Each of the findings has one of these.
};

const std::vector<Kill>& kills() {
  static const std::vector<Kill> table{
      {"no_dedupe",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::duplicated,
       {Cause::not_merged}},
      {"null_id_partition",
       "scenarios/fault/ids-missing.json",
       ActionVerdict::collapsed,
       {Cause::null_id}},
      {"client_wins",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::distorted,
       {Cause::wrong_side, Cause::flag_wrong}},
      {"any_row_wins",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::distorted,
       {Cause::wrong_side, Cause::flag_wrong}},
      {"payload_hash_key",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::duplicated,
       {Cause::not_merged, Cause::payload_changed}},
      {"timestamp_payload_dedupe",
       "scenarios/fault/honest-repeats.json",
       ActionVerdict::collapsed,
       {Cause::same_payload}},
      {"minute_bucket_key",
       "scenarios/fault/ids-missing.json",
       ActionVerdict::duplicated,
       {Cause::id_missing}},
      {"short_window",
       "scenarios/fault/late-copies.json",
       ActionVerdict::duplicated,
       {Cause::window_expired}},
      {"loses_tail",
       "scenarios/examples/double-fired-cart.json",
       ActionVerdict::lost,
       {Cause::last_batch}},
      {"ack_before_store",
       "scenarios/examples/double-fired-cart.json",
       ActionVerdict::lost,
       {Cause::after_acknowledgement}},
      {"consent_ignored_server",
       "scenarios/smoke/consent_drift.json",
       ActionVerdict::leaked,
       {Cause::consent_ignored}},
      {"cents_major",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::distorted,
       {Cause::wrong_unit}},
  };
  return table;
}

}  // namespace

TEST_CASE("each bug of the reference pipeline is found, named and alone", "[run][bugs][.slow]") {
  for (const Kill& kill : kills()) {
    const RunReport report = play(kill.scenario, {kill.bug});
    INFO(kill.bug << " under " << kill.scenario << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
    REQUIRE_FALSE(report.causes.empty());
    for (const CauseCount& cause : report.causes) {
      CHECK(cause.verdict == kill.verdict);
      CHECK(std::find(kill.causes.begin(), kill.causes.end(), cause.cause) != kill.causes.end());
    }
  }
}

TEST_CASE("the scenarios of the bugs accuse no clean pipeline", "[run][bugs]") {
  std::vector<std::string> seen;
  for (const Kill& kill : kills()) {
    if (std::find(seen.begin(), seen.end(), kill.scenario) != seen.end()) continue;
    seen.emplace_back(kill.scenario);
    const RunReport report = play(kill.scenario, {});
    INFO(kill.scenario << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
  }
}

TEST_CASE("the clean pipeline passes 200 seeds of mixed faults without a false alarm",
          "[run][seeds][.slow]") {
  for (int seed = 1; seed <= 200; ++seed) {
    const RunReport report =
        play("scenarios/fault/mixed.json", {}, {{"/seed", std::to_string(seed)}});
    INFO("seed " << seed << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
    CHECK(report.actions_total > 200);
  }
}

}  // namespace parallax::test
