// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger.h"

#include "sim/core/crc32c.h"
#include "tests/core/ledger_records.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

using Paths = std::vector<std::filesystem::path>;

/// A journal of `actions` actions of one lane, each with all that can follow it.
void write_run(const std::filesystem::path& file, LaneIndex lane, std::uint64_t actions,
               bool flush_each = false) {
  Result<Journal> journal = Journal::create(file);
  REQUIRE(journal);
  for (std::uint64_t i = 0; i < actions; ++i) {
    const std::uint64_t id = make_lane_id(lane, i);
    const Action action = some_action(id);
    journal->append(action);
    journal->append(some_emission(action, Source::client));
    journal->append(some_emission(action, Source::server));
    journal->append(some_attempt(id));
    journal->append(some_delivery(id, id));
    journal->append(some_receipt(id));
    journal->append(some_abandon(id));
    if (flush_each) REQUIRE(journal->flush());
  }
  REQUIRE(journal->close());
}

void overwrite(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

TEST_CASE("a ledger gives back every field of every record", "[core][ledger]") {
  const TemporaryFolder folder;
  write_run(folder / "0", 5, 300, GENERATE(false, true));
  const Result<Ledger> ledger = read_ledger(Paths{folder / "0"});
  REQUIRE(ledger);
  CHECK_FALSE(ledger->torn);
  REQUIRE(ledger->actions.size() == 300);
  REQUIRE(ledger->emissions.size() == 600);
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::uint64_t id = make_lane_id(5, i);
    const Action action = some_action(id);
    REQUIRE(same(ledger->actions[i], action));
    REQUIRE(same(ledger->emissions[2 * i], some_emission(action, Source::client)));
    REQUIRE(same(ledger->emissions[2 * i + 1], some_emission(action, Source::server)));
  }
  const AttemptRecord& attempt = ledger->attempts.at(7);
  CHECK(attempt.id == AttemptId{make_lane_id(5, 7)});
  CHECK(attempt.sent_at == SimTime{-3});
  CHECK(attempt.strike == Strike::answered);
  CHECK(attempt.answer == 503);
  const DeliveryRecord& delivery = ledger->deliveries.at(7);
  CHECK(delivery.attempt == attempt.id);
  CHECK(delivery.emission == EmissionKey{{make_lane_id(5, 7)}, Source::server, 255});
  const ReceiptRecord& receipt = ledger->receipts.at(7);
  CHECK(receipt.attempt == attempt.id);
  CHECK(receipt.at == SimTime{-12});
  CHECK(receipt.receipt == Receipt::rejected);
  CHECK(receipt.status == 65'535);
  CHECK(receipt.by_fault);
  const AbandonRecord& abandon = ledger->abandons.at(7);
  CHECK(abandon.emission == EmissionKey{{make_lane_id(5, 7)}, Source::server, 200});
  CHECK(abandon.at == SimTime{77});
  CHECK(abandon.why == AbandonRecord::Why::unsent);
  CHECK(abandon.struck == 5);
}

TEST_CASE("equal runs write equal bytes", "[core][ledger]") {
  const TemporaryFolder folder;
  write_run(folder / "a", 1, 5'000);
  write_run(folder / "b", 1, 5'000);
  CHECK(content_of(folder / "a") == content_of(folder / "b"));
}

TEST_CASE("an emission that saw the truth takes little room", "[core][ledger]") {
  const TemporaryFolder folder;
  Result<Journal> journal = Journal::create(folder / "0");
  REQUIRE(journal);
  for (std::uint64_t id = 0; id < 1'000; ++id) {
    EmissionRecord record;
    record.emission.seen = some_action(id);
    journal->append(record.emission.seen);
    journal->append(record);
  }
  REQUIRE(journal->close());
  // An action of at most 24 words and 2 bytes, an emission of at most 4 words and 4 bytes.
  CHECK(std::filesystem::file_size(folder / "0") < 1'000 * 230 + 100);
}

TEST_CASE("a delivery says whose it is wherever it stands", "[core][ledger]") {
  const TemporaryFolder folder;
  Result<Journal> journal = Journal::create(folder / "0");
  REQUIRE(journal);
  const std::uint64_t attempt = make_lane_id(9, 4), other = make_lane_id(8, 4);
  const std::uint64_t action = make_lane_id(9, 0xffff'ffff'ffff);
  journal->append(some_attempt(attempt));
  for (const auto& [of, seen] : {std::pair{attempt, action}, {attempt, other}, {other, action}})
    journal->append(some_delivery(of, seen));
  REQUIRE(journal->close());
  const Result<Ledger> ledger = read_ledger(Paths{folder / "0"});
  REQUIRE(ledger);
  REQUIRE(ledger->deliveries.size() == 3);
  CHECK(ledger->deliveries[0].attempt == AttemptId{other});
  for (const std::size_t i : {0U, 1U})
    CHECK(ledger->deliveries[i].emission == EmissionKey{{action}, Source::server, 255});
  CHECK(ledger->deliveries[1].attempt == AttemptId{attempt});
  CHECK(ledger->deliveries[2].emission == EmissionKey{{other}, Source::server, 255});
}

TEST_CASE("records are ordered by lane and keep their order inside a lane", "[core][ledger]") {
  const TemporaryFolder folder;
  Result<Journal> journal = Journal::create(folder / "0");
  REQUIRE(journal);
  for (const std::uint64_t id : {make_lane_id(7, 9), make_lane_id(3, 8), make_lane_id(7, 7),
                                 make_lane_id(0, 6), make_lane_id(3, 5)}) {
    journal->append(some_action(id));
    journal->append(some_emission(some_action(id), Source::client));
    journal->append(some_receipt(id));
  }
  REQUIRE(journal->close());
  write_run(folder / "1", 3, 2);

  const Result<Ledger> ledger = read_ledger(Paths{folder / "0", folder / "1"});
  REQUIRE(ledger);
  std::vector<std::uint64_t> actions, receipts, emissions;
  for (const Action& action : ledger->actions) actions.push_back(action.id.value);
  for (const ReceiptRecord& receipt : ledger->receipts) receipts.push_back(receipt.attempt.value);
  for (const EmissionRecord& record : ledger->emissions)
    if (record.emission.source == Source::client)
      emissions.push_back(record.emission.seen.id.value);
  const std::vector<std::uint64_t> wanted{
      make_lane_id(0, 6), make_lane_id(3, 8), make_lane_id(3, 5), make_lane_id(3, 0),
      make_lane_id(3, 1), make_lane_id(7, 9), make_lane_id(7, 7)};
  CHECK(actions == wanted);
  CHECK(receipts == wanted);
  CHECK(emissions == wanted);
}

TEST_CASE("what was appended but not flushed is not in the file", "[core][ledger]") {
  const TemporaryFolder folder;
  Result<Journal> journal = Journal::create(folder / "0");
  REQUIRE(journal);
  journal->append(some_action(1));
  REQUIRE(journal->flush());
  journal->append(some_action(2));
  CHECK(read_ledger(Paths{folder / "0"})->actions.size() == 1);
  REQUIRE(journal->flush());
  CHECK(read_ledger(Paths{folder / "0"})->actions.size() == 2);
}

TEST_CASE("a journal that nobody flushes keeps a bounded part in memory", "[core][ledger]") {
  const TemporaryFolder folder;
  Result<Journal> journal = Journal::create(folder / "0");
  REQUIRE(journal);
  std::uint64_t records = 0;
  for (; records < 30'000; ++records) journal->append(some_action(records));
  const Result<Ledger> so_far = read_ledger(Paths{folder / "0"});
  REQUIRE(so_far);
  CHECK(so_far->actions.size() > records - (std::size_t{1} << 20) / 40);
  REQUIRE(journal->close());
  CHECK(read_ledger(Paths{folder / "0"})->actions.size() == records);
}

TEST_CASE("a journal cut anywhere gives back all whole blocks and says that it is torn",
          "[core][ledger]") {
  const TemporaryFolder folder;
  write_run(folder / "0", 0, 3, true);
  const std::string whole = content_of(folder / "0");
  std::size_t last = 0;
  std::size_t clean_cuts = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    overwrite(folder / "cut", whole.substr(0, size));
    const Result<Ledger> ledger = read_ledger(Paths{folder / "cut"});
    CAPTURE(size);
    REQUIRE(ledger);
    REQUIRE(ledger->abandons.size() >= last);
    REQUIRE(ledger->abandons.size() == ledger->actions.size());
    last = ledger->abandons.size();
    clean_cuts += ledger->torn ? 0U : 1U;
  }
  CHECK(last == 3);
  CHECK(clean_cuts == 4);  // After the file's header and after each of the three blocks.
}

TEST_CASE("a changed bit before the last block is refused with file and offset", "[core][ledger]") {
  const TemporaryFolder folder;
  write_run(folder / "0", 0, 3, true);
  const std::string whole = content_of(folder / "0");
  const std::size_t position = GENERATE(0U, 9U, 24U, 30U, 100U, 300U);
  CAPTURE(position);
  std::string changed = whole;
  changed[position] = static_cast<char>(changed[position] ^ 0x10);
  overwrite(folder / "0", changed);
  const Result<Ledger> ledger = read_ledger(Paths{folder / "0"});
  REQUIRE_FALSE(ledger);
  CHECK(ledger.error().where == (folder / "0").string());
  if (position >= 24) CHECK(ledger.error().what.find("at byte 16") != std::string::npos);
}

TEST_CASE("a block of impossible length or content is refused", "[core][ledger]") {
  const TemporaryFolder folder;
  write_run(folder / "0", 0, 1);
  const std::string header = content_of(folder / "0").substr(0, 16);
  using namespace std::string_literals;
  const std::string zero_length = "\0\0\0\0\0\0\0\0"s;
  const std::string huge_length = "\xff\xff\xff\x7f\0\0\0\0"s;
  const auto one_byte = [](char payload) {
    std::string block = "\x01\0\0\0"s;
    const std::uint32_t crc = crc32c({&payload, 1});
    for (unsigned shift = 0; shift < 32; shift += 8) block += static_cast<char>(crc >> shift);
    return block + payload;
  };
  const std::string unknown_kind = one_byte('\0');
  const std::string cut_record = one_byte('\x01');  // an action without its words
  for (const std::string& block : {zero_length, huge_length, unknown_kind, cut_record}) {
    overwrite(folder / "0", header + block);
    const Result<Ledger> ledger = read_ledger(Paths{folder / "0"});
    REQUIRE_FALSE(ledger);
    CHECK(ledger.error().kind == Error::Kind::protocol);
  }
}

TEST_CASE("files that are missing, no ledgers or of another version are refused",
          "[core][ledger]") {
  const TemporaryFolder folder;
  const Result<Ledger> missing = read_ledger(Paths{folder / "none"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == Error::Kind::io);
  CHECK(missing.error().where == (folder / "none").string());
  CHECK_FALSE(read_ledger(Paths{folder / "."}));

  overwrite(folder / "text", "this is a text of more than sixteen bytes");
  CHECK(read_ledger(Paths{folder / "text"}).error().kind == Error::Kind::protocol);

  write_run(folder / "0", 0, 1);
  std::string newer = content_of(folder / "0");
  newer[8] = 9;
  overwrite(folder / "0", newer);
  CHECK(read_ledger(Paths{folder / "0"}).error().kind == Error::Kind::unsupported);
}

TEST_CASE("no journals make an empty ledger", "[core][ledger]") {
  const Result<Ledger> ledger = read_ledger({});
  REQUIRE(ledger);
  CHECK(ledger->actions.empty());
  CHECK_FALSE(ledger->torn);
}

TEST_CASE("the ledger's words have their names", "[core][ledger]") {
  CHECK(name_of(Strike::none) == "none");
  CHECK(name_of(Strike::before_send) == "before_send");
  CHECK(name_of(Strike::during_body) == "during_body");
  CHECK(name_of(Strike::after_commit) == "after_commit");
  CHECK(name_of(Strike::answered) == "answered");
  CHECK(name_of(Receipt::accepted) == "accepted");
  CHECK(name_of(Receipt::rejected) == "rejected");
  CHECK(name_of(Receipt::unknown) == "unknown");
  CHECK(name_of(AbandonRecord::Why::overflow) == "overflow");
  CHECK(name_of(AbandonRecord::Why::exhausted) == "exhausted");
  CHECK(name_of(AbandonRecord::Why::refused) == "refused");
  CHECK(name_of(AbandonRecord::Why::unload) == "unload");
  CHECK(name_of(AbandonRecord::Why::unsent) == "unsent");
  CHECK(name_of(AbandonRecord::Why::limited) == "limited");
  CHECK(name_of(AbandonRecord::Why::opted_out) == "opted_out");
  CHECK(name_of(AbandonRecord::Why::misread) == "misread");
  CHECK(name_of(AbandonRecord::Why::unvisited) == "unvisited");
}
