// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ratio.h"

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

TEST_CASE("a share is read exactly from its decimal text", "[core][ratio]") {
  CHECK(parse_ratio("15%") == Ratio{150'000'000});
  CHECK(parse_ratio("0.15") == Ratio{150'000'000});
  CHECK(parse_ratio("0.1") == Ratio{100'000'000});
  CHECK(parse_ratio("1e-3") == Ratio{1'000'000});
  CHECK(parse_ratio("1E-03") == Ratio{1'000'000});
  CHECK(parse_ratio("2.5e-1") == Ratio{250'000'000});
  CHECK(parse_ratio("0.05e+1") == Ratio{500'000'000});
  CHECK(parse_ratio("0.1%") == Ratio{1'000'000});
  CHECK(parse_ratio("0") == Ratio::zero());
  CHECK(parse_ratio("0.0") == Ratio::zero());
  CHECK(parse_ratio("0e9") == Ratio::zero());
  CHECK(parse_ratio("1") == Ratio::whole());
  CHECK(parse_ratio("1.000") == Ratio::whole());
  CHECK(parse_ratio("100%") == Ratio::whole());
  CHECK(parse_ratio("0.000000001") == Ratio{1});
}

TEST_CASE("a share finer than a part per billion is rounded to the nearest", "[core][ratio]") {
  CHECK(parse_ratio("0.33333333333333") == Ratio{333'333'333});
  CHECK(parse_ratio("0.66666666666666") == Ratio{666'666'667});
  CHECK(parse_ratio("0.9999999999") == Ratio::whole());
  CHECK(parse_ratio("0.0000000005") == Ratio{1});
  CHECK(parse_ratio("0.0000000004") == Ratio::zero());
  CHECK(parse_ratio("1e-30") == Ratio::zero());
}

TEST_CASE("what is no number or no share is refused", "[core][ratio]") {
  const std::string_view text =
      GENERATE("", "%", "-0.1", "+0.1", "1.1", "101%", "100.0000001%", "1.0000000001", "1e1", ".5",
               "5.", "0,5", "1/2", "0.5 ", " 0.5", "0.5%%", "e-3", "1e", "1e-", "1e+", "1e+-3",
               "1e99999", "nan", "0x1", "15 %", "1e-3e-3");
  CAPTURE(text);
  CHECK_FALSE(parse_ratio(text));
}

TEST_CASE("a share is written as the shortest per cent", "[core][ratio]") {
  CHECK(format_ratio(Ratio{150'000'000}) == "15%");
  CHECK(format_ratio(Ratio{1'000'000}) == "0.1%");
  CHECK(format_ratio(Ratio{333'333'333}) == "33.3333333%");
  CHECK(format_ratio(Ratio{1}) == "0.0000001%");
  CHECK(format_ratio(Ratio::zero()) == "0%");
  CHECK(format_ratio(Ratio::whole()) == "100%");
}

TEST_CASE("every written share is read back", "[core][ratio]") {
  Prng draw(4);
  for (int i = 0; i < 20'000; ++i) {
    const Ratio r{static_cast<std::uint32_t>(draw.below(Ratio::one + 1) >> draw.below(30))};
    REQUIRE(parse_ratio(format_ratio(r)) == r);
  }
}
