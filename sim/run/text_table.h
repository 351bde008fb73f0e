// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// An aligned table for terminals. Columns are as wide as their widest cell; where the lines would
/// be too long, the widest columns are cut with "...", texts first, but names of a usual length
/// after figures; a left-aligned last column is wrapped instead. Columns without any text take no
/// room.
class TextTable {
 public:
  enum class Align { left, right };

  /// `width`: most columns a line may take, `indent` included.
  TextTable(std::vector<Align> columns, std::size_t width, std::size_t indent = 2);

  /// One cell a column, of `legal` text (report_text.h), one line but for the last. `paint` is the
  /// terminal sequence around the first cell that is not a number column's, empty for none.
  void add(std::vector<std::string> cells, std::string_view paint = {});
  /// A line of its own below the last row, wrapped and indented under its first column's text.
  void add_note(std::string text);

  std::string text() const;

 private:
  struct Row {
    std::vector<std::string> cells;  ///< One only: a note.
    std::string_view paint;
    bool note = false;
  };
  std::vector<std::size_t> widths() const;
  /// The column to make narrower next, or the number of columns when none can be.
  std::size_t widest_to_cut(const std::vector<std::size_t>& widths) const;
  void write_row(const Row& row, const std::vector<std::size_t>& widths, std::string& out) const;
  void write_note(const Row& row, const std::vector<std::size_t>& widths, std::string& out) const;

  std::vector<Align> columns_;
  std::size_t width_;
  std::size_t indent_;
  std::vector<Row> rows_;
};

}  // namespace parallax
