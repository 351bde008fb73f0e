// SPDX-License-Identifier: Apache-2.0
#include "sim/run/row_store.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>

namespace parallax {
namespace {

constexpr std::size_t chunk_size = std::size_t{1} << 15U;

static_assert(std::is_trivially_copyable_v<CanonicalRow>);
/// What stands before the fields.
constexpr std::size_t envelope_size = offsetof(CanonicalRow, forms);
static_assert(offsetof(CanonicalRow, values) == sizeof(CanonicalRow) - 8 * max_fields);

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

}  // namespace

RowStore::RowStore(const IdIndex& ids, const TrackingPlan& plan, std::string_view run_id,
                   const SpillLimit& limit)
    : ids_(ids),
      plan_(plan),
      run_(hash_text(run_id)),
      store_(lane_count, limit.folder, limit.memory_max),
      pending_(lane_count) {}

/// The fields that the row's action type has follow the envelope: forms, then values.
void RowStore::pack(const CanonicalRow& row, std::string& out) const {
  const std::size_t fields =
      row.type == CanonicalRow::no_type ? 0 : plan_.actions[row.type].fields.size();
  out.append(reinterpret_cast<const char*>(&row), envelope_size);
  out.append(reinterpret_cast<const char*>(row.forms.data()), fields);
  out.append(reinterpret_cast<const char*>(row.values.data()), 8 * fields);
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

void RowStore::hand_over(std::size_t lane) {
  const Result<void> kept = store_.add(lane, 0, pending_[lane]);
  if (!kept && !failure_) failure_ = kept.error();
  pending_[lane].clear();
}

void RowStore::put(const CanonicalRow& row) {
  if (!facts_.add(row, run_)) return;
  std::uint8_t lane = identifies(row.id_form) ? ids_.part_of(row.event_id) : IdIndex::nobody;
  if (lane == IdIndex::nobody) lane = row.lane;
  if (lane >= lane_count) {
    strays_.push_back(row);
    return;
  }
  std::string& bytes = pending_[lane];
  if (bytes.capacity() < chunk_size) bytes.reserve(chunk_size + sizeof row);
  pack(row, bytes);
  if (bytes.size() >= chunk_size) hand_over(lane);
}

Result<void> RowStore::add(std::span<const CanonicalRow> rows) {
  constexpr std::size_t ahead = 16;  // Rows whose place in the index is on its way.
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + ahead < rows.size()) ids_.prefetch(rows[i + ahead].event_id);
    put(rows[i]);
  }
  if (failure_) return *failure_;
  return {};
}

Result<void> RowStore::finish() {
  for (std::size_t lane = 0; lane < pending_.size(); ++lane)
    if (!pending_[lane].empty()) hand_over(lane);
  if (failure_) return *failure_;
  return {};
}

Result<void> RowStore::add_late(const RowStore& later) {
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

Result<void> RowStore::load(LaneIndex lane, std::vector<CanonicalRow>& out) const {
  out.clear();
  return store_.read(lane, [&](std::string_view chunk) -> Result<void> {
    while (!chunk.empty()) chunk.remove_prefix(unpack(chunk, out.emplace_back()));
    return {};
  });
}

}  // namespace parallax
