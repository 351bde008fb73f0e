// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane_store.h"

#include <algorithm>
#include <optional>

#include "sim/core/ledger_codec.h"
#include "sim/run/workers.h"

namespace parallax {
namespace {

/// A lane's records are kept in chunks of this size: 64 of them fit into a core's cache.
constexpr std::size_t chunk_size = std::size_t{1} << 15U;

std::size_t part_of(std::uint64_t id) { return std::min<std::size_t>(lane_of(id), lane_count - 1); }

/// Packs the records of one journal lane by lane, and counts them.
class Scatter final : public LedgerSink {
 public:
  Scatter(SpillStore& store, std::uint32_t order, IdIndex::Notes& notes)
      : store_(store), order_(order), notes_(notes) {}

  void take(const Action& r) override {
    ++counts.actions;
    put(part_of(r.id.value), r);
  }
  void take(const EmissionRecord& r) override {
    const std::size_t part = part_of(r.emission.seen.id.value);
    ++counts.emissions;
    counts.withheld += r.fate == Fate::withheld ? 1U : 0U;
    counts.destroyed += r.fate == Fate::destroyed ? 1U : 0U;
    if (identifies(r.emission.id_form))
      notes_.note(static_cast<std::uint8_t>(part), r.emission.event_id);
    put(part, r);
  }
  void take(const AttemptRecord& r) override {
    ++counts.attempts;
    counts.retries += r.number > 1 ? 1U : 0U;
    if (r.strike != Strike::before_send && r.strike != Strike::answered)
      counts.events_sent += r.size;
    put(part_of(r.id.value), r);
  }
  void take(const DeliveryRecord& r) override { put(part_of(r.attempt.value), r); }
  void take(const ReceiptRecord& r) override {
    counts.accepted += r.receipt == Receipt::accepted ? 1U : 0U;
    counts.rejected += r.receipt == Receipt::rejected ? 1U : 0U;
    if (r.status != 0) ++counts.statuses[r.status];
    put(part_of(r.attempt.value), r);
  }
  void take(const AbandonRecord& r) override {
    ++counts.abandoned;
    put(part_of(r.emission.action.value), r);
  }

  Result<void> finish() {
    for (std::size_t part = 0; part < lanes_.size(); ++part) hand_over(part);
    if (failure_) return *failure_;
    return {};
  }

  LedgerCounts counts;

 private:
  struct Lane {
    ledger_codec::Packer packer;
    std::string bytes;
  };

  template <class Record>
  void put(std::size_t part, const Record& record) {
    Lane& lane = lanes_[part];
    if (lane.bytes.capacity() < chunk_size)
      lane.bytes.reserve(chunk_size + ledger_codec::record_size_max);
    lane.packer.pack(record, lane.bytes);
    if (lane.bytes.size() >= chunk_size) hand_over(part);
  }

  /// Each chunk is unpacked by itself: the next one starts with a fresh packer.
  void hand_over(std::size_t part) {
    Lane& lane = lanes_[part];
    if (lane.bytes.empty()) return;
    const Result<void> kept = store_.add(part, order_, std::move(lane.bytes));
    if (!kept && !failure_) failure_ = kept.error();
    lane = {};
  }

  SpillStore& store_;
  std::uint32_t order_;
  IdIndex::Notes& notes_;
  std::array<Lane, lane_count> lanes_;
  std::optional<Error> failure_;
};

}  // namespace

void LedgerCounts::merge(const LedgerCounts& other) {
  actions += other.actions;
  emissions += other.emissions;
  withheld += other.withheld;
  destroyed += other.destroyed;
  abandoned += other.abandoned;
  attempts += other.attempts;
  retries += other.retries;
  accepted += other.accepted;
  rejected += other.rejected;
  events_sent += other.events_sent;
  for (const auto& [status, count] : other.statuses) statuses[status] += count;
  torn = torn || other.torn;
}

Result<LaneStore> LaneStore::scan(std::span<const std::filesystem::path> journals,
                                  const SpillLimit& limit, unsigned jobs) {
  LaneStore out(SpillStore(lane_count, limit.folder, limit.memory_max));
  std::vector<IdIndex::Notes> notes(journals.size());
  std::vector<LedgerCounts> counts(journals.size());
  const auto scan_one = [&](std::size_t i) -> Result<void> {
    Scatter scatter(out.store_, static_cast<std::uint32_t>(i), notes[i]);
    const Result<bool> torn = scan_journal(journals[i], scatter);
    if (!torn) return torn.error();
    counts[i] = std::move(scatter.counts);
    counts[i].torn = *torn;
    return scatter.finish();
  };
  if (const Result<void> done = share_work(jobs, journals.size(), scan_one); !done)
    return done.error();
  for (const LedgerCounts& part : counts) out.counts_.merge(part);
  const auto build = [&](std::size_t bucket) -> Result<void> {
    out.ids_->build(bucket, notes);
    return {};
  };
  if (const Result<void> done = share_work(jobs, IdIndex::bucket_count, build); !done)
    return done.error();
  return out;
}

Result<void> LaneStore::load(LaneIndex lane, Ledger& out) const {
  out.clear();
  return store_.read(lane, [&](std::string_view chunk) -> Result<void> {
    ledger_codec::Unpacker unpacker;
    if (unpacker.unpack(chunk, out) == chunk.size()) return {};
    return Error{Error::Kind::io, "what was set aside of the ledger has changed", {}};
  });
}

}  // namespace parallax
