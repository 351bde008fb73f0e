// SPDX-License-Identifier: Apache-2.0
// The ways in which real SDKs send twice or lose, as scenarios: what they yield on a right
// pipeline, on one without dedupe, and in the ledger.
#include <filesystem>
#include <set>

#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "sim/scenario/sdk_profiles.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

namespace fs = std::filesystem;

/// One run, with its ledger for SQL.
class Played {
 public:
  Played(const std::string& name, const std::vector<std::string>& bugs) {
    LoadOptions load;
    load.faults = fault_kinds();
    const Loaded loaded = load_scenario(source("scenarios/sdk/" + name + ".json"), load);
    for (const Problem& problem : loaded.problems) FAIL(problem.text());
    LoadedTarget target = load_target_text("{}", name);
    REQUIRE(target.ok());
    target.target.send.bugs = bugs;
    RunOptions options;
    options.folder = folder_ / "run";
    Result<RunReport> result = run_scenario(loaded.scenario, target.target, options);
    if (!result) FAIL(result.error().text());
    report = std::move(*result);
  }

  /// A number out of the ledger's tables; "{attempts}" names attempts.parquet.
  std::int64_t number(std::string sql) const {
    for (const std::string table :
         {"verdicts", "abandons", "attempts", "deliveries", "emissions"}) {
      const std::string name = "{" + table + "}";
      const fs::path file = folder_ / "run/ledger" / (table + ".parquet");
      for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name))
        sql.replace(at, name.size(), duckdb::quote_literal(file.string()));
    }
    auto database = duckdb::Database::open({});
    REQUIRE(database);
    auto connection = database->connect();
    REQUIRE(connection);
    const auto value = connection->integer(sql);
    if (!value) FAIL(value.error().text());
    return *value;
  }
  std::int64_t excused(Cause cause) const {
    return number("select count(*) from {verdicts} where verdict = 'excused' and cause = '" +
                  std::string(name_of(cause)) + "'");
  }

  RunReport report;

 private:
  TempFolder folder_;
};

struct Doubled {
  const char* scenario;
  Cause without_dedupe;
  Cause with_short_window;  ///< none: all copies come within half an hour.
};
constexpr Doubled doubled[] = {
    {"df1-beacon-copy", Cause::retransmit, Cause::none},
    {"df2-kept-request", Cause::retransmit, Cause::window_expired},
    {"df3-hidden-tab", Cause::retransmit, Cause::window_expired},
    {"df4-beacon-kept", Cause::retransmit, Cause::window_expired},
    {"df5-amplitude", Cause::retransmit, Cause::window_expired},
    {"df5-snowplow", Cause::retransmit, Cause::window_expired},
    {"df5-rudder", Cause::retransmit, Cause::window_expired},
    {"df6-slow-answer", Cause::retransmit, Cause::none},
    {"df7-no-content", Cause::retransmit, Cause::none},
    {"df7-other-body", Cause::retransmit, Cause::none},
    {"df8-closed-socket", Cause::retransmit, Cause::none},
};

struct Loss {
  const char* scenario;
  const char* why;
};
constexpr Loss losses[] = {
    {"df9-redirect", "misread"},       {"loss1-outage", "exhausted"},
    {"loss2-rate-limit", "refused"},   {"loss3-refused", "refused"},
    {"loss4-overflow", "overflow"},    {"loss5-bad-request", "refused"},
    {"loss6-never-back", "unvisited"},
};

/// Actions of which more than one delivery was accepted or may have been.
constexpr const char* delivered_twice =
    "select count(*) from (select action_id from {deliveries} d join {attempts} a using "
    "(attempt_id) "
    "where receipt <> 'rejected' group by action_id, d.source having count(*) > 1)";

void check_only(const RunReport& report, Cause cause) {
  INFO(failures(report));
  CHECK(report.verdict == Verdict::fail);
  REQUIRE_FALSE(report.causes.empty());
  for (const CauseCount& found : report.causes) {
    CHECK(found.verdict == ActionVerdict::duplicated);
    CHECK(found.cause == cause);
    CHECK(found.actions >= 10);
  }
}

}  // namespace

TEST_CASE("what an SDK sends twice counts once on a right pipeline, and twice without dedupe",
          "[run][sdk]") {
  for (const Doubled& path : doubled) {
    INFO(path.scenario);
    const Played right(path.scenario, {});
    INFO(failures(right.report));
    CHECK(right.report.verdict == Verdict::pass);
    CHECK(right.number(delivered_twice) >= 10);
    check_only(Played(path.scenario, {"no_dedupe"}).report, path.without_dedupe);
  }
}

TEST_CASE("what a later visit sends again outlives a short dedupe window", "[run][sdk]") {
  for (const Doubled& path : doubled) {
    if (path.with_short_window == Cause::none) continue;
    INFO(path.scenario);
    check_only(Played(path.scenario, {"short_window"}).report, path.with_short_window);
  }
}

TEST_CASE("what an SDK loses is excused, laid at its door, and the ledger says why", "[run][sdk]") {
  for (const Loss& path : losses) {
    INFO(path.scenario);
    const Played played(path.scenario, {});
    INFO(failures(played.report));
    CHECK(played.report.verdict == Verdict::pass);
    const std::int64_t lost = played.excused(Cause::abandoned_by_sdk);
    CHECK(lost >= 10);
    CHECK(static_cast<std::uint64_t>(lost) ==
          played.report.actions[static_cast<std::size_t>(ActionVerdict::excused)]);
    CHECK(played.number("select count(*) from {verdicts} v join {abandons} using (action_id) where "
                        "verdict = 'excused' and why <> '" +
                        std::string(path.why) + "'") == 0);
  }
}

TEST_CASE("identify reaches the server before what was captured before it", "[run][sdk]") {
  const Played played("ord1-identify-first", {});
  CHECK(played.report.verdict == Verdict::pass);
  // Pairs of one session in which the identify was captured later and arrived earlier.
  CHECK(
      played.number(
          "with heard as (select e.session_id, e.event_name, e.sequence_id, min(a.arrives_at) as "
          "heard from {emissions} e join {deliveries} d using (action_id) join {attempts} a using "
          "(attempt_id) where e.source = 'client' group by all) "
          "select count(*) from heard i join heard s using (session_id) where i.event_name = "
          "'identify' and s.event_name = 'search' and i.sequence_id > s.sequence_id and i.heard < "
          "s.heard") >= 10);
}

TEST_CASE("the SDKs are listed with a line each, and each is shown with its evidence",
          "[run][sdk][cli]") {
  const Output list = parallax({"sdks"});
  CHECK(list.code == 0);
  for (const SdkProfile& profile : sdk_profiles())
    CHECK(list.out.find(profile.name) != std::string::npos);
  const Output one = parallax({"sdks", "segment-node@3.1.4"});
  CHECK(one.code == 0);
  CHECK(one.out.find("flush_at        15           source") != std::string::npos);
  CHECK(one.out.find("leaves out  events above 32 KB") != std::string::npos);
  const Output none = parallax({"sdks", "segment-nod@3.1"});
  CHECK(none.code == 4);
  CHECK(none.err.find("did you mean segment-node@3.1?") != std::string::npos);
}

TEST_CASE("every scenario of an SDK is in a table above", "[run][sdk]") {
  std::set<std::string> played{"base", "ord1-identify-first"};
  for (const Doubled& path : doubled) played.insert(path.scenario);
  for (const Loss& path : losses) played.insert(path.scenario);
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(source("scenarios/sdk")))
    there.insert(entry.path().stem().string());
  CHECK(played == there);
}

}  // namespace parallax::test
