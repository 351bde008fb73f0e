// SPDX-License-Identifier: Apache-2.0
#include "sim/read/row_function.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <string_view>

#include "sim/read/json_cells.h"

namespace parallax {
namespace {

constexpr const char* function_name = "parallax_canonical_row";
/// Decimals of up to this many digits are 64-bit integers.
constexpr std::uint8_t decimal_digits = 18;

/// A place is the number of a batch and, below it, which row of it.
constexpr unsigned batch_shift = 16;
constexpr std::int64_t row_mask = (std::int64_t{1} << batch_shift) - 1;

struct TypeDeleter {
  using pointer = duckdb_logical_type;
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using Type = std::unique_ptr<duckdb_logical_type, TypeDeleter>;

Type type_of(const TableInput& input) {
  switch (input.kind) {
    case Cell::Kind::instant:
      return Type(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case Cell::Kind::integer:
      return Type(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    case Cell::Kind::decimal:
      return Type(duckdb_create_decimal_type(decimal_digits, input.scale));
    case Cell::Kind::boolean:
      return Type(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
    default:
      return Type(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  }
}

std::string cast_of(const TableInput& input) {
  const std::string name = duckdb::quote_name(input.name);
  switch (input.kind) {
    case Cell::Kind::instant:
      return "cast(" + name + " as timestamp)";
    case Cell::Kind::integer:
      return "cast(" + name + " as bigint)";
    case Cell::Kind::decimal:
      return "cast(" + name + " as decimal(18, " + std::to_string(input.scale) + "))";
    case Cell::Kind::boolean:
      return name;
    case Cell::Kind::nested:
      return "cast(to_json(" + name + ") as varchar)";
    default:
      return "cast(" + name + " as varchar)";
  }
}

}  // namespace

TableInput table_input(std::string name, std::uint16_t slot, duckdb_logical_type type) {
  TableInput input{std::move(name), slot, Cell::Kind::text, 0};
  const bool is_time = slot >= slot_client_ts && slot <= slot_ingestion_ts;
  const bool is_count =
      slot == slot_sequence_id || (slot >= slot_client_rows && slot <= slot_schema_version);
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_TIMESTAMP:
      if (is_time) input.kind = Cell::Kind::instant;
      break;
    case DUCKDB_TYPE_BOOLEAN:
      input.kind = Cell::Kind::boolean;
      break;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
      input.kind = is_count || slot >= envelope_slots ? Cell::Kind::integer : Cell::Kind::number;
      break;
    case DUCKDB_TYPE_DECIMAL:
      input.kind = Cell::Kind::number;
      if (slot < envelope_slots || duckdb_decimal_width(type) > decimal_digits) break;
      input.kind = Cell::Kind::decimal;
      input.scale = duckdb_decimal_scale(type);
      break;
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      input.kind = Cell::Kind::number;
      break;
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
      input.kind = Cell::Kind::nested;
      break;
    default:
      break;
  }
  return input;
}

Result<void> RowFunction::register_in(duckdb::Connection& connection) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  const Type place(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_scalar_function_set_name(function, function_name);
  if (take_rows_ != nullptr) duckdb_scalar_function_add_parameter(function, place.get());
  for (const TableInput& input : inputs_)
    duckdb_scalar_function_add_parameter(function, type_of(input).get());
  duckdb_scalar_function_set_return_type(function, place.get());
  duckdb_scalar_function_set_volatile(function);
  duckdb_scalar_function_set_special_handling(function);
  duckdb_scalar_function_set_extra_info(function, this, nullptr);
  duckdb_scalar_function_set_function(function, fill);
  const duckdb_state state = duckdb_register_scalar_function(connection.raw(), function);
  duckdb_destroy_scalar_function(&function);
  if (state == DuckDBSuccess) return {};
  return Error{Error::Kind::io, "the database does not take the function that reads rows", {}};
}

std::string RowFunction::call() const {
  std::string text = std::string(function_name) + "(";
  if (take_rows_ != nullptr) text += "rowid, ";
  for (const TableInput& input : inputs_)
    text += (&input == &inputs_.front() ? "" : ", ") + cast_of(input);
  return text + ")";
}

std::vector<CanonicalRow> RowFunction::spare_rows() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  std::vector<CanonicalRow> rows = std::move(spare_.back());
  spare_.pop_back();
  return rows;
}

void RowFunction::fill(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& self = *static_cast<RowFunction*>(duckdb_scalar_function_get_extra_info(info));
  std::vector<CanonicalRow> rows = self.spare_rows();
  self.build_rows(input, rows);
  auto* const places = static_cast<std::int64_t*>(duckdb_vector_get_data(output));
  if (self.take_rows_ != nullptr) {
    std::fill_n(places, rows.size(), 0);
    const duckdb_vector rowids = duckdb_data_chunk_get_vector(input, 0);
    const bool more = self.hand_over(
        static_cast<const std::int64_t*>(duckdb_vector_get_data(rowids)), std::move(rows));
    if (!more) duckdb_scalar_function_set_error(info, "no more rows are wanted");
    return;
  }
  const std::size_t count = rows.size();
  const std::int64_t first = self.keep(std::move(rows));
  for (std::size_t i = 0; i < count; ++i) places[i] = first + static_cast<std::int64_t>(i);
}

/// False where no more are wanted.
bool RowFunction::hand_over(const std::int64_t* rowids, std::vector<CanonicalRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].number = static_cast<std::uint64_t>(rowids[i]);
  const std::lock_guard lock(mutex_);
  if (!stopped_) {
    stopped_ = !(*take_rows_)(rows);
    handed_any_ = true;
  }
  spare_.push_back(std::move(rows));
  return !stopped_;
}

void RowFunction::build_rows(duckdb_data_chunk input, std::vector<CanonicalRow>& out) const {
  std::vector<ChunkColumn> columns;
  bool properties = false;
  const std::size_t first = take_rows_ != nullptr ? 1 : 0;  // Behind the rowid.
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(input, first + i);
    columns.push_back({duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    properties = properties || inputs_[i].slot == slot_properties;
  }
  out.resize(duckdb_data_chunk_get_size(input));
  if (properties) return build_with_properties(columns, out);
  column_builder_.build(columns, out);
}

/// Row by row: what a field is may stand in its column or in its row's `properties`.
void RowFunction::build_with_properties(std::span<const ChunkColumn> columns,
                                        std::vector<CanonicalRow>& out) const {
  JsonCells cells(columns_);
  for (std::size_t i = 0; i < out.size(); ++i) {
    cells.clear();
    for (std::size_t c = 0; c < inputs_.size(); ++c)
      cells.cells()[inputs_[c].slot] = read_cell(columns[c], inputs_[c], i);
    builder_.build(cells.finish(), out[i]);
  }
}

/// The place of the first.
std::int64_t RowFunction::keep(std::vector<CanonicalRow> rows) {
  assert(rows.size() <= static_cast<std::size_t>(row_mask));
  const std::lock_guard lock(mutex_);
  const std::int64_t batch = made_++;
  const std::size_t left = rows.size();
  batches_.emplace(batch, Batch{std::move(rows), left});
  return batch << batch_shift;
}

/// Where the places are a whole batch in its order, which is the rule, nothing is copied.
bool RowFunction::take_whole(std::span<const std::int64_t> places, std::vector<CanonicalRow>& out) {
  if (places.empty() || (places.front() & row_mask) != 0) return false;
  const auto batch = batches_.find(places.front() >> batch_shift);
  assert(batch != batches_.end());
  const std::size_t count = batch->second.rows.size();
  if (batch->second.left != count || places.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i)
    if (places[i] != places.front() + static_cast<std::int64_t>(i)) return false;
  out.swap(batch->second.rows);
  spare_.push_back(std::move(batch->second.rows));
  batches_.erase(batch);
  return true;
}

void RowFunction::take(std::span<const std::int64_t> places, std::vector<CanonicalRow>& out) {
  const std::lock_guard lock(mutex_);
  if (take_whole(places, out)) return;
  out.clear();
  auto batch = batches_.end();
  for (const std::int64_t place : places) {
    const std::int64_t number = place >> batch_shift;
    if (batch == batches_.end() || batch->first != number) batch = batches_.find(number);
    assert(batch != batches_.end());
    out.push_back(batch->second.rows[static_cast<std::size_t>(place & row_mask)]);
    if (--batch->second.left > 0) continue;
    spare_.push_back(std::move(batch->second.rows));
    batches_.erase(batch);
    batch = batches_.end();
  }
}

}  // namespace parallax
