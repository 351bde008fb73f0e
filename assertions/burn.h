// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/time.h"

/// Whether an error budget burns too fast. Burn rate = share wrong / share allowed; a rule alarms
/// when the rate is above its factor in a long and a short window at once (Google, The Site
/// Reliability Workbook, chapter 5: multi-window, multi-burn-rate), and the long one holds enough
/// actions to say so.
///
/// A run is looked at in every long window that ends with one of its steps, and any of them may
/// look bad by chance. Where actions are wrong at just the rate at which a rule begins, it alarms
/// in at most 0.135 % of the runs: that chance is shared out among as many windows as short ones
/// fit (Bonferroni; those that lie closer see nearly the same), and each is held against its part
/// by the exact binomial test.
namespace parallax {

/// `factor_tenths`: the burn rate, in tenths, at which the named part of a 30-day budget is gone
/// within `longer`.
struct BurnRule {
  Micros longer, shorter;
  std::uint32_t factor_tenths;
  const char* name;
};
inline constexpr std::array burn_rules{
    BurnRule{hour, 5 * minute, 144, "page"}, BurnRule{6 * hour, 30 * minute, 60, "page"},
    BurnRule{day, 2 * hour, 30, "ticket"}, BurnRule{3 * day, 6 * hour, 10, "ticket"}};

/// Every window begins and ends with one of these.
inline constexpr Micros burn_step = 5 * minute;

struct Tried {
  std::uint64_t actions = 0, wrong = 0;
  Tried& operator+=(const Tried& other) {
    actions += other.actions;
    wrong += other.wrong;
    return *this;
  }
  double burn(Ratio budget) const {
    return static_cast<double>(wrong) / static_cast<double>(actions) / budget.value();
  }
};

/// Sums of any window of a run cut in steps.
class BurnWindows {
 public:
  /// By when a step began, a multiple of `burn_step`; steps without actions may be left out.
  explicit BurnWindows(const std::map<SimTime, Tried>& steps);

  std::size_t size() const { return sums_.empty() ? 0 : sums_.size() - 1; }
  Micros length() const { return static_cast<Micros>(size()) * burn_step; }
  SimTime end_of(std::size_t i) const { return first_ + static_cast<Micros>(i + 1) * burn_step; }
  /// Of the window that ends with step i. Precondition: it begins within the run.
  Tried ending(std::size_t i, Micros length) const;

 private:
  std::size_t index_of(SimTime at) const {
    return static_cast<std::size_t>((at - first_) / burn_step);
  }
  SimTime first_;
  std::vector<Tried> sums_;  ///< Of all steps before; one more than steps.
};

struct Burn {
  double worst = 0;              ///< Highest burn rate of a long window.
  std::optional<SimTime> since;  ///< End of the first window that alarms.
};
/// Nothing where the run is shorter than the long window, or the factor times the budget is not a
/// share of its own.
std::optional<Burn> judge_burn(const BurnWindows& windows, const BurnRule& rule, Ratio budget);

}  // namespace parallax
