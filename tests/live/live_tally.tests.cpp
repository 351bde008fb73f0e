// SPDX-License-Identifier: Apache-2.0
#include "sim/run/live_tally.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "fault/fault.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

namespace fs = std::filesystem;

AttemptRecord attempt(std::uint64_t id) {
  AttemptRecord record;
  record.id.value = id;
  record.size = 7;
  return record;
}

/// How many attempts a tail hands over at one look.
std::size_t look(JournalTail& tail) {
  Ledger ledger;
  tail.read(ledger, 1 << 20);
  return ledger.attempts.size();
}

}  // namespace

TEST_CASE("a tail hands over each record once, as it is flushed", "[live][tail]") {
  const TempFolder folder;
  JournalTail tail(folder / "journal-0.plx");
  CHECK(look(tail) == 0);  // There is no file yet.
  Result<Journal> journal = Journal::create(folder / "journal-0.plx");
  REQUIRE(journal);
  REQUIRE(journal->flush());
  CHECK(look(tail) == 0);
  journal->append(attempt(1));
  REQUIRE(journal->flush());
  journal->append(attempt(2));
  CHECK(look(tail) == 1);  // The second has not been handed to the operating system.
  CHECK(look(tail) == 0);
  REQUIRE(journal->flush());
  CHECK(tail.behind() > 0);
  CHECK(look(tail) == 1);
  CHECK(tail.behind() == 0);
}

TEST_CASE("half a block is left for the next look", "[live][tail]") {
  const TempFolder folder;
  {
    Result<Journal> journal = Journal::create(folder / "whole");
    REQUIRE(journal);
    journal->append(attempt(1));
    REQUIRE(journal->close());
  }
  const std::string whole = read_file(folder / "whole");
  write_file(folder / "half", whole.substr(0, whole.size() - 3));
  JournalTail tail(folder / "half");
  CHECK(look(tail) == 0);
  write_file(folder / "half", whole);
  CHECK(look(tail) == 1);
}

TEST_CASE("what is no journal has no records, and is not read for ever", "[live][tail]") {
  const TempFolder folder;
  write_file(folder / "text", std::string(1000, 'x'));
  JournalTail tail(folder / "text");
  CHECK(look(tail) == 0);
  CHECK(look(tail) == 0);
}

TEST_CASE("what the tails count of a whole run is what its report says", "[live][tally]") {
  const TempFolder folder;
  const fs::path file = source("scenarios/fault/mixed.json");
  const Output run =
      parallax({"run", file.string(), "--jobs", "2", "--out", (folder / "r").string()});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  LoadOptions options;
  options.faults = fault_kinds();
  const Loaded loaded = load_scenario(file, options);
  LiveTally tally(loaded.scenario);
  for (const char* name : {"journal-0.plx", "journal-1.plx"}) {
    JournalTail tail(folder / "r/ledger" / name);
    Ledger ledger;
    while (tail.read(ledger, 50'000)) {  // Many looks.
      tally.add(ledger);
      ledger.clear();
    }
  }
  const auto report = nlohmann::json::parse(read_file(folder / "r/report.json"));
  const auto& delivery = report.at("delivery");
  CHECK(tally.actions == report.at("actions").at("total"));
  CHECK(tally.emissions == delivery.at("emissions"));
  CHECK(tally.destroyed == delivery.at("destroyed"));
  CHECK(tally.withheld == delivery.at("withheld"));
  CHECK(tally.abandoned == delivery.at("abandoned"));
  CHECK(tally.attempts == delivery.at("attempts"));
  CHECK(tally.receipts[0] == delivery.at("accepted"));
  CHECK(tally.receipts[1] == delivery.at("rejected"));
  for (std::size_t i = 0; i < tally.struck.size(); ++i)
    CHECK(tally.struck[i] == report.at("faults").at(i).at("struck"));
  std::uint64_t client = 0, server = 0;
  for (const LiveTally::Sides& part : tally.sides) {
    client += part.client;
    server += part.server;
  }
  CHECK(client > 0);
  CHECK(server > 0);
}

}  // namespace parallax::test
