// SPDX-License-Identifier: Apache-2.0
// What the decoders of vendors' formats are made of.
#include "sim/wire/codes.h"
#include "sim/wire/json_tree.h"
#include "sim/wire/skew.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

std::string base64url(const std::string& text) {
  std::string out(text.size() * 2 + 4, ' ');
  out.resize(static_cast<std::size_t>(write_base64url(text, out.data()) - out.data()));
  return out;
}

SimTime at(std::string_view text) { return *parse_rfc3339(text); }

std::string error_of(std::string text) {
  JsonTree tree;
  const auto parsed = tree.parse(text);
  return parsed ? "" : parsed.error().what;
}

}  // namespace

TEST_CASE("a tree finds members in any order and walks the rest", "[wire]") {
  JsonTree tree;
  std::string text = R"( {"a":[1, {"b":null}, "x\n"],"c":{},"d":-0.50e1 ,"e":true} )";
  REQUIRE(tree.parse(text));
  const JsonValue root = tree.root();
  CHECK(root.raw() == R"({"a":[1, {"b":null}, "x\n"],"c":{},"d":-0.50e1 ,"e":true})");
  CHECK(root["d"].raw() == "-0.50e1");
  CHECK(root["e"].is(TokenKind::boolean));
  CHECK(root["c"].raw() == "{}");
  CHECK_FALSE(root["c"].first());
  CHECK(root["a"].raw() == R"([1, {"b":null}, "x\n"])");
  std::string kinds;
  for (JsonValue v = root["a"].first(); v; v = v.next())
    kinds += std::string(name_of(v.kind())) + " ";
  CHECK(kinds == "number object string ");
  CHECK(root["a"].first().next()["b"].is(TokenKind::null));
  CHECK(root["a"].first().next().next().text() == "x\n");
  CHECK(root["a"].first().next().next().raw() == R"("x\n")");
}

TEST_CASE("what is not there is absent, however deep one looks", "[wire]") {
  JsonTree tree;
  std::string text = "[]";
  REQUIRE(tree.parse(text));
  CHECK(tree.root()["a"]["b"].missing());
  CHECK(tree.root()["a"].text().empty());
  CHECK_FALSE(tree.root()["a"].first());
  CHECK(JsonTree().root().missing());
}

TEST_CASE("what is no JSON is refused by the tree", "[wire]") {
  for (const char* text :
       {"", "{", "{\"a\":}", "[1,]", "{} {}", "nul", "[nope]", "{\"a\":tru}", "\"\\x\""})
    CHECK(error_of(text) != "");
  CHECK(error_of(std::string(70, '[') + std::string(70, ']')) ==
        "values are nested deeper than 64");
}

TEST_CASE("base64 reads both alphabets, with or without its end", "[wire]") {
  for (const std::string text : {"", "a", "ab", "abc", "abcd", "\xfb\xff\xfe?"}) {
    CHECK(base64_decoded(base64url(text)) == text);
    CHECK(base64url(text).find('=') == std::string::npos);
  }
  CHECK(base64_decoded("+/8=") == base64_decoded("-_8"));
  CHECK(base64_decoded(" /8=") == base64_decoded("+/8="));  // a form's plus
  CHECK(base64_decoded("YWJj\r\nZA==\n") == "abcd");
  CHECK_FALSE(base64_decoded("a*bc"));
  CHECK_FALSE(base64_decoded("abcde"));
}

TEST_CASE("forms and queries are read value by value", "[wire]") {
  CHECK(form_value("a=1&data=x%20y&b", "data") == "x%20y");
  CHECK(form_value("data=", "data") == "");
  CHECK_FALSE(form_value("mydata=1&b", "data"));
  CHECK_FALSE(form_value("", "data"));
  CHECK(percent_decoded("a%2Bb+c%zz%4", true) == "a+b c%zz%4");
  CHECK(percent_decoded("a+b", false) == "a+b");
}

TEST_CASE("PostHog corrects a clock beyond its deadband of 150 s", "[wire]") {
  const SimTime now = at("2026-03-02T12:00:00Z");
  CHECK(posthog_time(at("2026-03-02T11:00:00Z"), at("2026-03-02T12:10:00Z"), now) ==
        at("2026-03-02T10:52:30Z"));
  CHECK(posthog_time(at("2026-03-02T11:00:00Z"), at("2026-03-02T11:50:00Z"), now) ==
        at("2026-03-02T11:07:30Z"));
  CHECK(posthog_time(at("2026-03-02T11:59:20Z"), at("2026-03-02T11:59:20Z"), now) ==
        at("2026-03-02T11:59:20Z"));
  CHECK(posthog_time(at("2026-03-03T11:01:00Z"), no_time, now) == now);
  CHECK(posthog_time(at("2026-03-03T10:59:00Z"), no_time, now) == at("2026-03-03T10:59:00Z"));
}

TEST_CASE("Segment moves a time by all that the clock and the network are off", "[wire]") {
  const SimTime now = at("2026-03-02T12:00:00Z");
  CHECK(shifted_time(at("2026-03-02T11:59:55Z"), at("2026-03-02T12:00:05Z"), now) ==
        at("2026-03-02T11:59:50Z"));
  CHECK(shifted_time(at("2026-03-02T11:59:55Z"), no_time, now) == at("2026-03-02T11:59:55Z"));
}
