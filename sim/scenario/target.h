// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/event_template.h"
#include "sim/core/time.h"
#include "sim/scenario/load.h"

namespace parallax {

/// A target file: where to send and how to read back. `${env:NAME}` inside any text is expanded
/// after parsing; an unset variable is a Problem, and expanded values are never printed.
struct TargetPlan {
  struct Send {
    std::string kind =
        "embedded";   ///< embedded | http | kafka | postgres | duckdb | file | command.
    std::string url;  ///< http: full URL of the ingest endpoint.
    std::string format = "shared";  ///< "template": `pattern` has the user's own.
    EventTemplate pattern;
    std::string key = "parallax";  ///< Of the project, where the format of a vendor states one.
    std::vector<std::pair<std::string, std::string>> headers;
    bool gzip = false;
    std::uint32_t connections = 16;  ///< 1 .. 1'024.
    Micros timeout = 10 * second;    ///< Wall time for one request. 1ms .. 10m.
    std::string path;  ///< file: NDJSON, one event a line, is appended here; duckdb: the database.
    std::string command;                  ///< command: gets NDJSON, one event a line, on its input.
    std::string dsn;                      ///< postgres: URI or key=value words; a secret.
    std::string table = "raw_events";     ///< postgres, duckdb: events go into it, a row each,
    std::string column = "event";         ///< into this column.
    std::string brokers;                  ///< kafka: "host:port,host:port", all that may be used.
    std::string topic;                    ///< kafka: a message an event.
    std::string message_key = "user_id";  ///< kafka: member of the event that is its key, or none.
    std::string acks = "all";             ///< kafka: all | 1 | 0.
    bool idempotence = true;              ///< kafka: needs acks all.
    std::string compression = "none";     ///< kafka: none | gzip | snappy | lz4 | zstd.
    /// kafka: properties of librdkafka, see kafka::may_be_set. Secrets from ${env:NAME} alone.
    std::vector<std::pair<std::string, std::string>> settings;
    /// postgres: Parallax puts its own tables and models into the database (schema `parallax`),
    /// sends to them and reads from them: the reference pipeline on PostgreSQL. kafka: the embedded
    /// pipeline consumes the topic, and rows are read from it.
    bool reference = false;
    /// Switches of the reference pipeline, embedded or on PostgreSQL: "no_dedupe", "no_dedupe:0.1".
    std::vector<std::string> bugs;
    /// embedded: dedupes as this vendor does ("segment"); empty: as the reference does.
    std::string policy;
    /// "clock": "simulated" tells a Parallax pipeline its "now" by a header (DESIGN section 4);
    /// "wall" sends none. Default simulated for embedded, wall otherwise.
    bool simulated_clock = true;
  } send;
  struct Read {
    /// embedded | http | file | duckdb | postgres | clickhouse | kafka | command.
    std::string kind = "embedded";
    std::string url;  ///< http: GET, rows as NDJSON; "{run_id}" is replaced.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string path;  ///< file: .ndjson .jsonl .csv .parquet; duckdb: database.
    /// duckdb, postgres: SQL with $1 = run_id; clickhouse: with {run_id:String}.
    std::string query;
    std::string dsn;      ///< postgres.
    std::string refresh;  ///< postgres: SQL run before each read; brings a model up to date.
    std::string command;  ///< command: its output is rows as NDJSON; PARALLAX_RUN_ID is set.
    std::string user;     ///< clickhouse, with its password, which is a secret.
    std::string password;
    std::string brokers;  ///< kafka, with the topic: a row is a message, as JSON.
    std::string topic;
    std::vector<std::pair<std::string, std::string>> settings;  ///< kafka: as in send.
    /// "columns": {"ours": "theirs"}: renames the target's columns to ours.
    std::vector<std::pair<std::string, std::string>> columns;
    Micros timeout = 60 * second;
    /// The target's table of daily totals, and its rejected events: what stands in the place of
    /// `query`, `url`, `path` or `command`, whichever `kind` has. Empty: none. The columns that
    /// they have: sim/read/side_tables.h.
    std::string rollup, rejected;
  } read;
  struct Settle {
    Micros quiet = 300 * millisecond;  ///< No new row for so long (wall time) = settled.
    Micros limit = 2 * minute;         ///< Not settled by then: inconclusive.
    Micros late = 0;  ///< After the judged read, wait so long for rows that come late.
    /// The target's own sign that it is done; asked for every `quiet`, at most for `limit`. With
    /// one of them the first complete read after it is judged.
    std::string url;         ///< GET answers 200; "{run_id}" is replaced.
    std::string command;     ///< Ends with 0; PARALLAX_RUN_ID is set.
    std::uint64_t rows = 0;  ///< So many rows of this run can be read. 0: not asked.
    /// An event of the run "RUN_ID-watermark" is sent after all others; its row can be read.
    bool watermark = false;
  } settle;
  /// What removes a run's rows: SQL with $1 = run_id where read.kind is postgres, else a shell
  /// command with PARALLAX_RUN_ID. For `parallax clean`.
  std::string clean;
  std::string masked_json;           ///< The effective target, every expanded value as "***".
  std::vector<std::string> secrets;  ///< Expanded values, for masking anything else.
};

struct LoadedTarget {
  TargetPlan target;
  std::vector<Problem> problems;
  bool ok() const;
};

/// `file`: path of a JSON file, or an "http://host:port" URL that stands for a Parallax pipeline at
/// that address (send /v1/events, read /v1/clean_events, simulated clock).
LoadedTarget load_target(const std::string& file);
/// From JSON text (a scenario's inline "target"); `name` stands for the file in problems.
LoadedTarget load_target_text(std::string_view json, const std::string& name);

}  // namespace parallax
