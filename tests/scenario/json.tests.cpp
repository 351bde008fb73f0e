// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/json.h"

#include "sim/scenario/node.h"
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

Json parse(std::string_view text) {
  std::vector<Problem> problems;
  auto value = parse_json(text, "x", 0, problems);
  CAPTURE(text, texts_of(problems));
  REQUIRE(value);
  return *value;
}

std::string merged(std::string_view target, std::string_view patch) {
  Json value = parse(target);
  merge_patch(value, parse(patch));
  return write_json_line(value);
}

}  // namespace

TEST_CASE("numbers keep their digits and members their order", "[scenario][json]") {
  const std::string text =
      R"({"z": 0.10, "a": 1e-3, "m": [18446744073709551615, -7, 0.1234567890123456789]})";
  CHECK(write_json_line(parse(text)) == text);
}

TEST_CASE("texts survive writing and reading", "[scenario][json]") {
  const std::string text = R"(["a\"b\\c\nd\u0001", "\u00e9", "/"])";
  const Json once = parse(text);
  CHECK(once.items[0].text == "a\"b\\c\nd\x01");
  CHECK(once.items[1].text == "\xc3\xa9");
  CHECK(parse(write_json(once)).items[0].text == once.items[0].text);
}

TEST_CASE("comments are read over, and written text is laid out the same always",
          "[scenario][json]") {
  const Json value = parse("{ // one\n \"a\": {\"b\": [1, 2], /* two */ \"c\": {}}, \"d\": null }");
  CHECK(write_json(value) ==
        "{\n  \"a\": {\n    \"b\": [1, 2],\n    \"c\": {}\n  },\n  \"d\": null\n}\n");
}

TEST_CASE("merge patches follow the examples of RFC 7386", "[scenario][json]") {
  CHECK(merged(R"({"a": "b"})", R"({"a": "c"})") == R"({"a": "c"})");
  CHECK(merged(R"({"a": "b"})", R"({"b": "c"})") == R"({"a": "b", "b": "c"})");
  CHECK(merged(R"({"a": "b", "b": "c"})", R"({"a": null})") == R"({"b": "c"})");
  CHECK(merged(R"({"a": ["b"]})", R"({"a": "c"})") == R"({"a": "c"})");
  CHECK(merged(R"({"a": {"b": "c"}})", R"({"a": {"b": "d", "c": null}})") ==
        R"({"a": {"b": "d"}})");
  CHECK(merged(R"({"a": [{"b": "c"}]})", R"({"a": [1]})") == R"({"a": [1]})");
  CHECK(merged("[1, 2]", R"({"a": "b", "c": null})") == R"({"a": "b"})");
  CHECK(merged("{}", R"({"a": {"bb": {"ccc": null}}})") == R"({"a": {"bb": {}}})");
  CHECK(merged(R"({"e": null})", R"({"a": 1})") == R"({"e": null, "a": 1})");
}

TEST_CASE("a pointer's escapes name members with slashes and tildes", "[scenario][json]") {
  Json value = parse(R"({"a/b": {"m~n": 1}})");
  CHECK(put_at(value, "/a~1b/m~0n", Json::of_number(2)));
  CHECK(write_json_line(value) == R"({"a/b": {"m~n": 2}})");
  CHECK(pointer_segment("a/b~") == "/a~1b~0");
  CHECK(put_at(value, "", Json::of_flag(true)));
  CHECK(write_json_line(value) == "true");
}

TEST_CASE("decimals are read exactly or not at all", "[scenario][json]") {
  CHECK(parse_decimal("0.35", 6) == 350'000);
  CHECK(parse_decimal("-2", 0) == -2);
  CHECK(parse_decimal("10.0", 0) == 10);
  CHECK(parse_decimal("1e-3", 6) == 1'000);
  CHECK(parse_decimal("2.5E+1", 0) == 25);
  CHECK(parse_decimal("0e400", 0) == 0);
  for (const std::string_view text :
       {"", "-", ".5", "5.", "1.5", "1e", "1e+-2", "0x10", "1 ", "9223372036854775808", "1e300"})
    CHECK_FALSE(parse_decimal(text, 0));
}
