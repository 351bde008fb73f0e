// SPDX-License-Identifier: Apache-2.0
#include "sim/core/id.h"

#include <bit>
#include <set>
#include <string>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/digits.h"
#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

TEST_CASE("a UUID is written as 36 lower-case characters", "[core][id]") {
  const Uuid id{0x0123456789abcdefU, 0xfedcba9876543210U};
  CHECK(id.text() == "01234567-89ab-cdef-fedc-ba9876543210");
  CHECK(Uuid{}.text() == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("a written UUID is read back, in either case and without dashes", "[core][id]") {
  Prng draw(11);
  for (int i = 0; i < 1'000; ++i) {
    const Uuid id{draw.next(), draw.next()};
    REQUIRE(Uuid::parse(id.text()) == id);
  }
  const Uuid id{0x0123456789abcdefU, 0xfedcba9876543210U};
  CHECK(Uuid::parse("01234567-89AB-CDEF-FEDC-BA9876543210") == id);
  CHECK(Uuid::parse("0123456789abcdeffedcba9876543210") == id);
}

TEST_CASE("what is no UUID is refused", "[core][id]") {
  const std::string_view text =
      GENERATE("", "0", "01234567-89ab-cdef-fedc-ba987654321",
               "01234567-89ab-cdef-fedc-ba98765432100", "01234567-89ab-cdef-fedc-ba987654321g",
               "0123456789ab-cdef-fedc-ba9876543210-", "01234567089ab0cdef0fedc0ba9876543210",
               "{0123456789abcdeffedcba98765432}", "0123456789abcdef-fedcba987654321");
  CAPTURE(text);
  CHECK_FALSE(Uuid::parse(text));
}

TEST_CASE("of all characters only the hex digits are digits, wherever they stand", "[core][id]") {
  const std::string digits = "0123456789abcdefABCDEF";
  const std::string capitals = "ABCDEF";
  for (std::size_t place = 0; place < 16; ++place)
    for (int c = 0; c < 256; ++c) {
      std::string text = "09afcf5c0123abde";
      text[place] = static_cast<char>(c);
      const bool is_digit = c != 0 && digits.find(static_cast<char>(c)) != std::string::npos;
      const Hex16 read = read_hex16(text.data());
      REQUIRE(read.valid == is_digit);
      if (!is_digit) continue;
      REQUIRE(read.value == std::stoull(text, nullptr, 16));
      REQUIRE(read.capitals == (capitals.find(static_cast<char>(c)) != std::string::npos));
    }
}

TEST_CASE("ids in our spelling go by their number, all others by their text", "[core][id]") {
  CHECK(user_key_of("u-0") == user_key(0));
  CHECK(user_key_of("u-4294967295") == user_key(4'294'967'295));
  CHECK(device_key_of("d-0123456789abcdef") == device_key(0x0123456789abcdefU));
  CHECK(session_key_of("s-fedcba9876543210") == session_key(0xfedcba9876543210U));
  CHECK(session_key(1) != device_key(1));
  for (const std::string text :
       {"u-", "u-017", "u-00", "u-4294967296", "u--1", "u-1 ", "17", "U-1"})
    CHECK(user_key_of(text) == hash_text(text));
  for (const std::string text : {"s-0123456789abcdef", "d-0123456789ABCDEF", "d-0123456789abcde",
                                 "d-0123456789abcdeg", "d_0123456789abcdef"})
    CHECK(device_key_of(text) == hash_text(text));
}

TEST_CASE("an id from hashed bits has the shape of version 4 and keeps 122 bits", "[core][id]") {
  CHECK(Uuid::from_bits(0, 0).text() == "00000000-0000-4000-8000-000000000000");
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(Uuid::from_bits(all, all).text() == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST_CASE("an id carries its lane and its ordinal", "[core][id]") {
  const std::uint64_t id = make_lane_id(63, 12'345);
  CHECK(lane_of(id) == 63);
  CHECK(id == 0x003f'0000'0000'3039U);
  CHECK(make_lane_id(2, 0) > make_lane_id(1, (std::uint64_t{1} << lane_shift) - 1));
}

TEST_CASE("consecutive users spread evenly over all lanes", "[core][id]") {
  std::vector<int> users(lane_count);
  for (std::uint32_t user = 0; user < 640; ++user) ++users[lane_of_user(user)];
  CHECK(users == std::vector<int>(lane_count, 10));
}

TEST_CASE("a text hash is the same on every machine", "[core][id]") {
  CHECK(hash_text("") == 0xc8a56fa46f4179f0U);
  CHECK(hash_text("purchase") == 0xac16010f002d0fbdU);
  CHECK(hash_text("u-1234567890123") == 0xd2da8f8de9f0d428U);
}

TEST_CASE("texts that differ a little hash apart, and never to the sign of absence", "[core][id]") {
  std::set<std::uint64_t> seen{0};
  std::size_t texts = 1;
  std::string grown;
  for (int length = 0; length <= 40; ++length, grown += '\0') {
    seen.insert(hash_text(grown));
    ++texts;
    for (std::size_t i = 0; i < grown.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit, ++texts) {
        std::string changed = grown;
        changed[i] = static_cast<char>(1 << bit);
        seen.insert(hash_text(changed));
      }
    }
  }
  for (std::uint32_t user = 0; user < 100'000; ++user, ++texts)
    seen.insert(hash_text("u-" + std::to_string(user)));
  CHECK(seen.size() == texts);
}

TEST_CASE("each bit of a text moves about half of the bits of its hash", "[core][id]") {
  const std::string base = "ord-00f1e2d3c4b5a697";
  for (std::size_t i = 0; i < base.size(); ++i) {
    std::string changed = base;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const int moved = std::popcount(hash_text(base) ^ hash_text(changed));
    CAPTURE(i);
    CHECK(moved > 10);  // Binomial(64, 1/2): 32 +- 5.5 standard deviations.
    CHECK(moved < 54);
  }
}
