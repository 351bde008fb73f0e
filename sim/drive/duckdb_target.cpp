// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "sim/core/duckdb.h"
#include "sim/drive/lines_target.h"

namespace parallax {
namespace {

/// A file as this process has it open. DuckDB opens a file once, so the targets of all threads
/// share it; the last one closes it.
class SharedFile {
 public:
  static Result<std::shared_ptr<SharedFile>> open(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<SharedFile>> files;
    const std::lock_guard lock(mutex);
    std::weak_ptr<SharedFile>& known = files[path];
    if (auto shared = known.lock()) return shared;
    Result<duckdb::Database> database = duckdb::Database::open(path);
    if (!database) return database.error();
    auto shared = std::make_shared<SharedFile>(std::move(*database));
    known = shared;
    return shared;
  }
  explicit SharedFile(duckdb::Database database) : database_(std::move(database)) {}
  Result<duckdb::Connection> connect() { return database_.connect(); }

 private:
  duckdb::Database database_;
};

/// What is sent is gathered, and written some thousand rows at a time: a statement a batch would be
/// a transaction a batch.
constexpr std::size_t gathered_bytes_max = 4U << 20U;

class DuckDbTarget final : public LinesTarget {
 public:
  DuckDbTarget(std::string insert, std::shared_ptr<SharedFile> file, duckdb::Connection connection)
      : insert_(std::move(insert)), file_(std::move(file)), connection_(std::move(connection)) {}

  Result<void> close() override {
    if (!connection_) return so_far();
    const Result<void> written = flush();
    connection_.reset();
    file_.reset();
    return so_far() ? written : so_far();
  }

 private:
  Result<void> put(std::string_view lines) override {
    gathered_ += lines;
    return gathered_.size() < gathered_bytes_max ? Result<void>() : flush();
  }
  Result<void> flush() {
    if (gathered_.empty()) return {};
    gathered_.pop_back();  // The last line's end would make an empty row.
    Result<duckdb::Rows> done = connection_->query(insert_, {gathered_});
    gathered_.clear();
    return done ? Result<void>() : done.error();
  }

  const std::string insert_;
  std::shared_ptr<SharedFile> file_;  ///< Before the connection, which must not outlive it.
  std::optional<duckdb::Connection> connection_;
  std::string gathered_;
};

}  // namespace

Result<std::unique_ptr<Target>> make_duckdb_target(const DuckDbTargetOptions& options) {
  Result<std::shared_ptr<SharedFile>> file = SharedFile::open(options.path);
  if (!file) return file.error();
  Result<duckdb::Connection> connection = (*file)->connect();
  if (!connection) return connection.error();
  const std::string table =
      "create table if not exists " + options.table + " (" + options.event_column + " varchar)";
  if (const Result<void> made = connection->run(table); !made) return made.error();
  const std::string insert = "insert into " + options.table + " (" + options.event_column +
                             ") select unnest(string_split($1, chr(10)))";
  return std::unique_ptr<Target>(
      std::make_unique<DuckDbTarget>(insert, std::move(*file), std::move(*connection)));
}

}  // namespace parallax
