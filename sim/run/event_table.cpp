// SPDX-License-Identifier: Apache-2.0
// Parquet and DuckDB: DuckDB pulls the events as chunks of typed columns out of a table function,
// on a thread of its own, while the blocks go on being played.
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "sim/core/duckdb.h"
#include "sim/run/event_chunk.h"
#include "sim/run/event_file.h"

namespace parallax {
namespace {

struct RowBlock final : EventBlock {
  void add(std::span<const Emission* const> added) override {
    for (const Emission* event : added) rows.push_back(*event);
    events += added.size();
  }
  void clear() override {
    rows.clear();
    events = 0;
  }
  std::vector<Emission> rows;
};

/// Blocks on their way from the writer to DuckDB's thread; holds one.
class Handover {
 public:
  /// Waits for room. False when the other side has given up.
  bool put(const std::vector<Emission>& rows) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !full_ || closed_; });
    if (closed_) return false;
    rows_ = rows;
    full_ = true;
    changed_.notify_all();
    return true;
  }
  /// Waits for rows and swaps them into `rows`; false when there will be no more.
  bool take(std::vector<Emission>& rows) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return full_ || ended_; });
    if (!full_) return false;
    rows.swap(rows_);
    full_ = false;
    changed_.notify_all();
    return true;
  }
  /// The writer has no more rows.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  /// The reader takes no more.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Emission> rows_;
  bool full_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

/// What one format asks DuckDB to do.
struct TableJob {
  std::filesystem::path file;      ///< The final name.
  std::filesystem::path database;  ///< Empty: in memory.
  std::string sql;                 ///< Reads the table function `events_played()`.
};

std::filesystem::path part_of(const std::filesystem::path& file) { return file.string() + ".part"; }

class TableFile final : public EventFile {
 public:
  TableFile(TableJob job, const TrackingPlan& plan, std::string run_id, duckdb::Database database,
            duckdb::Connection connection)
      : job_(std::move(job)),
        database_(std::move(database)),
        connection_(std::move(connection)),
        chunks_(plan, std::move(run_id),
                [this](std::vector<Emission>& rows) { return handover_.take(rows); }) {}
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;
  ~TableFile() override {
    if (!thread_.joinable()) return;
    chunks_.abandon();
    handover_.end();
    thread_.join();
  }

  Result<void> start() {
    if (const Result<void> known = chunks_.register_as("events_played", *connection_); !known)
      return known;
    thread_ = std::thread([this] {
      result_ = connection_->run(job_.sql);
      handover_.close();
    });
    return {};
  }

  std::unique_ptr<EventBlock> make_block() const override { return std::make_unique<RowBlock>(); }

  Result<void> write(const EventBlock& block) override {
    const auto& rows = static_cast<const RowBlock&>(block).rows;
    if (rows.empty() || handover_.put(rows)) return {};
    thread_.join();
    return failed();
  }

  Result<void> close() override {
    handover_.end();
    if (thread_.joinable()) thread_.join();
    if (!result_) return failed();
    connection_.reset();
    database_.reset();  // A database is whole on disk only when it is closed.
    std::error_code code;
    std::filesystem::rename(part_of(job_.file), job_.file, code);
    if (!code) bytes_ = std::filesystem::file_size(job_.file, code);
    if (code) return Error{Error::Kind::io, code.message(), job_.file.string()};
    return {};
  }

  std::uint64_t bytes() const override { return bytes_; }

 private:
  Error failed() const {
    assert(!result_);
    return {Error::Kind::io, result_.error().what, job_.file.string()};
  }

  TableJob job_;
  std::optional<duckdb::Database> database_;
  std::optional<duckdb::Connection> connection_;
  Handover handover_;
  EventChunks chunks_;
  std::thread thread_;
  Result<void> result_;  ///< Of the job; the thread's until it is joined.
  std::uint64_t bytes_ = 0;
};

Result<std::unique_ptr<EventFile>> make_table(TableJob job, const EventFileOptions& options,
                                              const TrackingPlan& plan) {
  std::error_code ignored;
  std::filesystem::remove(part_of(job.file), ignored);
  duckdb::OpenOptions settings;
  settings.threads = 1;  // One thread keeps the order of the rows.
  settings.memory_limit = "1GiB";
  Result<duckdb::Database> database = duckdb::Database::open(job.database, settings);
  if (!database) return database.error();
  Result<duckdb::Connection> connection = database->connect();
  if (!connection) return connection.error();
  auto file = std::make_unique<TableFile>(std::move(job), plan, options.run_id,
                                          std::move(*database), std::move(*connection));
  if (const Result<void> started = file->start(); !started) return started.error();
  return std::unique_ptr<EventFile>(std::move(file));
}

}  // namespace

Result<std::unique_ptr<EventFile>> make_parquet_file(const EventFileOptions& options,
                                                     const TrackingPlan& plan) {
  const std::string part = duckdb::quote_literal(part_of(options.file).string());
  return make_table({options.file,
                     {},
                     "copy (select * from events_played()) to " + part +
                         " (format parquet, compression zstd, use_tmp_file false)"},
                    options, plan);
}

Result<std::unique_ptr<EventFile>> make_duckdb_file(const EventFileOptions& options,
                                                    const TrackingPlan& plan) {
  return make_table(
      {options.file, part_of(options.file), "create table events as from events_played()"}, options,
      plan);
}

}  // namespace parallax
