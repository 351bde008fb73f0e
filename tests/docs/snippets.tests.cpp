// SPDX-License-Identifier: Apache-2.0
// Every command and every scenario in README.md, the folder READMEs and the pages of help is run.
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "sim/run/cli.h"
#include "tests/docs/snippet.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

/// Tasks to learn with: tests/teaching runs their answers.
bool is_task(const fs::path& page) {
  return page.parent_path().parent_path() == source("scenarios/teaching");
}

/// All Markdown pages of the repository, by their path from its root.
std::vector<std::string> pages() {
  std::vector<std::string> found{"README.md"};
  for (const char* folder : {"assertions", "bench", "fault", "scenarios", "sim", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(source(folder)))
      if (entry.path().extension() == ".md" && !is_task(entry.path()))
        found.push_back(fs::relative(entry.path(), source("")).string());
  std::sort(found.begin(), found.end());
  return found;
}

/// The words of every `parallax ...` that stands in a line of prose, in a block or in an example.
std::vector<std::string> mentions(const std::string& text) {
  static const std::regex span(R"(`(?:\./)?parallax ([a-z][^`]*)`)");
  static const std::regex line(R"((?:^|\n)\s*(?:\$ )?(?:\./)?parallax ([a-z][^\n]*))");
  std::vector<std::string> found;
  for (const std::regex& pattern : {span, line})
    for (auto at = std::sregex_iterator(text.begin(), text.end(), pattern);
         at != std::sregex_iterator(); ++at)
      found.push_back((*at)[1]);
  return found;
}

/// What is wrong with the words behind `parallax`: no such command, or no such option of it.
std::string problem_of(const std::string& words, const CommandNode& root) {
  std::istringstream in(words);
  const CommandNode* node = &root;
  bool path = true;
  for (std::string word; in >> word;) {
    word.erase(word.find_last_not_of(".,;:)") + 1);
    if (word == "#" || word == "|" || word == ">" || word == "test") break;
    if (word.starts_with("--")) {
      word.erase(std::min(word.find('='), word.size()));
      path = false;
      bool known = false;
      for (const CommandOption& option : node->options)
        for (const std::string& name : option.names) known |= name == word;
      if (!known) return node->name + " has no option " + word;
    } else if (path && !node->commands.empty()) {
      const CommandNode* below = node->find(word);
      if (below == nullptr && node == &root) return "there is no command " + word;
      if (below == nullptr) break;
      node = below;
    }
  }
  return "";
}

}  // namespace

TEST_CASE("the commands and scenarios of our pages work as they stand there", "[docs][snippets]") {
  std::size_t blocks = 0;
  for (const std::string& page : pages()) {
    Sandbox sandbox;
    for (const Snippet& snippet : snippets_of(page, read_file(source(page)))) {
      for (const std::string& problem : sandbox.run(snippet)) {
        UNSCOPED_INFO(problem);
        CHECK(problem.empty());
      }
      ++blocks;
    }
  }
  CHECK(blocks > 20);
}

TEST_CASE("every parallax command that a page or an example names is there with its options",
          "[docs][snippets]") {
  const CommandNode root = command_line_tree();
  const auto check = [&](const std::string& where, const std::string& text) {
    for (const std::string& words : mentions(text)) {
      INFO(where << ": parallax " << words);
      CHECK(problem_of(words, root) == "");
    }
  };
  for (const std::string& page : pages()) check(page, read_file(source(page)));
  check("CHANGELOG.md", read_file(source("CHANGELOG.md")));
  for (const CommandNode& command : root.commands) {
    check(command.name + " --help", command.footer);
    for (const CommandNode& below : command.commands) check(below.name, below.footer);
  }
  CHECK(problem_of("run x.json --no-such-option", root) == "run has no option --no-such-option");
  CHECK(problem_of("frobnicate x", root) == "there is no command frobnicate");
  CHECK(problem_of("report merge a b --out c", root).empty());
}

TEST_CASE("a command that fails, a wrong output and a broken scenario are found",
          "[docs][snippets]") {
  Sandbox sandbox;
  const auto problems = [&](const char* language, const char* mark, const char* text) {
    return sandbox.run({"planted.md", 1, language, mark, text}).size();
  };
  CHECK(problems("sh", "", "parallax validate scenarios/smoke/plain.json\n") == 0);
  CHECK(problems("sh", "", "parallax validate no-such-file.json\n") == 1);
  CHECK(problems("sh", "exit 4", "parallax validate no-such-file.json\n") == 0);
  CHECK(problems("console", "", "$ echo one two\none ...\n") == 0);
  CHECK(problems("console", "", "$ echo one two\ntwo\n") == 1);
  CHECK(problems("jsonc", "", R"({ "extends": "scenarios/smoke/plain.json", "name": "a" })") == 0);
  CHECK(problems("jsonc", "", R"({ "extends": "scenarios/smoke/plain.json", "nam": "a" })") == 1);
  CHECK(problems("jsonc", "in /time of scenarios/smoke/plain.json", R"("length": "2d")") == 0);
  CHECK(problems("jsonc", "in /time of scenarios/smoke/plain.json", R"("lengt": "2d")") == 1);
  CHECK(problems("perl", "", "print 1") == 1);
  CHECK(problems("sh", "not run, it says so", "false") == 0);
}

TEST_CASE("shown output leaves out lines and times", "[docs][snippets]") {
  CHECK(shows("a\n...\nd\n", "a\nb\nc\nd\n"));
  CHECK(shows("in 1.2 s.\n", "in 350 ms.\n"));
  CHECK(shows("a\n...", "a\nb\n"));
  CHECK_FALSE(shows("a\nc\n", "a\nb\nc\n"));
  CHECK_FALSE(shows("a\n", "a\nb\n"));
  CHECK_FALSE(shows("...\nx\n", "a\nb\n"));
}

TEST_CASE("every reason not to run something is used", "[docs][snippets]") {
  std::set<std::string_view> used;
  for (const std::string& page : pages())
    for (const Snippet& snippet : snippets_of(page, read_file(source(page))))
      if (snippet.language == "sh")
        for (const ShownCommand& command : commands_of(snippet))
          if (const auto why = not_run(command.words); !why.empty()) used.insert(why);
  CHECK(used.size() == 7);
}

}  // namespace parallax::test
