// SPDX-License-Identifier: Apache-2.0
#include "assertions/burn.h"

#include <algorithm>

#include "assertions/share.h"

namespace parallax {

BurnWindows::BurnWindows(const std::map<SimTime, Tried>& steps) {
  if (steps.empty()) return;
  first_ = steps.begin()->first;
  sums_.resize(index_of(steps.rbegin()->first) + 2);
  for (const auto& [at, tried] : steps) sums_[index_of(at) + 1] = tried;
  for (std::size_t i = 1; i < sums_.size(); ++i) sums_[i] += sums_[i - 1];
}

Tried BurnWindows::ending(std::size_t i, Micros length) const {
  const auto steps = static_cast<std::size_t>(length / burn_step);
  const Tried& before = sums_[i + 1 - steps];
  return {sums_[i + 1].actions - before.actions, sums_[i + 1].wrong - before.wrong};
}

std::optional<Burn> judge_burn(const BurnWindows& windows, const BurnRule& rule, Ratio budget) {
  const std::uint64_t limit = std::uint64_t{budget.parts} * rule.factor_tenths / 10;
  if (windows.length() < rule.longer || limit == 0 || limit >= Ratio::one) return std::nullopt;
  const Ratio too_fast{static_cast<std::uint32_t>(limit)};
  const auto first_full = static_cast<std::size_t>(rule.longer / burn_step) - 1;
  const Micros looked_at = windows.length() - rule.longer + rule.shorter;
  const Micros looks = looked_at / rule.shorter;
  const double chance = rare_chance / static_cast<double>(looks);
  Burn burn;
  for (std::size_t i = first_full; i < windows.size(); ++i) {
    const Tried longer = windows.ending(i, rule.longer);
    if (longer.wrong == 0) continue;
    burn.worst = std::max(burn.worst, longer.burn(budget));
    if (burn.since || longer.burn(budget) * 10 <= rule.factor_tenths) continue;
    const Tried shorter = windows.ending(i, rule.shorter);
    if (shorter.wrong > 0 && shorter.burn(budget) * 10 > rule.factor_tenths &&
        chance_of(longer.wrong, longer.actions, too_fast) < chance)
      burn.since = windows.end_of(i);
  }
  return burn;
}

}  // namespace parallax
