// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/event.h"
#include "sim/core/result.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// Events on their way into a file: filled by the thread that plays them, then written in order.
/// One is used again and again and keeps its memory. Not thread-safe.
class EventBlock {
 public:
  virtual ~EventBlock() = default;
  virtual void add(std::span<const Emission* const> events) = 0;
  virtual void clear() = 0;
  std::uint64_t events = 0;  ///< In it; counted by `add`, zeroed by `clear`.
};

/// A file of raw events in one format, as they would reach a pipeline.
/// To add one: sim/run/event_NAME.cpp defining its maker, declared below, and its line in
/// event_file.cpp.
class EventFile {
 public:
  virtual ~EventFile() = default;
  /// Thread-safe.
  virtual std::unique_ptr<EventBlock> make_block() const = 0;
  /// Appends the events of a block made by this file. One call at a time.
  virtual Result<void> write(const EventBlock& block) = 0;
  /// Everything is written, and the file bears its name. Without it a file is left under its name
  /// plus ".part".
  virtual Result<void> close() = 0;
  /// Written so far; a table's are known when it is closed.
  virtual std::uint64_t bytes() const = 0;
};

struct EventFileOptions {
  std::string format;          ///< A name of `event_formats`.
  std::string wire;            ///< ndjson: the wire format of a line.
  std::filesystem::path file;  ///< "-": standard output, for formats of lines.
  std::string run_id;
};

struct EventFormat {
  std::string_view name;  ///< Also the file's extension.
  std::string_view about;
  bool lines = true;  ///< Can be streamed.
};
std::span<const EventFormat> event_formats();

/// Errors: an unknown name (with the nearest), a table on standard output.
Result<void> check_event_format(const std::string& name, bool to_stdout);
/// Errors: as above, or a file that cannot be made. `plan` must outlive the file.
Result<std::unique_ptr<EventFile>> make_event_file(const EventFileOptions& options,
                                                   const TrackingPlan& plan);

/// The formats themselves. Lines: a row a line, by `write_row`; a table: typed columns.
Result<std::unique_ptr<EventFile>> make_ndjson_file(const EventFileOptions& options,
                                                    const TrackingPlan& plan);
Result<std::unique_ptr<EventFile>> make_csv_file(const EventFileOptions& options,
                                                 const TrackingPlan& plan);
Result<std::unique_ptr<EventFile>> make_parquet_file(const EventFileOptions& options,
                                                     const TrackingPlan& plan);
Result<std::unique_ptr<EventFile>> make_duckdb_file(const EventFileOptions& options,
                                                    const TrackingPlan& plan);

}  // namespace parallax
