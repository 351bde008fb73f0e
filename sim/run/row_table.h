// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "sim/core/result.h"
#include "sim/run/judge_run.h"

namespace parallax {

/// Writes rows.parquet into the existing `folder`: the canonical rows of this run as they were
/// read, in the order of the ledger, rows that no action owns last. Beside what the target said
/// stands the action that owns the row (`action_id`, NULL for a phantom row) with its
/// `happened_at`.
///
/// A read keeps texts as hashes, so a text is written where it is one that the action itself or one
/// of its emissions has; another text is NULL and its column is named in `unread`. `client_rows`
/// and `server_rows` are NULL where the target does not say them; times are TIMESTAMP, UTC.
/// Errors: the folder is missing, the disk is full. No half file is left under the final name.
Result<void> export_rows(const JudgedRun& run, const std::filesystem::path& folder);

/// Removes rows.parquet, if it is there: what was read is another now.
void remove_rows(const std::filesystem::path& folder);

}  // namespace parallax
