// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "sim/core/duckdb.h"
#include "sim/core/result.h"

namespace parallax::pipeline {

/// One JSON object out of two texts of JSON objects: the members of `first`, except those named in
/// `second_owned` (comma-separated), which are `second`'s; a member one side lacks or has as null
/// comes from the other. Values are copied as text, so no number changes a digit. Precondition:
/// both are valid JSON objects on one line, or empty for "none".
void merge_fields(std::string_view first, std::string_view second, std::string_view second_owned,
                  std::string& out);

/// Makes SQL's merge_fields(first, second, second_owned) known to the connection's database. NULL
/// stands for none; NULL and NULL give NULL.
Result<void> register_merge_fields(duckdb::Connection& connection);

}  // namespace parallax::pipeline
