// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/result.h"

namespace parallax::pipeline {

/// Append-only file of framed records. `append` returns only after the record is on the disk;
/// concurrent callers share one fdatasync (group commit).
///
/// File: 8 bytes "PLXEVLOG", then frames of {u32 length, u32 CRC-32, payload}, little-endian. A
/// torn or damaged frame ends the log: opening it cuts the file there. Nothing acknowledged is lost
/// by that, since an acknowledged frame is complete on the disk.
///
/// Thread-safe. One process at a time: the file is locked while it is open.
class DurableLog {
 public:
  /// Opens or makes `file`. `verified_until` is an offset up to which the frames are known to be
  /// whole (the warehouse has loaded them). Errors: another process has it, it is shorter than
  /// that offset, it is no event log, or the disk fails.
  static Result<std::unique_ptr<DurableLog>> open(const std::filesystem::path& file,
                                                  std::uint64_t verified_until);
  ~DurableLog();  ///< Waits for the writer; what was not yet acknowledged is still written.

  /// Writes one record, which is not empty, and waits for the disk. Errors: `timeout` when more
  /// than 64 MiB wait to be written (nothing was stored: try later); `io` when the disk failed, and
  /// then for ever.
  Result<void> append(std::string_view payload);

  /// Everything before this offset is on the disk.
  std::uint64_t durable_end() const;

  /// Offset of the first frame of a log.
  static constexpr std::uint64_t first_frame = 8;

 private:
  struct State;
  explicit DurableLog(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// Reads frames of an open log through a window of at most 4 MiB (or one frame, where that is
/// longer). Not thread-safe; several may read one file.
class LogReader {
 public:
  static Result<LogReader> open(const std::filesystem::path& file, std::uint64_t offset);
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;
  ~LogReader();

  /// The next whole frame that ends at or before `end`; false when there is none. The payload is
  /// valid until the next call.
  Result<bool> next(std::uint64_t end, std::string_view& payload);
  std::uint64_t offset() const { return offset_; }  ///< Where the next frame starts.

 private:
  LogReader(int file, std::uint64_t offset) : file_(file), offset_(offset) {}
  bool fill(std::uint64_t end, std::size_t wanted);
  int file_ = -1;
  std::uint64_t offset_ = 0;
  std::string window_;
  std::size_t used_ = 0;  ///< Bytes of the window that lie before `offset_`.
};

}  // namespace parallax::pipeline
