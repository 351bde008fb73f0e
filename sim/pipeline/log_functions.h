// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/core/duckdb.h"
#include "sim/core/result.h"
#include "sim/pipeline/durable_log.h"

namespace parallax::pipeline {

/// Makes the log readable in SQL, for all connections of the connection's database:
///
///   event_log(first, last)        table: the events at positions first .. last-1 (raw_columns.h)
///   dead_letter_log(first, last)  table: the dead letters there
///   raw_event(position)           the event at a position as a STRUCT of the same columns, NULL
///   for
///                                 NULL or where no event is
///
/// Nothing is copied into the database; `log` must outlive it.
Result<void> register_log_functions(duckdb::Connection& connection, const DurableLog& log);

}  // namespace parallax::pipeline
