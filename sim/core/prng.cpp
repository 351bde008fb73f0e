// SPDX-License-Identifier: Apache-2.0
#include "sim/core/prng.h"

#include <array>
#include <bit>

#include "sim/core/math.h"

namespace parallax {
namespace {

/// Logarithms in units of 2^-40: what is multiplied with them stays within 64 bits.
constexpr double log_unit = 0x1.0p-40;
constexpr std::int64_t ln2 = 762'123'384'786;  // round(ln 2 * 2^40)
constexpr unsigned cell_bits = 8;
constexpr std::size_t cells = std::size_t{1} << cell_bits;

/// ln(1 + i / cells) for i = 0 .. cells, by 2 atanh(i / (2 cells + i)).
constexpr std::array<std::int64_t, cells + 1> make_logs() {
  std::array<std::int64_t, cells + 1> logs{};
  for (std::size_t i = 0; i <= cells; ++i) {
    const double s = static_cast<double>(i) / static_cast<double>(2 * cells + i);
    double sum = 0;
    for (int n = 41; n >= 1; n -= 2) sum = sum * s * s + 1.0 / n;
    // Never negative. NOLINTNEXTLINE(bugprone-incorrect-roundings)
    logs[i] = static_cast<std::int64_t>(2 * s * sum / log_unit + 0.5);
  }
  return logs;
}
constexpr std::array<std::int64_t, cells + 1> logs = make_logs();
static_assert(logs[0] == 0 && logs[cells] == ln2);

}  // namespace

double Draw::exponential() const {
  // -ln u for u = x / 2^64, x odd and so never 0. In whole numbers: u = (1 + f) / 2^(zeros + 1),
  // and ln(1 + f) between the two table entries beside f.
  const std::uint64_t x = bits_ | 1;
  const int zeros = std::countl_zero(x);
  const std::uint64_t fraction = x << zeros << 1;
  const std::size_t cell = fraction >> (64 - cell_bits);
  const std::uint64_t within = fraction << cell_bits >> 33;  // of 2^31
  const auto step = static_cast<std::uint64_t>(logs[cell + 1] - logs[cell]);
  const std::int64_t log = logs[cell] + static_cast<std::int64_t>(step * within >> 31);
  return static_cast<double>((zeros + 1) * ln2 - log) * log_unit;
}

double Draw::normal() const {
  // The middle of one of 2^52 equal cells: never 0 or 1, and symmetric around the median.
  return math::normal_quantile((static_cast<double>(bits_ >> 12) + 0.5) * 0x1.0p-52);
}

}  // namespace parallax
