// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/read/cells.h"

/// Rows built a column at a time. Private to sim/read.
namespace parallax {

/// A column of the table that a row needs.
struct TableInput {
  std::string name;
  std::uint16_t slot = 0;
  Cell::Kind kind = Cell::Kind::text;
  std::uint8_t scale = 0;  ///< Of decimals.
};

/// A column of the chunk at hand: DuckDB's data, and its bits of what is there; null where all is.
struct ChunkColumn {
  const void* data = nullptr;
  const std::uint64_t* validity = nullptr;
};

/// The value of a row, or null.
Cell read_cell(const ChunkColumn& column, const TableInput& input, std::size_t row);

/// Makes of a chunk's columns what RowBuilder makes of each row's cells, in loops that do one thing
/// each. Only for tables without a column `properties`. Everything given must outlive it.
class ColumnBuilder {
 public:
  ColumnBuilder(const TrackingPlan& plan, const Columns& columns, const RowBuilder& builder,
                const std::vector<TableInput>& inputs);
  /// `columns`: parallel to the inputs. Everything of `out` is replaced.
  void build(std::span<const ChunkColumn> columns, std::span<CanonicalRow> out) const;

 private:
  struct Use {
    std::size_t input;
    std::uint16_t slot;
  };
  void build_block(std::span<const ChunkColumn> columns, std::span<CanonicalRow> out) const;
  void read_field_column(const ChunkColumn& column, const Use& use,
                         std::span<const std::int8_t> exponents, std::span<CanonicalRow> out) const;

  const TrackingPlan& plan_;
  const RowBuilder& builder_;
  const std::vector<TableInput>& inputs_;
  std::vector<Use> uses_;  ///< Each slot once.
  bool has_event_ts_ = false;
  static constexpr std::uint8_t no_field = 0xff;
  /// By slot and action type: the index of the field that the slot is.
  std::vector<std::vector<std::uint8_t>> field_of_;
};

}  // namespace parallax
