// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/duckdb.h"

namespace parallax::pipeline {

/// Writes rows as JSON, one object a line. Names of columns are keys; NULL is null. Texts in
/// `json_columns` are JSON already and are copied as they are. Supported types: texts, BOOLEAN,
/// BIGINT, UUID, TIMESTAMP (RFC 3339, milliseconds).
class NdjsonWriter {
 public:
  NdjsonWriter(const duckdb::Rows& rows, const std::vector<std::string_view>& json_columns);
  /// Appends every row of a chunk of those rows.
  void write(duckdb_data_chunk chunk, std::string& out);

 private:
  struct Column {
    std::string key;  ///< ,"name":
    duckdb_type type = DUCKDB_TYPE_INVALID;
    bool is_json = false;
    const void* data = nullptr;
    std::uint64_t* validity = nullptr;
  };
  static char* write_cell(const Column& column, idx_t row, char* at);
  std::size_t length_max(idx_t row) const;
  std::vector<Column> columns_;
  std::size_t fixed_length_ = 0;  ///< Most that keys and cells that are no text take, in bytes.
};

/// `text` as a JSON string, with quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace parallax::pipeline
