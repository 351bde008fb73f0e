// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/core/ledger.h"
#include "sim/run/traffic.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

const std::string shop = source("scenarios/examples/shop.json").string();

/// The shop with few users, as `parallax generate` writes it to standard output.
std::string streamed(std::vector<std::string> more, const std::string& users = "300") {
  std::vector<std::string> words{"generate", shop, "--out", "-", "--users", users};
  words.insert(words.end(), more.begin(), more.end());
  const Output output = parallax(words);
  INFO(output.err);
  REQUIRE(output.code == 0);
  return output.out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);  // The last line ends too.
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines = lines_of(text);
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// A folder that generate has filled.
fs::path generated(const TempFolder& folder, std::vector<std::string> more) {
  const fs::path out = folder / "data";
  std::vector<std::string> words{"generate", shop, "--out", out.string(), "--users", "300"};
  words.insert(words.end(), more.begin(), more.end());
  const Output output = parallax(words);
  INFO(output.out << output.err);
  REQUIRE(output.code == 0);
  return out;
}

Ledger ledger_in(const fs::path& data) {
  Result<Ledger> ledger = read_ledger(journal_files(data / "ledger"));
  REQUIRE(ledger);
  return std::move(*ledger);
}

}  // namespace

TEST_CASE("one, two and four threads write the same bytes", "[run][generate]") {
  const std::string once = streamed({"--jobs", "1"});
  REQUIRE(lines_of(once).size() > 1'000);
  CHECK(streamed({"--jobs", "2"}) == once);
  CHECK(streamed({"--jobs", "4"}) == once);
  CHECK(streamed({"--jobs", "64"}) == once);
  CHECK(streamed({"--seed", "8"}) != once);
  const std::string table = streamed({"--format", "csv"});
  CHECK(streamed({"--format", "csv", "--jobs", "3"}) == table);
}

TEST_CASE("the shards together are the whole, and none of them is empty", "[run][generate]") {
  std::string together;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    const std::string part = streamed({"--shard", shard});
    CHECK(lines_of(part).size() > 300);
    together += part;
  }
  CHECK(sorted_lines(together) == sorted_lines(streamed({})));
}

TEST_CASE("what was delivered is in the file as often as the ledger says", "[run][generate]") {
  const TempFolder folder;
  const fs::path data = generated(folder, {"--jobs", "2"});
  const Ledger ledger = ledger_in(data);
  std::map<EmissionKey, Uuid> ids;
  for (const EmissionRecord& record : ledger.emissions)
    if (identifies(record.emission.id_form))
      ids.emplace(record.emission.key(), record.emission.event_id);
  std::map<AttemptId, Strike> strikes;
  for (const AttemptRecord& attempt : ledger.attempts) strikes.emplace(attempt.id, attempt.strike);
  // By id and side: both sides of an action share the id.
  std::map<std::string, int> in_ledger, in_file;
  for (const DeliveryRecord& delivery : ledger.deliveries) {
    const Strike strike = strikes.at(delivery.attempt);
    const auto id = ids.find(delivery.emission);
    if (strike != Strike::none && strike != Strike::after_commit) continue;
    if (id == ids.end()) continue;
    ++in_ledger[id->second.text() + std::string(name_of(delivery.emission.source))];
  }
  for (const std::string& line : lines_of(read_file(data / "events.ndjson"))) {
    const auto event = nlohmann::json::parse(line);
    if (event.contains("event_id"))
      ++in_file[event.at("event_id").get<std::string>() + event.at("source").get<std::string>()];
  }
  CHECK(in_ledger.size() > 1'000);
  CHECK(in_file == in_ledger);
  CHECK(std::any_of(in_file.begin(), in_file.end(), [](const auto& e) { return e.second > 1; }));
  CHECK(ledger.receipts.size() == ledger.attempts.size());
}

TEST_CASE("without faults nothing is struck and nothing comes twice", "[run][generate]") {
  const TempFolder folder;
  // Not posthog-js: that repeats by itself what a closing page tears down.
  const fs::path data = generated(folder, {"--faults", "off", "--set", "/sdk/client=browser"});
  const Ledger ledger = ledger_in(data);
  REQUIRE(ledger.emissions.size() > 1'000);
  CHECK(std::all_of(ledger.emissions.begin(), ledger.emissions.end(), [](const EmissionRecord& r) {
    return r.emission.struck == 0 && r.fate != Fate::destroyed;
  }));
  const std::vector<std::string> lines = lines_of(read_file(data / "events.ndjson"));
  CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == lines.size());
  const auto queued = std::count_if(ledger.emissions.begin(), ledger.emissions.end(),
                                    [](const EmissionRecord& r) { return r.fate == Fate::queued; });
  CHECK(static_cast<std::size_t>(queued) == lines.size());
}

TEST_CASE("a file that a pipeline took whole is judged from the ledger beside it",
          "[run][generate]") {
  const TempFolder folder;
  const fs::path data = generated(folder, {"--faults", "off"});
  // A pipeline of one statement: an action is its id, the server's row first.
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  const Result<void> cleaned = connection->run(
      "copy (select event_id, event_name, user_id, device_id, session_id, sequence_id, "
      "coalesce(server_ts, client_ts) event_time, source, run_id, currency, revenue, "
      "context->>'page' page, properties from read_json(" +
      duckdb::quote_literal((data / "events.ndjson").string()) +
      ", format = 'newline_delimited', columns = {event_id: 'varchar', event_name: 'varchar', "
      "user_id: 'varchar', device_id: 'varchar', session_id: 'varchar', sequence_id: 'int', "
      "client_ts: 'varchar', server_ts: 'varchar', source: 'varchar', run_id: 'varchar', currency: "
      "'varchar', revenue: 'varchar', context: 'json', properties: 'json'}) qualify row_number() "
      "over (partition by event_id order by source desc) = 1) to " +
      duckdb::quote_literal((folder / "clean.parquet").string()) + " (format parquet)");
  if (!cleaned) FAIL(cleaned.error().text());
  write_file(folder / "t.json", R"({"send": {"kind": "file", "path": "unused.ndjson"},
    "read": {"kind": "file", "path": ")" +
                                    (folder / "clean.parquet").string() + R"("},
    "settle": {"quiet": "1ms", "limit": "2s"}})");
  const Output judged =
      parallax({"judge", data.string(), "--target", (folder / "t.json").string(), "--json"});
  INFO(judged.out << judged.err);
  const auto report = nlohmann::json::parse(judged.out);
  CHECK(report.at("actions").at("total").get<int>() > 500);
  CHECK(report.at("actions").at("lost") == 0);
  CHECK(report.at("actions").at("duplicated") == 0);
  CHECK(report.at("rows").at("phantom") == 0);
  CHECK(report.at("rows").at("foreign") == 0);
}

TEST_CASE("a folder of generate has no target of its own", "[run][generate]") {
  const TempFolder folder;
  const fs::path data = generated(folder, {"--length", "1h"});
  CHECK_FALSE(fs::exists(data / "target.json"));
  CHECK(parallax({"judge", data.string()}).code == 4);
}

TEST_CASE("the effective scenario tells what was overridden", "[run][generate]") {
  const TempFolder folder;
  const fs::path data =
      generated(folder, {"--length", "2h", "--seed", "9", "--faults", "off", "--ledger", "off"});
  const auto scenario = nlohmann::json::parse(read_file(data / "scenario.json"));
  CHECK(scenario.at("time").at("length") == "2h");
  CHECK(scenario.at("seed") == 9);
  CHECK(scenario.at("population").at("users") == 300);
  CHECK(scenario.at("faults").empty());
  CHECK(journal_files(data / "ledger").empty());
}

TEST_CASE("a longer run begins with the same journeys", "[run][generate]") {
  // The ledger, not the file: where a run ends, its queues are flushed at once.
  const TempFolder folder;
  const Ledger day = ledger_in(generated(folder, {"--length", "1d", "--faults", "off"}));
  const Ledger week = ledger_in(generated(folder, {"--length", "3d", "--faults", "off"}));
  std::set<ActionId> of_week;
  for (const Action& action : week.actions) of_week.insert(action.id);
  CHECK(week.actions.size() > 2 * day.actions.size());
  CHECK(std::all_of(day.actions.begin(), day.actions.end(),
                    [&](const Action& action) { return of_week.contains(action.id); }));
}

TEST_CASE("wrong words of generate exit 4 and leave no folder", "[run][generate]") {
  const TempFolder folder;
  const std::string out = (folder / "d").string();
  const auto code = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"generate", shop, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return parallax(words).code;
  };
  CHECK(code({"--shard", "0/2"}) == 4);
  CHECK(code({"--shard", "3/2"}) == 4);
  CHECK(code({"--shard", "1/65"}) == 4);
  CHECK(code({"--shard", "1/2x"}) == 4);
  CHECK(code({"--length", "7 days"}) == 4);
  CHECK(code({"--users", "0"}) == 4);
  CHECK(code({"--jobs", "0"}) == 4);
  CHECK(code({"--faults", "some"}) == 4);
  CHECK(code({"--wire", "avro"}) == 4);
  CHECK(code({"--format", "csv", "--wire", "shared"}) == 4);
  CHECK(parallax({"generate", shop}).code == 4);
  CHECK(parallax({"generate", "no-such.json", "--out", out}).code == 4);
  CHECK(parallax({"generate", shop, "--out", "-", "--format", "parquet"}).code == 4);
  CHECK(parallax({"generate", shop, "--out", "-", "--ledger", "journal"}).code == 4);
  CHECK(parallax({"generate", shop, "--out", out, "-", "--ledger", "off"}).code == 4);
  CHECK(parallax({"generate", shop, "--out", out, "+"}).code == 4);
  const Output nearest = parallax({"generate", shop, "--out", out, "--format", "parket"});
  CHECK(nearest.code == 4);
  CHECK(nearest.err.find("parquet") != std::string::npos);
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("a last - streams the events of a folder that has the ledger alone", "[run][generate]") {
  const TempFolder folder;
  const fs::path whole = generated(folder, {});
  const std::string data = (folder / "streamed").string();
  const Output output = parallax({"generate", shop, "--out", data, "--users", "300", "-"});
  INFO(output.err);
  REQUIRE(output.code == 0);
  CHECK(output.out == read_file(whole / "events.ndjson"));
  CHECK(output.err.find(" out=" + data) != std::string::npos);
  CHECK_FALSE(fs::exists(fs::path(data) / "events.ndjson"));
  CHECK(read_file(fs::path(data) / "ledger/journal-0.plx") ==
        read_file(whole / "ledger/journal-0.plx"));
}

TEST_CASE("generate never empties a folder that is not a run's, but replaces its own",
          "[run][generate]") {
  const TempFolder folder;
  write_file(folder / "precious.txt", "keep me");
  CHECK(parallax({"generate", shop, "--out", folder.path().string(), "--length", "1h"}).code == 3);
  CHECK(read_file(folder / "precious.txt") == "keep me");
  const fs::path data = generated(folder, {"--length", "1h", "--format", "csv"});
  generated(folder, {"--length", "1h"});
  CHECK(fs::exists(data / "events.ndjson"));
  CHECK_FALSE(fs::exists(data / "events.csv"));
}

TEST_CASE("a disk that fills up ends generate with 3, and no file looks whole", "[run][generate]") {
  for (const std::string format : {"ndjson", "parquet", "duckdb"}) {
    const TempFolder folder;
    const Output full = shell("trap '' XFSZ; ulimit -f 300; \"$PARALLAX\" generate " + shop +
                              " --ledger off --users 3000 --format " + format + " --out " +
                              (folder / "d").string());
    INFO(format << full.out << full.err);
    CHECK(full.code == 3);
    CHECK(full.err.find("events." + format) != std::string::npos);
    CHECK_FALSE(fs::exists(folder / "d" / ("events." + format)));
  }
}

TEST_CASE("the first Ctrl-C ends generate with whole lines and a ledger that knows them",
          "[run][generate]") {
  const TempFolder folder;
  const std::string data = (folder / "d").string();
  const Output stopped = shell(
      "set -m; \"$PARALLAX\" generate " + shop + " --length 366d --users 20000 --jobs 2 --out " +
      data + " & pid=$!; for i in $(seq 600); do [ -s " + data +
      "/events.ndjson.part ] && break; sleep 0.02; done; sleep 0.2; kill -INT $pid; wait $pid");
  INFO(stopped.out << stopped.err);
  CHECK(stopped.code == 130);
  CHECK(stopped.out.find("interrupted") != std::string::npos);
  const Ledger ledger = ledger_in(data);
  CHECK_FALSE(ledger.torn);
  std::size_t delivered = 0;
  std::map<AttemptId, Strike> strikes;
  for (const AttemptRecord& attempt : ledger.attempts) strikes.emplace(attempt.id, attempt.strike);
  for (const DeliveryRecord& delivery : ledger.deliveries) {
    const Strike strike = strikes.at(delivery.attempt);
    delivered += strike == Strike::none || strike == Strike::after_commit ? 1U : 0U;
  }
  CHECK(delivered > 0);
  CHECK(lines_of(read_file(fs::path(data) / "events.ndjson")).size() == delivered);
}

TEST_CASE("memory does not grow with the number of events", "[run][generate]") {
  // In KiB of address space: what eight times the events may need more is what allocators keep.
  const auto peak = [](const std::string& length) {
    const Output output = shell("\"$PARALLAX\" generate " + shop +
                                " -o - --users 20000 --faults off --length " + length +
                                " >/dev/null & pid=$!; peak=0; while p=$(grep VmHWM "
                                "/proc/$pid/status 2>/dev/null); do echo $p; sleep 0.05; done");
    const std::vector<std::string> lines = lines_of(output.out);
    REQUIRE_FALSE(lines.empty());
    return std::stol(lines.back().substr(lines.back().find(' ')));
  };
  const long week = peak("14d");
  CHECK(week > 1'000);
  CHECK(peak("112d") < week * 5 / 4);
}

}  // namespace parallax::test
