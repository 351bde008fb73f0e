// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "sim/core/result.h"
#include "sim/pipeline/log_segment.h"
#include "sim/pipeline/record.h"

namespace parallax::pipeline {

struct LogOptions {
  /// What may wait for the disk, in bytes; more is refused. One record may always wait.
  std::size_t waiting_max = 64U << 20;
  /// A segment of this length is followed by the next one, in bytes; at most LogSegment::span.
  std::uint64_t segment_length = LogSegment::span;
};

/// Append-only log of records in segment files (DATA/events-000000.log, ...): the truth of the
/// pipeline and its raw store. `append` returns only after the record is on the disk; concurrent
/// callers share one fdatasync (group commit).
///
/// Every entry of a record has a position, 0, 1, 2, ... over the whole log. A torn or damaged frame
/// ends the log: opening it cuts the last segment there. Nothing acknowledged is lost by that,
/// since an acknowledged frame is complete on the disk.
///
/// Thread-safe. One process at a time: the folder is locked while the log is open.
class DurableLog {
 public:
  /// Opens or makes the log in `folder`. Entries before `verified` are known to be whole (the
  /// models have read them). Errors: another process has it, it ends before `verified`, a segment
  /// is missing, it is no event log, or the disk fails.
  static Result<std::unique_ptr<DurableLog>> open(const std::filesystem::path& folder,
                                                  std::int64_t verified,
                                                  const LogOptions& options = {});
  ~DurableLog();  ///< Waits for the writer; what was not yet acknowledged is still written.

  /// Writes one record (RecordWriter::finish), which has entries, and waits for the disk. Errors:
  /// `timeout` when too much waits to be written (nothing was stored: try later); `io` when the
  /// disk failed, and then for ever.
  Result<void> append(std::string_view record);

  /// Every entry before this position is on the disk.
  std::int64_t end() const;
  std::uint64_t bytes() const;  ///< On the disk, in all segments.
  std::uint64_t syncs() const;  ///< Group commits so far.

  /// The segment that holds `position`, null for the end and beyond; and the one after it or null.
  /// Segments live as long as the log.
  const LogSegment* segment_of(std::int64_t position) const;
  const LogSegment* segment_after(const LogSegment* segment) const;
  /// To be called before a segment is looked at: the memory of those that were not for a while is
  /// given back, so that four of them bound what a process holds of the log.
  void will_look_at(const LogSegment* segment) const;

 private:
  struct State;
  explicit DurableLog(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// Walks the frames of an open log from any position, without locks while it stays in a segment.
/// Not thread-safe; any number may walk one log. Must not outlive it.
class LogCursor {
 public:
  explicit LogCursor(const DurableLog& log) : log_(&log) {}
  /// Goes to the frame that holds `position`: fast when it is the current one or soon after it.
  /// False: the position is not in the log yet.
  bool seek(std::int64_t position);
  /// Goes to the next frame; false at the end. Precondition: the last move succeeded.
  bool next();

  std::int64_t position() const { return position_; }  ///< Of the frame's first entry.
  const RecordView& record() const { return record_; }

 private:
  void look(const LogSegment* segment, std::uint64_t offset);
  bool holds(std::int64_t position) const {
    return segment_ != nullptr && position >= position_ && position < position_ + record_.entries();
  }
  const DurableLog* log_;
  const LogSegment* segment_ = nullptr;
  std::uint64_t offset_ = 0;
  std::uint64_t after_ = 0;  ///< Where the next frame starts.
  std::int64_t position_ = 0;
  RecordView record_;
};

}  // namespace parallax::pipeline
