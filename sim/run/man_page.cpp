// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cassert>

#include "sim/run/command_tree.h"
#include "sim/run/help.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

/// Text in which no character is roff's: a backslash, a hyphen that is to stay one, a dot or an
/// apostrophe at the begin of a line.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins = out.empty() || out.back() == '\n';
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string usage_word(const CommandOption& option) {
  std::string word = "\\fI" + roff(option.names.front()) + "\\fR";
  if (option.repeatable) word += "...";
  return option.required ? word : "[" + word + "]";
}

std::string option_names(const CommandOption& option) {
  std::string out;
  for (const std::string& name : option.names)
    out += (out.empty() ? "" : ", ") + std::string(option.positional ? "\\fI" : "\\fB") +
           roff(name) + "\\fR";
  if (option.positional || option.value.empty()) return out;
  const std::string value = "\\fI" + roff(option.value) + "\\fR";
  return out + (option.value_optional ? " [" + value + "]" : " " + value);
}

void append_command(const CommandNode& node, const std::string& path, std::string& out) {
  out += fmt::format(".SS \"{}\"\n{}.\n", roff(path), roff(node.about));
  std::string usage = "\\fB" + roff(path) + "\\fR";
  bool has_options = false;
  for (const CommandOption& option : node.options) has_options |= !option.positional;
  if (has_options) usage += " [\\fIoptions\\fR]";
  for (const CommandOption& option : node.options)
    if (option.positional) usage += " " + usage_word(option);
  out += ".PP\n" + usage + "\n";
  for (const CommandOption& option : node.options)
    if (option.names.front() != "--help")
      out += fmt::format(".TP\n{}\n{}\n", option_names(option), roff(option.about));
  if (!node.footer.empty()) out += fmt::format(".PP\n.EX\n{}\n.EE\n", roff(node.footer));
  for (const CommandNode& command : node.commands)
    append_command(command, path + " " + command.name, out);
}

std::string exit_status() {
  const Result<std::string> table = fill_page("{{section sim/run/README.md: Exit codes}}");
  assert(table);
  std::string out;
  for (const std::string& line : report_text::split(*table, "\n")) {
    const std::vector<std::string> cells = report_text::split(line, " | ");
    if (cells.size() != 2 || !line.starts_with("| ") || line.find_first_of("0123456789") != 2)
      continue;
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(cells[0].substr(2)),
                       roff(cells[1].substr(0, cells[1].rfind(" |"))));
  }
  return out;
}

}  // namespace

std::string man_page(const CommandNode& root, std::string_view version) {
  std::string out = fmt::format(
      ".\\\" Made by `parallax man`.\n"
      ".TH PARALLAX 1 \"\" \"parallax {0}\" \"User Commands\"\n"
      ".SH NAME\nparallax \\- test harness and traffic simulator for event pipelines\n"
      ".SH SYNOPSIS\n\\fBparallax\\fR \\fIcommand\\fR [\\fIoptions\\fR]\n"
      ".SH DESCRIPTION\n{1}\n.SH COMMANDS\n",
      roff(version), roff(root.about));
  for (const CommandNode& command : root.commands)
    append_command(command, "parallax " + command.name, out);
  out += ".SH TOPICS\n.PP\n\\fBparallax help\\fR \\fItopic\\fR explains:\n";
  for (const HelpTopic& topic : help_topics())
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(topic.name), roff(topic.about));
  out += ".SH EXIT STATUS\n" + exit_status();
  out += ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nNo colours on a terminal.\n";
  return out;
}

}  // namespace parallax
