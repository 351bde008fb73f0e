// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/ndjson.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "sim/core/time.h"

namespace parallax::pipeline {
namespace {

/// One column of the chunk at hand.
struct Column {
  std::string key;  ///< "name":
  duckdb_type type = DUCKDB_TYPE_INVALID;
  bool raw = false;
  const void* data = nullptr;
  std::uint64_t* validity = nullptr;

  template <class T>
  const T& at(idx_t row) const {
    return static_cast<const T*>(data)[row];
  }
  bool null(idx_t row) const {
    return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
  }
};

void append_integer(std::int64_t value, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

void append_cell(const Column& column, idx_t row, std::string& out) {
  if (column.null(row)) {
    out += "null";
    return;
  }
  switch (column.type) {
    case DUCKDB_TYPE_BOOLEAN:
      out += column.at<bool>(row) ? "true" : "false";
      return;
    case DUCKDB_TYPE_BIGINT:
      return append_integer(column.at<std::int64_t>(row), out);
    case DUCKDB_TYPE_TIMESTAMP: {
      char text[rfc3339_length];
      write_rfc3339(SimTime{column.at<std::int64_t>(row)}, text);
      out += '"';
      out.append(text, rfc3339_length);
      out += '"';
      return;
    }
    default:
      break;
  }
  assert(column.type == DUCKDB_TYPE_VARCHAR);
  duckdb_string_t value = column.at<duckdb_string_t>(row);
  const std::string_view text(duckdb_string_t_data(&value), duckdb_string_t_length(value));
  if (column.raw)
    out += text;
  else
    append_json_string(text, out);
}

std::vector<Column> columns_of(const duckdb::Rows& rows, std::size_t first,
                               const std::vector<std::string_view>& raw_columns) {
  std::vector<Column> columns;
  for (std::size_t i = first; i < rows.columns(); ++i) {
    const std::string name = rows.column_name(i);
    Column column;
    append_json_string(name, column.key);
    column.key += ':';
    column.type = rows.column_type(i);
    column.raw = std::find(raw_columns.begin(), raw_columns.end(), name) != raw_columns.end();
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::size_t write_ndjson(duckdb::Rows& rows, std::size_t first_column,
                         const std::vector<std::string_view>& raw_columns, std::string& out) {
  std::vector<Column> columns = columns_of(rows, first_column, raw_columns);
  std::size_t written = 0;
  while (const duckdb::Chunk chunk{rows.fetch()}) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), first_column + i);
      columns[i].data = duckdb_vector_get_data(vector);
      columns[i].validity = duckdb_vector_get_validity(vector);
    }
    const idx_t size = duckdb_data_chunk_get_size(chunk.get());
    for (idx_t row = 0; row < size; ++row) {
      char before = '{';
      for (const Column& column : columns) {
        out += before;
        out += column.key;
        append_cell(column, row, out);
        before = ',';
      }
      out += "}\n";
    }
    written += size;
  }
  return written;
}

}  // namespace parallax::pipeline
