// SPDX-License-Identifier: Apache-2.0
#include "sim/run/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "sim/core/duckdb.h"
#include "sim/run/grade.h"
#include "sim/run/lesson_data.h"
#include "sim/run/report.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using duckdb::quote_literal;
using duckdb::quote_name;

constexpr std::array sizes{BundleSize{"small", 1}, BundleSize{"medium", 10},
                           BundleSize{"large", 30}};

Error failed(const fs::path& path, const std::string& what) {
  return {Error::Kind::io, what, path.string()};
}

/// Writes texts and tables, and keeps for each half of the bundle what a manifest says.
class BundleWriter {
 public:
  static Result<BundleWriter> open(const fs::path& root) {
    duckdb::OpenOptions options;
    options.threads = 1;  // One thread keeps the order of the rows.
    auto database = duckdb::Database::open({}, options);
    if (!database) return database.error();
    auto sql = database->connect();
    if (!sql) return sql.error();
    return BundleWriter(root, std::move(*database), std::move(*sql));
  }

  duckdb::Connection& sql() { return sql_; }
  const fs::path& root() const { return root_; }

  Result<void> text(const std::string& path, const std::string& content) {
    std::error_code code;
    fs::create_directories((root_ / path).parent_path(), code);
    return write_whole(root_ / path, content);
  }
  /// `query` into a file, as CSV or Parquet by its extension.
  Result<void> table(const std::string& path, const std::string& query) {
    std::error_code code;
    fs::create_directories((root_ / path).parent_path(), code);
    const std::string form = path.ends_with(".csv")
                                 ? "format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%gZ'"
                                 : "format parquet, compression zstd";
    return sql_.run(fmt::format("copy ({}) to {} ({}, use_tmp_file false)", query,
                                quote_literal((root_ / path).string()), form));
  }

  /// What a manifest says of the file.
  Result<BundleFile> describe(const std::string& path) {
    std::error_code code;
    BundleFile out{path, fs::file_size(root_ / path, code), {}, {}};
    if (code) return failed(root_ / path, code.message());
    const std::string file = quote_literal((root_ / path).string());
    if (path.ends_with(".duckdb")) return out;
    auto hash = sql_.query("select sha256(content) from read_blob(" + file + ")");
    if (!hash) return hash.error();
    out.sha256 = hash->texts().at(0).at(0);
    const bool csv = path.ends_with(".csv");
    if (!csv && !path.ends_with(".parquet")) return out;
    const auto rows =
        sql_.integer(fmt::format("select count(*) from {}({}{})", csv ? "read_csv" : "read_parquet",
                                 file, csv ? ", header = true, all_varchar = true" : ""));
    if (!rows) return rows.error();
    out.rows = static_cast<std::uint64_t>(*rows);
    return out;
  }

  /// Writes MANIFEST.json over everything in the half.
  Result<std::vector<BundleFile>> close_half(const std::string& half, const BundlePlan& plan) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / half))
      if (entry.is_regular_file())
        paths.push_back(entry.path().lexically_relative(root_ / half).generic_string());
    std::sort(paths.begin(), paths.end());
    std::vector<BundleFile> files;
    for (const std::string& path : paths) {
      Result<BundleFile> file = describe(half + "/" + path);
      if (!file) return file.error();
      file->path = path;
      files.push_back(std::move(*file));
    }
    const Result<void> written = text(half + "/MANIFEST.json", bundle_manifest(plan, files));
    if (!written) return written.error();
    return files;
  }

 private:
  BundleWriter(fs::path root, duckdb::Database database, duckdb::Connection sql)
      : root_(std::move(root)), database_(std::move(database)), sql_(std::move(sql)) {}
  fs::path root_;
  duckdb::Database database_;
  duckdb::Connection sql_;
};

/// Removes an earlier bundle and nothing else.
Result<void> empty_folder(const fs::path& root) {
  std::error_code code;
  if (!fs::exists(root, code)) return {};
  if (!fs::is_directory(root, code)) return failed(root, "is not a folder");
  const bool earlier = fs::exists(root / "student" / "MANIFEST.json", code);
  for (const auto& entry : fs::directory_iterator(root, code)) {
    const std::string name = entry.path().filename().string();
    if (!earlier || (name != "student" && name != "teacher"))
      return failed(root, "is not empty and holds no earlier bundle; choose another --out");
  }
  fs::remove_all(root / "teacher", code);
  fs::remove_all(root / "student", code);
  if (code) return failed(root, "cannot be emptied: " + code.message());
  return {};
}

/// Takes out the tasks that these data, or hidden ones of the same story, do not decide.
Result<std::vector<Bundle::Withheld>> withhold(BundlePlan& plan, const fs::path& database) {
  Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  const auto scenario =
      lesson_scenario(plan.dataset.name, hidden_seed_for(plan.scenario.seed), sizes.front().scale);
  if (!scenario) return scenario.error();
  const auto hidden = make_lesson_data(plan.dataset, *scenario, scratch->path());
  if (!hidden) return hidden.error();
  std::vector<Bundle::Withheld> out;
  std::vector<Task> fit;
  for (Task& task : plan.dataset.tasks) {
    std::vector<std::string> why = unfit(task, database);
    if (why.empty()) why = unfit(task, hidden->database);
    if (why.empty()) {
      fit.push_back(std::move(task));
    } else {
      out.push_back({task.name, why.front()});
    }
  }
  plan.dataset.tasks = std::move(fit);
  if (plan.dataset.tasks.empty())
    return Error{Error::Kind::invalid_input, "no task is left: " + out.front().why,
                 plan.dataset.name};
  return out;
}

Result<void> write_data(const BundlePlan& plan, const fs::path& database, BundleWriter& out) {
  const auto tables = lesson_tables(database);
  if (!tables) return tables.error();
  Result<void> done =
      out.sql().run("attach " + quote_literal(database.string()) + " as lesson (read_only)");
  for (const std::string& table : *tables)
    for (const char* form : {".csv", ".parquet"})
      if (done)
        done = out.table("student/data/" + table + form, "from lesson." + quote_name(table));
  for (const Task& task : plan.dataset.tasks) {
    if (done) done = out.sql().run("use lesson");
    if (done) done = out.table("teacher/answers/" + task.name + ".csv", task.answer);
    if (done) done = out.sql().run("use memory");
  }
  if (done) done = out.sql().run("detach lesson");
  return done;
}

Result<void> write_texts(const BundlePlan& plan, BundleWriter& out) {
  std::vector<std::pair<std::string, std::string>> texts{
      {"student/schema.md",
       fmt::format("# The tables of {}\n\n{}\n", plan.dataset.name, plan.dataset.tables)},
      {"student/tasks.md", bundle_tasks(plan)},
      {"student/tasks.json", bundle_tasks_json(plan)},
      {"teacher/README.md", bundle_teacher_readme(plan)},
      {"teacher/scenario.json", plan.scenario.effective_json}};
  for (const Task& task : plan.dataset.tasks) {
    texts.emplace_back("teacher/answers/" + task.name + ".sql", task.answer);
    texts.emplace_back("teacher/answers/" + task.name + ".md", bundle_answer(task));
  }
  for (const auto& [path, text] : texts)
    if (const Result<void> done = out.text(path, text); !done) return done;
  return {};
}

}  // namespace

Result<BundleSize> bundle_size(const std::string& name) {
  std::vector<std::string_view> names;
  for (const BundleSize& size : sizes) {
    if (size.name == name) return size;
    names.push_back(size.name);
  }
  const std::string nearest = nearest_name(name, names);
  return Error{Error::Kind::invalid_input,
               fmt::format("found {}, expected {}{}", name, fmt::join(names, ", "),
                           nearest.empty() ? "" : "; did you mean " + nearest + "?"),
               "--size"};
}

Result<Bundle> make_bundle(BundlePlan plan, const fs::path& root) {
  if (const Result<void> emptied = empty_folder(root); !emptied) return emptied.error();
  const auto data = make_lesson_data(plan.dataset, plan.scenario, root / "teacher");
  if (!data) return data.error();
  Bundle out;
  auto withheld = withhold(plan, data->database);
  if (!withheld) return withheld.error();
  out.withheld = std::move(*withheld);
  auto writer = BundleWriter::open(root);
  if (!writer) return writer.error();
  if (const Result<void> done = write_data(plan, data->database, *writer); !done)
    return done.error();
  if (const Result<void> done = write_texts(plan, *writer); !done) return done.error();
  const fs::path database = root / "student" / "data" / data->database.filename();
  std::error_code code;
  fs::rename(data->database, database, code);
  if (code) return failed(database, code.message());
  for (const auto& entry : fs::directory_iterator(database.parent_path())) {
    auto file = writer->describe("student/data/" + entry.path().filename().string());
    if (!file) return file.error();
    file->path.erase(0, std::string_view("student/").size());
    out.data.push_back(std::move(*file));
  }
  std::sort(out.data.begin(), out.data.end(),
            [](const BundleFile& a, const BundleFile& b) { return a.path < b.path; });
  Result<void> told = writer->text("student/README.md", bundle_readme(plan, out.data));
  if (!told) return told.error();
  for (const char* half : {"student", "teacher"})
    if (const auto closed = writer->close_half(half, plan); !closed) return closed.error();
  return out;
}

}  // namespace parallax
