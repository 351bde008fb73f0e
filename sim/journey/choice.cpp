// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/choice.h"

#include <cassert>

#include "sim/core/math.h"

namespace parallax {

WeightTable::WeightTable(const std::vector<Weighted>& choices) {
  std::uint64_t sum = 0;
  for (const Weighted& choice : choices) {
    sum += choice.weight;
    sums_.push_back(sum);
    indices_.push_back(choice.index);
  }
}

AliasTable AliasTable::zipf(std::uint32_t items, double theta) {
  assert(items > 0);
  std::vector<double> share(items);
  double total = 0;
  for (std::uint32_t k = 0; k < items; ++k) {
    share[k] = math::pow(static_cast<double>(k + 1), -theta);
    total += share[k];
  }
  AliasTable table;
  table.keep_.resize(items);
  table.alias_.resize(items);
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t k = 0; k < items; ++k) {
    share[k] *= static_cast<double>(items) / total;
    (share[k] < 1 ? small : large).push_back(k);
  }
  constexpr double whole = 4294967296.0;
  while (!small.empty() && !large.empty()) {
    const std::uint32_t under = small.back(), over = large.back();
    small.pop_back();
    table.keep_[under] = static_cast<std::uint64_t>(share[under] * whole);
    table.alias_[under] = over;
    share[over] -= 1 - share[under];
    if (share[over] < 1) {
      large.pop_back();
      small.push_back(over);
    }
  }
  // What is left on either list is 1 up to rounding: such a column always keeps itself.
  for (const auto* rest : {&small, &large})
    for (const std::uint32_t k : *rest) {
      table.keep_[k] = std::uint64_t{1} << 32;
      table.alias_[k] = k;
    }
  return table;
}

std::uint32_t AliasTable::pick(Prng& draw) const {
  const auto column = static_cast<std::uint32_t>(draw.below(alias_.size()));
  return 1 + ((draw.next() >> 32) < keep_[column] ? column : alias_[column]);
}

}  // namespace parallax
