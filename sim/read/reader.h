// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/kafka.h"
#include "sim/core/result.h"

namespace parallax {

/// Column renames: ours -> theirs.
using ColumnMap = std::vector<std::pair<std::string, std::string>>;

/// Gets the rows of a read batch by batch, perhaps on other threads than the one that waits for
/// `scan`, never on two at once; false = stop. Rows of a batch ascend by number; batches come in
/// any order.
using TakeRows = std::function<bool(std::span<const CanonicalRow> rows)>;

/// Reads a target's canonical rows. Every call reads anew; a read may be repeated (it is
/// idempotent) and is bounded by its timeout.
/// To add one: sim/read/NAME.cpp defining make_NAME_reader, its declaration below, and its line
/// where sim/run picks the reader by `read.kind`.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// Rows of `run_id` where the target can filter, else all rows, numbered in the order of the
  /// target from 0, or by their place in its table, in memory that does not depend on how many
  /// there are. False when the read broke in the middle, or was stopped; an Error only when nothing
  /// could be read.
  virtual Result<bool> scan(std::string_view run_id, const TakeRows& take) = 0;
  /// `scan` into memory: for small reads.
  Result<RowSet> read(std::string_view run_id);
  /// The same rows as JSON objects in our column names, for reports: only those whose
  /// CanonicalRow::number is in the sorted `numbers`. Same order.
  virtual Result<std::vector<std::string>> texts(std::string_view run_id,
                                                 const std::vector<std::uint64_t>& numbers) = 0;
};

/// GET, rows as NDJSON, read as a stream. Errors: no answer in time, a status that is not 200, a
/// line that is no JSON object (its number is in `where`). Broken or late in the middle =
/// incomplete.
struct HttpReaderOptions {
  std::string url;  ///< "{run_id}" is replaced, percent-encoded.
  std::vector<std::pair<std::string, std::string>> headers;
  ColumnMap columns;
  Micros timeout = 60 * second;  ///< For the whole answer, and for the connection to be made.
};
/// `plan` must outlive the reader, here and below.
Result<std::unique_ptr<RowReader>> make_http_reader(const HttpReaderOptions& options,
                                                    const TrackingPlan& plan);
/// .ndjson .jsonl (optionally .gz), .csv, .parquet, by extension. All rows, of whatever run. A last
/// line that is torn, or a compressed file that ends too early, makes the read incomplete.
Result<std::unique_ptr<RowReader>> make_file_reader(const std::string& path,
                                                    const ColumnMap& columns,
                                                    const TrackingPlan& plan);
/// `query` is one SELECT with $1 for the run id; the database is opened read-only.
Result<std::unique_ptr<RowReader>> make_duckdb_reader(const std::string& path,
                                                      const std::string& query,
                                                      const ColumnMap& columns,
                                                      const TrackingPlan& plan);

/// PostgreSQL, in pages of a cursor: one SELECT with $1 for the run id, in a read-only transaction.
/// Errors: no connection, or the server refuses a statement (its message); a read that breaks after
/// its first page is incomplete.
struct PostgresReaderOptions {
  std::string dsn;
  std::string query;
  std::string refresh;  ///< SQL run before each read: brings a model up to date. May be empty.
  ColumnMap columns;
  Micros timeout = 60 * second;  ///< For the whole read, and for each statement.
};
Result<std::unique_ptr<RowReader>> make_postgres_reader(const PostgresReaderOptions& options,
                                                        const TrackingPlan& plan);

/// ClickHouse over its HTTP interface: one SELECT with {run_id:String} for the run id; credentials
/// go in headers. Errors: as the http reader's, with the server's message.
struct ClickHouseReaderOptions {
  std::string url;  ///< "http://127.0.0.1:8123/?database=shop"
  std::string query;
  std::string user;
  std::string password;
  std::vector<std::pair<std::string, std::string>> headers;
  ColumnMap columns;
  Micros timeout = 60 * second;  ///< For the whole answer.
};
Result<std::unique_ptr<RowReader>> make_clickhouse_reader(const ClickHouseReaderOptions& options,
                                                          const TrackingPlan& plan);

/// A Kafka topic whose messages are rows as JSON, from its beginning to the end that it has when
/// the read begins. Messages with another run in their header `run_id` are left out, and those
/// without a value. Errors: no such topic, no broker answers; broken or late after its first
/// partition, a read is incomplete.
struct KafkaReaderOptions {
  kafka::Cluster cluster;
  std::string topic;
  ColumnMap columns;
  Micros timeout = 60 * second;  ///< For the whole read.
};
Result<std::unique_ptr<RowReader>> make_kafka_reader(const KafkaReaderOptions& options,
                                                     const TrackingPlan& plan);

/// The output of `command` (run by /bin/sh, with PARALLAX_RUN_ID in its environment), rows as
/// NDJSON. Errors: it could not be started, or failed before its first row (the end of what it said
/// on standard error); later than that, or stopped at `timeout`, it leaves the read incomplete.
Result<std::unique_ptr<RowReader>> make_command_reader(const std::string& command,
                                                       const ColumnMap& columns, Micros timeout,
                                                       const TrackingPlan& plan);

/// One row as JSON object text (our column names after `columns`) -> compact row. Unknown columns
/// are ignored; a business field is looked for as a column, then inside `properties` (object, or
/// its JSON text). Returns false when the text is no JSON object. Keeps its buffers: a row
/// allocates nothing once they have grown.
///
/// | column | read from |
/// | --- | --- |
/// | event_id | a UUID in any spelling; another text is IdForm::foreign with an id hashed from it |
/// | ..._ts | RFC 3339, "YYYY-MM-DD hh:mm:ss", or epoch milliseconds as number or text |
/// | money | the number's own digits at the row currency's exponent; a text is FieldForm::as_text,
/// digits beyond the exponent are FieldForm::inexact |
/// | booleans | true, false, 0, 1, or one of these as text |
/// | integers | a number or its text |
class RowDecoder {
 public:
  RowDecoder(const TrackingPlan& plan, const ColumnMap& columns);
  ~RowDecoder();
  bool decode(std::string_view json, CanonicalRow& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parallax
