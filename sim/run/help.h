// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "sim/core/result.h"

/// The pages behind `parallax help TOPIC`: Markdown in sim/run/help/TOPIC.md, in which a line
/// {{what of}} stands for something that is kept elsewhere, so that the two cannot disagree:
///   {{section PAGE: HEADING}}  what a README says under a heading
///   {{text FILE}}              a whole file as code
///   {{keys NAME}}              the keys below one of a scenario's, from its schema; "/": the
///   root's
///   {{kinds NAME}}             the kinds of its faults or assertions with their own keys
///   {{causes}} {{bugs}}        the causes of verdicts; the bugs of the embedded pipeline
namespace parallax {

struct HelpTopic {
  std::string_view name;
  std::string_view about;  ///< One line.
};
std::span<const HelpTopic> help_topics();

/// A topic's page as Markdown, everything in it put in. `topic` is one of help_topics.
/// Errors (invalid_input, `where` is the line): a page, heading or name that there is not.
Result<std::string> help_page(std::string_view topic);
/// The same for a page at hand.
Result<std::string> fill_page(std::string_view markdown);

/// A README or a page of help by its path from the repository's root, as it was at build time;
/// empty: it is not in the program.
std::string_view embedded_text(std::string_view path);

}  // namespace parallax
