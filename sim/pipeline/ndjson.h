// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/duckdb.h"

namespace parallax::pipeline {

/// Appends every row of `rows` as one JSON object a line. Names of columns are keys; NULL is null.
/// Texts in `raw_columns` are JSON already and are copied as they are. Supported types: texts,
/// BOOLEAN, BIGINT, TIMESTAMP (RFC 3339, milliseconds). `first_column` leaves out the columns
/// before it. Returns the number of rows.
std::size_t write_ndjson(duckdb::Rows& rows, std::size_t first_column,
                         const std::vector<std::string_view>& raw_columns, std::string& out);

/// `text` as a JSON string, with quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace parallax::pipeline
