// SPDX-License-Identifier: Apache-2.0
// Refreshing in parts gives what making everything anew gives, whatever arrives when.
#include "sim/core/duckdb.h"
#include "sim/core/prng.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// One copy of one of 40 actions, as either side saw it: with its id, with a faulty one or with
/// none, with its place in the session or without, early or late, allowed or not.
std::string some_copy(Prng& draw) {
  const auto action = draw.between(0, 39);
  char id[40];
  std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", static_cast<int>(action));
  Changes changes{{"event_id", quoted(id)},
                  {"user_id", quoted("u-" + std::to_string(action % 3))},
                  {"sequence_id", std::to_string(action)},
                  {"run_id", quoted(draw.between(0, 9) == 0 ? "r2" : "r1")}};
  const auto form = draw.between(0, 9);
  if (form < 3) changes[0].second = form == 0 ? "\"\"" : "";
  if (form == 2 || form == 3) changes[2].second = "";
  if (form == 4) changes.emplace_back("consent_state", "\"denied\"");
  char time[32];
  std::snprintf(time, sizeof time, "2026-03-02T10:%02d:%02d.000Z", static_cast<int>(action % 4),
                static_cast<int>(draw.between(0, 59)));
  const bool server = draw.between(0, 1) == 0;
  changes.emplace_back(server ? "server_ts" : "client_ts", quoted(time));
  changes.emplace_back("revenue", std::to_string(draw.between(1, 3)) + ".50");
  return server ? server_event(changes) : client_event(changes);
}

/// Arrival times are in no order: some batches were on their way for hours.
std::string some_arrival(Prng& draw) {
  char time[32];
  std::snprintf(time, sizeof time, "2026-03-02T%02d:00:00Z",
                static_cast<int>(draw.between(10, 14)));
  return time;
}

}  // namespace

TEST_CASE("refreshed in parts or at once, the canonical rows are the same", "[pipeline][refresh]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 9)));
  CAPTURE(seed);
  Prng draw = Prng(seed).stream("arrivals");
  PipelineOptions options;
  if (seed % 2 == 0) options.contract = shop_contract();
  Rig once(options);
  Rig parts(options);
  for (int i = 0; i < 25; ++i) {
    std::vector<std::string> events;
    for (std::int64_t n = draw.between(1, 12); n > 0; --n) events.push_back(some_copy(draw));
    const std::string arrival = some_arrival(draw);
    once.store(events, arrival);
    parts.store(events, arrival);
    if (draw.between(0, 2) == 0) parts.clean();
  }
  const auto rows = once.client->lines("/v1/clean_events");
  CHECK(rows.size() > 40);
  CHECK(parts.client->lines("/v1/clean_events") == rows);
}

TEST_CASE("a late row changes the action that it belongs to and no other", "[pipeline][refresh]") {
  Rig rig;
  const Changes other{{"event_id", "\"00000000-0000-4000-8000-000000000002\""},
                      {"sequence_id", "2"}};
  rig.store({client_event(), client_event(other)});
  const auto before = rig.clean();
  REQUIRE(before.size() == 2);
  rig.store({server_event()});
  const auto after = rig.clean();
  REQUIRE(after.size() == 2);
  CHECK(field(after[1], "source") == "server");
  CHECK(field(after[1], "client_rows") == "1");
  CHECK(after[0] == before[1]);
}

TEST_CASE("an id that comes late takes its row out of the composite key", "[pipeline][refresh]") {
  Rig rig;
  rig.store({client_event({{"event_id", ""}})});
  CHECK(field(rig.clean().at(0), "event_id") == "null");
  rig.store({server_event()});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_id") == "00000000-0000-4000-8000-000000000001");
  CHECK(field(rows[0], "client_rows") == "1");
}

TEST_CASE("what other models or another contract made is made anew", "[pipeline][refresh]") {
  TempFolder folder;
  PipelineOptions options = with_bug("no_dedupe");
  options.data = folder.path();
  const auto rows = [&] {
    auto pipeline = Pipeline::start(options);
    REQUIRE(pipeline);
    Client client((*pipeline)->port());
    if (!options.bugs.empty())
      CHECK(client.post(batch({client_event(), server_event()})).status == 200);
    return client.lines("/v1/clean_events").size();
  };
  CHECK(rows() == 2);
  options.bugs.clear();
  CHECK(rows() == 1);
}

TEST_CASE("an orderly stop can leave the canonical rows as a table", "[pipeline][refresh]") {
  TempFolder folder;
  PipelineOptions options;
  options.data = folder.path();
  options.leaves_clean_table = true;
  for (int start = 1; start < 3; ++start) {
    auto pipeline = Pipeline::start(options);
    REQUIRE(pipeline);
    const std::string id = "\"00000000-0000-4000-8000-00000000000" + std::to_string(start) + '"';
    CHECK(Client((*pipeline)->port()).post(batch({client_event({{"event_id", id}})})).status ==
          200);
    pipeline->reset();
    duckdb::OpenOptions reading;
    reading.read_only = true;
    auto database = duckdb::Database::open(folder.path() / "warehouse.duckdb", reading);
    REQUIRE(database);
    auto connection = database->connect();
    REQUIRE(connection);
    CHECK(connection->integer("select count(distinct event_id) from clean_events").value() ==
          start);
  }
}
