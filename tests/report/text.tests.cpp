// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

#include "sim/run/report_text.h"
#include "sim/run/text_table.h"
#include "tests/report/sample_reports.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::report_text;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "parallax-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { fs::remove_all(path); }
  fs::path path;
};

}  // namespace

TEST_CASE("numbers are written for people", "[report][text]") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1'000) == "1,000");
  CHECK(with_thousands(1'234'567) == "1,234,567");
  CHECK(per_cent(0, 7) == "0%");
  CHECK(per_cent(7, 7) == "100%");
  CHECK(per_cent(1'204, 52'310) == "2.3%");
  CHECK(per_cent(1, 1'000) == "0.10%");
  CHECK(per_cent(599'850, 600'000) == "99.97%");
  CHECK(per_cent(1, 1'000'000) == "<0.01%");
  CHECK(per_cent(999'999, 1'000'000) == ">99.99%");  // Never "100%" while one is missing.
  CHECK(per_cent(1, 0).empty());
  CHECK(wall_time(0) == "0 ms");
  CHECK(wall_time(350 * millisecond) == "350 ms");
  CHECK(wall_time(12'340 * millisecond) == "12.3 s");
  CHECK(wall_time(125 * second) == "2m05s");
  CHECK(wall_time(hour + 2 * minute) == "1h02m");
}

TEST_CASE("legal text keeps what is well-formed and replaces the rest", "[report][text]") {
  CHECK(legal("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\t\n") ==
        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\t\n");
  CHECK(legal("\x1b[0m") == "\xef\xbf\xbd[0m");
  CHECK(legal("a\xff"
              "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(legal("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(one_line("a\tb\nc") == "a b c");
}

TEST_CASE("texts are cut and wrapped by characters", "[report][text]") {
  CHECK(columns("\xc3\xa9\xc3\xa9") == 2);
  CHECK(cut_to("abcdef", 6) == "abcdef");
  CHECK(cut_to("abcdefg", 6) == "abc...");
  CHECK(cut_to("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4) == "\xc3\xa9...");
  CHECK(cut_to("abc", 2) == "ab");
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"});
  CHECK(wrapped("one two\nthree", 20) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("", 3) == std::vector<std::string>{""});
}

TEST_CASE("a list in a text is split, and a text without one is its only part", "[report][text]") {
  CHECK(split("a; b; c", "; ") == std::vector<std::string>{"a", "b", "c"});
  CHECK(split("a", "; ") == std::vector<std::string>{"a"});
  CHECK(split("", "; ") == std::vector<std::string>{""});
  CHECK(split("a; ", "; ") == std::vector<std::string>{"a", ""});
}

TEST_CASE("a table aligns its columns and keeps to its width", "[report][text]") {
  using enum TextTable::Align;
  TextTable table({left, right, right, left}, 40);
  table.add({"pass", "1,204", "", "short"});
  table.add({"FAIL", "7", "", "a longer text that has to be wrapped"});
  table.add_note("a note");
  CHECK(table.text() ==
        "  pass  1,204  short\n"
        "  FAIL      7  a longer text that has to\n"
        "               be wrapped\n"
        "        a note\n");
}

TEST_CASE("a table that is too wide keeps names whole while figures can be cut", "[report][text]") {
  using enum TextTable::Align;
  TextTable table({left, right}, 48);
  table.add({"purchases per cart", "0 vanished, 0 new, 0 changed"});
  table.add({"a name so long that it is cut first of all", "1"});
  CHECK(table.text() ==
        "  purchases per cart          0 vanished, 0 n...\n"
        "  a name so long that it ...                   1\n");
}

TEST_CASE("the causes of failing assertions count each action once", "[report][text]") {
  RunReport report = test::failing_report();
  report.assertions[2].causes = {report.causes[1]};
  report.assertions[2].causes.front().actions = 15;
  report.assertions[1].causes = report.causes;  // Of an assertion that does not fail.
  const std::vector<CauseCount> causes = failing_causes(report);
  REQUIRE(causes.size() == 2);
  CHECK(causes[0].actions == 1'204);
  CHECK(causes[1].actions == 15);
}

TEST_CASE("a file is written whole or not at all", "[report][write]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path / "report.json";
  REQUIRE(write_whole(file, "first"));
  REQUIRE(write_whole(file, "second"));
  CHECK(content_of(file) == "second");
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);  // No draft is left.

  const Result<void> missing = write_whole(folder.path / "none" / "report.json", "x");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().where == (folder.path / "none" / "report.json").string());
  CHECK_FALSE(write_whole(folder.path, "x"));
}

TEST_CASE("a link keeps pointing where it points", "[report][write]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path / "real", link = folder.path / "link";
  REQUIRE(write_whole(file, "old"));
  fs::create_symlink(file, link);
  REQUIRE(write_whole(link, "new"));
  CHECK(fs::is_symlink(link));
  CHECK(content_of(file) == "new");
}

TEST_CASE("a device is written to, never replaced", "[report][write]") {
  CHECK(write_whole("/dev/null", "text"));
  CHECK(fs::is_character_file("/dev/null"));
  const Result<void> full = write_whole("/dev/full", "text");
  REQUIRE_FALSE(full);
  CHECK(full.error().what.find("No space left") != std::string::npos);
}
