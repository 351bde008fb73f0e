// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"
#include "sim/pipeline/pipeline.h"

/// The second reference pipeline: the canonical rule in PostgreSQL alone (postgres/*.sql). Events
/// are stored by COPY into parallax.raw_events; parallax.refresh_clean_events() brings
/// parallax.clean_events up to date. Nothing of it runs in this process.
namespace parallax {

/// Bugs that it can play, each a step of postgres/clean_events.sql done wrong.
std::vector<BugKind> postgres_bug_kinds();
/// As parse_bug, among them.
Result<BugSwitch> parse_postgres_bug(std::string_view text);

struct PostgresPipelineOptions {
  std::string dsn;
  std::vector<BugSwitch> bugs;
  TrackingPlan contract;
  Micros timeout = 60 * second;  ///< For each answer of the server.
};
/// Puts tables and models into the schema `parallax` of the database. Tables that are there keep
/// their rows, models and contract are replaced: one set of bugs a database at a time.
/// Errors: no connection, no right to create a schema, two bugs of the same step.
Result<void> install_postgres_pipeline(const PostgresPipelineOptions& options);

/// SQL that the run uses: where events go, and how rows are brought up to date and read.
constexpr std::string_view postgres_pipeline_table = "parallax.raw_events";
constexpr std::string_view postgres_pipeline_refresh = "call parallax.refresh_clean_events()";
constexpr std::string_view postgres_pipeline_query =
    "select * from parallax.clean_events where run_id = $1 order by event_ts, key";
constexpr std::string_view postgres_pipeline_totals =
    "select * from parallax.daily_totals where run_id = $1";

namespace pipeline {

/// Text of a file below sim/pipeline/postgres; empty when there is none.
std::string_view embedded_postgres_model(std::string_view name);
/// The whole script of `install_postgres_pipeline`.
Result<std::string> postgres_models(const std::vector<BugSwitch>& bugs,
                                    const TrackingPlan& contract);

}  // namespace pipeline
}  // namespace parallax
