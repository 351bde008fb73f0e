// SPDX-License-Identifier: Apache-2.0
#include "sim/run/row_store.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

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
  return store_.read(lane, [&](std::string_view chunk) -> Result<void> {
    while (!chunk.empty()) chunk.remove_prefix(unpack(chunk, out.emplace_back()));
    return {};
  });
}

}  // namespace parallax
