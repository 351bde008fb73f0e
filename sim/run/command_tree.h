// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

/// The command line as plain values, read off the parser, so that shell completions, the man page
/// and `parallax help` know every command and option without being told.
namespace parallax {

struct CommandOption {
  std::vector<std::string> names;  ///< "--out", "-o"; of a positional one its name alone.
  std::string about;
  /// What stands for its value in help: "FILE"; "on|off" where it is one of a few words; one of
  /// `value_words` where a registry knows them. Empty: it takes none.
  std::string value;
  bool positional = false;
  bool required = false;
  bool value_optional = false;
  bool repeatable = false;
};

struct CommandNode {
  std::string name;
  std::string about;
  std::string footer;  ///< The examples.
  std::string help;    ///< What --help prints.
  std::vector<CommandOption> options;
  std::vector<CommandNode> commands;

  /// The command of this name directly below; null: there is none.
  const CommandNode* find(std::string_view command) const;
};

/// Everything below `app`, in the order in which it was added.
CommandNode describe(const CLI::App& app);

/// The words that may stand for a value: "on|off" says them itself; BUG, SDK, TOPIC and
/// SHELL are asked of what is registered. Empty: anything may stand there.
std::vector<std::string> value_words(std::string_view value);

/// Shells that a completion can be written for.
inline constexpr std::string_view completion_shells[] = {"bash", "zsh", "fish"};
/// The completion script of a shell. Precondition: it is one of `completion_shells`.
std::string completion_script(const CommandNode& root, std::string_view shell);
/// The man page parallax(1), as man(7) macros.
std::string man_page(const CommandNode& root, std::string_view version);

}  // namespace parallax
