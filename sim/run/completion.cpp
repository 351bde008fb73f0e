// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cassert>

#include "sim/run/command_tree.h"

namespace parallax {
namespace {

/// Calls `visit(path, node)` for `node` and all below; the path of the root is "parallax".
template <class Visit>
void walk(const CommandNode& node, const std::string& path, const Visit& visit) {
  visit(path, node);
  for (const CommandNode& command : node.commands) walk(command, path + " " + command.name, visit);
}

std::string joined(const std::vector<std::string>& words, std::string_view by) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += by;
    out += word;
  }
  return out;
}

std::string replaced(std::string_view text, std::string_view characters, std::string_view escape) {
  std::string out;
  for (const char c : text) {
    if (characters.find(c) != characters.npos) out += escape;
    out += c;
  }
  return out;
}

/// Up to the first full stop, semicolon or example: one line in a menu.
std::string brief(std::string_view about) {
  return std::string(about.substr(0, about.find_first_of(":;\n(")));
}

/// `word)` lines that find out which command the words so far are in.
std::string bash_steps(const CommandNode& root) {
  std::string out;
  walk(root, root.name, [&](const std::string& path, const CommandNode& node) {
    for (const CommandNode& command : node.commands)
      out += fmt::format("      '{0} {1}') path='{0} {1}' ;;\n", path, command.name);
  });
  return out;
}

std::string bash_words(const CommandNode& root) {
  std::string out;
  walk(root, root.name, [&](const std::string& path, const CommandNode& node) {
    std::vector<std::string> options, words;
    for (const CommandNode& command : node.commands) words.push_back(command.name);
    for (const CommandOption& option : node.options) {
      if (!option.positional) {
        options.insert(options.end(), option.names.begin(), option.names.end());
      } else {
        for (std::string& word : value_words(option.value)) words.push_back(std::move(word));
      }
    }
    out += fmt::format("    '{}') options='{}' words='{}' ;;\n", path, joined(options, " "),
                       joined(words, " "));
  });
  return out;
}

/// Options that take a value: its words, or "-" for a file or whatever it may be.
std::string bash_values(const CommandNode& root) {
  std::string out;
  walk(root, root.name, [&](const std::string& path, const CommandNode& node) {
    for (const CommandOption& option : node.options) {
      if (option.positional || option.value.empty() || option.value_optional) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names)
        patterns.push_back(fmt::format("'{} {}'", path, name));
      const std::vector<std::string> words = value_words(option.value);
      out += fmt::format("    {}) values='{}' ;;\n", joined(patterns, "|"),
                         words.empty() ? "-" : joined(words, " "));
    }
  });
  return out;
}

std::string bash_script(const CommandNode& root) {
  return fmt::format(R"(# Completion of parallax for bash, made by `parallax completion bash`.
_parallax() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path=parallax word options='' words='' values=''
  COMPREPLY=()
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path $word" in
{}    esac
  done
  case "$path ${{COMP_WORDS[COMP_CWORD-1]}}" in
{}  esac
  if [[ -n $values ]]; then
    [[ $values == - ]] || mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    return
  fi
  case $path in
{}  esac
  [[ $current == -* ]] && words=$options
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -o bashdefault -F _parallax parallax ./parallax
)",
                     bash_steps(root), bash_values(root), bash_words(root));
}

std::string zsh_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// What _arguments completes a value with.
std::string zsh_action(const CommandOption& option) {
  const std::vector<std::string> words = value_words(option.value);
  return words.empty() ? "_files" : fmt::format("({})", joined(words, " "));
}

std::string zsh_argument(const CommandOption& option) {
  const std::string about = replaced(brief(option.about), "[]:\\", "\\");
  if (option.positional)
    return zsh_quoted(fmt::format("{}:{}:{}", option.repeatable ? "*" : "", option.names.front(),
                                  zsh_action(option)));
  std::string out;
  for (const std::string& name : option.names) {
    std::string spec = option.repeatable ? "*" + name : name;
    spec += fmt::format("[{}]", about);
    if (!option.value.empty())
      spec += fmt::format("{}{}:{}", option.value_optional ? "::" : ":", option.names.front(),
                          zsh_action(option));
    out += (out.empty() ? "" : " ") + zsh_quoted(spec);
  }
  return out;
}

std::string zsh_function(const std::string& path) {
  std::string name = "_" + path;
  for (char& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}

std::string zsh_script(const CommandNode& root) {
  std::string out = "#compdef parallax\n# Made by `parallax completion zsh`.\n";
  walk(root, root.name, [&](const std::string& path, const CommandNode& node) {
    out += fmt::format("\n{}() {{\n", zsh_function(path));
    std::string arguments;
    for (const CommandOption& option : node.options)
      if (!option.positional || node.commands.empty())
        arguments += " \\\n    " + zsh_argument(option);
    if (node.commands.empty()) {
      out += fmt::format("  _arguments{}\n}}\n", arguments);
      return;
    }
    out += "  local context state line\n  local -a commands\n  commands=(\n";
    for (const CommandNode& command : node.commands)
      out += "    " + zsh_quoted(command.name + ":" + replaced(brief(command.about), ":\\", "\\")) +
             "\n";
    out += fmt::format("  )\n  _arguments -C{} \\\n    '1: :->command' '*:: :->rest'\n", arguments);
    out += "  case $state in\n    command) _describe command commands; _files ;;\n";
    out += "    rest)\n      case $line[1] in\n";
    for (const CommandNode& command : node.commands)
      out +=
          fmt::format("        {}) {} ;;\n", command.name, zsh_function(path + " " + command.name));
    out += "        *) _files ;;\n      esac ;;\n  esac\n}\n";
  });
  return out +
         "\nif [[ $funcstack[1] == _parallax ]]; then _parallax \"$@\"\n"
         "else compdef _parallax parallax; fi\n";
}

std::string fish_quoted(std::string_view text) { return "'" + replaced(text, "'\\", "\\") + "'"; }

std::string fish_option(const std::string& condition, const CommandOption& option) {
  const std::vector<std::string> words = value_words(option.value);
  std::string out = "complete -c parallax -n " + condition;
  if (option.positional) {
    if (words.empty()) return out + " -F\n";
    return out + " -f -a " + fish_quoted(joined(words, " ")) + "\n";
  }
  for (const std::string& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.value.empty() && !option.value_optional) out += words.empty() ? " -r -F" : " -x";
  if (!words.empty()) out += " -a " + fish_quoted(joined(words, " "));
  return out + " -d " + fish_quoted(brief(option.about)) + "\n";
}

std::string fish_script(const CommandNode& root) {
  std::string steps, completions;
  walk(root, root.name, [&](const std::string& path, const CommandNode& node) {
    const std::string condition = fish_quoted(fmt::format("__parallax_in '{}'", path));
    for (const CommandNode& command : node.commands) {
      steps +=
          fmt::format("      case '{0} {1}'\n        set path '{0} {1}'\n", path, command.name);
      completions += fmt::format("complete -c parallax -n {} -f -a {} -d {}\n", condition,
                                 command.name, fish_quoted(brief(command.about)));
    }
    for (const CommandOption& option : node.options) completions += fish_option(condition, option);
  });
  return fmt::format(R"(# Completion of parallax for fish, made by `parallax completion fish`.
function __parallax_in
  set -l path parallax
  for word in (commandline -opc)[2..-1]
    switch "$path $word"
{}    end
  end
  test "$path" = "$argv[1]"
end
{})",
                     steps, completions);
}

}  // namespace

std::string completion_script(const CommandNode& root, std::string_view shell) {
  if (shell == "bash") return bash_script(root);
  if (shell == "zsh") return zsh_script(root);
  assert(shell == "fish");
  return fish_script(root);
}

}  // namespace parallax
