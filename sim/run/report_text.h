// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/report.h"

/// How the reports for people say numbers and texts. Texts may come from a target, so nothing that
/// a terminal or a parser would act on passes through.
namespace parallax::report_text {

/// "1,234,567".
std::string with_thousands(std::uint64_t n);
/// "2.4%", "<0.01%", "100%"; "" when the whole is 0.
std::string per_cent(std::uint64_t part, std::uint64_t whole);
/// Wall time with three digits that matter: "350 ms", "12.3 s", "2m05s", "1h02m".
std::string wall_time(Micros span);
/// "a-281474976710663": an action's id as everything that is printed writes it.
std::string action_text(ActionId id);
/// The faults that struck every single action behind a cause, by name: it may need them all.
std::vector<std::string> faults_of_all(const RunReport& report, const CauseCount& cause);
/// "answer_lost and delay together (12), drop (3)": the faults behind a cause, those of all its
/// actions first; empty when there are none.
std::string faults_text(const RunReport& report, const CauseCount& cause);
/// What tells the cause's actions from others: "country = JP: 41 of 41 such actions"; may be empty.
std::string mark_text(const CauseCount& cause);
/// What they are worth: "1234.50 USD, 12 JPY"; may be empty.
std::string revenue_text(const CauseCount& cause);
/// The causes that make assertions fail, most actions first; each verdict and cause once.
std::vector<CauseCount> failing_causes(const RunReport& report);

/// Valid UTF-8 in which every character is legal in XML 1.0: ill-formed bytes and control
/// characters other than tab and line feed become U+FFFD.
std::string legal(std::string_view text);
/// The same with tabs and line feeds as blanks.
std::string one_line(std::string_view text);
/// Where text stands in XML: a parser turns line feeds of attributes into blanks unless they are
/// escaped.
enum class Place : std::uint8_t { attribute, element };
/// The text as XML says it. What is not `legal` becomes U+FFFD.
std::string xml(std::string_view text, Place place);
/// Columns a terminal needs, one a code point. Precondition: `legal` text.
std::size_t columns(std::string_view text);
/// At most `width` columns; what is cut ends in "...". Precondition: `legal` text.
std::string cut_to(std::string_view text, std::size_t width);
/// The parts of `text` between separators; one part, perhaps empty, where there is none.
std::vector<std::string> split(std::string_view text, std::string_view separator);
/// The text without the characters of `blanks` at its ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " ");
/// One line of plain text in Markdown, of at most `width` columns: no character of it is markup,
/// ends a table's cell or starts a link.
std::string markdown_cell(std::string_view text, std::size_t width);
/// Lines of at most `width` columns, broken at line feeds and, where there are any, at blanks.
/// Precondition: `legal` text.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace parallax::report_text
