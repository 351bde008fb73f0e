// SPDX-License-Identifier: Apache-2.0
#include "sim/core/object_pool.h"

#include <set>

#include "sim/core/text_buffer.h"
#include "tests/support/catch.h"

namespace parallax {

TEST_CASE("a pool gives every object once, and the one given back last first", "[core][pool]") {
  ObjectPool<int> pool;
  std::set<int*> taken;
  for (int i = 0; i < 200; ++i) CHECK(taken.insert(pool.take()).second);
  int* const back = *taken.begin();
  *back = 7;
  pool.give(back);
  CHECK(pool.take() == back);
  CHECK(*back == 7);
  std::set<int*> made;
  pool.for_each([&](int& object) { made.insert(&object); });
  for (int* const object : taken) CHECK(made.count(object) == 1);
}

TEST_CASE("a text buffer keeps what stands when it grows", "[core]") {
  TextBuffer buffer;
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    buffer.append("abc,");
    expected += "abc,";
  }
  buffer.drop_last();
  expected.pop_back();
  CHECK(buffer.text() == expected);
  buffer.append("");
  buffer.assign("new");
  CHECK(buffer.text() == "new");
}

}  // namespace parallax
