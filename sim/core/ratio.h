// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// An exact share: parts per billion, 0 .. 1'000'000'000. Scenario files write "15%" or 0.15; both
/// are read from their decimal text, so no binary fraction ever decides anything.
struct Ratio {
  static constexpr std::uint32_t one = 1'000'000'000;
  std::uint32_t parts = 0;
  friend auto operator<=>(Ratio, Ratio) = default;

  static constexpr Ratio zero() { return {0}; }
  static constexpr Ratio whole() { return {one}; }
  constexpr double value() const { return static_cast<double>(parts) / one; }
};

/// "15%", "0.15", "1e-3", "100%". Nothing when it is no number or not within 0..1.
std::optional<Ratio> parse_ratio(std::string_view text);
/// Shortest per cent text: "15%", "0.1%".
std::string format_ratio(Ratio r);

}  // namespace parallax
