// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/read/cells.h"

/// The only place in sim/read that knows the JSON parser.
namespace parallax {

/// Cells of a row given as JSON text, or of a table row that has a `properties` column. Keeps its
/// buffers: no allocation per row once they have grown. Cells borrow from them until the next call.
class JsonCells {
 public:
  /// `columns` must outlive it.
  explicit JsonCells(const Columns& columns);
  ~JsonCells();

  /// Cells of one JSON object by slot; nothing (null) when the text is no JSON object. Of a key
  /// that stands twice the last one counts.
  const std::vector<Cell>* read(std::string_view json);

  /// For rows that come as cells: clear, fill `cells()`, then `finish` looks for fields that have
  /// no column (or NULL in it) inside `properties`, and fills columns that are used twice.
  void clear();
  std::vector<Cell>& cells() { return cells_; }
  const std::vector<Cell>& finish();
  /// The same where no column is `properties`.
  const std::vector<Cell>& finish_columns();

 private:
  struct Parsers;
  void take_properties_text(std::string_view json);

  const Columns& columns_;
  std::vector<Cell> cells_;
  std::vector<Cell> properties_;
  std::unique_ptr<Parsers> parsers_;
};

/// The JSON object with the keys of `map` renamed from theirs to ours, values untouched. Text that
/// is no JSON object comes back as it is.
std::string rename_columns(std::string_view json, const ColumnMap& map);

}  // namespace parallax
