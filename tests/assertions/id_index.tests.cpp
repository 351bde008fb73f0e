// SPDX-License-Identifier: Apache-2.0
#include "assertions/id_index.h"

#include "sim/core/prng.h"
#include "tests/support/catch.h"

namespace parallax::test {

TEST_CASE("an id index tells the part, several parts, or nobody", "[assertions][parting]") {
  std::vector<IdIndex::Notes> notes(2);
  Prng draw(7);
  std::vector<Uuid> ids;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ids.push_back(Uuid::from_bits(draw.next(), draw.next()));
    notes[i % 2].note(static_cast<std::uint8_t>(i % 64), ids.back());
    notes[i % 2].note(static_cast<std::uint8_t>(i % 64), ids.back());
  }
  for (std::uint32_t i = 0; i < 100; ++i) notes[0].note(63, ids[i]);
  IdIndex index;
  for (std::size_t bucket = 0; bucket < IdIndex::bucket_count; ++bucket) index.build(bucket, notes);
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    index.prefetch(ids[i]);
    const bool only_one = i >= 100 || i % 64 == 63;
    REQUIRE(index.part_of(ids[i]) == (only_one ? i % 64 : IdIndex::several));
  }
  for (int i = 0; i < 1'000; ++i)
    REQUIRE(index.part_of(Uuid::from_bits(draw.next(), 1)) == IdIndex::nobody);
}

TEST_CASE("an index of nothing knows nobody", "[assertions][parting]") {
  CHECK(IdIndex().part_of(Uuid::from_bits(1, 1)) == IdIndex::nobody);
}

}  // namespace parallax::test
