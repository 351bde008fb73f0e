// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <numeric>

#include "sim/scenario/scenario.h"

namespace parallax {
namespace {

using Week = std::array<std::uint32_t, 168>;
using Day = std::array<std::uint32_t, 24>;
constexpr std::uint32_t week_sum = 168'000;

/// Percent of a day's busiest hour, from midnight.
constexpr Day shop_weekday{22, 13, 9,  7,  7,  10, 20, 34, 46,  55, 60, 63,
                           68, 66, 60, 58, 60, 66, 76, 90, 100, 96, 74, 44};
constexpr Day shop_weekend{34, 22, 14, 10, 8,  9,  14, 26, 44,  64, 80, 90,
                           94, 95, 94, 92, 90, 88, 90, 96, 100, 92, 72, 50};
constexpr Day office_weekday{3,  2,  2,  2,  3,  6,  18, 46, 82, 98, 100, 94,
                             70, 84, 96, 94, 86, 62, 32, 18, 12, 9,  6,   4};
constexpr Day office_weekend{3,  2,  2,  1,  1, 2, 3, 5, 8, 10, 11, 11,
                             10, 10, 10, 10, 9, 8, 8, 9, 9, 8,  6,  4};

/// Seven days, each hour weighted by the day, scaled to a mean of exactly 1'000: rounded down, and
/// the rest, less than one an hour, given to the first hours.
constexpr Week scaled(const Day& weekday, const Day& weekend,
                      const std::array<std::uint32_t, 7>& days) {
  std::array<std::uint64_t, 168> raw{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t d = i / 24;
    raw[i] = std::uint64_t{days[d]} * (d < 5 ? weekday : weekend)[i % 24];
    sum += raw[i];
  }
  assert(sum > 0);
  Week week{};
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    week[i] = static_cast<std::uint32_t>(raw[i] * week_sum / sum);
    given += week[i];
  }
  for (std::size_t i = 0; given < week_sum; ++i, ++given) ++week[i];
  return week;
}

constexpr Week flat_week = [] {
  Week week{};
  week.fill(1'000);
  return week;
}();
constexpr Week retail_week = scaled(shop_weekday, shop_weekend, {100, 96, 96, 98, 104, 112, 124});
constexpr Week office_week =
    scaled(office_weekday, office_weekend, {102, 106, 106, 104, 90, 100, 110});

constexpr std::uint32_t total(const Week& week) {
  return std::accumulate(week.begin(), week.end(), std::uint32_t{0});
}
static_assert(total(flat_week) == week_sum);
static_assert(total(retail_week) == week_sum);
static_assert(total(office_week) == week_sum);

}  // namespace

const std::array<std::uint32_t, 168>& curve_weights(Curve c) {
  switch (c) {
    case Curve::flat:
      return flat_week;
    case Curve::retail_week:
      return retail_week;
    case Curve::office_week:
      return office_week;
  }
  assert(false);
  return flat_week;
}

}  // namespace parallax
