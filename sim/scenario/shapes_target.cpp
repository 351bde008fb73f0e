// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"

namespace parallax {

const Shape* target_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* texts = book.map(text);
  const Shape* timeout = book.duration(millisecond, 10 * minute);
  const Shape* send = book.object(
      {{"kind", book.words({"embedded", "http", "file"}), "Default embedded."},
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
       {"bugs", book.list(text, 0, 64), "embedded: switches such as no_dedupe or no_dedupe:0.1."},
       {"clock", book.words({"simulated", "wall"}),
        "simulated tells a Parallax pipeline its now (default for embedded); wall sends "
        "nothing."}});
  const Shape* read = book.object(
      {{"kind", book.words({"embedded", "http", "file", "duckdb"}), "Default embedded."},
       {"url", text, "http: GET, rows as NDJSON; {run_id} is replaced."},
       {"headers", texts, "http: sent with every request."},
       {"path", text, "file: .ndjson, .jsonl, .csv or .parquet; duckdb: the database."},
       {"query", text, "duckdb: SQL with $1 for the run id."},
       {"columns", texts, "Our column names -> the target's."},
       {"timeout", timeout, "Wall time of a read, 1ms .. 10m. Default 60s."}});
  const Shape* settle = book.object(
      {{"quiet", book.duration(0, hour), "No new row for so long: settled. Default 300ms."},
       {"limit", book.duration(millisecond, day), "Not settled by then: inconclusive. Default 2m."},
       {"late", book.duration(0, day), "Wait so long for rows after the deadline. Default 0s."}});
  return book.object({{"$schema", text, "For editors."},
                      {"about", text, "One sentence."},
                      {"send", send, "Where the events go."},
                      {"read", read, "Where the canonical rows come from."},
                      {"settle", settle, "When the target is done."}});
}

}  // namespace parallax
