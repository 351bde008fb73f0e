// SPDX-License-Identifier: Apache-2.0
// Bugs of loads, models, identity and consent: rows right, rows wrong.
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

struct Arrived {
  std::string event;
  std::string at = "2026-03-02T12:00:00Z";
};

std::vector<std::string> rows_with(PipelineOptions options, const std::vector<Arrived>& all) {
  Rig rig(std::move(options));
  for (const Arrived& arrived : all) rig.store({arrived.event}, arrived.at);
  return rig.clean();
}

/// Rows of the right pipeline and of the one with the bug.
std::pair<std::size_t, std::size_t> counts(const std::string& bug,
                                           const std::vector<Arrived>& all) {
  return {rows_with({}, all).size(), rows_with(with_bug(bug), all).size()};
}
using Counts = std::pair<std::size_t, std::size_t>;

/// What `key` of the row of one right and one wrong pipeline says.
std::pair<std::string, std::string> words(const std::string& bug, const std::string& key,
                                          const std::vector<Arrived>& all, std::size_t row = 0) {
  return {field(rows_with({}, all).at(row), key),
          field(rows_with(with_bug(bug), all).at(row), key)};
}
using Words = std::pair<std::string, std::string>;

/// The n-th event, with an id of its own.
std::string nth(int n, Changes changes = {}) {
  char id[48];
  std::snprintf(id, sizeof id, "\"00000000-0000-4000-8000-%012d\"", n);
  changes.emplace_back("event_id", id);
  changes.emplace_back("sequence_id", std::to_string(n));
  return client_event(changes);
}

std::string at(const char* time) { return '"' + std::string(time) + '"'; }

}  // namespace

TEST_CASE("key_has_client_ts parts the server's row from the client's", "[pipeline][bug]") {
  CHECK(counts("key_has_client_ts", {{client_event()}, {client_event()}, {server_event()}}) ==
        Counts{1, 2});
}

TEST_CASE("retry_changes_winner lets the client's late copy win", "[pipeline][bug]") {
  const std::vector<Arrived> late{{client_event()}, {server_event()}, {client_event()}};
  CHECK(words("retry_changes_winner", "source", late) == Words{"server", "client"});
  CHECK(words("retry_changes_winner", "source", {{client_event()}, {server_event()}}) ==
        Words{"server", "server"});
}

TEST_CASE("eventual_dedupe shows the copies of the last six hours", "[pipeline][bug]") {
  const std::vector<Arrived> all{{client_event(), "2026-03-02T10:00:00Z"},
                                 {server_event(), "2026-03-02T10:00:01Z"},
                                 {nth(2), "2026-03-02T16:00:02Z"},
                                 {nth(2), "2026-03-02T16:00:02Z"}};
  CHECK(counts("eventual_dedupe", all) == Counts{2, 3});
}

TEST_CASE("poison_blocks loses what a user sends behind a bad event, and nobody else's",
          "[pipeline][bug]") {
  const std::vector<Arrived> all{
      {nth(1)}, {nth(2, {{"client_ts", "7"}})}, {nth(3)}, {nth(4, {{"user_id", "\"u-2\""}})}};
  CHECK(counts("poison_blocks", all) == Counts{3, 2});
}

TEST_CASE("silent_reject drops clients of a tenth of the devices", "[pipeline][bug]") {
  std::vector<Arrived> all;
  for (int n = 1; n <= 200; ++n)
    all.push_back({nth(n, {{"device_id", "\"d-" + std::to_string(n) + "\""}})});
  const auto [right, wrong] = counts("silent_reject", all);
  CHECK(right == 200);
  CHECK(wrong > 158);  // Binomial(200, 0.9): 180 +- 5 standard deviations.
  CHECK(wrong < 200);
}

TEST_CASE("lateness_cutoff drops what is more than a day late", "[pipeline][bug]") {
  CHECK(counts("lateness_cutoff", {{nth(1), "2026-03-03T10:00:00Z"}}) == Counts{1, 1});
  CHECK(counts("lateness_cutoff", {{nth(1), "2026-03-03T10:00:01Z"}}) == Counts{1, 0});
}

TEST_CASE("watermark_max never loads what is older than an earlier load's newest",
          "[pipeline][bug]") {
  const std::string older = nth(2, {{"client_ts", at("2026-03-02T09:59:59Z")}});
  CHECK(counts("watermark_max", {{nth(1), "2026-03-02T10:30:00Z"},
                                 {older, "2026-03-02T11:00:00Z"}}) == Counts{2, 1});
  CHECK(counts("watermark_max", {{nth(1), "2026-03-02T10:30:00Z"},
                                 {older, "2026-03-02T10:59:59Z"}}) == Counts{2, 2});
}

TEST_CASE("null_watermark loads nothing", "[pipeline][bug]") {
  CHECK(counts("null_watermark", {{nth(1)}, {nth(2)}}) == Counts{2, 0});
  CHECK(counts("null_watermark:0", {{nth(1)}, {nth(2)}}) == Counts{2, 2});
}

TEST_CASE("null_merge_key adds rows without an id again", "[pipeline][bug]") {
  CHECK(counts("null_merge_key", {{client_event({{"event_id", ""}})}, {nth(2)}}) == Counts{2, 3});
}

TEST_CASE("local_day moves every event by nine hours", "[pipeline][bug]") {
  CHECK(words("local_day", "event_ts", {{client_event()}}) ==
        Words{"2026-03-02T10:00:00.000Z", "2026-03-02T19:00:00.000Z"});
}

TEST_CASE("client_ts_hourly takes the client's clock although the server spoke",
          "[pipeline][bug]") {
  CHECK(words("client_ts_hourly", "event_ts", {{client_event()}, {server_event()}}) ==
        Words{"2026-03-02T10:00:00.040Z", "2026-03-02T10:00:00.000Z"});
}

TEST_CASE("skew_correction_eats_delay adds a batch's way to the event's time", "[pipeline][bug]") {
  // The support's batches state that they left at 10:00:01.
  CHECK(
      words("skew_correction_eats_delay", "event_ts", {{client_event(), "2026-03-02T10:00:31Z"}}) ==
      Words{"2026-03-02T10:00:00.000Z", "2026-03-02T10:00:30.000Z"});
}

TEST_CASE("dual_write_counted counts both versions", "[pipeline][bug]") {
  CHECK(counts("dual_write_counted",
               {{client_event()}, {client_event({{"schema_version", "2"}})}, {server_event()}}) ==
        Counts{1, 2});
}

TEST_CASE("renamed_property empties the first property of the contract", "[pipeline][bug]") {
  PipelineOptions right;
  right.contract = shop_contract();
  PipelineOptions wrong = with_bug("renamed_property");
  wrong.contract = shop_contract();
  const std::vector<Arrived> order{
      {server_event({{"properties", R"({"coupon":"A","order_id":"o-1"})"}})}};
  CHECK(field(rows_with(right, order).at(0), "properties") == R"({"coupon":"A","order_id":"o-1"})");
  CHECK(field(rows_with(wrong, order).at(0), "properties") == R"({"order_id":"o-1"})");
}

TEST_CASE("float_money cuts a cent off some amounts", "[pipeline][bug]") {
  const auto with = [](const char* revenue) {
    return std::vector<Arrived>{{server_event({{"revenue", revenue}})}};
  };
  CHECK(words("float_money", "revenue", with("9.95")) == Words{"9.95", "9.94"});
  CHECK(words("float_money", "revenue", with("9.50")) == Words{"9.5", "9.5"});
}

TEST_CASE("line_rounding is a cent off where three lines do not add up", "[pipeline][bug]") {
  const auto with = [](const char* revenue) {
    return std::vector<Arrived>{{server_event({{"revenue", revenue}})}};
  };
  CHECK(words("line_rounding", "revenue", with("10.00")) == Words{"10.0", "9.99"});
  CHECK(words("line_rounding", "revenue", with("9.99")) == Words{"9.99", "9.99"});
}

TEST_CASE("id_from_last_user gives an event to the user before it", "[pipeline][bug]") {
  const std::vector<Arrived> two{
      {nth(1)}, {nth(2, {{"user_id", "\"u-2\""}, {"client_ts", at("2026-03-02T10:00:05Z")}})}};
  CHECK(words("id_from_last_user", "user_id", two, 0) == Words{"u-1", "u-1"});
  CHECK(words("id_from_last_user", "user_id", two, 1) == Words{"u-2", "u-1"});
}

TEST_CASE("stitch_not_back_applied leaves the session's first row to the device",
          "[pipeline][bug]") {
  const std::vector<Arrived> two{{nth(1)}, {nth(2, {{"client_ts", at("2026-03-02T10:00:05Z")}})}};
  CHECK(words("stitch_not_back_applied", "user_id", two, 0) == Words{"u-1", "d-1"});
  CHECK(words("stitch_not_back_applied", "user_id", two, 1) == Words{"u-1", "u-1"});
}

TEST_CASE("session_trim cuts a session at the hour", "[pipeline][bug]") {
  const std::vector<Arrived> two{{nth(1, {{"client_ts", at("2026-03-02T10:59:59Z")}})},
                                 {nth(2, {{"client_ts", at("2026-03-02T11:00:00Z")}})}};
  CHECK(words("session_trim", "session_id", two, 0) == Words{"s-1", "s-1"});
  CHECK(words("session_trim", "session_id", two, 1) == Words{"s-1", "s-1-2"});
}

TEST_CASE("consent_overdrop drops what was sent before the refusal", "[pipeline][bug]") {
  const std::vector<Arrived> all{
      {nth(1)}, {nth(2, {{"consent_state", "\"denied\""}})}, {nth(3, {{"user_id", "\"u-2\""}})}};
  CHECK(counts("consent_overdrop", all) == Counts{2, 1});
}

TEST_CASE("sample_one_side leaves out about half of the users on the server only",
          "[pipeline][bug]") {
  std::vector<Arrived> clients, servers;
  for (int n = 1; n <= 200; ++n) {
    const Changes own{{"user_id", "\"u-" + std::to_string(n) + "\""},
                      {"event_id", ""},
                      {"sequence_id", std::to_string(n)}};
    clients.push_back({client_event(own)});
    servers.push_back({server_event(own)});
  }
  CHECK(counts("sample_one_side", clients) == Counts{200, 200});
  const auto [right, wrong] = counts("sample_one_side", servers);
  CHECK(right == 200);
  CHECK(wrong > 64);  // Binomial(200, 0.5): 100 +- 5 standard deviations.
  CHECK(wrong < 136);
}
