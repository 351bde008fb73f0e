// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>

#include "sim/core/duckdb.h"
#include "sim/core/result.h"

namespace parallax::pipeline {

/// How far raw_events and dead_letters reach (table load_state).
struct LoadState {
  std::uint64_t log_offset = 0;
  std::int64_t position = 0;  ///< Of the next entry.
};
Result<LoadState> read_load_state(duckdb::Connection& connection);

/// Loads the log from `state` up to `end` into raw_events and dead_letters, in transactions of
/// about 64 MiB of log; `state` says how far it came, also after an error. The next call goes on
/// there.
Result<void> load_log(duckdb::Connection& connection, const std::filesystem::path& log,
                      std::uint64_t end, LoadState& state);

}  // namespace parallax::pipeline
