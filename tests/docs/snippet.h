// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Fenced blocks of our Markdown pages, run as people would. A comment above a block says what is
/// special about it:
///   <!-- snippet: not run, REASON -->        nothing is done with it
///   <!-- snippet: exit N -->                 its commands end so
///   <!-- snippet: file NAME -->              the text of a file that later commands use
///   <!-- snippet: in POINTER of SCENARIO --> members of that object, merged into that scenario
namespace parallax::test {

struct Snippet {
  std::string page;
  std::size_t line = 0;
  std::string language;  ///< "sh", "console", "jsonc"; empty: a drawing.
  std::string mark;      ///< What stands behind "snippet: ".
  std::string text;
};

std::vector<Snippet> snippets_of(const std::string& page, std::string_view markdown);

/// A command of a block, with what the page shows of its output ("..." stands for anything).
struct ShownCommand {
  std::string words;
  std::optional<std::string> output;
};
/// The commands of a sh or console block: continued lines joined, comments gone.
std::vector<ShownCommand> commands_of(const Snippet& snippet);

/// Whether `actual` is what a page shows: "..." stands for any text, a wall time for any other.
bool shows(std::string_view shown, std::string_view actual);

/// Why a command of a page is not run at all; empty: it is.
std::string_view not_run(std::string_view command);

/// A folder like the root of a checkout: scenarios, `./parallax`, a desktop that opens nothing. The
/// blocks of one page are run in it one after the other.
class Sandbox {
 public:
  Sandbox();
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Runs a block; what is wrong with it, one line each: page, line, command, what happened.
  std::vector<std::string> run(const Snippet& snippet);

 private:
  std::string run_command(const ShownCommand& command, int code);
  std::string with_free_port(const std::string& text) const;
  std::string check_json(const Snippet& snippet);

  std::filesystem::path folder_;
  int port_ = 0;
};

}  // namespace parallax::test
