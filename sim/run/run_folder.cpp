// SPDX-License-Identifier: Apache-2.0
#include "sim/run/run_folder.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/core/id.h"
#include "sim/run/event_file.h"
#include "sim/run/report.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

Error folder_error(const fs::path& root, const std::string& what) {
  return {Error::Kind::io, what, root.string()};
}

/// Removes what an earlier run left, and nothing else.
Result<void> empty_folder(const fs::path& root) {
  std::error_code code;
  if (!fs::exists(root, code)) return {};
  if (!fs::is_directory(root, code)) return folder_error(root, "is not a folder");
  if (!fs::is_empty(root, code) && !fs::exists(root / "run.json", code))
    return folder_error(root, "is not empty and holds no earlier run; choose another --out");
  std::vector<std::string> names{"ledger",      "pipeline",    "scenario.json", "target.json",
                                 "report.json", "report.html", "junit.xml",     "summary.md",
                                 "load.json",   "rows.ndjson", "totals.ndjson", "rejected.ndjson",
                                 "shrunk.json", "names.txt",   "requests.plxr"};
  for (const EventFormat& format : event_formats())
    for (const char* state : {"", ".part", ".part.wal"})
      names.push_back("events." + std::string(format.name) + state);
  names.emplace_back("run.json");  // Last: until then the folder is known as a run's.
  for (const std::string& name : names) {
    fs::remove_all(root / name, code);
    if (code) return folder_error(root / name, "cannot be removed: " + code.message());
  }
  return {};
}

}  // namespace

std::string scenario_hash(const Scenario& scenario) {
  return fmt::format("{:016x}", hash_text(scenario.effective_json));
}

Result<RunFolder> prepare_run_folder(const fs::path& root, const Scenario& scenario,
                                     const TargetPlan& target, const RunInfo& info) {
  if (const Result<void> emptied = empty_folder(root); !emptied) return emptied.error();
  const RunFolder folder{root};
  std::error_code code;
  fs::create_directories(folder.ledger(), code);
  if (code) return folder_error(root, "cannot be made: " + code.message());
  nlohmann::ordered_json json;
  json["parallax"] = info.parallax;
  json["run_id"] = info.run_id;
  json["seed"] = info.seed;
  json["scenario"] = scenario.name;
  json["scenario_hash"] = info.scenario_hash;
  json["jobs"] = info.jobs;
  if (info.shard.of > 1) json["shard"] = {info.shard.index + 1, info.shard.of};
  // run.json first: from here on the folder is known as a run's.
  for (const auto& [file, text] : {std::pair{folder.info(), json.dump(2) + "\n"},
                                   std::pair{folder.scenario(), scenario.effective_json},
                                   std::pair{folder.target(), target.masked_json}})
    if (!text.empty())
      if (const Result<void> written = write_whole(file, text); !written) return written.error();
  return folder;
}

Result<RunInfo> read_run_info(const fs::path& root) {
  std::ifstream in(root / "run.json");
  if (!in) return folder_error(root, "is no run folder: it has no run.json");
  const auto json = nlohmann::json::parse(in, nullptr, false);
  RunInfo info;
  try {
    info.parallax = json.at("parallax").get<std::string>();
    info.run_id = json.at("run_id").get<std::string>();
    info.seed = json.at("seed").get<std::uint64_t>();
    info.scenario_hash = json.at("scenario_hash").get<std::string>();
    info.jobs = json.at("jobs").get<unsigned>();
    if (json.contains("shard")) {
      info.shard.index = json.at("shard").at(0).get<unsigned>() - 1;
      info.shard.of = json.at("shard").at(1).get<unsigned>();
    }
  } catch (const nlohmann::json::exception&) {
    return Error{Error::Kind::invalid_input, "is damaged", (root / "run.json").string()};
  }
  return info;
}

}  // namespace parallax
