// SPDX-License-Identifier: Apache-2.0
// The commands that say something about Parallax itself: help, doctor, completion, man.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "sim/run/command_parts.h"
#include "sim/run/command_tree.h"
#include "sim/run/doctor.h"
#include "sim/run/help.h"
#include "sim/run/markdown_text.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"
#include "sim/run/version.h"

namespace parallax {
namespace {

constexpr std::size_t width_max = 100, width_min = 60;

MarkdownStyle style_of_stdout() {
  MarkdownStyle style;
  style.colour = colour_on_stdout();
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::clamp<std::size_t>(size.ws_col, width_min, width_max);
  return style;
}

int print_overview(const CommandNode& root) {
  std::string page = "# Parallax\n\n" + root.about +
                     "\n\n## Commands\n\n| command | what it does |\n| --- | --- |\n";
  for (const CommandNode& command : root.commands)
    page += fmt::format("| `{}` | {} |\n", command.name, command.about);
  page += "\n## Topics\n\n| topic | what it explains |\n| --- | --- |\n";
  for (const HelpTopic& topic : help_topics())
    page += fmt::format("| `{}` | {} |\n", topic.name, topic.about);
  page +=
      "\n`parallax help TOPIC` explains a topic, `parallax help COMMAND` or `parallax COMMAND "
      "--help` "
      "a command. First steps:\n\n```sh\nparallax run scenarios/examples/double-fired-cart.json\n"
      "parallax scenarios show shop\nparallax help targets\n```\n";
  fmt::print("{}", markdown_text(page, style_of_stdout()));
  return exit_pass;
}

}  // namespace

int command_help(const CommandNode& root, const std::string& word) {
  if (word.empty()) return print_overview(root);
  std::vector<std::string_view> known;
  for (const HelpTopic& topic : help_topics()) known.push_back(topic.name);
  if (std::find(known.begin(), known.end(), word) != known.end()) {
    const Result<std::string> page = help_page(word);
    if (!page) return complain(exit_internal, page.error().text());
    fmt::print("{}", markdown_text(*page, style_of_stdout()));
    return exit_pass;
  }
  if (const CommandNode* command = root.find(word); command != nullptr) {
    fmt::print("{}", command->help);
    return exit_pass;
  }
  for (const CommandNode& command : root.commands) known.push_back(command.name);
  const std::string nearest = nearest_name(word, known);
  return complain(
      exit_usage,
      fmt::format("help: found \"{}\", expected a topic or a command{}; `parallax help` "
                  "lists them",
                  word, nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
}

int command_doctor(const std::string& runs) {
  const bool colour = colour_on_stdout();
  TextTable table({TextTable::Align::left, TextTable::Align::left, TextTable::Align::left},
                  width_max);
  bool bad = false;
  std::size_t absent = 0;
  for (const Checkup& checkup : examine(runs)) {
    const bool good = checkup.state == Checkup::State::good;
    const bool broken = checkup.state == Checkup::State::bad;
    bad |= broken;
    absent += good || broken ? 0U : 1U;
    std::string text = report_text::legal(checkup.found);
    if (!checkup.advice.empty()) text += "\n" + checkup.advice;
    const std::string_view paint = good ? "\x1b[32m" : broken ? "\x1b[31m" : "\x1b[33m";
    table.add({good     ? "ok"
               : broken ? "BAD"
                        : "-",
               checkup.name, text},
              colour ? paint : std::string_view());
  }
  fmt::print("{}", table.text());
  if (bad) {
    fmt::print("\nparallax: something that runs need is missing, see BAD above\n");
    return exit_usage;
  }
  fmt::print("\nparallax: ready{}\n", absent == 0 ? "" : "; what is marked - is optional");
  return exit_pass;
}

int command_completion(const CommandNode& root, const std::string& shell) {
  std::vector<std::string_view> known(std::begin(completion_shells), std::end(completion_shells));
  if (std::find(known.begin(), known.end(), shell) == known.end()) {
    const std::string nearest = nearest_name(shell, known);
    return complain(exit_usage,
                    fmt::format("completion: found \"{}\", expected bash, zsh or fish{}", shell,
                                nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
  }
  fmt::print("{}", completion_script(root, shell));
  return exit_pass;
}

int command_man(const CommandNode& root) {
  fmt::print("{}", man_page(root, version_text));
  return exit_pass;
}

}  // namespace parallax
