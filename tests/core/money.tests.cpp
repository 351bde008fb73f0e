// SPDX-License-Identifier: Apache-2.0
#include "sim/core/money.h"

#include <limits>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_CASE("a currency has the exponent of ISO 4217", "[core][money]") {
  CHECK(currency_exponent("USD") == 2);
  CHECK(currency_exponent("EUR") == 2);
  CHECK(currency_exponent("JPY") == 0);
  CHECK(currency_exponent("KWD") == 3);
  CHECK(currency_exponent("CLF") == 4);
  CHECK(currency_exponent("XXX") == 2);
}

TEST_CASE("money is written with exactly the decimals of its currency", "[core][money]") {
  CHECK(format_money(999, 2) == "9.99");
  CHECK(format_money(999, 0) == "999");
  CHECK(format_money(999, 3) == "0.999");
  CHECK(format_money(5, 2) == "0.05");
  CHECK(format_money(-5, 2) == "-0.05");
  CHECK(format_money(0, 2) == "0.00");
  CHECK(format_money(100, 2) == "1.00");
  CHECK(format_money(largest, 2) == "92233720368547758.07");
  CHECK(format_money(smallest, 4) == "-922337203685477.5808");
}

TEST_CASE("money is read exactly or not at all", "[core][money]") {
  CHECK(parse_money("9.99", 2) == 999);
  CHECK(parse_money("-10", 2) == -1'000);
  CHECK(parse_money("175.0000", 2) == 17'500);
  CHECK(parse_money("9.9", 2) == 990);
  CHECK(parse_money("9.990", 2) == 999);
  CHECK(parse_money("999", 0) == 999);
  CHECK(parse_money("999.00", 0) == 999);
  CHECK(parse_money("0.001", 3) == 1);
  CHECK(parse_money("-0.00", 2) == 0);
  CHECK(parse_money("92233720368547758.07", 2) == largest);
  CHECK(parse_money("-92233720368547758.08", 2) == smallest);
}

TEST_CASE("money is never rounded silently", "[core][money]") {
  CHECK_FALSE(parse_money("9.999", 2));
  CHECK_FALSE(parse_money("9.9", 0));
  CHECK_FALSE(parse_money("0.0001", 3));
}

TEST_CASE("what is no decimal, or fits no 64 bits, is no money", "[core][money]") {
  const std::string_view text =
      GENERATE("", "-", ".", "9.", ".9", "1e2", "1,000", "9.9.9", " 9", "9 ", "+9", "--9", "NaN",
               "9-", "0x10", "92233720368547758.08", "-92233720368547758.09",
               "18446744073709551616", "99999999999999999999999");
  CAPTURE(text);
  CHECK_FALSE(parse_money(text, 2));
}

TEST_CASE("every written amount is read back", "[core][money]") {
  Prng draw(9);
  for (int exponent = 0; exponent <= 4; ++exponent) {
    for (int i = 0; i < 5'000; ++i) {
      const std::int64_t minor = static_cast<std::int64_t>(draw.next()) >> draw.below(63);
      REQUIRE(parse_money(format_money(minor, exponent), exponent) == minor);
    }
  }
}

TEST_CASE("scaled money is rounded half away from zero", "[core][money]") {
  CHECK(scale_money(999, 19, 100) == 190);  // 189.81
  CHECK(scale_money(250, 1, 100) == 3);     // 2.5
  CHECK(scale_money(-250, 1, 100) == -3);   // -2.5
  CHECK(scale_money(249, 1, 100) == 2);     // 2.49
  CHECK(scale_money(-249, 1, 100) == -2);   // -2.49
  CHECK(scale_money(1, 1, 3) == 0);         // 0.33
  CHECK(scale_money(2, 1, 3) == 1);         // 0.67
  CHECK(scale_money(1, -1, 2) == -1);       // -0.5
  CHECK(scale_money(largest, 1'000'000'000, 1'000'000'000) == largest);
}
