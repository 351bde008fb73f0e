// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/shape.h"

namespace parallax {
namespace {

/// A table or column as SQL takes it without quotes, perhaps with its schema.
bool is_sql_name(std::string_view text) {
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!is_name(text.substr(0, dot))) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

/// Of a request, or of a read.
const Shape* timeout_shape(ShapeBook& book) { return book.duration(millisecond, 10 * minute); }

const Shape* send_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* texts = book.map(text);
  const Shape* table =
      book.text("a name such as raw_events or analytics.raw_events",
                "^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$", is_sql_name);
  const Shape* formats = book.words({"shared", "posthog", "posthog-v1", "segment", "rudderstack",
                                     "snowplow", "amplitude", "mixpanel", "ga4", "cloudevents"});
  const Shape* own_format = book.object(
      {{"template", book.any(), "An event, with placeholders such as ${event_id}."},
       {"body", book.any(), "A request, with \"${events}\"; without it a request is one event."},
       {"content_type", text, "Default application/json."},
       {"file", text, "A JSON file with these keys, beside the target file."}});
  return book.object(
      {{"kind", book.words({"embedded", "http", "kafka", "postgres", "duckdb", "file", "command"}),
        "Default embedded."},
       {"url", text, "http: URL of the ingest endpoint."},
       {"format", book.any_of({formats, own_format}),
        "Wire format, or a template of one's own. Default shared."},
       {"key", text, "The project's key or token, where a vendor's format states one."},
       {"headers", texts, "http, kafka: sent with every request, with every message."},
       {"gzip", book.flag(), "http: compress bodies. Default false."},
       {"connections", book.integer(1, 1'024),
        "http, kafka: requests, batches in flight, 1 .. 1024. Default 16."},
       {"timeout", timeout_shape(book),
        "http, kafka: wall time of a request, 1ms .. 10m. Default 10s."},
       {"path", text, "file: events are appended to it, one a line; duckdb: the database."},
       {"command", text, "command: gets events on its standard input, one a line."},
       {"dsn", text, "postgres: postgresql://user@host/db; its password from ${env:NAME}."},
       {"table", table, "postgres, duckdb: events go into it. Default raw_events."},
       {"column", table, "postgres, duckdb: its column for an event as JSON. Default event."},
       {"brokers", text, "kafka: host:port,host:port, all that may be connected to."},
       {"topic", text, "kafka: gets a message an event."},
       {"message_key", text,
        "kafka: the event's member that is its key, or none. Default user_id."},
       {"acks", book.words({"all", "1", "0"}), "kafka: who confirms a message. Default all."},
       {"idempotence", book.flag(), "kafka: the broker drops repetitions. Default true."},
       {"compression", book.words({"none", "gzip", "snappy", "lz4", "zstd"}),
        "kafka: of the messages. Default none."},
       {"settings", texts, "kafka: librdkafka's own properties, such as sasl.username."},
       {"pipeline", book.words({"reference"}),
        "postgres: reference puts Parallax's own tables and models into the database; kafka: the "
        "built-in pipeline consumes the topic."},
       {"bugs", book.list(text, 0, 64),
        "Of a reference pipeline: switches such as no_dedupe or no_dedupe:0.1."},
       {"policy", text, "embedded: dedupes as this vendor does, such as segment."},
       {"clock", book.words({"simulated", "wall"}),
        "simulated tells a reference pipeline its now (default there); wall sends nothing."}});
}

const Shape* read_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* texts = book.map(text);
  return book.object(
      {{"kind",
        book.words(
            {"embedded", "http", "file", "duckdb", "postgres", "clickhouse", "kafka", "command"}),
        "Default embedded."},
       {"url", text,
        "http: GET, rows as NDJSON; {run_id} is replaced. clickhouse: its HTTP interface."},
       {"headers", texts, "http, clickhouse: sent with every request."},
       {"path", text, "file: .ndjson, .jsonl, .csv or .parquet; duckdb: the database."},
       {"query", text,
        "duckdb, postgres: SQL with $1 for the run id; clickhouse: with {run_id:String}."},
       {"user", text, "clickhouse: user."},
       {"password", text, "clickhouse: password, from ${env:NAME}."},
       {"brokers", text, "kafka: host:port,host:port, all that may be connected to."},
       {"topic", text, "kafka: each message is a row as JSON."},
       {"settings", texts, "kafka: librdkafka's own properties, such as sasl.username."},
       {"dsn", text, "postgres: postgresql://user@host/db; its password from ${env:NAME}."},
       {"refresh", text, "postgres: SQL run before each read, such as a model's refresh."},
       {"command", text, "command: prints rows as NDJSON; PARALLAX_RUN_ID says of which run."},
       {"columns", texts, "Our column names -> the target's."},
       {"rollup", text,
        "The daily totals (day, event_name, currency, rows, sums by field): what stands for them "
        "in the place of query, url, topic, path or command."},
       {"rejected", text,
        "The events that broke the contract (event_id, source, reason), in the same manner."},
       {"timeout", timeout_shape(book), "Wall time of a read, 1ms .. 10m. Default 60s."}});
}

const Shape* settle_shape(ShapeBook& book) {
  const Shape* text = book.text();
  return book.object(
      {{"quiet", book.duration(0, hour), "No new row for so long: settled. Default 300ms."},
       {"limit", book.duration(millisecond, day), "Not settled by then: inconclusive. Default 2m."},
       {"late", book.duration(0, day), "Wait so long for rows after the deadline. Default 0s."},
       {"url", text, "Settled when GET answers 200; {run_id} is replaced. Asked every quiet."},
       {"command", text, "Settled when it ends with 0; PARALLAX_RUN_ID says of which run."},
       {"watermark", book.flag(),
        "Settled when the row of an event that is sent last can be read. Default false."},
       {"rows", book.integer(1, std::int64_t{1} << 40U), "Settled at so many rows of the run."}});
}

}  // namespace

const Shape* target_shape(ShapeBook& book) {
  const Shape* text = book.text();
  return book.object(
      {{"$schema", text, "For editors."},
       {"about", text, "One sentence."},
       {"send", send_shape(book), "Where the events go."},
       {"read", read_shape(book), "Where the canonical rows come from."},
       {"settle", settle_shape(book), "When the target is done."},
       {"clean", text,
        "What removes a run's rows: SQL with $1 for the run id (read.kind postgres), "
        "or a shell command with PARALLAX_RUN_ID. For parallax clean."}});
}

}  // namespace parallax
