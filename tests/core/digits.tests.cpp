// SPDX-License-Identifier: Apache-2.0
#include "sim/core/digits.h"

#include <array>
#include <cstdint>
#include <string>

#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Writer = char* (*)(std::uint64_t, char*);

std::string written(Writer write, std::uint64_t value) {
  std::array<char, 32> text{};
  return {text.data(), write(value, text.data())};
}

}  // namespace

TEST_CASE("a number is written with as many digits as it has, by either writer", "[core]") {
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 19; ++digits, power *= 10)
    for (const std::uint64_t value : {power - 1, power, power + 1, power * 9 / 7, power * 5}) {
      CHECK(written(write_decimal, value) == std::to_string(value));
      CHECK(written(write_usual_decimal, value) == std::to_string(value));
    }
  for (std::uint64_t value = 0; value < 100'000'000; value += 9'973)
    REQUIRE(written(write_usual_decimal, value) == std::to_string(value));
}

}  // namespace parallax::test
