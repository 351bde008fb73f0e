// SPDX-License-Identifier: Apache-2.0
#include "sim/run/doctor.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/run/build_facts.h"
#include "sim/run/help.h"
#include "sim/run/report_text.h"
#include "sim/run/runner.h"
#include "sim/run/version.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using State = Checkup::State;

constexpr std::uintmax_t space_min = 1ULL << 30;  ///< A run of a million actions takes less.
constexpr rlim_t files_min = 1'024;               ///< `load` with its default connections.
constexpr std::string_view sample = "scenarios/smoke/plain.json";

/// A new folder of our own; empty where there can be none.
fs::path scratch_folder() {
  std::error_code code;
  std::string name = (fs::temp_directory_path(code) / "parallax-doctor-XXXXXX").string();
  return code || ::mkdtemp(name.data()) == nullptr ? fs::path() : fs::path(name);
}

Checkup duckdb_checkup(const fs::path& scratch) {
  const std::string version = duckdb_version();
  Checkup checkup{"DuckDB", State::bad, version,
                  "reinstall Parallax: its libduckdb.so is unusable"};
  if (version.empty()) return checkup;
  auto database = duckdb::Database::open("");
  auto connection = database->connect();
  if (!connection) return checkup;
  const std::string file = (scratch / "probe.parquet").string();
  const Result<void> written =
      connection->run(fmt::format("copy (select 42 as n) to '{}' (format parquet)", file));
  const Result<std::int64_t> read =
      connection->integer(fmt::format("select n from read_parquet('{}')", file));
  if (!written || !read || *read != 42) {
    checkup.found += ", but a Parquet file does not come back";
    checkup.advice = "use a DuckDB with Parquet built in, such as the one that ./parallax fetches";
    return checkup;
  }
  return {"DuckDB", State::good, version + ", writes and reads Parquet", ""};
}

Checkup loopback_checkup() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool works =
      socket >= 0 &&
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(socket, 1) == 0;
  if (socket >= 0) ::close(socket);
  if (works) return {"loopback", State::good, "127.0.0.1 can be listened on", ""};
  return {"loopback", State::bad, "127.0.0.1 cannot be listened on",
          "the embedded pipeline needs it: bring the interface lo up (ip link set lo up)"};
}

Checkup folder_checkup(const fs::path& runs) {
  std::error_code code;
  const fs::path folder = fs::absolute(runs, code);
  fs::path there = folder;
  while (!fs::exists(there, code) && there.has_relative_path()) there = there.parent_path();
  if (!fs::is_directory(there, code) || ::access(there.c_str(), W_OK) != 0)
    return {"run folders", State::bad, there.string() + " cannot be written",
            "go to a folder of yours, or give every run its --out FOLDER"};
  const fs::space_info space = fs::space(there, code);
  const std::string free = fmt::format(
      "{:.1f} GiB free", static_cast<double>(space.available) / static_cast<double>(1ULL << 30));
  if (!code && space.available < space_min)
    return {"run folders", State::missing_optional, folder.string() + ", only " + free,
            "a run of a million actions takes about 1 GiB: remove old run folders"};
  return {"run folders", State::good, folder.string() + ", " + free, ""};
}

Checkup files_checkup() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string found = fmt::format("{} (at most {})", limit.rlim_cur, limit.rlim_max);
  if (limit.rlim_cur >= files_min) return {"open files", State::good, found, ""};
  return {"open files", State::missing_optional, found,
          fmt::format("for `parallax load` with many connections: ulimit -n {}",
                      std::min<rlim_t>(limit.rlim_max, 65'536))};
}

Checkup machine_checkup() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGE_SIZE);
  const double gib = static_cast<double>(pages) * static_cast<double>(page) / (1ULL << 30);
  return {
      "machine", State::good,
      fmt::format("{} processors, {:.1f} GiB of memory", std::thread::hardware_concurrency(), gib),
      ""};
}

/// The smallest of the smoke scenarios, played and judged like any other.
Checkup run_checkup(const fs::path& scratch) {
  const std::string advice = "tell us: parallax --version, and what stands here";
  LoadOptions load;
  load.faults = fault_kinds();
  const Loaded loaded = load_scenario_text(embedded_text(sample), std::string(sample), load);
  const LoadedTarget target = load_target_text("{}", std::string(sample));
  if (!loaded.ok() || !target.ok())
    return {"a small run", State::bad, "its scenario does not load", advice};
  RunOptions options;
  options.folder = scratch / "run";
  const Result<RunReport> report = run_scenario(loaded.scenario, target.target, options);
  if (!report) return {"a small run", State::bad, report.error().text(), advice};
  const std::string found =
      fmt::format("{}: {} actions through the embedded pipeline in {}", name_of(report->verdict),
                  report_text::with_thousands(report->actions_total),
                  report_text::wall_time(report->timing.total));
  if (report->verdict != Verdict::pass)
    return {"a small run", State::bad, found + "; " + report->because, advice};
  return {"a small run", State::good, found, ""};
}

/// Whether a program is on PATH, and where.
std::string found_program(std::string_view name) {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  for (const std::string& folder : report_text::split(path == nullptr ? "" : path, ":")) {
    const std::string file = folder + "/" + std::string(name);
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

Checkup program_checkup(std::string_view name, const std::string& need) {
  const std::string file = found_program(name);
  if (!file.empty()) return {std::string(name), State::good, file, ""};
  return {std::string(name), State::missing_optional, "not there", need};
}

/// The kinds of targets that this build can send to and read from, from its own schema.
Checkup targets_checkup() {
  const auto schema = nlohmann::json::parse(scenario_schema(fault_kinds()));
  const auto& target = schema.at("properties").at("target").at("properties");
  const auto words = [&](const char* side) {
    std::string out;
    for (const auto& word : target.at(side).at("properties").at("kind").at("enum"))
      if (word.is_string()) out += (out.empty() ? "" : " ") + word.get<std::string>();
    return out;
  };
  return {"targets", State::good, fmt::format("send: {}; read: {}", words("send"), words("read")),
          ""};
}

}  // namespace

std::vector<Checkup> examine(const fs::path& runs) {
  std::vector<Checkup> all;
  all.push_back({"parallax", State::good, version_text, ""});
  const fs::path scratch = scratch_folder();
  if (scratch.empty()) {
    all.push_back({"temporary folder", State::bad, "none can be made", "set TMPDIR to a folder"});
  } else {
    all.push_back(duckdb_checkup(scratch));
    all.push_back(loopback_checkup());
    all.push_back(run_checkup(scratch));
    std::error_code none;
    fs::remove_all(scratch, none);
  }
  all.push_back(folder_checkup(runs));
  all.push_back(files_checkup());
  all.push_back(machine_checkup());
  all.push_back(targets_checkup());
  all.push_back(program_checkup(
      "xdg-open",
      "only for `parallax report --open` (Debian package xdg-utils); --serve needs none"));
  all.push_back(program_checkup(
      "duckdb", "only to ask ledger/*.parquet by hand; any tool that reads Parquet does"));
  all.push_back(program_checkup(
      "chromium", "only for the tests of the report page; `./parallax test` installs it"));
  return all;
}

}  // namespace parallax
