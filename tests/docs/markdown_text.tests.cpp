// SPDX-License-Identifier: Apache-2.0
#include "sim/run/markdown_text.h"

#include "sim/run/help.h"
#include "sim/run/report_text.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

std::string shown(std::string_view markdown, std::size_t width = 60) {
  return markdown_text(markdown, {width, false});
}

}  // namespace

TEST_CASE("headings are underlined and paragraphs are filled", "[docs][markdown]") {
  CHECK(shown("# A `title`\n\nOne\ntwo **three** and\n*four*.\n") ==
        "A title\n-------\n\nOne two three and four.\n");
  CHECK(shown("one two three four five six seven eight nine ten eleven", 40) ==
        "one two three four five six seven eight\nnine ten eleven\n");
}

TEST_CASE("code stands as it is, whatever it holds", "[docs][markdown]") {
  CHECK(shown("```sh\na  | *b* [c](d)\n\n# no heading\n```\n") ==
        "    a  | *b* [c](d)\n\n    # no heading\n");
}

TEST_CASE("links show their text, and addresses of the web", "[docs][markdown]") {
  CHECK(shown("See [this `page`](../a/b.md) and [that](https://example.org/x).\n") ==
        "See this page and that (https://example.org/x).\n");
  CHECK(shown("An [array] (no link).\n") == "An [array] (no link).\n");
}

TEST_CASE("stars and backslashes between blanks are themselves", "[docs][markdown]") {
  CHECK(shown("2 * 3, `a*b*`, 5 \\* 6\n") == "2 * 3, a*b*, 5 * 6\n");
}

TEST_CASE("items of a list hang under their text", "[docs][markdown]") {
  CHECK(
      shown("1. one two three four five six seven eight nine ten\n2. two\n\n- a\n  b\n- c\n", 40) ==
      "1. one two three four five six seven\n   eight nine ten\n2. two\n\n- a b\n- c\n");
}

TEST_CASE("cells of a table are wrapped in their columns", "[docs][markdown]") {
  CHECK(shown("| a | b |\n| --- | ---: |\n| `x|y` | one two three four five six seven |\n| z \\| w "
              "| 2 |\n",
              40) ==
        "a      b\n"
        "-----  ---------------------------------\n"
        "x|y    one two three four five six seven\n"
        "z | w  2\n");
}

TEST_CASE("no line of help but code is wider than asked for", "[docs][markdown]") {
  for (const HelpTopic& topic : help_topics()) {
    const Result<std::string> page = help_page(topic.name);
    REQUIRE(page);
    for (const std::string& line : report_text::split(shown(*page, 80), "\n")) {
      INFO(topic.name << ": " << line);
      if (!line.starts_with("    ")) CHECK(report_text::columns(line) <= 80);
    }
  }
}
