// SPDX-License-Identifier: Apache-2.0
#include "sim/run/markdown_text.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

#include "sim/run/report_text.h"

namespace parallax {
namespace {

using report_text::columns;
using report_text::trimmed;
using report_text::wrapped;

constexpr std::string_view bold = "\x1b[1m", plain = "\x1b[0m";
constexpr std::size_t gap = 2;
/// Narrower than this a column of wrapped words is no longer read.
constexpr std::size_t column_width_min = 10;

/// "[text](target)" at `at`: writes the text and returns where the link ends; 0: it is none.
std::size_t link_at(std::string_view text, std::size_t at, std::string& out) {
  const std::size_t middle = text.find("](", at);
  if (middle == std::string_view::npos) return 0;
  const std::size_t end = text.find(')', middle);
  if (end == std::string_view::npos || text.substr(at + 1, middle - at - 1).find('[') != text.npos)
    return 0;
  const std::string_view target = text.substr(middle + 2, end - middle - 2);
  out += text.substr(at + 1, middle - at - 1);
  if (target.find("://") != target.npos) out.append(" (").append(target).append(")");
  return end + 1;
}

/// A `*` that opens or closes emphasis stands beside a word, never between blanks.
bool is_emphasis(std::string_view text, std::size_t at) {
  const bool after = at > 0 && text[at - 1] != ' ';
  const bool before = at + 1 < text.size() && text[at + 1] != ' ';
  return after || before;
}

std::string inline_text(std::string_view text) {
  std::string out, words;
  bool code = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '`') {
      code = !code;
    } else if (code) {
      if (c != '\\' || at + 1 == text.size() || text[at + 1] != '|') out += c;
    } else if (c == '\\' && at + 1 < text.size() &&
               std::ispunct(static_cast<unsigned char>(text[at + 1])) != 0) {
      out += text[++at];
    } else if (c == '*' && is_emphasis(text, at)) {
      continue;
    } else if (const std::size_t end = c == '[' ? link_at(text, at, words) : 0; end > 0) {
      out += inline_text(words);
      words.clear();
      at = end - 1;
    } else {
      out += c;
    }
  }
  return out;
}

/// Cells of "| a | b |"; a bar inside a code span or behind a backslash parts nothing.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  std::string cell;
  bool code = false;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '`') code = !code;
    if (line[at] == '|' && !code && line[at - 1] != '\\') {
      cells.push_back(inline_text(trimmed(cell)));
      cell.clear();
    } else {
      cell += line[at];
    }
  }
  return cells;
}

bool is_rule(std::string_view line) { return line.find_first_not_of("|-: ") == line.npos; }

/// The number of characters of "- " or "12. " before an item's text; 0: it is no item.
std::size_t marker_size(std::string_view line) {
  if (line.starts_with("- ")) return 2;
  std::size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits])) != 0)
    ++digits;
  return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

/// Writes block after block; `at_` is the line that comes next.
class Writer {
 public:
  Writer(std::string_view markdown, const MarkdownStyle& style)
      : lines_(report_text::split(markdown, "\n")), style_(style) {
    style_.width = std::max<std::size_t>(style_.width, 40);
  }

  std::string text() {
    while (at_ < lines_.size()) block();
    return std::move(out_);
  }

 private:
  std::string_view line() const { return lines_[at_]; }

  void block() {
    const std::string_view first = line();
    if (trimmed(first).empty() || first.starts_with("<!--")) {
      ++at_;
    } else if (first.starts_with("```")) {
      code();
    } else if (first.starts_with("#")) {
      heading();
    } else if (first.starts_with("|")) {
      table();
    } else {
      paragraph();
    }
  }

  void begin_block() {
    if (!out_.empty()) out_ += '\n';
  }

  void code() {
    begin_block();
    for (++at_; at_ < lines_.size() && !line().starts_with("```"); ++at_)
      out_.append(line().empty() ? "" : "    ").append(line()).append("\n");
    ++at_;
  }

  void heading() {
    begin_block();
    const std::string words = inline_text(trimmed(line().substr(line().find_first_not_of('#'))));
    if (style_.colour) {
      out_.append(bold).append(words).append(plain).append("\n");
    } else {
      out_.append(words).append("\n").append(columns(words), '-').append("\n");
    }
    ++at_;
  }

  /// A paragraph or one item of a list: lines up to the next block, filled.
  void paragraph() {
    const std::size_t marker = marker_size(line());
    const bool follows_item = marker > 0 && in_list_;
    if (!follows_item) begin_block();
    in_list_ = marker > 0;
    std::string words(trimmed(line().substr(marker)));
    const std::string head(line().substr(0, marker));
    for (++at_; at_ < lines_.size() && continues(line()); ++at_) {
      words += ' ';
      words += trimmed(line());
    }
    const std::string_view next = at_ < lines_.size() ? line() : std::string_view{};
    if (marker_size(next) == 0) in_list_ = false;
    std::string indent = head;
    for (const std::string& part : wrapped(inline_text(words), style_.width - marker)) {
      out_.append(indent).append(part).append("\n");
      indent.assign(marker, ' ');
    }
  }

  static bool continues(std::string_view line) {
    return !trimmed(line).empty() && marker_size(line) == 0 && !line.starts_with("#") &&
           !line.starts_with("|") && !line.starts_with("```") && !line.starts_with("<!--");
  }

  void table() {
    std::vector<std::vector<std::string>> rows;
    for (; at_ < lines_.size() && line().starts_with("|"); ++at_)
      if (!is_rule(line())) rows.push_back(cells_of(line()));
    const std::vector<std::size_t> widths = widths_of(rows);
    begin_block();
    for (const auto& row : rows) {
      const bool head = &row == &rows.front();
      if (head && style_.colour) out_ += bold;
      write_row(row, widths);
      if (head && style_.colour) out_ += plain;
      if (!head || style_.colour) continue;
      for (std::size_t i = 0; i < widths.size(); ++i)
        out_.append(i > 0 ? gap : 0, ' ').append(widths[i], '-');
      out_ += '\n';
    }
  }

  std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& rows) const {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
      for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
        widths[i] = std::max(widths[i], columns(row[i]));
    const std::size_t gaps = gap * (widths.size() - 1);
    while (std::accumulate(widths.begin(), widths.end(), gaps) > style_.width) {
      const auto widest = std::max_element(widths.begin(), widths.end());
      if (*widest <= column_width_min) break;
      --*widest;
    }
    return widths;
  }

  void write_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
    std::vector<std::vector<std::string>> parts;
    std::size_t height = 1;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      parts.push_back(wrapped(i < row.size() ? row[i] : std::string(), widths[i]));
      height = std::max(height, parts.back().size());
    }
    for (std::size_t n = 0; n < height; ++n) {
      std::string text;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::string cell = n < parts[i].size() ? parts[i][n] : std::string();
        text.append(cell).append(widths[i] - columns(cell) + gap, ' ');
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out_ += text + '\n';
    }
  }

  std::vector<std::string> lines_;
  MarkdownStyle style_;
  std::size_t at_ = 0;
  bool in_list_ = false;
  std::string out_;
};

}  // namespace

std::string markdown_text(std::string_view markdown, const MarkdownStyle& style) {
  return Writer(markdown, style).text();
}

}  // namespace parallax
