// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"

namespace parallax::pipeline {

/// One frame of the log: a record, and the position of its first entry in the whole log.
struct Frame {
  std::int64_t position = 0;
  std::string_view record;
};

/// One file of the log, mapped for reading while it grows.
///
/// File: 8 bytes "PLXLOG03", i64 position of its first entry, then frames of {u32 length, u32
/// checksum, i64 position, record}, little-endian; lengths are multiples of 8, so that records can
/// be read in place. Zeros or the end of the file end the frames.
///
/// One thread writes; any number read what `visible` covers.
class LogSegment {
 public:
  static constexpr std::uint64_t span = 256U << 20;  ///< No segment is longer, in bytes.
  static constexpr std::uint64_t first_frame = 16;
  static constexpr std::size_t frame_header = 16;
  /// Longest record that any segment can hold.
  static constexpr std::size_t record_max = 128U << 20;

  /// Makes an empty segment on the disk, or opens one; a file too short to have its header is one
  /// that a crash left unborn, and is made anew. Errors: io; no log.
  static Result<std::unique_ptr<LogSegment>> open(const std::filesystem::path& file,
                                                  std::int64_t position_if_new);
  ~LogSegment();
  LogSegment(const LogSegment&) = delete;
  LogSegment& operator=(const LogSegment&) = delete;

  /// Walks the frames from the start; those with entries at or after `verified` are checked against
  /// their checksums. Makes `visible` what is whole. Returns the position behind the last entry.
  std::int64_t recover(std::int64_t verified);
  /// Cuts what stands behind `visible`, on the disk too.
  Result<void> cut();
  std::uint64_t file_length() const { return file_length_; }

  /// Writes frames, waits for the disk, and shows them. Precondition: they fit into `span`.
  Result<void> append(std::string_view frames);

  std::int64_t position() const { return position_; }  ///< Of the first entry.
  std::uint64_t visible() const { return visible_.load(std::memory_order_acquire); }
  /// The frame at this offset. Precondition: one starts there and `offset` < visible().
  Frame frame_at(std::uint64_t offset) const;
  /// Gives back the memory that looking at the segment took; it can be looked at again.
  void release() const;
  /// Offset of a frame that starts at or before the frame holding `position`, not far from it.
  std::uint64_t offset_near(std::int64_t position) const;

 private:
  struct Point {
    std::int64_t position;
    std::uint64_t offset;
  };
  LogSegment(int file, const char* bytes) : file_(file), bytes_(bytes) {}
  void note(std::int64_t position, std::uint64_t offset);
  bool is_whole(std::uint64_t offset, std::int64_t expected, bool check) const;

  int file_;
  const char* bytes_;
  std::int64_t position_ = 0;
  std::uint64_t file_length_ = 0;
  std::atomic<std::uint64_t> visible_{first_frame};
  /// Every 64 KiB or so the start of a frame. Written before `visible_` moves on, with room made
  /// beforehand, so that readers need no lock.
  std::vector<Point> points_;
  std::atomic<std::size_t> points_used_{0};
};

/// The checksum of a record, whose length is a multiple of 8.
std::uint32_t checksum_of(std::string_view record);
/// Appends one frame to `out`.
void put_frame(std::int64_t position, std::uint32_t checksum, std::string_view record,
               std::string& out);
/// Entries of a record, as its head says.
std::uint32_t entries_of(std::string_view record);
/// The system's last error, as ours.
Error disk_error(std::string what);
/// A new file is only there after a crash when its folder is on the disk as well.
bool sync_folder(const std::filesystem::path& folder);

}  // namespace parallax::pipeline
