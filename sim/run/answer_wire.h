// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "sim/core/duckdb.h"
#include "sim/run/sandbox.h"

namespace parallax {

/// All rows of a result.
AnswerTable answer_table(duckdb::Rows& rows);

/// An answer or an error on its way out of the sandbox: each text with its length before it, so
/// that no content can be taken for structure.
std::string encode_answer(const Result<AnswerTable>& answer);
/// Errors: `encode_answer` did not write it; and the error that it wrote.
Result<AnswerTable> decode_answer(std::string_view text);

}  // namespace parallax
