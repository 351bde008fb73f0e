// SPDX-License-Identifier: Apache-2.0
#include "sim/run/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "sim/pipeline/pipeline.h"
#include "sim/run/help.h"
#include "sim/run/report_text.h"
#include "sim/scenario/sdk_profiles.h"

namespace parallax {
namespace {

CommandOption describe_option(const CLI::Option& option) {
  CommandOption out;
  out.positional = option.get_positional();
  if (out.positional) {
    out.names = {option.get_name(true, false)};
  } else {
    for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
    for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  }
  out.about = option.get_description();
  out.required = option.get_required();
  out.repeatable = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() == 0) return out;
  // Behind the colon stand the words of checks, which are for the parser's own messages.
  const std::string type = option.get_type_name();
  out.value = type.substr(0, type.find(':'));
  if (out.value.empty()) out.value = "TEXT";
  out.value_optional = option.get_items_expected_min() == 0;
  return out;
}

/// `above`: the words before this command's name.
CommandNode describe_below(const CLI::App& app, const std::string& above) {
  CommandNode node;
  node.name = app.get_name();
  node.about = app.get_description();
  node.footer = app.get_footer();
  node.help = app.help(above);
  for (const CLI::Option* option : app.get_options(nullptr))
    node.options.push_back(describe_option(*option));
  for (const CLI::App* command : app.get_subcommands(nullptr))
    node.commands.push_back(
        describe_below(*command, above.empty() ? node.name : above + " " + node.name));
  return node;
}

}  // namespace

const CommandNode* CommandNode::find(std::string_view command) const {
  const auto at = std::find_if(commands.begin(), commands.end(),
                               [&](const CommandNode& node) { return node.name == command; });
  return at == commands.end() ? nullptr : &*at;
}

CommandNode describe(const CLI::App& app) { return describe_below(app, ""); }

std::vector<std::string> value_words(std::string_view value) {
  std::vector<std::string> words;
  if (value == "BUG")
    for (const BugKind& bug : bug_kinds()) words.emplace_back(bug.name);
  if (value == "VENDOR")
    for (const PolicyKind& policy : policy_kinds()) words.emplace_back(policy.name);
  if (value == "SDK")
    for (const std::string_view name : sdk_profile_names()) words.emplace_back(name);
  if (value == "TOPIC")
    for (const HelpTopic& topic : help_topics()) words.emplace_back(topic.name);
  if (value == "SHELL") words.assign(std::begin(completion_shells), std::end(completion_shells));
  if (value.find('|') != value.npos) words = report_text::split(value, "|");
  return words;
}

}  // namespace parallax
