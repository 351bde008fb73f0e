// SPDX-License-Identifier: Apache-2.0
#include "sim/run/merge.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/run/connection.h"
#include "sim/run/load_thresholds.h"
#include "sim/run/run_folder.h"
#include "sim/run/version.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

Error invalid(const fs::path& where, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), where.string()};
}

std::string whole_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Compares in pieces: journals are large.
bool equal_files(const fs::path& a, const fs::path& b) {
  std::error_code code;
  if (fs::file_size(a, code) != fs::file_size(b, code)) return false;
  std::ifstream one(a, std::ios::binary), other(b, std::ios::binary);
  std::vector<char> left(1 << 16), right(1 << 16);
  while (one && other) {
    one.read(left.data(), static_cast<std::streamsize>(left.size()));
    other.read(right.data(), static_cast<std::streamsize>(right.size()));
    if (one.gcount() != other.gcount() ||
        !std::equal(left.begin(), left.begin() + one.gcount(), right.begin()))
      return false;
  }
  return true;
}

bool equal_journals(const RunFolder& a, const RunFolder& b) {
  const auto one = journal_files(a.ledger()), other = journal_files(b.ledger());
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(), equal_files);
}

/// The shards by number, each once.
struct Shards {
  RunInfo info;  ///< Of the first.
  std::map<unsigned, RunFolder> folders;
};

Result<Shards> gather(const std::vector<fs::path>& folders) {
  Shards shards;
  for (const fs::path& path : folders) {
    const RunFolder folder{path};
    const Result<RunInfo> info = read_run_info(path);
    if (!info) return info.error();
    if (shards.folders.empty()) shards.info = *info;
    const RunInfo& first = shards.info;
    const auto differs = [&](const char* what, const auto& here, const auto& there) {
      return invalid(path,
                     fmt::format("is of another run: its {} is {}, not {}", what, here, there));
    };
    if (info->scenario_hash != first.scenario_hash)
      return differs("scenario's hash", info->scenario_hash, first.scenario_hash);
    if (info->run_id != first.run_id) return differs("run id", info->run_id, first.run_id);
    if (info->seed != first.seed) return differs("seed", info->seed, first.seed);
    if (info->shard.of != first.shard.of)
      return differs("number of shards", info->shard.of, first.shard.of);
    const auto [place, fresh] = shards.folders.try_emplace(info->shard.index, folder);
    if (!fresh && !equal_journals(place->second, folder))
      return invalid(path, fmt::format("is another run of shard {} than {}", info->shard.index + 1,
                                       place->second.root.string()));
  }
  return shards;
}

Result<void> copy_journals(const Shards& shards, const RunFolder& to) {
  std::size_t number = 0;
  for (const auto& [shard, folder] : shards.folders)
    for (const fs::path& journal : journal_files(folder.ledger())) {
      std::error_code code;
      fs::copy_file(journal, to.ledger() / fmt::format("journal-{}.plx", number++), code);
      if (code)
        return Error{Error::Kind::io, "cannot be copied: " + code.message(), journal.string()};
    }
  return {};
}

/// A table of the shards' own pipelines, and the file of the merged run that gets its rows.
struct MergedTable {
  const char* route;
  const char* key;  ///< In the target file's `read`.
  const char* file;
};
constexpr std::array merged_tables{MergedTable{"/v1/clean_events", "path", "rows.ndjson"},
                                   MergedTable{"/v1/daily_totals", "rollup", "totals.ndjson"},
                                   MergedTable{"/v1/dead_letters", "rejected", "rejected.ndjson"}};

/// What the shard's own pipeline holds, appended to the files of `to` as it comes.
Result<void> append_rows(const Scenario& scenario, const TargetPlan& target,
                         const RunFolder& folder, const std::string& run_id, const RunFolder& to) {
  const Result<std::unique_ptr<Pipeline>> pipeline =
      start_pipeline(scenario.plan, target, folder.pipeline());
  if (!pipeline) return pipeline.error();
  httplib::Client client((*pipeline)->url());
  client.set_read_timeout(static_cast<time_t>(target.read.timeout / second));
  for (const MergedTable& table : merged_tables) {
    std::ofstream out(to.root / table.file, std::ios::binary | std::ios::app);
    const httplib::Result got =
        client.Get(table.route, httplib::Params{{"run_id", run_id}}, httplib::Headers{},
                   [&out](const char* bytes, std::size_t size) {
                     out.write(bytes, static_cast<std::streamsize>(size));
                     return out.good();
                   });
    if (!got || got->status != 200)
      return Error{Error::Kind::io, "its pipeline cannot be read", folder.root.string()};
    if (!out.flush())
      return Error{Error::Kind::io, "cannot be written", (to.root / table.file).string()};
  }
  return {};
}

/// A target whose rows are those of all embedded pipelines together, in a file of the new folder.
Result<TargetPlan> rows_of_all(const Scenario& scenario, const TargetPlan& target,
                               const Shards& shards, const RunFolder& to) {
  std::error_code none;
  for (const MergedTable& table : merged_tables) fs::remove(to.root / table.file, none);
  for (const auto& [shard, folder] : shards.folders)
    if (const Result<void> read = append_rows(scenario, target, folder, shards.info.run_id, to);
        !read)
      return read.error();
  nlohmann::ordered_json json{{"read", {{"kind", "file"}}}, {"settle", {{"quiet", "0s"}}}};
  for (const MergedTable& table : merged_tables)
    json["read"][table.key] = fs::absolute(to.root / table.file).string();
  const std::string file = json["read"]["path"];
  json["send"] = {{"kind", "file"}, {"path", file}};
  LoadedTarget loaded = load_target_text(json.dump(2) + "\n", "the merged target");
  if (!loaded.ok()) return invalid(file, loaded.problems.front().text());
  if (const Result<void> kept = write_whole(to.target(), loaded.target.masked_json); !kept)
    return kept.error();
  return std::move(loaded.target);
}

/// Nothing where the shards were runs, not loads.
Result<std::optional<LoadReport>> sum_of_loads(const Shards& shards) {
  std::vector<LoadReport> loads;
  for (const auto& [shard, folder] : shards.folders) {
    if (!fs::exists(folder.load())) continue;
    Result<LoadReport> load = parse_load_json(whole_file(folder.load()));
    if (!load) return Error{load.error().kind, load.error().what, folder.load().string()};
    loads.push_back(std::move(*load));
  }
  if (loads.empty()) return std::optional<LoadReport>();
  if (loads.size() != shards.folders.size())
    return invalid(shards.folders.begin()->second.root, "some shards are loads and some are not");
  return std::optional(merge_loads(loads));
}

void note_missing(const Shards& shards, RunReport& report) {
  if (shards.folders.size() == shards.info.shard.of) return;
  if (merge(report.verdict, Verdict::unknown) == report.verdict) return;
  report.verdict = Verdict::unknown;
  report.because =
      fmt::format("only {} of {} shards are here", shards.folders.size(), shards.info.shard.of);
}

}  // namespace

Result<RunReport> merge_runs(const std::vector<fs::path>& folders, const Scenario& scenario,
                             const TargetPlan& target, const RunOptions& options) {
  const Result<Shards> shards = gather(folders);
  if (!shards) return shards.error();
  Result<std::optional<LoadReport>> load = sum_of_loads(*shards);
  if (!load) return load.error();
  RunInfo info = shards->info;
  info.shard = {};
  const Result<RunFolder> to = prepare_run_folder(options.folder, scenario, target, info);
  if (!to) return to.error();
  if (const Result<void> copied = copy_journals(*shards, *to); !copied) return copied.error();
  const bool embedded = target.send.kind == "embedded";
  Result<TargetPlan> all =
      embedded ? rows_of_all(scenario, target, *shards, *to) : Result<TargetPlan>(target);
  if (!all) return all.error();
  Result<RunReport> report = judge_folder(scenario, *all, options);
  if (!report) return report;
  if (embedded)
    report->target = fmt::format("the embedded pipelines of {} shards", shards->folders.size());
  note_missing(*shards, *report);
  if (!*load) return report;
  report->load = std::move(**load);
  report->delivery.errors.assign(report->load->tally.errors.begin(),
                                 report->load->tally.errors.end());
  const auto thresholds = parse_thresholds(report->load->thresholds);
  if (!thresholds) return thresholds.error();
  add_thresholds(*thresholds, *report);
  if (const Result<void> kept = write_whole(to->load(), load_json(*report->load)); !kept)
    return kept.error();
  return report;
}

}  // namespace parallax
