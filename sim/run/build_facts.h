// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace parallax {

/// What `--version` prints: the version on a line of its own, then compiler, kind of build, commit
/// and the versions of what is linked in. The same for every run of one binary.
std::string version_facts();
/// DuckDB's own version, as its library says it: "v1.4.4". Empty: the library does not work.
std::string duckdb_version();

}  // namespace parallax
