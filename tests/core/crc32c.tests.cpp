// SPDX-License-Identifier: Apache-2.0
#include "sim/core/crc32c.h"

#include <string>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

TEST_CASE("CRC-32C has the published check values", "[core][crc]") {
  // RFC 3720, appendix B.4, and the catalogue's check word.
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(crc32c("") == 0);
}

TEST_CASE("the instruction and the tables agree at every length and alignment", "[core][crc]") {
  Prng draw(5);
  std::string bytes(5'000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(draw.next());
  for (std::size_t start = 0; start < 9; ++start)
    for (std::size_t length = 0; length < 64; ++length) {
      const std::string_view part = std::string_view(bytes).substr(start, length);
      CHECK(crc32c(part) == crc32c_by_tables(part));
    }
  for (const std::size_t length : {1'535U, 1'536U, 1'537U, 3'079U, 5'000U}) {
    const std::string_view part = std::string_view(bytes).substr(0, length);
    CHECK(crc32c(part) == crc32c_by_tables(part));
  }
}
