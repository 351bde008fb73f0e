// SPDX-License-Identifier: Apache-2.0
#include "sim/read/row_columns.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/core/duckdb.h"
#include "sim/read/cell_values.h"

namespace parallax {
namespace {

using Kind = Cell::Kind;

/// What `duckdb_string_t_data` and `_length` say, without a call for each.
std::string_view text_of(const duckdb_string_t& text) {
  const std::uint32_t size = text.value.inlined.length;
  const bool inlined = size <= sizeof text.value.inlined.inlined;
  return {inlined ? text.value.inlined.inlined : text.value.pointer.ptr, size};
}

bool is_valid(const ChunkColumn& column, std::size_t row) {
  return column.validity == nullptr || (column.validity[row / 64] >> row % 64 & 1U) != 0;
}

/// How a column lies in memory.
enum class Layout : std::uint8_t { number, boolean, text };
Layout layout_of(Kind kind) {
  if (kind == Kind::boolean) return Layout::boolean;
  const bool is_number = kind == Kind::instant || kind == Kind::integer || kind == Kind::decimal;
  return is_number ? Layout::number : Layout::text;
}

/// To the column without its first rows. `rows`: a multiple of 64.
void advance(std::size_t rows, Kind kind, ChunkColumn& column) {
  const Layout layout = layout_of(kind);
  const std::size_t size = layout == Layout::number    ? sizeof(std::int64_t)
                           : layout == Layout::boolean ? sizeof(bool)
                                                       : sizeof(duckdb_string_t);
  column.data = static_cast<const char*>(column.data) + rows * size;
  if (column.validity != nullptr) column.validity += rows / 64;
}

template <Layout layout>
void load(const ChunkColumn& column, std::size_t row, Cell& cell) {
  if constexpr (layout == Layout::number)
    cell.value = static_cast<const std::int64_t*>(column.data)[row];
  if constexpr (layout == Layout::boolean)
    cell.text = static_cast<const bool*>(column.data)[row] ? "true" : "false";
  if constexpr (layout == Layout::text)
    cell.text = text_of(static_cast<const duckdb_string_t*>(column.data)[row]);
}

/// Calls `use(row, cell)` for each value that is there.
template <Layout layout, class Use>
void each_value_as(const ChunkColumn& column, const TableInput& input, std::size_t rows, Use use) {
  Cell cell{input.kind, {}, 0, input.scale};
  for (std::size_t i = 0; i < rows; ++i) {
    if (!is_valid(column, i)) continue;
    load<layout>(column, i, cell);
    use(i, cell);
  }
}
template <class Use>
void each_value(const ChunkColumn& column, const TableInput& input, std::size_t rows, Use use) {
  switch (layout_of(input.kind)) {
    case Layout::number:
      return each_value_as<Layout::number>(column, input, rows, use);
    case Layout::boolean:
      return each_value_as<Layout::boolean>(column, input, rows, use);
    case Layout::text:
      return each_value_as<Layout::text>(column, input, rows, use);
  }
}

using ReadColumn = void (*)(const ChunkColumn&, const TableInput&, std::span<CanonicalRow>);

template <std::size_t slot>
void read_column(const ChunkColumn& column, const TableInput& input, std::span<CanonicalRow> out) {
  each_value(column, input, out.size(), [&](std::size_t row, const Cell& cell) {
    cell_values::read_envelope<slot>(cell, out[row]);
  });
}

constexpr auto envelope_columns = []<std::size_t... slot>(std::index_sequence<slot...>) {
  return std::array<ReadColumn, sizeof...(slot)>{read_column<slot>...};
}
(std::make_index_sequence<slot_currency>());

}  // namespace

Cell read_cell(const ChunkColumn& column, const TableInput& input, std::size_t row) {
  Cell cell{Kind::null, {}, 0, input.scale};
  if (!is_valid(column, row)) return cell;
  cell.kind = input.kind;
  const Layout layout = layout_of(input.kind);
  if (layout == Layout::number) load<Layout::number>(column, row, cell);
  if (layout == Layout::boolean) load<Layout::boolean>(column, row, cell);
  if (layout == Layout::text) load<Layout::text>(column, row, cell);
  return cell;
}

ColumnBuilder::ColumnBuilder(const TrackingPlan& plan, const Columns& columns,
                             const RowBuilder& builder, const std::vector<TableInput>& inputs)
    : plan_(plan), builder_(builder), inputs_(inputs) {
  std::vector<std::size_t> input_of(columns.size(), inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) input_of[inputs[i].slot] = i;
  for (const auto& [from, to] : columns.copies()) input_of[to] = input_of[from];
  for (std::uint16_t slot = 0; slot < input_of.size(); ++slot)
    if (input_of[slot] < inputs.size()) uses_.push_back({input_of[slot], slot});
  has_event_ts_ = input_of[slot_event_ts] < inputs.size();
  field_of_.assign(columns.size(), std::vector<std::uint8_t>(plan.actions.size(), no_field));
  for (std::uint16_t type = 0; type < plan.actions.size(); ++type) {
    const auto slots = columns.fields(type);
    for (std::size_t i = 0; i < slots.size(); ++i)
      field_of_[slots[i]][type] = static_cast<std::uint8_t>(i);
  }
}

void ColumnBuilder::build(std::span<const ChunkColumn> columns, std::span<CanonicalRow> out) const {
  // So many rows stay in a core's cache while column after column adds to them.
  constexpr std::size_t block_rows = 256;
  std::vector<ChunkColumn> block(columns.begin(), columns.end());
  for (std::size_t first = 0; first < out.size(); first += block_rows) {
    build_block(block, out.subspan(first, std::min(block_rows, out.size() - first)));
    for (std::size_t i = 0; i < block.size(); ++i) advance(block_rows, inputs_[i].kind, block[i]);
  }
}

void ColumnBuilder::build_block(std::span<const ChunkColumn> columns,
                                std::span<CanonicalRow> out) const {
  std::fill(out.begin(), out.end(), CanonicalRow{});
  std::vector<std::int8_t> exponents(out.size(), static_cast<std::int8_t>(builder_.exponent()));
  for (const Use& use : uses_) {
    const ChunkColumn& column = columns[use.input];
    if (use.slot < slot_currency) envelope_columns[use.slot](column, inputs_[use.input], out);
    if (use.slot == slot_currency)
      each_value(column, inputs_[use.input], out.size(), [&](std::size_t row, const Cell& cell) {
        exponents[row] = static_cast<std::int8_t>(builder_.read_currency(cell, out[row]));
      });
  }
  for (CanonicalRow& row : out) {
    if (!has_event_ts_) RowBuilder::set_event_time(row);
    builder_.set_type(row);
  }
  for (const Use& use : uses_)
    if (use.slot >= envelope_slots) read_field_column(columns[use.input], use, exponents, out);
}

/// After the types are known: a slot may be a field of several.
void ColumnBuilder::read_field_column(const ChunkColumn& column, const Use& use,
                                      std::span<const std::int8_t> exponents,
                                      std::span<CanonicalRow> out) const {
  const std::vector<std::uint8_t>& field_of = field_of_[use.slot];
  const auto field_in = [&](const CanonicalRow& row) {
    return row.type == CanonicalRow::no_type ? no_field : field_of[row.type];
  };
  for (CanonicalRow& row : out)
    if (const std::uint8_t field = field_in(row); field != no_field)
      row.forms[field] = FieldForm::null;
  each_value(column, inputs_[use.input], out.size(), [&](std::size_t i, const Cell& cell) {
    CanonicalRow& row = out[i];
    const std::uint8_t field = field_in(row);
    if (field == no_field) return;
    row.forms[field] = cell_values::read_field(plan_.actions[row.type].fields[field], cell,
                                               exponents[i], row.values[field]);
  });
}

}  // namespace parallax
