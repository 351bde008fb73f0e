// SPDX-License-Identifier: Apache-2.0
// What is sorted by lane is what was written, wherever it is kept meanwhile.
#include "sim/run/lane_store.h"

#include "sim/run/row_store.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"
#include "tests/support/shop.h"

namespace parallax::test {
namespace {

constexpr std::uint32_t users = 400;

/// Actions of many lanes, mixed in two journals; a server emission comes behind the next action.
std::vector<std::filesystem::path> write_journals(const TempFolder& folder) {
  std::vector<std::filesystem::path> files{folder / "journal-0.plx", folder / "journal-1.plx"};
  for (std::uint32_t file = 0; file < 2; ++file) {
    Result<Journal> journal = Journal::create(files[file]);
    REQUIRE(journal);
    std::optional<Emission> behind;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
      const std::uint32_t user = i % users * 2 + file;
      Action acted = action(i, user);
      acted.id = {make_lane_id(lane_of_user(user), i)};
      journal->append(acted);
      if (behind) journal->append(EmissionRecord{*behind, Fate::queued});
      behind = emission(acted, Source::server);
      const Emission client = emission(acted, Source::client);
      journal->append(EmissionRecord{client, i % 7 == 0 ? Fate::destroyed : Fate::queued});
      AttemptRecord attempt;
      attempt.id = {acted.id.value};
      attempt.number = static_cast<std::uint16_t>(1 + i % 2);
      attempt.size = 1;
      journal->append(attempt);
      journal->append(DeliveryRecord{attempt.id, client.key()});
      journal->append(ReceiptRecord{attempt.id, acted.at, Receipt::accepted, 200, false});
      if (i % 100 == 0) journal->append(AbandonRecord{client.key(), acted.at, {}});
    }
    REQUIRE(journal->close());
  }
  return files;
}

bool same(const EmissionRecord& a, const EmissionRecord& b) {
  return a.emission.key() == b.emission.key() && a.emission.event_id == b.emission.event_id &&
         a.emission.seen.values == b.emission.seen.values && a.emission.forms == b.emission.forms &&
         a.emission.server_ts == b.emission.server_ts && a.fate == b.fate &&
         a.emission.seen.session == b.emission.seen.session;
}

/// The rows that a lane's store gives back, in order.
std::vector<std::uint64_t> numbers_in(const RowStore& store, LaneIndex lane) {
  std::vector<CanonicalRow> rows;
  REQUIRE(store.load(lane, rows));
  std::vector<std::uint64_t> numbers;
  for (const CanonicalRow& row : rows) {
    numbers.push_back(row.number);
    CHECK(row.values[revenue] == static_cast<std::int64_t>(row.number));
  }
  return numbers;
}

/// Rows of three lanes in turns.
std::vector<CanonicalRow> rows_from(std::uint64_t first, std::uint64_t count) {
  std::vector<CanonicalRow> rows(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    rows[i].number = first + i;
    rows[i].type = purchase;
    rows[i].values[revenue] = static_cast<std::int64_t>(first + i);
    rows[i].lane = static_cast<std::uint8_t>(i % 3 * 31);
  }
  return rows;
}

}  // namespace

TEST_CASE("lanes hold what journals hold, in memory or on the disk", "[run][spill]") {
  const TempFolder folder;
  const auto files = write_journals(folder);
  const Result<Ledger> whole = read_ledger(files);
  REQUIRE(whole);
  for (const unsigned jobs : {1U, 4U}) {
    for (const std::size_t memory : {std::size_t{0}, std::size_t{1} << 30U}) {
      const Result<LaneStore> store = LaneStore::scan(files, {folder.path(), memory}, jobs);
      REQUIRE(store);
      CHECK(store->counts().actions == 40'000);
      CHECK(store->counts().destroyed == 2 * 2'858);
      CHECK(store->counts().retries == 20'000);
      CHECK(store->counts().statuses.at(200) == 40'000);
      std::size_t emission = 0, delivery = 0, actions = 0, abandons = 0;
      Ledger lane;
      for (LaneIndex i = 0; i < lane_count; ++i) {
        REQUIRE(store->load(i, lane));
        for (const Action& a : lane.actions) REQUIRE(a.id == whole->actions[actions++].id);
        for (const EmissionRecord& r : lane.emissions) {
          REQUIRE(same(r, whole->emissions[emission++]));
          REQUIRE(store->ids().part_of(r.emission.event_id) == i);
        }
        for (const DeliveryRecord& r : lane.deliveries)
          REQUIRE(r.emission == whole->deliveries[delivery++].emission);
        abandons += lane.abandons.size();
        CHECK(lane.attempts.size() == lane.receipts.size());
      }
      CHECK(emission == whole->emissions.size());
      CHECK(abandons == whole->abandons.size());
    }
  }
  // The spilled bytes were in a file without a name.
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("rows come back lane by lane, in memory or on the disk", "[run][spill]") {
  const TempFolder folder;
  const Scenario scenario = shop();
  std::vector<IdIndex::Notes> notes(1);
  for (std::uint8_t lane = 0; lane < 10; ++lane) notes[0].note(lane, Uuid::from_bits(lane, 7));
  IdIndex ids;
  for (std::size_t bucket = 0; bucket < IdIndex::bucket_count; ++bucket) ids.build(bucket, notes);
  std::vector<CanonicalRow> rows(3'000);
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    rows[i].number = i;
    rows[i].type = purchase;
    rows[i].values[revenue] = static_cast<std::int64_t>(i);
    rows[i].id_form = i % 3 == 0 ? IdForm::normal : IdForm::absent;
    rows[i].event_id = Uuid::from_bits(i % 10, 7);
    rows[i].lane = i % 3 == 1 ? 20 : CanonicalRow::no_lane;
    rows[i].run = hash_text(i % 100 == 99 ? "other" : "mine");
  }
  const auto fill = [&](std::size_t memory) {
    auto store =
        std::make_unique<RowStore>(ids, scenario.plan, "mine", SpillLimit{folder.path(), memory});
    REQUIRE(store->add(rows));
    REQUIRE(store->finish());
    return store;
  };
  const auto in_memory = fill(1U << 30U), on_disk = fill(0);
  CHECK(in_memory->facts().foreign == 30);
  CHECK(in_memory->facts().own == 2'970);
  CHECK(in_memory->strays().size() == 990);
  CHECK(on_disk->strays().size() == 990);
  CHECK(numbers_in(*in_memory, 20).size() == 990);
  CHECK(numbers_in(*in_memory, 3).size() == 100);
  for (LaneIndex lane = 0; lane < lane_count; ++lane)
    CHECK(numbers_in(*in_memory, lane) == numbers_in(*on_disk, lane));
}

TEST_CASE("rows that a later read brings are late, each once", "[run][spill]") {
  const TempFolder folder;
  const Scenario scenario = shop();
  const IdIndex ids;
  const auto store = [&](std::uint64_t count) {
    auto made =
        std::make_unique<RowStore>(ids, scenario.plan, "mine", SpillLimit{folder.path(), 0});
    std::vector<CanonicalRow> rows(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      rows[i].number = i;
      rows[i].session = i + 1;
      rows[i].lane = static_cast<std::uint8_t>(i % 2);
    }
    REQUIRE(made->add(rows));
    REQUIRE(made->finish());
    return made;
  };
  const auto first = store(10);
  const auto later = store(13);
  REQUIRE(first->add_late(*later));
  CHECK(first->facts().own == 13);
  std::vector<CanonicalRow> rows;
  REQUIRE(first->load(0, rows));
  REQUIRE(rows.size() == 7);
  CHECK_FALSE(rows[4].late);
  CHECK(rows[5].late);
  CHECK(rows[6].number == 12);
}

TEST_CASE("rows come back in the order of their numbers, however batches came", "[run][spill]") {
  const TempFolder folder;
  const IdIndex ids;
  const Scenario scenario = shop();
  for (const std::size_t memory : {std::size_t{0}, std::size_t{1} << 30U}) {
    RowStore store(ids, scenario.plan, "mine", SpillLimit{folder.path(), memory});
    constexpr std::uint64_t batches = 60, far = 100'000, width = 50;
    // Two threads' pieces in turns, then what lies before them, and more pieces than stay open.
    for (std::uint64_t i = 0; i < batches; ++i)
      for (const std::uint64_t first :
           {far * 30 + i * width, far * 10 + i * width, i * far + far / 2})
        REQUIRE(store.add(rows_from(first, width)));
    REQUIRE(store.add(rows_from(far - width, width)));
    // What lies between comes last.
    for (const std::uint64_t first : {far * 70, far * 70 + 2 * width, far * 70 + width})
      REQUIRE(store.add(rows_from(first, width)));
    REQUIRE(store.finish());
    std::uint64_t rows = 0;
    for (LaneIndex lane = 0; lane < lane_count; ++lane) {
      const std::vector<std::uint64_t> numbers = numbers_in(store, lane);
      CHECK(std::is_sorted(numbers.begin(), numbers.end()));
      rows += numbers.size();
    }
    CHECK(rows + store.strays().size() == (3 * batches + 4) * width);
  }
}

}  // namespace parallax::test
