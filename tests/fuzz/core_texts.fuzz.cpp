// SPDX-License-Identifier: Apache-2.0
// What core reads from a text, it writes as a text that reads as the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/core/id.h"
#include "sim/core/money.h"
#include "sim/core/ratio.h"
#include "sim/core/time.h"

namespace {

using namespace parallax;

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_texts(std::string_view text) {
  if (const auto id = Uuid::parse(text)) expect(Uuid::parse(id->text()) == id);
  if (const auto share = parse_ratio(text)) expect(parse_ratio(format_ratio(*share)) == share);
  if (const auto span = parse_duration(text))
    expect(parse_duration(format_duration(*span)) == span);
  for (int exponent = 0; exponent <= 4; ++exponent) {
    const auto minor = parse_money(text, exponent);
    if (minor) expect(parse_money(format_money(*minor, exponent), exponent) == minor);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_texts({reinterpret_cast<const char*>(data), size});
  return 0;
}
