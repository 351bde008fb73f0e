// SPDX-License-Identifier: Apache-2.0
// A warehouse in one DuckDB file: events are appended, SQL of the user's makes the clean rows.
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// A target whose model is its query; `dedupe` is the step of it that a pipeline may forget.
std::string target_of(const TempFolder& folder, const std::string& dedupe) {
  const std::string path = (folder / "warehouse.duckdb").string();
  return R"({"send": {"kind": "duckdb", "path": ")" + path +
         R"("}, "read": {"kind": "duckdb", "path": ")" + path +
         R"(", "query": "select event ->> 'event_id' as event_id, event ->> 'run_id' as run_id, )"
         R"(event ->> 'event_name' as event_name, event ->> 'user_id' as user_id, )"
         R"(event ->> 'device_id' as device_id, event ->> 'session_id' as session_id, )"
         R"(event ->> 'sequence_id' as sequence_id, event ->> 'client_ts' as client_ts, )"
         R"(event ->> 'source' as source, event ->> 'properties' as properties )"
         R"(from raw_events where event ->> 'run_id' = $1 )" +
         dedupe + R"("}, "settle": {"quiet": "10ms", "limit": "1m"}})";
}

}  // namespace

TEST_CASE("a model over raw events in DuckDB is judged, and found where it forgets to deduplicate",
          "[connect][duckdb]") {
  const char* const scenario = "scenarios/examples/double-fired-cart.json";
  const TempFolder right;
  const RunReport kept =
      play_on(target_of(right,
                        "qualify row_number() over (partition by event ->> 'event_id' order by "
                        "rowid) = 1"),
              scenario);
  INFO(failures(kept));
  CHECK(kept.verdict == Verdict::pass);
  CHECK(kept.target.find("duckdb raw_events in /") == 0);
  const TempFolder wrong;
  const RunReport doubled = play_on(target_of(wrong, ""), scenario);
  CHECK(doubled.verdict == Verdict::fail);
  REQUIRE_FALSE(doubled.causes.empty());
  CHECK(doubled.causes.front().cause == Cause::double_fire);
}

}  // namespace parallax::test
