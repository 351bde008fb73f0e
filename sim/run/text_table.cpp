// SPDX-License-Identifier: Apache-2.0
#include "sim/run/text_table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "sim/run/report_text.h"

namespace parallax {
namespace {

constexpr std::size_t gap = 2;
/// Narrower than this a cut text says nothing, so lines may get too long instead.
constexpr std::size_t column_width_min = 10;
/// Names and figures stay whole down to these widths while anything else can be cut.
constexpr std::size_t name_width = 26, figure_width = 16;
constexpr std::string_view plain = "\x1b[0m";

}  // namespace

TextTable::TextTable(std::vector<Align> columns, std::size_t width, std::size_t indent)
    : columns_(std::move(columns)), width_(width), indent_(indent) {}

void TextTable::add(std::vector<std::string> cells, std::string_view paint) {
  assert(cells.size() == columns_.size());
  rows_.push_back({std::move(cells), paint});
}

void TextTable::add_note(std::string text) { rows_.push_back({{std::move(text)}, {}, true}); }

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const Row& row : rows_) {
    for (std::size_t i = 0; !row.note && i < widths.size(); ++i)
      for (const std::string& line : report_text::wrapped(row.cells[i], width_))
        widths[i] = std::max(widths[i], report_text::columns(line));
  }
  std::size_t total = indent_ - gap;
  for (const std::size_t width : widths) total += width > 0 ? width + gap : 0;
  for (; total > width_; --total) {
    const std::size_t widest = widest_to_cut(widths);
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

std::size_t TextTable::widest_to_cut(const std::vector<std::size_t>& widths) const {
  struct Limit {
    Align align;
    std::size_t least;
  };
  for (const Limit& limit :
       {Limit{Align::left, name_width}, Limit{Align::right, figure_width},
        Limit{Align::right, column_width_min}, Limit{Align::left, column_width_min}}) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (columns_[i] == limit.align && widths[i] > limit.least &&
          (widest == widths.size() || widths[i] >= widths[widest]))
        widest = i;
    if (widest != widths.size()) return widest;
  }
  return widths.size();
}

void TextTable::write_row(const Row& row, const std::vector<std::size_t>& widths,
                          std::string& out) const {
  const std::size_t last = widths.size() - 1;
  const std::vector<std::string> tail = report_text::wrapped(row.cells[last], widths[last]);
  const bool wraps = columns_[last] == Align::left && widths[last] > 0;
  std::string line(indent_, ' ');
  std::size_t column = indent_;
  bool painted = row.paint.empty();
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) continue;
    const std::string cell =
        i == last && wraps ? tail.front() : report_text::cut_to(row.cells[i], widths[i]);
    const std::string pad(widths[i] - report_text::columns(cell), ' ');
    const bool paint = !painted && columns_[i] == Align::left;
    painted = painted || paint;
    if (columns_[i] == Align::right) line += pad;
    line += paint ? std::string(row.paint) + cell + std::string(plain) : cell;
    if (i == last) break;
    line += columns_[i] == Align::left ? pad : "";
    line += std::string(gap, ' ');
    column += widths[i] + gap;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
  for (std::size_t i = 1; wraps && i < tail.size(); ++i)
    out += std::string(column, ' ') + tail[i] + '\n';
}

void TextTable::write_note(const Row& row, const std::vector<std::size_t>& widths,
                           std::string& out) const {
  const std::size_t indent = indent_ + widths.front() + gap;
  const std::size_t room = width_ > indent + column_width_min ? width_ - indent : column_width_min;
  for (const std::string& line : report_text::wrapped(row.cells.front(), room))
    out += std::string(indent, ' ') + line + '\n';
}

std::string TextTable::text() const {
  if (rows_.empty()) return "";
  const std::vector<std::size_t> widths = this->widths();
  std::string out;
  for (const Row& row : rows_) {
    if (row.note) {
      write_note(row, widths, out);
    } else {
      write_row(row, widths, out);
    }
  }
  return out;
}

}  // namespace parallax
