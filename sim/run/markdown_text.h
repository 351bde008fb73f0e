// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace parallax {

/// How Markdown is shown on a terminal.
struct MarkdownStyle {
  std::size_t width = 100;  ///< Most columns of a line; at least 40. Code is never wrapped.
  bool colour = false;      ///< Headings and the heads of tables stand out.
};

/// The Markdown of our own pages (headings, paragraphs, lists, tables, fenced code, comments, code
/// spans, emphasis, links) as text: paragraphs filled, tables aligned with wrapped cells, code
/// indented by four. A link shows its text, and its address only where that is one of the web.
std::string markdown_text(std::string_view markdown, const MarkdownStyle& style);

}  // namespace parallax
