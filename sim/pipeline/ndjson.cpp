// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/ndjson.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "sim/core/id.h"
#include "sim/core/time.h"

namespace parallax::pipeline {
namespace {

constexpr std::size_t uuid_length = 36;
constexpr std::size_t short_cell_max = 40;  ///< Of any cell that is no text, with quotes.
constexpr std::size_t escape_length = 6;    ///< \u0001

char* copy(std::string_view text, char* at) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

char* write_escaped(std::string_view text, char* at) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    if (!needs_escape(c)) {
      *at++ = c;
    } else if (c == '"' || c == '\\') {
      *at++ = '\\';
      *at++ = c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      at = copy("\\u00", at);
      *at++ = hex[byte >> 4];
      *at++ = hex[byte & 15];
    }
  }
  return at;
}

/// Most texts need no escape, and then are one copy.
char* write_string(std::string_view text, char* at) {
  *at++ = '"';
  at = std::any_of(text.begin(), text.end(), needs_escape) ? write_escaped(text, at)
                                                           : copy(text, at);
  *at++ = '"';
  return at;
}

template <class T>
const T& cell(const void* data, idx_t row) {
  return static_cast<const T*>(data)[row];
}

std::string_view text_cell(const void* data, idx_t row) {
  const auto& text = static_cast<const duckdb_string_t*>(data)[row];
  const bool inlined = duckdb_string_is_inlined(text);
  return {inlined ? text.value.inlined.inlined : text.value.pointer.ptr, text.value.inlined.length};
}

bool is_null(const std::uint64_t* validity, idx_t row) {
  return validity != nullptr && (validity[row / 64] >> (row % 64) & 1U) == 0;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + text.size() * escape_length + 2);
  const char* end = write_string(text, out.data() + before);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

NdjsonWriter::NdjsonWriter(const duckdb::Rows& rows,
                           const std::vector<std::string_view>& json_columns) {
  for (std::size_t i = 0; i < rows.columns(); ++i) {
    const std::string name = rows.column_name(i);
    Column column;
    column.key.push_back(i == 0 ? '{' : ',');
    append_json_string(name, column.key);
    column.key += ':';
    column.type = rows.column_type(i);
    column.is_json =
        std::find(json_columns.begin(), json_columns.end(), name) != json_columns.end();
    fixed_length_ += column.key.size() + short_cell_max;
    columns_.push_back(std::move(column));
  }
}

std::size_t NdjsonWriter::length_max(idx_t row) const {
  std::size_t length = fixed_length_ + 2;
  for (const Column& column : columns_)
    if (column.type == DUCKDB_TYPE_VARCHAR && !is_null(column.validity, row))
      length += text_cell(column.data, row).size() * (column.is_json ? 1 : escape_length);
  return length;
}

char* NdjsonWriter::write_cell(const Column& column, idx_t row, char* at) {
  if (is_null(column.validity, row)) return copy("null", at);
  switch (column.type) {
    case DUCKDB_TYPE_BOOLEAN:
      return copy(cell<bool>(column.data, row) ? "true" : "false", at);
    case DUCKDB_TYPE_BIGINT:
      return std::to_chars(at, at + short_cell_max, cell<std::int64_t>(column.data, row)).ptr;
    case DUCKDB_TYPE_TIMESTAMP:
      *at++ = '"';
      write_rfc3339(SimTime{cell<std::int64_t>(column.data, row)}, at);
      at[rfc3339_length] = '"';
      return at + rfc3339_length + 1;
    case DUCKDB_TYPE_UUID: {
      constexpr std::uint64_t top_bit = 1ULL << 63;  // DuckDB flips it, to order by signed numbers.
      const auto& id = cell<duckdb_hugeint>(column.data, row);
      *at++ = '"';
      Uuid{static_cast<std::uint64_t>(id.upper) ^ top_bit, id.lower}.write(at);
      at[uuid_length] = '"';
      return at + uuid_length + 1;
    }
    default:
      break;
  }
  assert(column.type == DUCKDB_TYPE_VARCHAR);
  const std::string_view text = text_cell(column.data, row);
  return column.is_json ? copy(text, at) : write_string(text, at);
}

void NdjsonWriter::write(duckdb_data_chunk chunk, std::string& out) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    columns_[i].data = duckdb_vector_get_data(vector);
    columns_[i].validity = duckdb_vector_get_validity(vector);
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  std::size_t used = out.size();
  for (idx_t row = 0; row < rows; ++row) {
    const std::size_t wanted = used + length_max(row);
    if (out.size() < wanted) out.resize(std::max(wanted, 2 * out.size()));
    char* at = out.data() + used;
    for (const Column& column : columns_) at = write_cell(column, row, copy(column.key, at));
    at = copy("}\n", at);
    used = static_cast<std::size_t>(at - out.data());
  }
  out.resize(used);
}

}  // namespace parallax::pipeline
