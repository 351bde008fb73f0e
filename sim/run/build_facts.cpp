// SPDX-License-Identifier: Apache-2.0
#include "sim/run/build_facts.h"

#include <fmt/format.h>
#include <httplib.h>

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>

#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/run/version.h"
#include "sim/scenario/sdk_profiles.h"

namespace parallax {
namespace {

// The build defines these for this file alone, so that a new value compiles one file.
constexpr std::string_view build_type = PARALLAX_BUILD_TYPE;
constexpr std::string_view commit = PARALLAX_COMMIT;
constexpr std::string_view machine = PARALLAX_MACHINE;

}  // namespace

std::string duckdb_version() {
  auto database = duckdb::Database::open("");
  if (!database) return {};
  auto connection = database->connect();
  if (!connection) return {};
  auto rows = connection->query("select version()");
  if (!rows) return {};
  const auto texts = rows->texts();
  return texts.empty() || texts.front().empty() ? std::string() : texts.front().front();
}

std::string version_facts() {
  return fmt::format(
      "parallax {}\n"
      "build     {}, {} for {}, commit {}\n"
      "with      DuckDB {}, cpp-httplib {}, nlohmann_json {}.{}.{}, CLI11 {}, fmt {}\n"
      "knows     {} faults, {} SDKs",
      version_text, build_type, __VERSION__[0] == 'C' ? __VERSION__ : "g++ " __VERSION__, machine,
      commit.empty() ? "not stated" : commit, duckdb_version(), CPPHTTPLIB_VERSION,
      NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH,
      CLI11_VERSION, FMT_VERSION / 10'000, fault_kinds().size(), sdk_profiles().size());
}

}  // namespace parallax
