// SPDX-License-Identifier: Apache-2.0
// Every rule catches a violation planted in a text, and lets pass what only looks like one.
#include <set>
#include <string>

#include "tests/support/catch.h"
#include "tests/tidy/rules.h"

namespace parallax::tidy {
namespace {

template <class Rule>
std::size_t count(Rule rule, const std::string& path, const std::string& text) {
  Findings found;
  rule({path, text}, found);
  return found.size();
}

std::size_t loops(const std::string& path, const std::string& text, std::string_view header = "") {
  Findings found;
  check_unordered_loops({path, text}, header, found);
  return found.size();
}

std::size_t links(const std::string& page, const std::string& text) {
  const std::set<std::string> files{"README.md", "sim/core/time.h", "sim/core"};
  Findings found;
  check_links(
      {page, text}, [&](const std::string& path) { return files.contains(path); }, found);
  return found.size();
}

std::string function_of(std::size_t lines) {
  return "int f(int x) {\n" + std::string(lines - 1, '\n') + "}\n";
}

}  // namespace

TEST_CASE("a folder may include only what its row of the table names", "[tidy]") {
  const auto* const read_in_fault = "#include \"sim/read/reader.h\"\n";
  CHECK(count(check_own_includes, "fault/chain.cpp", read_in_fault) == 1);
  CHECK(count(check_own_includes, "sim/core/a.h", "#include \"sim/scenario/load.h\"\n") == 1);
  CHECK(count(check_own_includes, "assertions/a.cpp", "#include \"fault/fault.h\"\n") == 1);
  CHECK(count(check_own_includes, "sim/drive/a.cpp", "#include \"tests/support/catch.h\"\n") == 1);
  CHECK(count(check_own_includes, "sim/run/run.cpp", read_in_fault) == 0);
  CHECK(count(check_own_includes, "fault/wire/a.cpp", "#include \"sim/core/time.h\"\n") == 0);
  CHECK(count(check_own_includes, "fault/wire/a.cpp", "#include \"fault/fault.h\"\n") == 0);
}

TEST_CASE("an include that is not written from the root is caught", "[tidy]") {
  CHECK(count(check_own_includes, "sim/core/a.cpp", "#include \"time.h\"\n") == 1);
  CHECK(count(check_own_includes, "sim/core/a.cpp", "#include \"../core/time.h\"\n") == 1);
}

TEST_CASE("a library is seen only by the folders of its row", "[tidy]") {
  CHECK(count(check_other_includes, "sim/core/a.cpp", "#include <nlohmann/json.hpp>\n") == 1);
  CHECK(count(check_other_includes, "sim/read/a.cpp", "#include <duckdb.h>\n") == 1);
  CHECK(count(check_other_includes, "sim/sdk/a.cpp", "#include <thread>\n") == 1);
  CHECK(count(check_other_includes, "sim/run/a.cpp", "#include <random>\n") == 1);
  CHECK(count(check_other_includes, "sim/core/a.cpp", "#include <newcomer/all.hpp>\n") == 1);
  CHECK(count(check_other_includes, "sim/drive/a.cpp", "#include <boost/asio.hpp>\n") == 0);
  CHECK(count(check_other_includes, "sim/core/a.cpp", "#include <vector>\n#include <cmath>\n") ==
        0);
  CHECK(count(check_other_includes, "sim/core/a.cpp", "#include <sys/stat.h>\n") == 0);
}

TEST_CASE("clocks and libm are banned where results are decided", "[tidy]") {
  const std::string path = GENERATE("sim/core/a.cpp", "sim/sdk/a.h", "fault/wire/a.cpp");
  CHECK(count(check_banned_words, path, "auto t = std::chrono::system_clock::now();") == 1);
  CHECK(count(check_banned_words, path, "auto t = time(nullptr);") == 1);
  CHECK(count(check_banned_words, path, "return std::log(x);") == 1);
  CHECK(count(check_banned_words, path, "double y = 2 * exp(x);") == 1);
  CHECK(count(check_banned_words, path, "double y = math::log(x) + std::sqrt(x);") == 0);
  CHECK(count(check_banned_words, path, "appender.time(x); plan->log(y);") == 0);
}

TEST_CASE("clocks and libm are allowed where no result is decided", "[tidy]") {
  CHECK(count(check_banned_words, "sim/drive/a.cpp", "steady_clock::now();") == 0);
  CHECK(count(check_banned_words, "sim/core/math.cpp",
              "double log(double x) { return -log(1/x); }") == 0);
}

TEST_CASE("the standard library's randomness is banned", "[tidy]") {
  CHECK(count(check_banned_words, "bench/a.cpp", "int x = std::rand();") == 1);
  CHECK(count(check_banned_words, "tests/a.cpp", "std::mt19937 engine;") == 1);
  CHECK(count(check_banned_words, "sim/read/a.cpp", "std::random_device device;") == 1);
  CHECK(count(check_banned_words, "sim/run/a.cpp", "std::normal_distribution<double> d;") == 1);
  CHECK(count(check_banned_words, "sim/run/a.cpp", "std::random_device device;") == 0);
}

TEST_CASE("sleeping is banned outside drive and the tests", "[tidy]") {
  const auto* const nap = "std::this_thread::sleep_for(5ms);";
  CHECK(count(check_banned_words, "sim/pipeline/a.cpp", nap) == 1);
  CHECK(count(check_banned_words, "sim/run/a.cpp", nap) == 1);
  CHECK(count(check_banned_words, "sim/drive/pacer.cpp", nap) == 0);
  CHECK(count(check_banned_words, "tests/drive/a.cpp", nap) == 0);
}

TEST_CASE("comments and texts are no code", "[tidy]") {
  CHECK(count(check_banned_words, "sim/core/a.cpp", "// std::rand()\n/* rand() */") == 0);
  CHECK(count(check_banned_words, "sim/core/a.cpp", "auto s = \"rand() \\\" rand()\";") == 0);
  CHECK(count(check_banned_words, "sim/core/a.cpp", "auto s = R\"x(rand() \" rand())x\";") == 0);
  CHECK(count(check_banned_words, "sim/core/a.cpp", "auto c = '\"'; x = 1'000; rand(); //\"") == 1);
}

TEST_CASE("a loop over an unordered container is caught where results are decided", "[tidy]") {
  const std::string loop = "void f() { for (const auto& [k, v] : seen_) use(k); }";
  const std::string member = "std::unordered_map<int, std::vector<int>> seen_;";
  CHECK(loops("fault/a.cpp", member + loop) == 1);
  CHECK(loops("fault/a.cpp", loop, member) == 1);
  CHECK(loops("fault/a.cpp", "void f(const std::unordered_set<int>& s) { g(*s.begin()); }") == 1);
  CHECK(loops("fault/a.cpp", loop, "std::map<int, int> seen_;") == 0);
  CHECK(loops("fault/a.cpp", "for (int i = 0; i < 3; ++i) seen_.find(i);", member) == 0);
  CHECK(loops("sim/run/a.cpp", loop, member) == 0);
}

TEST_CASE("a function over the limit is caught wherever it stands", "[tidy]") {
  const std::string longest = function_of(function_lines_max);
  const std::string too_long = function_of(function_lines_max + 1);
  const auto found = [](const std::string& text) {
    return count(check_function_length, "sim/core/a.cpp", text);
  };
  CHECK(found(longest) == 0);
  CHECK(found(too_long) == 1);
  CHECK(found("namespace a {\nstruct B {\n" + too_long + "};\n}\n") == 1);
  CHECK(found("B::B(int x) : x_{x}, y_(x) {\n" + std::string(80, '\n') + "}\n") == 1);
  CHECK(found("struct B {\n" + std::string(80, '\n') + "};\n") == 0);
  CHECK(found("constexpr int table[] = {\n" + std::string(80, '\n') + "};\n" + longest) == 0);
}

TEST_CASE("a source without its licence line is caught", "[tidy]") {
  CHECK(count(check_licence_line, "sim/core/a.h", "#pragma once\n") == 1);
  CHECK(count(check_licence_line, "sim/core/a.sql", "") == 1);
  CHECK(count(check_licence_line, ".ci/run", "#!/bin/sh\nset -e\n") == 1);
  CHECK(count(check_licence_line, "a.h", "// SPDX-License-Identifier: Apache-2.0\n") == 0);
  CHECK(count(check_licence_line, "a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n") ==
        0);
  CHECK(count(check_licence_line, "README.md", "# Parallax\n") == 0);
}

TEST_CASE("a file over its limit is caught", "[tidy]") {
  const std::string header(header_lines_max + 1, '\n');
  const std::string source(source_lines_max + 1, '\n');
  CHECK(count(check_file_length, "a.h", header) == 1);
  CHECK(count(check_file_length, "a.cpp", source) == 1);
  CHECK(count(check_file_length, "a.cpp", header) == 0);
  CHECK(count(check_file_length, "a.h", header.substr(1)) == 0);
}

TEST_CASE("a note to finish later is caught", "[tidy]") {
  CHECK(count(check_leftovers, "a.cpp",
              "int x;  // TO"
              "DO: more\n") == 1);
  CHECK(count(check_leftovers, "README.md",
              "\nFIX"
              "ME\n") == 1);
  CHECK(count(check_leftovers, "a.cpp", "int METHODO;\n") == 0);
}

TEST_CASE("names of one machine are caught", "[tidy]") {
  CHECK(count(check_machine_names, "a.md",
              "see /wo"
              "rk/main\n") == 1);
  CHECK(count(check_machine_names, "a.cmake",
              "https://registry.npm"
              "js.org/x\n") == 1);
  CHECK(count(check_machine_names, "a.md", "see frame/work/here\n") == 0);
}

TEST_CASE("a link to a file that is not there is caught", "[tidy]") {
  CHECK(links("README.md", "[time](sim/core/time.h) and [gone](sim/core/gone.h)\n") == 1);
  CHECK(links("sim/run/README.md", "[time](../core/tine.h)\n") == 1);
  CHECK(links("sim/run/README.md", "[time](../core/time.h#L3) [core](../core/)\n") == 0);
  CHECK(links("README.md", "[web](https://example.org/x) [here](#here) `[a](b)`\n") == 0);
  CHECK(links("README.md", "```\n[a](b)\n```\n") == 0);
}

TEST_CASE("a folder without a README is caught", "[tidy]") {
  Findings found;
  check_readmes({"sim/core/time.h", "fault/README.md", "fault/wire/a.cpp", "README.md"}, found);
  REQUIRE(found.size() == 1);
  CHECK(found.front().path == "sim/core/README.md");
}

TEST_CASE("a stranger at the top level is caught", "[tidy]") {
  Findings found;
  check_top_level({"sim/core/time.h", ".ci/run", "docs/a.md", "LICENSE"}, found);
  REQUIRE(found.size() == 1);
  CHECK(found.front().path == "docs");
}

}  // namespace parallax::tidy
