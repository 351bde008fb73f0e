// SPDX-License-Identifier: Apache-2.0
#include "tests/docs/snippet.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <regex>
#include <sstream>

#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

struct Rule {
  std::string_view begin;
  std::string_view why;
};
constexpr std::array rules{
    Rule{"./parallax test", "it is the suite that runs this test"},
    Rule{"PARALLAX_SCREENSHOTS=", "the same"},
    Rule{"cmake ", "builds; the suite has been built"},
    Rule{"build/release/", "programs of a build, with tests of their own"},
    Rule{"bench/", "takes minutes; .ci/run runs it"},
    Rule{"npm ", "asks the network"},
    Rule{"\\time ", "takes a gigabyte"},
};

/// A page may show sizes that take minutes; the same options with less prove the same words.
const std::vector<std::pair<std::regex, std::string>> smaller{
    {std::regex("--users 100000"), "--users 3000"},
    {std::regex("--duration 10s"), "--duration 2s"},
    {std::regex("--length 30d"), "--length 1d"},
};

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

std::string without_times(std::string_view text) {
  static const std::regex time(R"(\b[0-9]+(\.[0-9]+)? (ms|s)\b)");
  return std::regex_replace(std::string(text), time, "TIME");
}

void write_program(const fs::path& file, const std::string& text) {
  write_file(file, "#!/bin/bash\n" + text + "\n");
  fs::permissions(file, fs::perms::owner_all);
}

}  // namespace

std::vector<Snippet> snippets_of(const std::string& page, std::string_view markdown) {
  std::vector<Snippet> snippets;
  std::istringstream in{std::string(markdown)};
  std::string mark;
  bool open = false;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    constexpr std::string_view begin = "<!-- snippet: ", end = " -->";
    if (open && line != "```") {
      snippets.back().text += line + '\n';
    } else if (open) {
      open = false;
    } else if (line.starts_with("```")) {
      snippets.push_back({page, number, line.substr(3), mark, ""});
      mark.clear();
      open = true;
    } else if (line.starts_with(begin) && line.ends_with(end)) {
      mark = line.substr(begin.size(), line.size() - begin.size() - end.size());
    }
  }
  return snippets;
}

std::vector<ShownCommand> commands_of(const Snippet& snippet) {
  std::vector<ShownCommand> commands;
  std::istringstream in(snippet.text);
  const bool console = snippet.language == "console";
  bool continued = false;
  for (std::string line; std::getline(in, line);) {
    const bool is_command = continued || !console || line.starts_with("$ ");
    if (!is_command) {
      if (!commands.empty()) commands.back().output->append(line).append("\n");
      continue;
    }
    if (console && !continued) line.erase(0, 2);
    if (const std::size_t comment = line.find(" # "); comment != line.npos) line.erase(comment);
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty()) continue;
    if (!continued) commands.push_back({"", std::nullopt});
    if (console) commands.back().output = "";
    continued = line.ends_with('\\');
    if (continued) line.pop_back();
    commands.back().words += line;
  }
  return commands;
}

bool shows(std::string_view shown, std::string_view actual) {
  std::string text = without_times(actual);
  std::string left = without_times(shown);
  std::size_t at = 0;
  bool anywhere = false;
  while (!left.empty()) {
    const std::size_t dots = left.find("...");
    const std::string part = left.substr(0, dots);
    const std::size_t found = text.find(part, at);
    if (found == text.npos || (!anywhere && found != at)) return false;
    at = found + part.size();
    anywhere = dots != left.npos;
    // Dots on a line of their own stand for lines: the line feed before them is there.
    left = anywhere ? left.substr(dots + 3) : "";
    if (anywhere && left.starts_with('\n')) left.erase(0, 1);
  }
  return anywhere || at == text.size();
}

std::string_view not_run(std::string_view command) {
  for (const Rule& rule : rules)
    if (command.starts_with(rule.begin)) return rule.why;
  return {};
}

Sandbox::Sandbox() : port_(free_port()) {
  std::string name = (fs::temp_directory_path() / "parallax-docs-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  fs::create_directory(folder_ / "bin");
  for (const char* shared : {"scenarios", "bench"})
    fs::create_directory_symlink(source(shared), folder_ / shared);
  const std::string program = "PARALLAX_COMMAND=$0 exec '" PARALLAX_BINARY "' \"$@\"";
  write_program(folder_ / "parallax", program);
  write_program(folder_ / "bin/parallax",
                "unset PARALLAX_COMMAND; exec '" PARALLAX_BINARY "' \"$@\"");
  write_program(folder_ / "bin/xdg-open", "exit 0");
  fs::copy_file(source("scenarios/smoke/plain.json"), folder_ / "my-scenario.json");
}

Sandbox::~Sandbox() {
  std::error_code none;
  fs::remove_all(folder_, none);
}

std::vector<std::string> Sandbox::run(const Snippet& snippet) {
  std::vector<std::string> problems;
  const auto note = [&](const std::string& what) {
    if (!what.empty())
      problems.push_back(snippet.page + ":" + std::to_string(snippet.line) + ": " + what);
  };
  if (snippet.mark.starts_with("not run, ")) return {};
  if (snippet.mark.starts_with("file ")) {
    write_file(folder_ / snippet.mark.substr(5), with_free_port(snippet.text));
  } else if (snippet.language == "json" || snippet.language == "jsonc") {
    note(check_json(snippet));
  } else if (snippet.language == "sh" || snippet.language == "console") {
    const int code = snippet.mark.starts_with("exit ") ? std::stoi(snippet.mark.substr(5)) : 0;
    // A pipeline that the block starts serves until the block ends.
    for (const ShownCommand& command : commands_of(snippet)) note(run_command(command, code));
    shell("[[ ! -e server.pid ]] || { kill -TERM $(cat server.pid); rm server.pid; }", folder_);
  } else if (!snippet.language.empty()) {
    note("a block in " + snippet.language + ", which nobody runs");
  }
  return problems;
}

std::string Sandbox::with_free_port(const std::string& text) const {
  return std::regex_replace(text, std::regex(":8100"), ":" + std::to_string(port_));
}

std::string Sandbox::run_command(const ShownCommand& command, int code) {
  if (!not_run(command.words).empty()) return "";
  std::string words = command.words;
  for (const auto& [large, small] : smaller) words = std::regex_replace(words, large, small);
  words = with_free_port(words);
  words = std::regex_replace(words, std::regex(" /tmp/"), " ./");  // Nothing outside of the folder.
  const std::string line = "export PATH=\"$PWD/bin:$PATH\"; set -o pipefail; ";
  static const std::regex server(R"(^(\./)?parallax pipeline )");
  if (std::regex_search(words, server)) {
    const std::string wait =
        " >server.log 2>&1 & echo $! >server.pid; for i in {1..100}; do "
        "grep -q listening server.log && exit 0; sleep 0.1; done; exit 1";
    const Output output = shell(line + words + wait, folder_);
    return output.code == 0 ? "" : "the server did not start: " + words;
  }
  const Output output = shell(line + words, folder_);
  if (output.code != code)
    return words + " ended with " + std::to_string(output.code) + "\n" + output.out + output.err;
  if (command.output && !shows(*command.output, output.out))
    return words + " printed\n" + output.out + "and not\n" + *command.output;
  return "";
}

std::string Sandbox::check_json(const Snippet& snippet) {
  static const std::regex in_scenario(R"(in (/\S*) of (\S+))");
  std::smatch match;
  std::string text = snippet.text, name = "snippet";
  if (std::regex_match(snippet.mark, match, in_scenario)) {
    const std::string key = match[1].str().substr(1);
    const std::string members = key.empty() ? text : "\"" + key + "\": {" + text + "}";
    text = "{ \"extends\": \"" + match[2].str() + "\", \"name\": \"snippet\", " + members + " }";
  } else {
    std::smatch named;
    if (!std::regex_search(text, named, std::regex(R"~("name": "([a-z0-9-]+)")~")))
      return "a scenario without a name: say which file or object it is part of";
    name = named[1];
  }
  write_file(folder_ / (name + ".json"), text);
  const Output output = shell("bin/parallax validate " + name + ".json", folder_);
  if (output.code != 0) return "is no valid scenario\n" + output.out + output.err;
  return output.err;
}

}  // namespace parallax::test
