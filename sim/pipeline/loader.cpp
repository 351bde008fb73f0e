// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/loader.h"

#include <charconv>

#include "sim/pipeline/durable_log.h"
#include "sim/pipeline/ndjson.h"
#include "sim/pipeline/record.h"

namespace parallax::pipeline {
namespace {

constexpr std::uint64_t transaction_bytes = 64U << 20;

/// Appends the entries of records to the two tables.
class Rows {
 public:
  static Result<Rows> open(duckdb::Connection& connection) {
    auto events = duckdb::Appender::open(connection, "raw_events");
    if (!events) return events.error();
    auto dead = duckdb::Appender::open(connection, "dead_letters");
    if (!dead) return dead.error();
    return Rows(std::move(*events), std::move(*dead));
  }

  Result<void> add(std::string_view payload, std::int64_t& position) {
    RecordReader record(payload);
    for (;;) {
      switch (record.next()) {
        case RecordReader::Entry::end:
          return {};
        case RecordReader::Entry::damaged:
          return Error{Error::Kind::io, "the event log holds a record that cannot be read", {}};
        case RecordReader::Entry::event:
          add_event(record, position++);
          break;
        case RecordReader::Entry::dead_letter:
          add_dead(record, position++);
          break;
      }
    }
  }

  Result<void> close() {
    if (auto done = events_.close(); !done) return done;
    return dead_.close();
  }

 private:
  Rows(duckdb::Appender events, duckdb::Appender dead)
      : events_(std::move(events)), dead_(std::move(dead)) {}

  void add_event(const RecordReader& record, std::int64_t position) {
    using enum SharedKey;
    const auto at = [&](SharedKey key) { return record.tokens[static_cast<std::size_t>(key)]; };
    events_.integer(position);
    for (const SharedKey key : {event_name, event_id, user_id, device_id, session_id})
      text(events_, at(key));
    integer(at(sequence_id));
    time(at(client_ts));
    time(at(server_ts));
    events_.time(record.arrival);
    text(events_, at(source));
    integer(at(schema_version));
    text(events_, at(consent_state));
    integer(at(retry_count));
    for (const SharedKey key : {delivery_status, run_id, currency}) text(events_, at(key));
    for (const SharedKey key : {revenue, tax, context, properties}) json(at(key));
    events_.end_row();
  }

  void add_dead(const RecordReader& record, std::int64_t position) {
    dead_.integer(position);
    dead_.time(record.arrival);
    dead_.text(record.dead.reason);
    text(dead_, record.dead.run_id);
    text(dead_, record.dead.event_name);
    text(dead_, record.dead.source);
    dead_.text(record.dead.event);
    dead_.end_row();
  }

  static void text(duckdb::Appender& table, const Token& token) {
    if (token.missing())
      table.null();
    else
      table.text(token.text);
  }
  void integer(const Token& token) {
    std::int64_t value = 0;
    const char* end = token.text.data() + token.text.size();
    if (token.missing() || std::from_chars(token.text.data(), end, value).ptr != end)
      events_.null();
    else
      events_.integer(value);
  }
  void time(const Token& token) {
    const auto parsed = token.missing() ? std::nullopt : parse_rfc3339(token.text);
    events_.time(parsed.value_or(no_time));
  }
  void json(const Token& token) {
    if (token.missing()) return events_.null();
    if (token.kind != TokenKind::string) return events_.text(token.text);
    quoted_.clear();
    append_json_string(token.text, quoted_);
    events_.text(quoted_);
  }

  duckdb::Appender events_;
  duckdb::Appender dead_;
  std::string quoted_;
};

/// The body of one transaction.
Result<void> load_some(duckdb::Connection& connection, LogReader& log, std::uint64_t end,
                       LoadState& state) {
  auto rows = Rows::open(connection);
  if (!rows) return rows.error();
  const std::uint64_t start = log.offset();
  std::string_view payload;
  while (log.offset() - start < transaction_bytes) {
    const auto more = log.next(end, payload);
    if (!more) return more.error();
    if (!*more) break;
    if (auto added = rows->add(payload, state.position); !added) return added;
  }
  if (auto closed = rows->close(); !closed) return closed;
  state.log_offset = log.offset();
  return connection.run("update load_state set log_offset = " + std::to_string(state.log_offset) +
                        ", position = " + std::to_string(state.position));
}

}  // namespace

Result<LoadState> read_load_state(duckdb::Connection& connection) {
  const auto offset = connection.integer("select log_offset from load_state");
  if (!offset) return offset.error();
  const auto position = connection.integer("select position from load_state");
  if (!position) return position.error();
  return LoadState{static_cast<std::uint64_t>(*offset), *position};
}

Result<void> load_log(duckdb::Connection& connection, const std::filesystem::path& log,
                      std::uint64_t end, LoadState& state) {
  if (state.log_offset >= end) return {};
  auto reader = LogReader::open(log, state.log_offset);
  if (!reader) return reader.error();
  while (reader->offset() < end) {
    const std::uint64_t before = reader->offset();
    LoadState next = state;
    if (auto begun = connection.run("begin transaction"); !begun) return begun;
    auto done = load_some(connection, *reader, end, next);
    if (done) done = connection.run("commit");
    if (!done) {
      (void)connection.run("rollback");
      return done;
    }
    state = next;
    if (reader->offset() == before)
      return Error{Error::Kind::io, "the event log ends before its own end", log.string()};
  }
  return {};
}

}  // namespace parallax::pipeline
