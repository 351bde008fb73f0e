// SPDX-License-Identifier: Apache-2.0
#include "assertions/id_index.h"

#include <bit>
#include <utility>

#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr std::uint64_t part_mask = 0xff;

/// The low byte is free for the part; never 0.
std::uint64_t hash_of(Uuid id) { return mix64(id.high ^ mix64(id.low)) << 8U | 1U << 8U; }

std::size_t bucket_of(std::uint64_t hash) { return hash >> 56U; }

std::size_t first_place(std::uint64_t hash, std::size_t size) { return hash >> 16U & (size - 1); }

}  // namespace

void IdIndex::Notes::note(std::uint8_t part, Uuid id) {
  const std::uint64_t hash = hash_of(id);
  if (last_[part] == hash) return;
  last_[part] = hash;
  buckets_[bucket_of(hash)].push_back(hash | part);
}

const std::uint64_t& IdIndex::Table::place_of(std::uint64_t hash) const {
  std::size_t at = first_place(hash, entries.size());
  while (entries[at] != 0 && (entries[at] & ~part_mask) != hash)
    at = (at + 1) & (entries.size() - 1);
  return entries[at];
}

std::uint64_t& IdIndex::Table::place_of(std::uint64_t hash) {
  return const_cast<std::uint64_t&>(std::as_const(*this).place_of(hash));
}

void IdIndex::Table::grow(std::size_t ids) { entries.assign(std::bit_ceil(ids * 3 / 2 + 2), 0); }

void IdIndex::build(std::size_t bucket, std::span<Notes> notes) {
  std::size_t ids = 0;
  for (const Notes& from : notes) ids += from.buckets_[bucket].size();
  Table& table = tables_[bucket];
  table.grow(ids);
  for (Notes& from : notes) {
    for (const std::uint64_t noted : from.buckets_[bucket]) {
      std::uint64_t& place = table.place_of(noted & ~part_mask);
      if (place != 0 && place != noted) {
        place = (place & ~part_mask) | several;
      } else {
        place = noted;
      }
    }
    from.buckets_[bucket] = {};
  }
}

void IdIndex::prefetch(Uuid id) const {
  const std::uint64_t hash = hash_of(id);
  const Table& table = tables_[bucket_of(hash)];
  if (!table.entries.empty())
    __builtin_prefetch(&table.entries[first_place(hash, table.entries.size())]);
}

std::uint8_t IdIndex::part_of(Uuid id) const {
  const std::uint64_t hash = hash_of(id);
  const Table& table = tables_[bucket_of(hash)];
  if (table.entries.empty()) return nobody;
  const std::uint64_t entry = table.place_of(hash);
  return entry == 0 ? nobody : static_cast<std::uint8_t>(entry & part_mask);
}

}  // namespace parallax
