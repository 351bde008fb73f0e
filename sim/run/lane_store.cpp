// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane_store.h"

#include <algorithm>
#include <optional>

#include "sim/core/ledger_codec.h"
#include "sim/run/workers.h"

namespace parallax {
namespace {

/// A lane's records are kept in chunks of at least this size.
constexpr std::size_t chunk_size = std::size_t{1} << 15U;

/// Keeps the records of one journal lane by lane, and counts them.
class Scatter final : public ledger_codec::LaneSplitter::Watcher {
 public:
  Scatter(SpillStore& store, std::uint32_t order, IdIndex::Notes& notes)
      : store_(store), order_(order), notes_(notes) {}

  std::size_t take(std::string_view payload) {
    const std::size_t understood = splitter_.split(payload);
    // A payload may be a single small batch: most of them fill no lane.
    unseen_ += payload.size();
    if (unseen_ < chunk_size) return understood;
    unseen_ = 0;
    for (LaneIndex lane = 0; lane < lane_count; ++lane)
      if (splitter_.bytes(lane).size() >= chunk_size) hand_over(lane);
    return understood;
  }
  Result<void> finish() {
    for (LaneIndex lane = 0; lane < lane_count; ++lane)
      if (!splitter_.bytes(lane).empty()) hand_over(lane);
    if (failure_) return *failure_;
    return {};
  }

  LedgerCounts counts;

 private:
  void see_action() override { ++counts.actions; }
  void see_emission(LaneIndex lane, Uuid event_id, IdForm form, Fate fate) override {
    ++counts.emissions;
    counts.withheld += fate == Fate::withheld ? 1U : 0U;
    counts.destroyed += fate == Fate::destroyed ? 1U : 0U;
    if (identifies(form)) notes_.note(static_cast<std::uint8_t>(lane), event_id);
  }
  void see_attempt(const ledger_codec::AttemptTail& attempt) override {
    ++counts.attempts;
    counts.retries += attempt.number > 1 ? 1U : 0U;
    if (attempt.strike != Strike::before_send && attempt.strike != Strike::answered)
      counts.events_sent += attempt.size;
  }
  void see_receipt(const ReceiptRecord& receipt) override {
    counts.accepted += receipt.receipt == Receipt::accepted ? 1U : 0U;
    counts.rejected += receipt.receipt == Receipt::rejected ? 1U : 0U;
    if (receipt.status == 0) return;
    if (receipt.status != last_status_) same_status_ = &counts.statuses[receipt.status];
    last_status_ = receipt.status;
    ++*same_status_;
  }
  void see_abandon() override { ++counts.abandoned; }

  void hand_over(LaneIndex lane) {
    const Result<void> kept = store_.add(lane, order_, splitter_.take(lane));
    if (!kept && !failure_) failure_ = kept.error();
  }

  SpillStore& store_;
  std::uint32_t order_;
  IdIndex::Notes& notes_;
  ledger_codec::LaneSplitter splitter_{*this};
  std::size_t unseen_ = 0;  ///< Bytes split since the lanes were looked at.
  std::uint16_t last_status_ = 0;
  std::uint64_t* same_status_ = nullptr;  ///< The count of `last_status_`.
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
    const Result<bool> torn =
        scan_journal(journals[i], [&](std::string_view payload) { return scatter.take(payload); });
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
