// SPDX-License-Identifier: Apache-2.0
#include "sim/run/help.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "assertions/judgement.h"
#include "fault/fault.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/report_text.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array topics{
    HelpTopic{"scenario", "the file that says who does what, and every key of it"},
    HelpTopic{"faults", "what can go wrong, and whom it strikes"},
    HelpTopic{"assertions", "what must hold, and how much is tolerated"},
    HelpTopic{"targets", "your own pipeline: where to send, how to read back"},
    HelpTopic{"serve",
              "an oracle for other people's tests: declare what was done, ask for the verdict"},
    HelpTopic{"proxy", "between your product and your pipeline: faults on the wire, and a verdict"},
    HelpTopic{"verdicts", "how an action is judged, and what every cause means"},
    HelpTopic{"exit-codes", "what a script can rely on"},
    HelpTopic{"writing-a-fault", "a fault of your own, step by step"},
    HelpTopic{"incident", "from a number that jumped to the cause"},
    HelpTopic{"teaching", "stories and bugs to learn and to teach with"},
};

Error wrong(std::string_view line, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), std::string(line)};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// What stands under "## heading" (of any depth), without the heading, up to the next one of the
/// same depth or above.
Result<std::string> section(std::string_view line, std::string_view of) {
  const std::size_t colon = of.find(": ");
  if (colon == of.npos) return wrong(line, "expected PAGE: HEADING");
  const std::string_view page = embedded_text(of.substr(0, colon));
  if (page.empty()) return wrong(line, "there is no such page in the program");
  std::string out;
  std::size_t depth = 0;
  bool fenced = false;
  for (const std::string& text : report_text::split(page, "\n")) {
    if (text.starts_with("```")) fenced = !fenced;
    const std::size_t hashes = fenced ? 0 : std::min(text.find_first_not_of('#'), text.size());
    if (depth > 0 && hashes > 0 && hashes <= depth) return out;
    if (depth > 0) out += text + '\n';
    const bool begins =
        depth == 0 && hashes > 0 && text.substr(hashes) == fmt::format(" {}", of.substr(colon + 2));
    if (begins) depth = hashes;
  }
  if (depth == 0) return wrong(line, "the page has no such heading");
  return out;
}

Result<std::string> text_of(std::string_view line, std::string_view file) {
  const std::string_view text = embedded_text(file);
  if (text.empty()) return wrong(line, "there is no such file in the program");
  return fmt::format("```\n{}{}```\n", text, text.ends_with('\n') ? "" : "\n");
}

const Json& schema() {
  static const Json parsed = Json::parse(scenario_schema(fault_kinds()));
  return parsed;
}

std::string description(const Json& key) { return key.value("description", std::string()); }

void append_keys(const Json& object, const std::string& prefix, std::string& out) {
  for (const auto& [name, key] : object.at("properties").items()) {
    out += fmt::format("| `{}{}` | {} |\n", prefix, name, escaped(description(key)));
    if (key.contains("properties")) append_keys(key, prefix + name + ".", out);
    if (key.contains("additionalProperties") && key["additionalProperties"].is_object() &&
        key["additionalProperties"].contains("properties"))
      append_keys(key["additionalProperties"], prefix + name + ".NAME.", out);
  }
}

/// The keys below some of the scenario's; of the root only the first level.
Result<std::string> keys(std::string_view line, std::string_view of) {
  std::string out = "| key | meaning |\n| --- | --- |\n";
  const Json& root = schema().at("properties");
  if (of == "/") {
    for (const auto& [name, key] : root.items())
      out += fmt::format("| `{}` | {} |\n", name, escaped(description(key)));
    return out;
  }
  for (const std::string& name : report_text::split(of, " ")) {
    const auto found = root.find(name);
    if (found == root.end()) return wrong(line, "a scenario has no key " + name);
    append_keys(Json{{"properties", {{name, *found}}}}, "", out);
  }
  return out;
}

/// The kinds that a list's `oneOf` knows: the word that names each, its sentence, its own keys.
Result<std::string> kinds(std::string_view line, std::string_view of) {
  const Json& root = schema().at("properties");
  if (!root.contains(of) || !root[std::string(of)].contains("items"))
    return wrong(line, "a scenario has no such list");
  const Json& all = root[std::string(of)].at("items").at("oneOf");
  std::map<std::string, std::size_t> uses;
  for (const Json& kind : all)
    for (const auto& [name, key] : kind.at("properties").items()) ++uses[name];
  std::string own = "| kind, and its own keys | meaning |\n| --- | --- |\n";
  std::string common = "\nKeys that all of them have:\n\n| key | meaning |\n| --- | --- |\n";
  for (const Json& kind : all) {
    for (const auto& [name, key] : kind.at("properties").items())
      if (key.contains("const"))
        own += fmt::format("| `{}` | {} |\n", key["const"].get<std::string>(),
                           escaped(description(key)));
    for (const auto& [name, key] : kind.at("properties").items()) {
      if (key.contains("const")) continue;
      const std::string row = fmt::format(" `{}` | {} |\n", name, escaped(description(key)));
      if (uses[name] < all.size()) own += "| -" + row;
      if (uses[name] == all.size() && &kind == &all.front()) common += "|" + row;
    }
  }
  return own + common;
}

std::string causes() {
  std::string out = "| cause | meaning |\n| --- | --- |\n";
  for (auto cause = Cause::retransmit; cause <= Cause::outcome_unknown;
       cause = static_cast<Cause>(static_cast<int>(cause) + 1))
    out += fmt::format("| `{}` | {} |\n", name_of(cause), escaped(about(cause)));
  return out;
}

std::string bugs() {
  std::string out = "| bug | meaning |\n| --- | --- |\n";
  for (const BugKind& bug : bug_kinds())
    out += fmt::format("| `{}` | {} |\n", bug.name, escaped(bug.about));
  return out;
}

Result<std::string> filled(std::string_view line) {
  const std::string_view inner = line.substr(2, line.size() - 4);
  const std::size_t blank = std::min(inner.find(' '), inner.size());
  const std::string_view what = inner.substr(0, blank);
  const std::string_view of = inner.substr(std::min(blank + 1, inner.size()));
  if (what == "section") return section(line, of);
  if (what == "text") return text_of(line, of);
  if (what == "keys") return keys(line, of);
  if (what == "kinds") return kinds(line, of);
  if (what == "causes") return causes();
  if (what == "bugs") return bugs();
  return wrong(line, "expected section, text, keys, kinds, causes or bugs");
}

}  // namespace

std::span<const HelpTopic> help_topics() { return topics; }

Result<std::string> fill_page(std::string_view markdown) {
  std::string out;
  for (const std::string& line : report_text::split(markdown, "\n")) {
    if (!line.starts_with("{{") || !line.ends_with("}}")) {
      out += line + '\n';
      continue;
    }
    const Result<std::string> text = filled(line);
    if (!text) return text.error();
    out += *text;
  }
  return out;
}

Result<std::string> help_page(std::string_view topic) {
  return fill_page(embedded_text(fmt::format("sim/run/help/{}.md", topic)));
}

}  // namespace parallax
