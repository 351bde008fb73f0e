// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/choice.h"

#include "sim/core/math.h"

namespace parallax {

AliasTable::AliasTable(const std::vector<Weighted>& choices) {
  for (const Weighted& choice : choices)
    columns_.push_back({choice.weight, choice.index, choice.index});
  balance();
}

AliasTable AliasTable::zipf(std::uint32_t items, double theta) {
  assert(items > 0);
  constexpr double heaviest = 0x1.0p36;  // Times 10 million items it is far below 2^64.
  AliasTable table;
  table.columns_.reserve(items);
  for (std::uint32_t k = 1; k <= items; ++k) {
    const double weight = heaviest * math::pow(static_cast<double>(k), -theta);
    table.columns_.push_back({static_cast<std::uint64_t>(weight), k, k});
  }
  table.balance();
  return table;
}

void AliasTable::balance() {
  // In units of which a column holds as many as all weights together, nothing is rounded.
  std::uint64_t full = 0;
  for (const Column& column : columns_) full += column.keep;
  std::vector<std::size_t> small, large;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].keep *= columns_.size();
    (columns_[i].keep < full ? small : large).push_back(i);
  }
  while (!small.empty()) {
    Column& under = columns_[small.back()];
    Column& over = columns_[large.back()];
    small.pop_back();
    over.keep -= full - under.keep;
    under.keep = static_cast<std::uint64_t>((static_cast<Wide>(under.keep) << 64) / full);
    under.other = over.own;
    if (over.keep < full) {
      small.push_back(large.back());
      large.pop_back();
    }
  }
  // What is left is full: its `other` is itself.
}

}  // namespace parallax
