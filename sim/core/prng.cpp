// SPDX-License-Identifier: Apache-2.0
#include "sim/core/prng.h"

#include "sim/core/math.h"

namespace parallax {
namespace {

/// By 2 atanh(i / (2 cells + i)).
constexpr LogTable make_logs() {
  LogTable table{};
  for (std::size_t i = 0; i <= LogTable::cells; ++i) {
    const double s = static_cast<double>(i) / static_cast<double>(2 * LogTable::cells + i);
    double sum = 0;
    for (int n = 41; n >= 1; n -= 2) sum = sum * s * s + 1.0 / n;
    // Never negative. NOLINTNEXTLINE(bugprone-incorrect-roundings)
    table.logs[i] = static_cast<std::int64_t>(2 * s * sum / LogTable::unit + 0.5);
  }
  return table;
}

}  // namespace

constexpr LogTable log_table = make_logs();
static_assert(log_table.logs.front() == 0 && log_table.logs.back() == LogTable::ln2);

double Draw::normal() const {
  // The middle of one of 2^52 equal cells: never 0 or 1, and symmetric around the median.
  return math::normal_quantile((static_cast<double>(bits_ >> 12) + 0.5) * 0x1.0p-52);
}

}  // namespace parallax
