// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>

namespace parallax {

/// Counts SIGINT and SIGTERM from here on. The first asks for an orderly end; the second ends the
/// process at once with exit code 130.
const std::atomic<int>& watch_interrupts();

}  // namespace parallax
