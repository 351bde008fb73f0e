// SPDX-License-Identifier: Apache-2.0
#include "sim/run/minimal_part.h"

#include <algorithm>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

bool has_all(const Positions& part, const Positions& wanted) {
  return std::includes(part.begin(), part.end(), wanted.begin(), wanted.end());
}

}  // namespace

TEST_CASE("what a failure needs is found, wherever it lies among the rest", "[shrink]") {
  const Prng seeds(7);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    Prng draw = seeds.keyed(trial);
    const std::size_t count = 1 + draw.below(24);
    Positions needed;
    for (std::size_t i = 0; i < count; ++i)
      if (draw.below(6) == 0) needed.push_back(i);
    std::size_t asked = 0;
    const Positions found = minimal_part(count, [&](const Positions& part) {
      ++asked;
      return has_all(part, needed);
    });
    CAPTURE(trial, count);
    CHECK(found == needed);
    CHECK(asked <= count * count + 3 * count + 1);
  }
}

TEST_CASE("of two ways to fail one is kept, whole", "[shrink]") {
  const Positions found = minimal_part(10, [](const Positions& part) {
    return has_all(part, {1, 8}) || has_all(part, {3, 4});
  });
  CHECK((found == Positions{1, 8} || found == Positions{3, 4}));
}

TEST_CASE("no single element of what is left can be spared, even where the answers jump about",
          "[shrink]") {
  // Holds for parts with an odd number of elements, and for all ten.
  const auto odd = [](const Positions& part) { return part.size() % 2 == 1 || part.size() == 10; };
  const Positions found = minimal_part(10, odd);
  CHECK(odd(found));
  for (std::size_t i = 0; i < found.size() && found.size() > 1; ++i) {
    Positions fewer = found;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(odd(fewer));
  }
}

TEST_CASE("a search that gets no more answers ends soon, with what it had", "[shrink]") {
  std::size_t asked = 0;
  const Positions found = minimal_part(64, [&](const Positions& part) {
    ++asked;
    return asked < 3 && !part.empty();
  });
  CHECK(found.size() == 32);
  CHECK(asked <= 3 + 2 * 64);
}
