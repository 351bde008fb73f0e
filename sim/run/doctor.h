// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace parallax {

/// One thing that `parallax doctor` looked at.
struct Checkup {
  enum class State { good, missing_optional, bad };
  std::string name;  ///< "loopback"
  State state = State::good;
  std::string found;   ///< What there is: "127.0.0.1 can be listened on".
  std::string advice;  ///< What to do; empty where nothing is to be done.
};

/// Looks at this machine: the program, DuckDB with a Parquet file there and back, loopback, the
/// folder for runs, open files, processors and memory, a small run through the embedded pipeline,
/// and the programs that some commands use. Writes below the system's temporary folder only, and
/// takes it away again. A few seconds at most.
std::vector<Checkup> examine(const std::filesystem::path& runs);

}  // namespace parallax
