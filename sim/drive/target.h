// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/kafka.h"
#include "sim/core/ledger.h"
#include "sim/core/result.h"

namespace parallax {

/// One request, ready to leave. A strike is real: see `Strike`.
struct SendRequest {
  std::uint64_t ticket = 0;  ///< The caller's; comes back in the result.
  Strike strike = Strike::none;
  std::uint16_t answer = 0;  ///< For Strike::answered: the status, nothing is sent.
  SimTime arrives;           ///< Simulated arrival, for the clock header.
  std::string headers;       ///< Lines of this request alone, each with its line end.
  std::string body;
};

struct SendResult {
  std::uint64_t ticket = 0;
  Receipt receipt = Receipt::unknown;
  std::uint16_t status = 0;  ///< 0: no answer was read.
  Micros retry_after = 0;    ///< Of the answer's Retry-After in seconds; 0: none.
  Micros took = 0;           ///< Wall time from start to outcome.
  std::string error;         ///< What failed, for reports; empty on an answer.
  std::string body;          ///< First 1'024 bytes of an answer that is not 2xx; see whole_answers.
};

/// The send side of a target. It never resends by itself: a retry is an attempt of the SDK model.
/// Single-threaded: `start` and `wait` are called by one thread, which does the I/O inside them.
/// To add one: sim/drive/NAME.cpp defining make_NAME_target, declared below, and its line where
/// sim/run makes targets.
class Target {
 public:
  virtual ~Target() = default;
  /// Starts a request. Precondition: in_flight() < capacity().
  virtual void start(SendRequest request) = 0;
  /// Blocks until a started request has an outcome (bounded by the request timeout) and returns it.
  /// Precondition: in_flight() > 0.
  virtual SendResult wait() = 0;
  virtual std::size_t in_flight() const = 0;
  virtual std::size_t capacity() const = 0;
  /// Everything sent is safe: buffers are written. Errors as io.
  virtual Result<void> close() { return {}; }
};

/// Settings of the HTTP target, from the target file.
struct HttpTargetOptions {
  std::string url;  ///< "http://127.0.0.1:8100/v1/events"; https is verified.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string content_type = "application/json";
  bool gzip = false;
  std::uint32_t connections = 16;  ///< Most requests in flight, each on its own keep-alive one.
  Micros timeout = 10 * second;
  bool whole_answers = false;  ///< SendResult::body is the whole answer, whatever the status.
  bool clock_header = false;   ///< Send `sim_time_header` with SendRequest::arrives.
};

/// RFC 3339 milliseconds: the pipeline's "now" while it handles the request.
constexpr std::string_view sim_time_header = "Parallax-Sim-Time";

Result<std::unique_ptr<Target>> make_http_target(const HttpTargetOptions& options);
/// Appends each event of each batch body, accepted or struck after_commit, as an NDJSON line to
/// `path`; capacity 1. Buffered: a full disk may show only in `close`.
Result<std::unique_ptr<Target>> make_file_target(const std::string& path);

/// COPYs each batch into a table of PostgreSQL, a row an event; capacity 1. What the server refuses
/// is rejected, a connection that breaks after the first row leaves the outcome unknown.
struct PostgresTargetOptions {
  std::string dsn;
  std::string table = "raw_events";    ///< Perhaps with its schema. Written into SQL as it is.
  std::string event_column = "event";  ///< json, jsonb or text: the event as the wire has it.
  std::string time_column;             ///< Gets SendRequest::arrives; empty: none does.
  std::string refresh;                 ///< SQL run after every so many stored batches; 0: never.
  unsigned batches_a_refresh = 0;
  Micros timeout = 10 * second;  ///< For each answer of the server.
};
Result<std::unique_ptr<Target>> make_postgres_target(const PostgresTargetOptions& options);

/// Produces each event of each batch as a message of a topic. All of them delivered is accepted,
/// none that a broker may have is rejected, anything else unknown. Struck during_body, the first
/// half of a batch is delivered and nobody hears of it: there, a batch is no unit.
struct KafkaTargetOptions {
  kafka::Cluster cluster;
  std::string topic;
  std::string message_key = "user_id";  ///< Member of the event; "none": no key.
  kafka::Settings headers;              ///< Beside `run_id` and `content-type`.
  std::string acks = "all";             ///< "all", "1", or "0": sent is accepted.
  std::string compression = "none";
  /// The broker drops what librdkafka sends again. Without it librdkafka sends nothing again.
  bool idempotence = true;
  std::uint32_t batches_max = 16;  ///< In flight.
  bool clock_header = false;       ///< `sim_time_header`, as over HTTP.
};
Result<std::unique_ptr<Target>> make_kafka_target(const KafkaTargetOptions& options);

/// Appends each event of each batch to a table of a DuckDB file, a row each; table and file are
/// made where they are missing. As with a file, written is accepted. Capacity 1. The file is held
/// open, and locked against other programs, until the last target on it is closed.
struct DuckDbTargetOptions {
  std::string path;
  std::string table = "raw_events";    ///< Perhaps with its schema. Written into SQL as it is.
  std::string event_column = "event";  ///< VARCHAR or JSON: the event as the wire has it.
};
Result<std::unique_ptr<Target>> make_duckdb_target(const DuckDbTargetOptions& options);

/// Starts `command` (by /bin/sh) and writes each event of each batch to its standard input, an
/// NDJSON line each; capacity 1. Written is accepted, whatever becomes of it: `close` ends the
/// input and waits for the command, up to `timeout`. Errors there: it failed, or did not end.
Result<std::unique_ptr<Target>> make_command_target(const std::string& command, Micros timeout);

/// Whether the host of `url` is loopback (127.0.0.0/8, ::1, localhost).
bool is_loopback_url(std::string_view url);
/// Host part of a URL, without port; empty when it has none.
std::string host_of_url(std::string_view url);

}  // namespace parallax
