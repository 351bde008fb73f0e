// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/lesson.h"

namespace parallax {

struct BundleSize {
  std::string_view name;
  std::uint32_t scale;  ///< Times the scenario's population.
};
/// small, medium or large. Errors: no such size (with the nearest).
Result<BundleSize> bundle_size(const std::string& name);

/// A data set as it is handed out.
struct BundlePlan {
  Dataset dataset;
  Scenario scenario;
  BundleSize size;
  bool usual = true;  ///< Size and seed are what `parallax grade` takes by itself.
};

/// One file of a bundle.
struct BundleFile {
  std::string path;  ///< Below its half of the bundle.
  std::uint64_t bytes = 0;
  std::string sha256;
  std::optional<std::uint64_t> rows;  ///< Of data and truth.
};

struct Bundle {
  std::vector<BundleFile> data;  ///< What students load.
  struct Withheld {
    std::string task, why;
  };
  std::vector<Withheld> withheld;  ///< Tasks that these data do not decide; they are left out.
};

/// Makes two folders below `root`:
/// - `student`: README.md, schema.md, tasks.md and tasks.json, data as CSV, Parquet and DuckDB;
/// - `teacher`: an answer a task (SQL, rows, explanation), the truth and the scenario.
/// Each has a MANIFEST.json with rows and SHA-256 of its files; only the DuckDB file has no hash:
/// its rows are always the same, its bytes are not.
/// Every task is checked on these data and on hidden ones first (`unfit`).
/// An earlier bundle in `root` is replaced; a folder with anything else in it is refused.
/// Errors: as of `make_lesson_data`.
Result<Bundle> make_bundle(BundlePlan plan, const std::filesystem::path& root);

/// The texts of a bundle, as Markdown and JSON.
std::string bundle_readme(const BundlePlan& plan, const std::vector<BundleFile>& data);
std::string bundle_teacher_readme(const BundlePlan& plan);
std::string bundle_tasks(const BundlePlan& plan);
std::string bundle_tasks_json(const BundlePlan& plan);
std::string bundle_answer(const Task& task);
std::string bundle_manifest(const BundlePlan& plan, const std::vector<BundleFile>& files);
/// "parallax grade NAME FILE" with the options that these data need.
std::string grade_command(const BundlePlan& plan, const std::string& task, const std::string& file);

}  // namespace parallax
