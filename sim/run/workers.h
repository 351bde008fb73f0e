// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>

#include "sim/core/result.h"

namespace parallax {

/// Threads that this machine runs at once; at least 1.
unsigned core_count();

/// From here on this process keeps what it frees for its next use, in huge pages as far as there
/// are any, where the C library can: lists that are made anew for every lane are then not paged in
/// anew each time. Call it before threads are made.
void keep_freed_memory();

/// Calls `work(i)` for 0 .. count-1, dealt out to `jobs` threads (this one is among them) in
/// ascending order. Ends when all are done, or soon after one failed: then with the error of the
/// lowest number that failed.
Result<void> share_work(unsigned jobs, std::size_t count,
                        const std::function<Result<void>(std::size_t i)>& work);

}  // namespace parallax
