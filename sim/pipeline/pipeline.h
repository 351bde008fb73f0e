// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/result.h"
#include "sim/core/time.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// A bug switch of the reference pipeline: `--bug NAME[:p][@TIME]`.
struct BugSwitch {
  std::string name;
  Ratio share = Ratio::whole();  ///< Share of the cases hit, by a hash of the case: repeatable.
  /// From which arrival on it strikes; `no_time` = always. Only bugs that a release brings have it.
  SimTime from = no_time;
};
/// Errors: unknown bug (with the nearest name), share outside 0..1, a time that is no RFC 3339 time
/// or for a bug that has none.
Result<BugSwitch> parse_bug(std::string_view text);
/// What there is to switch: name and one sentence each.
struct BugKind {
  std::string_view name;
  std::string_view about;
  bool dated = false;  ///< Can begin at a time.
};
std::vector<BugKind> bug_kinds();

struct PipelineOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;      ///< 0: any free one.
  std::filesystem::path data;  ///< Folder of the durable log and the warehouse; made if missing.
  std::vector<BugSwitch> bugs;
  /// What may wait for the disk, in bytes; above that requests are answered 503.
  std::size_t waiting_max = 64U << 20;
  /// The data contract (required fields, types, authoritative sides, confirmed_by). Without one
  /// only the envelope is checked, and the server is authoritative for every field.
  std::optional<TrackingPlan> contract;
  /// At an orderly stop write the canonical rows into DATA/warehouse.duckdb as the table
  /// clean_events, where any DuckDB can read them.
  bool leaves_clean_table = false;
};

/// The embedded reference pipeline: HTTP collector -> contract check -> durable log (fsync before
/// the 2xx) -> clean_events in DuckDB by models/clean_events.sql. It owns its threads.
///
///   POST /v1/events        shared format (DESIGN section 8), gzip or not
///   GET  /v1/clean_events  ?run_id=  canonical rows as NDJSON (the models are brought up to date)
///   GET  /v1/raw_events    ?run_id=  every stored event;   GET /v1/dead_letters ?run_id=
///   GET  /v1/stats   GET /healthz
///   and the paths of vendors' SDKs (sdk_routes.h)
///
/// Killed at any moment and started again on the same folder, it has every event it acknowledged.
class Pipeline {
 public:
  static Result<std::unique_ptr<Pipeline>> start(const PipelineOptions& options);
  ~Pipeline();  ///< Stops: no new request, the log flushed.

  std::uint16_t port() const;
  std::string url() const;  ///< "http://127.0.0.1:8100"
  /// Ends the collector in order (bug loses_tail shows here). Idempotent.
  void stop();
  /// Ends it as a crash does: nothing that stop would still write is written. What is on its way
  /// has been answered.
  void crash();

 private:
  struct State;
  explicit Pipeline(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax
