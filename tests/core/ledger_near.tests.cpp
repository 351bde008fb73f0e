// SPDX-License-Identifier: Apache-2.0
// What attempts and receipts leave out where they stand near others is given back exactly, in one
// journal and sorted by lane.
#include <cstring>

#include "sim/core/ledger_codec.h"
#include "tests/core/blind_watcher.h"
#include "tests/core/ledger_records.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

using Paths = std::vector<std::filesystem::path>;

bool same(const AttemptRecord& a, const AttemptRecord& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}
bool same(const DeliveryRecord& a, const DeliveryRecord& b) {
  return a.attempt == b.attempt && a.emission == b.emission;
}
bool same(const ReceiptRecord& a, const ReceiptRecord& b) {
  return a.attempt == b.attempt && a.at == b.at && a.receipt == b.receipt && a.status == b.status &&
         a.by_fault == b.by_fault;
}

template <class Record>
void check_same(const std::vector<Record>& got, const std::vector<Record>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    REQUIRE(same(got[i], wanted[i]));
  }
}
void check_same_tries(const Ledger& got, const Ledger& wanted) {
  check_same(got.attempts, wanted.attempts);
  check_same(got.deliveries, wanted.deliveries);
  check_same(got.receipts, wanted.receipts);
}

/// The usual first try of one emission, half a second under way.
AttemptRecord usual_attempt(const Action& action, std::uint64_t id) {
  AttemptRecord attempt;
  attempt.id = {id};
  attempt.at = action.at + 3;
  attempt.arrives = attempt.at + second / 2;
  attempt.sent_at = attempt.at.to_millisecond();
  attempt.skipped = 5;
  attempt.size = 1;
  return attempt;
}
ReceiptRecord usual_receipt(const AttemptRecord& attempt) {
  return {attempt.id, attempt.arrives + second / 2, Receipt::accepted, 200, false};
}

/// A record that is unusual in one way in three.
struct Story {
  Prng draw;
  std::array<std::uint64_t, 3> attempts{};

  bool strange() { return draw.below(12) == 0; }
  /// Changes one thing that a short form cannot say.
  void twist(AttemptRecord& attempt) {
    switch (draw.below(10)) {
      case 0:
        attempt.id.value += 1;
        break;
      case 1:
        attempt.at = attempt.at - 10;
        break;
      case 2:
        attempt.at = attempt.at + 2 * hour;
        break;
      case 3:
        attempt.arrives = attempt.at - 1;
        break;
      case 4:
        attempt.sent_at = draw.below(2) == 0 ? no_time : attempt.at - 30 * day;
        break;
      case 5:
        attempt.struck = 1;
        break;
      case 6:
        attempt.skipped = std::uint64_t{1} << 40U;
        break;
      case 7:
        attempt.strike = Strike::after_commit;
        break;
      case 8:
        attempt.number = 2;
        break;
      default:
        attempt.answer = 503;
    }
  }
  void twist(ReceiptRecord& receipt) {
    switch (draw.below(4)) {
      case 0:
        receipt.at = receipt.at + 1;
        break;
      case 1:
        receipt.receipt = Receipt::unknown;
        break;
      case 2:
        receipt.by_fault = true;
        break;
      default:
        receipt.attempt.value += 1;
    }
  }
  void twist(EmissionKey& key) {
    switch (draw.below(3)) {
      case 0:
        key.copy = 1;
        break;
      case 1:
        key.source = Source::server;
        break;
      default:
        key.action.value += draw.below(2) == 0 ? 1 : make_lane_id(1, 0);
    }
  }

  /// Appends what one action leads to; all that is appended but actions also goes to `all`.
  void play(Journal& journal, Ledger& all, std::uint64_t ordinal) {
    const auto lane = static_cast<LaneIndex>(draw.below(8) == 0 ? draw.below(3) : 1);
    Action action = some_action(make_lane_id(lane, ordinal));
    action.at = SimTime{static_cast<Micros>(ordinal) * second};
    journal.append(action);
    AttemptRecord attempt = usual_attempt(action, make_lane_id(lane, attempts[lane]++));
    attempt.size = strange() ? 2 : 1;
    if (strange()) twist(attempt);
    journal.append(attempt);
    all.attempts.push_back(attempt);
    if (strange()) REQUIRE(journal.flush());
    for (std::uint16_t i = 0; i < attempt.size; ++i) {
      DeliveryRecord delivery{attempt.id, {action.id, attempt.source, 0}};
      if (strange()) twist(delivery.emission);
      journal.append(delivery);
      all.deliveries.push_back(delivery);
    }
    ReceiptRecord receipt = usual_receipt(attempt);
    if (strange()) twist(receipt);
    journal.append(receipt);
    all.receipts.push_back(receipt);
  }

  /// A journal of 3,000 actions. What play gives.
  Ledger write(const std::filesystem::path& file) {
    Ledger all;
    Result<Journal> journal = Journal::create(file);
    REQUIRE(journal);
    for (std::uint64_t i = 0; i < 3'000; ++i) play(*journal, all, i);
    REQUIRE(journal->close());
    return all;
  }
};

/// Only what belongs to the lane, which is what its ids say.
Ledger part_of(const Ledger& all, LaneIndex lane) {
  Ledger part;
  for (const auto& r : all.attempts)
    if (lane_of(r.id.value) == lane) part.attempts.push_back(r);
  for (const auto& r : all.deliveries)
    if (lane_of(r.attempt.value) == lane) part.deliveries.push_back(r);
  for (const auto& r : all.receipts)
    if (lane_of(r.attempt.value) == lane) part.receipts.push_back(r);
  return part;
}

}  // namespace

TEST_CASE("an attempt near its action takes 20 bytes with its delivery, its receipt 3",
          "[core][ledger]") {
  const TemporaryFolder folder;
  const auto size_of = [&](bool with_tries) {
    Result<Journal> journal = Journal::create(folder / "0");
    REQUIRE(journal);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
      const Action action = some_action(i);
      journal->append(action);
      if (!with_tries) continue;
      const AttemptRecord attempt = usual_attempt(action, i);
      journal->append(attempt);
      journal->append(DeliveryRecord{attempt.id, {action.id, attempt.source, 0}});
      journal->append(usual_receipt(attempt));
    }
    REQUIRE(journal->close());
    return std::filesystem::file_size(folder / "0");
  };
  const auto tries = size_of(true) - size_of(false);
  CHECK(tries >= 1'000 * 23);
  // The first of them follows no other, and one or two are stated to have been sent at the very
  // microsecond.
  CHECK(tries <= 1'000 * 23 + 150);
}

TEST_CASE("what stands near others comes back as it was, whatever is unusual in it",
          "[core][ledger]") {
  const TemporaryFolder folder;
  Story story{Prng(GENERATE(1U, 2U, 3U, 4U, 5U))};
  const Ledger wanted = story.write(folder / "0");
  const Result<Ledger> read = read_ledger(Paths{folder / "0"});
  REQUIRE(read);
  for (LaneIndex lane = 0; lane < 4; ++lane)
    check_same_tries(part_of(*read, lane), part_of(wanted, lane));
}

TEST_CASE("lanes give back what stood near others, wherever they are cut", "[core][ledger]") {
  const TemporaryFolder folder;
  Story story{Prng(GENERATE(6U, 7U, 8U, 9U, 10U))};
  const Ledger wanted = story.write(folder / "0");

  BlindWatcher blind;
  ledger_codec::LaneSplitter splitter(blind);
  std::array<Ledger, 4> lanes;
  const auto take = [&](LaneIndex lane) {
    const std::string bytes = splitter.take(lane);
    ledger_codec::Unpacker unpacker;
    REQUIRE(unpacker.unpack(bytes, lanes[lane]) == bytes.size());
  };
  const Result<bool> torn = scan_journal(folder / "0", [&](std::string_view payload) {
    const std::size_t understood = splitter.split(payload);
    take(static_cast<LaneIndex>(story.draw.below(4)));
    return understood;
  });
  REQUIRE(torn);
  for (LaneIndex lane = 0; lane < 4; ++lane) {
    take(lane);
    check_same_tries(lanes[lane], part_of(wanted, lane));
  }
}
