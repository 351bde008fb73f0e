// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"

namespace parallax {

/// What a query or a file answered: columns and rows of texts.
struct AnswerTable {
  enum class Kind : std::uint8_t {
    text,
    number,  ///< "12.50", "-3", "1e-07": any number that DuckDB writes.
    time,    ///< RFC 3339, UTC, milliseconds; a date is its midnight.
    truth,   ///< "true", "false".
    other,   ///< A type that is not compared: an interval, a list. Its cells are not to be read.
  };
  using Cell = std::optional<std::string>;  ///< Nothing is NULL.
  struct Column {
    std::string name;
    Kind kind = Kind::text;
  };
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
};

struct SandboxLimits {
  Micros time = 20 * second;                         ///< On the wall.
  std::uint64_t memory = std::uint64_t{512} << 20U;  ///< Bytes that the database may use.
  std::uint64_t rows = 1'000'000;                    ///< Of the answer.
  std::uint64_t answer = std::uint64_t{256} << 20U;  ///< Bytes of the answer.
};

/// Runs somebody else's SQL on a DuckDB file, which is only read: statements in order, the answer
/// is that of the last one. It runs in a process of its own that sees no other file and no network,
/// whose settings are locked, and which is killed when its time is over; temporary tables and views
/// are allowed. Precondition: the calling process has no other thread at work.
/// Errors: invalid_input, SQL that does not run, in DuckDB's words; timeout; io, the process died
/// or its answer is too large.
Result<AnswerTable> run_in_sandbox(const std::filesystem::path& database, const std::string& sql,
                                   const SandboxLimits& limits = {});

/// Reads the answer from a CSV file with a header line: an empty cell is NULL, "" an empty text.
/// Every column is of kind text.
Result<AnswerTable> read_answer_csv(const std::filesystem::path& file);

}  // namespace parallax
