// SPDX-License-Identifier: Apache-2.0
#include "sim/run/row_store.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

namespace parallax {
namespace {

constexpr std::size_t chunk_size = std::size_t{1} << 14U;
/// How far behind a block its next batch may begin: rows that a filter left out lie between.
constexpr std::uint64_t gap_max = 2'048;
/// More than threads that scan at once.
constexpr std::size_t open_blocks_max = 16;

static_assert(std::is_trivially_copyable_v<CanonicalRow>);
/// What stands before the fields.
constexpr std::size_t envelope_size = offsetof(CanonicalRow, forms);
static_assert(offsetof(CanonicalRow, values) == sizeof(CanonicalRow) - 8 * max_fields);

bool is_before(const CanonicalRow& a, const CanonicalRow& b) {
  return std::tuple(a.late, a.number) < std::tuple(b.late, b.number);
}

/// What makes a row the same row in another read.
auto identity(const CanonicalRow& row) {
  return std::tuple(row.event_id, row.session, row.sequence, row.event_name, row.event_ts,
                    row.user);
}

/// Of `later`, what `known` does not hold.
template <class Use>
void each_new(const std::vector<CanonicalRow>& known, const std::vector<CanonicalRow>& later,
              Use use) {
  std::vector<decltype(identity(known.front()))> identities;
  for (const CanonicalRow& row : known) identities.push_back(identity(row));
  std::sort(identities.begin(), identities.end());
  for (const CanonicalRow& row : later)
    if (!std::binary_search(identities.begin(), identities.end(), identity(row))) use(row);
}

/// Everything that a row says beside its identity and its ingestion.
std::uint64_t content(const CanonicalRow& row, RowStore::Compare what) {
  std::uint64_t hash = 0;
  const auto add = [&hash](std::int64_t value) {
    hash = mix64(hash ^ static_cast<std::uint64_t>(value));
  };
  add(static_cast<std::int64_t>(row.device));
  for (const SimTime time : {row.client_ts, row.server_ts}) add(time.since_epoch);
  if (what == RowStore::Compare::all) {
    add(row.client_rows);
    add(row.server_rows);
  }
  add(row.schema_version);
  add(row.source ? static_cast<int>(*row.source) : -1);
  add(row.server_authoritative ? int{*row.server_authoritative} : -1);
  add(row.consent ? static_cast<int>(*row.consent) : -1);
  add(row.currency);
  for (std::size_t i = 0; i < max_fields; ++i) {
    add(static_cast<std::int64_t>(row.forms[i]));
    add(row.values[i]);
  }
  return hash;
}

using Known = std::pair<decltype(identity(std::declval<CanonicalRow>())), std::uint64_t>;

std::vector<Known> sorted(const std::vector<CanonicalRow>& rows, RowStore::Compare what) {
  std::vector<Known> known;
  for (const CanonicalRow& row : rows) known.emplace_back(identity(row), content(row, what));
  std::sort(known.begin(), known.end());
  return known;
}

/// Adds what differs between two reads of the same rows.
void compare_rows(const std::vector<CanonicalRow>& before, const std::vector<CanonicalRow>& after,
                  RowStore::Compare what, Reread& found) {
  const std::vector<Known> was = sorted(before, what), is = sorted(after, what);
  auto old = was.begin();
  auto now = is.begin();
  while (old != was.end() || now != is.end()) {
    if (now == is.end() || (old != was.end() && old->first < now->first)) {
      ++found.vanished;
      ++old;
    } else if (old == was.end() || now->first < old->first) {
      ++found.appeared;
      ++now;
    } else {
      found.changed += old->second != now->second ? 1U : 0U;
      ++old;
      ++now;
    }
  }
}

}  // namespace

RowStore::RowStore(const IdIndex& ids, const TrackingPlan& plan, std::string_view run_id,
                   const SpillLimit& limit)
    : ids_(ids),
      plan_(plan),
      run_(hash_text(run_id)),
      store_(lane_count, limit.folder, limit.memory_max) {}

/// The fields that the row's action type has follow the envelope: forms, then values.
void RowStore::pack(const CanonicalRow& row, std::string& out) const {
  const std::size_t fields =
      row.type == CanonicalRow::no_type ? 0 : plan_.actions[row.type].fields.size();
  std::array<char, sizeof row> bytes;
  char* end = bytes.data();
  const auto put = [&end](const void* from, std::size_t size) {
    std::memcpy(end, from, size);
    end += size;
  };
  put(&row, envelope_size);
  put(row.forms.data(), fields);
  put(row.values.data(), 8 * fields);
  out.append(bytes.data(), end);
}

std::size_t RowStore::unpack(std::string_view bytes, CanonicalRow& out) const {
  assert(bytes.size() >= envelope_size);
  std::memcpy(static_cast<void*>(&out), bytes.data(), envelope_size);
  const std::size_t fields =
      out.type == CanonicalRow::no_type ? 0 : plan_.actions[out.type].fields.size();
  assert(bytes.size() >= envelope_size + 9 * fields);
  std::memcpy(out.forms.data(), bytes.data() + envelope_size, fields);
  std::memcpy(out.values.data(), bytes.data() + envelope_size + fields, 8 * fields);
  return envelope_size + 9 * fields;
}

void RowStore::hand_over(Block& block, std::size_t lane) {
  const Result<void> kept =
      store_.add(lane, static_cast<std::uint32_t>(block.first), block.lanes[lane]);
  if (!kept && !failure_) failure_ = kept.error();
  block.lanes[lane].clear();
}

/// Makes the block in use the one that numbers from `first` to `last` go on, or a new one. Blocks
/// come back in the order of their first numbers.
void RowStore::open_block(std::uint64_t first, std::uint64_t last) {
  const auto goes_on = [first](const Block& block) {
    return block.last < first && first - block.last <= gap_max;
  };
  auto block = std::find_if(blocks_.begin(), blocks_.end(), goes_on);
  if (block == blocks_.end()) {
    if (blocks_.size() == open_blocks_max) close_block();
    block = blocks_.insert(blocks_.end(), {first, last, std::vector<std::string>(lane_count)});
  }
  block->last = last;
  std::rotate(block, block + 1, blocks_.end());
}

/// The one that was used the longest time ago.
void RowStore::close_block() {
  for (std::size_t lane = 0; lane < lane_count; ++lane)
    if (!blocks_.front().lanes[lane].empty()) hand_over(blocks_.front(), lane);
  blocks_.erase(blocks_.begin());
}

void RowStore::put(const CanonicalRow& row) {
  if (!facts_.add(row, run_)) return;
  std::uint8_t lane = identifies(row.id_form) ? ids_.part_of(row.event_id) : IdIndex::nobody;
  if (lane == IdIndex::nobody) lane = row.lane;
  if (lane >= lane_count) {
    strays_.push_back(row);
    return;
  }
  Block& block = blocks_.back();
  std::string& bytes = block.lanes[lane];
  if (bytes.capacity() < chunk_size) bytes.reserve(chunk_size + sizeof row);
  pack(row, bytes);
  if (bytes.size() >= chunk_size) hand_over(block, lane);
}

Result<void> RowStore::add(std::span<const CanonicalRow> rows) {
  constexpr std::size_t ahead = 16;  // Rows whose place in the index is on its way.
  if (!rows.empty()) open_block(rows.front().number, rows.back().number);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + ahead < rows.size()) ids_.prefetch(rows[i + ahead].event_id);
    put(rows[i]);
  }
  if (failure_) return *failure_;
  return {};
}

Result<void> RowStore::finish() {
  while (!blocks_.empty()) close_block();
  std::stable_sort(strays_.begin(), strays_.end(), is_before);
  if (failure_) return *failure_;
  return {};
}

Result<void> RowStore::add_late(const RowStore& later) {
  open_block(late_block, late_block);
  std::vector<CanonicalRow> known, now;
  const auto take = [this](CanonicalRow row) {
    row.late = true;
    put(row);
  };
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    Result<void> loaded = load(lane, known);
    if (loaded) loaded = later.load(lane, now);
    if (!loaded) return loaded;
    each_new(known, now, take);
  }
  known = strays_;
  each_new(known, later.strays_, take);
  return finish();
}

Result<Reread> RowStore::compare(const RowStore& later, Compare what) const {
  Reread found;
  found.rows = later.facts_.own;
  found.complete = later.facts_.complete;
  std::vector<CanonicalRow> before, after;
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    Result<void> loaded = load(lane, before);
    if (loaded) loaded = later.load(lane, after);
    if (!loaded) return loaded.error();
    compare_rows(before, after, what, found);
  }
  compare_rows(strays_, later.strays_, what, found);
  return found;
}

Result<void> RowStore::load(LaneIndex lane, std::vector<CanonicalRow>& out) const {
  out.clear();
  bool in_order = true;
  Result<void> read = store_.read(lane, [&](std::string_view chunk) -> Result<void> {
    while (!chunk.empty()) {
      chunk.remove_prefix(unpack(chunk, out.emplace_back()));
      const std::size_t rows = out.size();
      in_order = in_order && (rows < 2 || is_before(out[rows - 2], out[rows - 1]));
    }
    return {};
  });
  if (!in_order) std::stable_sort(out.begin(), out.end(), is_before);
  return read;
}

}  // namespace parallax
