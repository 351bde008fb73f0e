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

}  // namespace

const Shape* target_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* texts = book.map(text);
  const Shape* timeout = book.duration(millisecond, 10 * minute);
  const Shape* table =
      book.text("a name such as raw_events or analytics.raw_events",
                "^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$", is_sql_name);
  const Shape* send = book.object(
      {{"kind", book.words({"embedded", "http", "file", "postgres", "command"}),
        "Default embedded."},
       {"url", text, "http: URL of the ingest endpoint."},
       {"format",
        book.words({"shared", "posthog", "segment", "rudderstack", "snowplow", "amplitude",
                    "mixpanel", "cloudevents"}),
        "Wire format. Default shared."},
       {"key", text, "The project's key or token, where a vendor's format states one."},
       {"headers", texts, "http: sent with every request."},
       {"gzip", book.flag(), "http: compress bodies. Default false."},
       {"connections", book.integer(1, 1'024), "http: requests in flight, 1 .. 1024. Default 16."},
       {"timeout", timeout, "http: wall time of a request, 1ms .. 10m. Default 10s."},
       {"path", text, "file: events are appended to it, one a line."},
       {"command", text, "command: gets events on its standard input, one a line."},
       {"dsn", text, "postgres: postgresql://user@host/db; its password from ${env:NAME}."},
       {"table", table, "postgres: events are copied into it. Default raw_events."},
       {"column", table, "postgres: the table's column for an event as JSON. Default event."},
       {"pipeline", book.words({"reference"}),
        "postgres: reference puts Parallax's own tables and models into the database."},
       {"bugs", book.list(text, 0, 64),
        "Of a reference pipeline: switches such as no_dedupe or no_dedupe:0.1."},
       {"clock", book.words({"simulated", "wall"}),
        "simulated tells a reference pipeline its now (default there); wall sends nothing."}});
  const Shape* read = book.object(
      {{"kind", book.words({"embedded", "http", "file", "duckdb", "postgres", "command"}),
        "Default embedded."},
       {"url", text, "http: GET, rows as NDJSON; {run_id} is replaced."},
       {"headers", texts, "http: sent with every request."},
       {"path", text, "file: .ndjson, .jsonl, .csv or .parquet; duckdb: the database."},
       {"query", text, "duckdb, postgres: SQL with $1 for the run id."},
       {"dsn", text, "postgres: postgresql://user@host/db; its password from ${env:NAME}."},
       {"refresh", text, "postgres: SQL run before each read, such as a model's refresh."},
       {"command", text, "command: prints rows as NDJSON; PARALLAX_RUN_ID says of which run."},
       {"columns", texts, "Our column names -> the target's."},
       {"rollup", text,
        "The daily totals (day, event_name, currency, rows, sums by field): what stands for them "
        "in the place of query, url, path or command."},
       {"rejected", text,
        "The events that broke the contract (event_id, source, reason), in the same manner."},
       {"timeout", timeout, "Wall time of a read, 1ms .. 10m. Default 60s."}});
  const Shape* settle = book.object(
      {{"quiet", book.duration(0, hour), "No new row for so long: settled. Default 300ms."},
       {"limit", book.duration(millisecond, day), "Not settled by then: inconclusive. Default 2m."},
       {"late", book.duration(0, day), "Wait so long for rows after the deadline. Default 0s."},
       {"url", text, "Settled when GET answers 200; {run_id} is replaced. Asked every quiet."},
       {"command", text, "Settled when it ends with 0; PARALLAX_RUN_ID says of which run."},
       {"watermark", book.flag(),
        "Settled when the row of an event that is sent last can be read. Default false."},
       {"rows", book.integer(1, std::int64_t{1} << 40U), "Settled at so many rows of the run."}});
  return book.object(
      {{"$schema", text, "For editors."},
       {"about", text, "One sentence."},
       {"send", send, "Where the events go."},
       {"read", read, "Where the canonical rows come from."},
       {"settle", settle, "When the target is done."},
       {"clean", text,
        "What removes a run's rows: SQL with $1 for the run id (read.kind postgres), "
        "or a shell command with PARALLAX_RUN_ID. For parallax clean."}});
}

}  // namespace parallax
