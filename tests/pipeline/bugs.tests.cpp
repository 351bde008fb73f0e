// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <set>

#include "sim/pipeline/models.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

std::string id_text(int number) {
  char text[48];
  std::snprintf(text, sizeof text, "\"00000000-0000-4000-8000-%012d\"", number);
  return text;
}

/// Rows of the right pipeline and of the one with the bug, for the same events.
std::pair<std::size_t, std::size_t> rows_without_and_with(const std::string& bug,
                                                          const std::vector<std::string>& events) {
  Rig right;
  Rig wrong(with_bug(bug));
  right.store(events);
  wrong.store(events);
  return {right.clean().size(), wrong.clean().size()};
}

using Sizes = std::pair<std::size_t, std::size_t>;

}  // namespace

TEST_CASE("no_dedupe counts a retransmit and the other side again", "[pipeline][bug]") {
  CHECK(rows_without_and_with("no_dedupe", {client_event(), client_event(), server_event()}) ==
        Sizes{1, 3});
}

TEST_CASE("null_id_partition collapses rows without an id", "[pipeline][bug]") {
  CHECK(rows_without_and_with("null_id_partition",
                              {client_event({{"event_id", ""}}),
                               client_event({{"event_id", "null"}, {"sequence_id", "2"}}),
                               client_event({{"sequence_id", "3"}})}) == Sizes{3, 2});
}

TEST_CASE("blank_id collapses rows with an empty or zero id", "[pipeline][bug]") {
  const std::string zero = "\"00000000-0000-0000-0000-000000000000\"";
  CHECK(rows_without_and_with("blank_id", {client_event({{"event_id", "\"\""}}),
                                           client_event({{"event_id", zero}, {"sequence_id", "2"}}),
                                           client_event({{"event_id", "null"},
                                                         {"sequence_id", "3"}})}) == Sizes{3, 2});
}

TEST_CASE("client_wins keeps the client's values", "[pipeline][bug]") {
  Rig rig(with_bug("client_wins"));
  rig.store({client_event({{"revenue", "1.00"}}), server_event()});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "source") == "client");
  CHECK(field(rows[0], "is_server_authoritative") == "false");
  CHECK(rows[0].find("\"revenue\":1.00") != std::string::npos);
  CHECK(field(rows[0], "server_rows") == "1");
}

TEST_CASE("any_row_wins answers otherwise from read to read", "[pipeline][bug]") {
  Rig rig(with_bug("any_row_wins"));
  std::vector<std::string> events;
  for (int i = 0; i < 20; ++i) {
    events.push_back(client_event({{"event_id", id_text(i)}}));
    events.push_back(server_event({{"event_id", id_text(i)}}));
  }
  rig.store(events);
  const auto first = rig.clean();
  const auto second = rig.clean();
  CHECK(first.size() == 20);
  CHECK(second.size() == 20);
  CHECK(first != second);
}

TEST_CASE("payload_hash_key counts what differs in words, not what is the same",
          "[pipeline][bug]") {
  CHECK(rows_without_and_with("payload_hash_key",
                              {client_event(), client_event({{"retry_count", "1"}}), server_event(),
                               server_event({{"revenue", "9.9900"}})}) == Sizes{1, 3});
}

TEST_CASE("timestamp_payload_dedupe swallows an honest repeat in one second", "[pipeline][bug]") {
  const auto at = [](int n, const char* time) {
    return client_event({{"event_id", id_text(n)},
                         {"sequence_id", std::to_string(n)},
                         {"client_ts", '"' + std::string(time) + '"'}});
  };
  CHECK(rows_without_and_with("timestamp_payload_dedupe",
                              {at(1, "2026-03-02T10:00:00.100Z"), at(2, "2026-03-02T10:00:00.900Z"),
                               at(3, "2026-03-02T10:00:01.000Z")}) == Sizes{3, 2});
}

TEST_CASE("minute_bucket_key splits an action at the turn of the minute only", "[pipeline][bug]") {
  const auto pair = [](const char* client, const char* server) {
    return std::vector<std::string>{
        client_event({{"event_id", ""}, {"client_ts", '"' + std::string(client) + '"'}}),
        server_event({{"event_id", ""}, {"server_ts", '"' + std::string(server) + '"'}})};
  };
  CHECK(rows_without_and_with("minute_bucket_key",
                              pair("2026-03-02T00:00:59Z", "2026-03-02T00:01:01Z")) == Sizes{1, 2});
  CHECK(rows_without_and_with("minute_bucket_key",
                              pair("2026-03-02T00:00:57Z", "2026-03-02T00:00:59Z")) == Sizes{1, 1});
}

TEST_CASE("short_window forgets an id after 30 simulated minutes", "[pipeline][bug]") {
  Rig rig(with_bug("short_window"));
  rig.store({client_event()}, "2026-03-02T12:00:00Z");
  rig.store({client_event()}, "2026-03-02T12:29:59Z");
  CHECK(rig.clean().size() == 1);
  rig.store({client_event()}, "2026-03-02T12:30:00Z");
  CHECK(rig.clean().size() == 2);
}

TEST_CASE("consent_ignored_server leaks the server's rows", "[pipeline][bug]") {
  CHECK(rows_without_and_with("consent_ignored_server",
                              {client_event({{"consent_state", "\"denied\""}}),
                               server_event({{"consent_state", "\"denied\""},
                                             {"event_id", id_text(2)}})}) == Sizes{0, 1});
}

TEST_CASE("cents_major makes revenue a hundred times too high", "[pipeline][bug]") {
  Rig rig(with_bug("cents_major"));
  rig.store({server_event()});
  CHECK(field(rig.clean().at(0), "revenue") == "999.0");
}

TEST_CASE("loses_tail acknowledges the last batch and never stores it", "[pipeline][bug]") {
  Rig rig(with_bug("loses_tail"));
  for (int i = 1; i <= 3; ++i) rig.store({client_event({{"event_id", id_text(i)}})});
  CHECK(rig.clean().size() == 2);
  CHECK(rig.clean().size() == 2);
}

TEST_CASE("ack_before_store loses three acknowledged batches of twenty, whichever comes first",
          "[pipeline][bug]") {
  const auto kept = [](const std::string& bug, bool backwards) {
    Rig rig(with_bug(bug));
    for (int i = 0; i < 400; ++i)
      rig.store({client_event({{"event_id", id_text(backwards ? 399 - i : i)}})});
    std::set<std::string> ids;
    for (const std::string& row : rig.clean()) ids.insert(field(row, "event_id"));
    return ids;
  };
  const std::set<std::string> ids = kept("ack_before_store", false);
  CHECK(ids.size() > 304);  // Binomial(400, 0.85): 340 +- 5 standard deviations.
  CHECK(ids.size() < 376);
  CHECK(kept("ack_before_store", true) == ids);
  CHECK(kept("ack_before_store:0", false).size() == 400);
}

TEST_CASE("coarse_key counts one discounted server row a minute, from its time on",
          "[pipeline][bug]") {
  const Changes discounted{{"properties", R"({"discount":4.00})"}};
  const auto order = [&](int number, const char* second, Changes changes) {
    changes.emplace_back("event_id", id_text(number));
    changes.emplace_back("server_ts", "\"2026-03-02T11:59:" + std::string(second) + "Z\"");
    return server_event(changes);
  };
  const std::vector<std::string> events{order(1, "01", discounted), order(2, "02", discounted),
                                        order(3, "03", {}), order(4, "04", {}),
                                        order(5, "05", {{"properties", R"({"discount":0.00})"}})};
  CHECK(rows_without_and_with("coarse_key", events) == Sizes{5, 4});
  CHECK(rows_without_and_with("coarse_key@2026-03-02T12:00:00Z", events) == Sizes{5, 4});
  CHECK(rows_without_and_with("coarse_key@2026-03-02T12:00:01Z", events) == Sizes{5, 5});
}

TEST_CASE("version_unread stores server rows of the next version and does not count them",
          "[pipeline][bug]") {
  const auto event = [](int number, const char* version, bool server) {
    const Changes changes{{"event_id", id_text(number)}, {"schema_version", version}};
    return server ? server_event(changes) : client_event(changes);
  };
  const std::vector<std::string> events{event(1, "3", true), event(2, "4", true),
                                        event(3, "4", false)};
  CHECK(rows_without_and_with("version_unread", events) == Sizes{3, 2});
  CHECK(rows_without_and_with("version_unread@2026-03-02T12:00:01Z", events) == Sizes{3, 3});
}

TEST_CASE("a share of a bug strikes about its share of the cases, and the same ones again",
          "[pipeline][bug]") {
  std::vector<std::string> events;
  constexpr int cases = 400;
  for (int i = 0; i < cases; ++i)
    for (int copy = 0; copy < 2; ++copy) events.push_back(client_event({{"event_id", id_text(i)}}));
  Rig first(with_bug("no_dedupe:25%"));
  Rig second(with_bug("no_dedupe:0.25"));
  first.store(events);
  second.store(events);
  const std::size_t doubled = first.clean().size() - cases;
  CHECK(doubled > 57);  // Binomial(400, 0.25): 100 +- 5 standard deviations.
  CHECK(doubled < 143);
  CHECK(first.clean() == second.clean());
}

TEST_CASE("a bug's name and share are checked", "[pipeline][bug]") {
  const auto unknown = parse_bug("no_dedup");
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().what, Catch::EndsWith("did you mean no_dedupe?"));
  CHECK_FALSE(parse_bug("no_dedupe:1.5"));
  CHECK_FALSE(parse_bug("no_dedupe:"));
  CHECK(parse_bug("no_dedupe:10%").value().share.parts == Ratio::one / 10);
  CHECK(parse_bug("no_dedupe").value().share == Ratio::whole());
  CHECK(parse_bug("no_dedupe").value().from == no_time);
  const auto dated = parse_bug("coarse_key:10%@2026-03-05T00:00:00Z");
  REQUIRE(dated);
  CHECK(dated->share.parts == Ratio::one / 10);
  CHECK(to_rfc3339(dated->from) == "2026-03-05T00:00:00.000Z");
  CHECK_THAT(parse_bug("coarse_key@soon").error().what, Catch::Contains("RFC 3339"));
  CHECK_THAT(parse_bug("no_dedupe@2026-03-05T00:00:00Z").error().what,
             Catch::Contains("always there"));
}

TEST_CASE("two bugs in one step cannot both be switched on", "[pipeline][bug]") {
  pipeline::ReplacedSteps one, two;
  CHECK_FALSE(pipeline::bug_models({{"no_dedupe"}, {"short_window"}}, one));
  CHECK(pipeline::bug_models({{"no_dedupe"}, {"cents_major"}}, two));
}

TEST_CASE("every bug file is a known bug that says where it was seen", "[pipeline][bug]") {
  std::set<std::string> known;
  for (const BugKind& kind : bug_kinds()) known.insert(std::string(kind.name));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PARALLAX_SOURCE_DIR) +
                                                               "/sim/pipeline/models/bugs")) {
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    CHECK(known.count(name) == 1);
    const std::string text(pipeline::embedded_model("bugs/" + name + ".sql"));
    CHECK_THAT(text, Catch::Contains("-- bug " + name + ": "));
    CHECK_THAT(text, Catch::Contains("-- Mistake: "));
    CHECK_THAT(text, Catch::Contains(name + "_hits("));
    ++files;
  }
  CHECK(files == known.size() - 2);  // loses_tail and ack_before_store live in intake.cpp.
}
