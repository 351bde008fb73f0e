// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/log_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "sim/pipeline/record.h"

namespace parallax::pipeline {
namespace {

constexpr std::string_view magic = "PLXLOG03";
constexpr std::uint64_t point_distance = 64U << 10;
constexpr std::size_t points_max = LogSegment::span / point_distance + 1;

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint32_t checksum = 0;
  std::int64_t position = 0;
};
static_assert(sizeof(FrameHeader) == LogSegment::frame_header);

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

FrameHeader header_at(const char* bytes) {
  FrameHeader header;
  std::memcpy(&header, bytes, sizeof header);
  return header;
}

}  // namespace

Error disk_error(std::string what) {
  return {Error::Kind::io, std::move(what) + ": " + std::generic_category().message(errno), {}};
}

bool sync_folder(const std::filesystem::path& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return false;
  const bool done = ::fsync(handle) == 0;
  ::close(handle);
  return done;
}

/// Four lanes of multiply and rotate: finds torn and damaged records as well as a CRC-32 would, at
/// memory speed.
std::uint32_t checksum_of(std::string_view bytes) {
  constexpr std::uint64_t odd = 0x9fb2'1c65'1e98'df25;
  std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
  std::size_t at = 0;
  const auto mix = [&](std::size_t lane) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    lanes[lane] = std::rotl((lanes[lane] ^ word) * odd, 29);
    at += sizeof word;
  };
  while (bytes.size() - at >= 32)
    for (std::size_t lane = 0; lane < 4; ++lane) mix(lane);
  for (std::size_t lane = 0; at + 8 <= bytes.size(); ++lane) mix(lane);
  std::uint64_t sum = bytes.size();
  for (const std::uint64_t lane : lanes) sum = std::rotl((sum ^ lane) * odd, 31);
  return static_cast<std::uint32_t>(sum ^ (sum >> 32));
}

void put_frame(std::int64_t position, std::uint32_t checksum, std::string_view record,
               std::string& out) {
  const FrameHeader header{static_cast<std::uint32_t>(record.size()), checksum, position};
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out += record;
}

std::uint32_t entries_of(std::string_view record) {
  RecordHead head;
  assert(record.size() >= sizeof head);
  std::memcpy(&head, record.data(), sizeof head);
  return head.events + head.dead;
}

Result<std::unique_ptr<LogSegment>> LogSegment::open(const std::filesystem::path& path,
                                                     std::int64_t position_if_new) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return disk_error(path.string());
  void* bytes = ::mmap(nullptr, span, PROT_READ, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED) {
    ::close(file);
    return disk_error("the log cannot be mapped");
  }
  std::unique_ptr<LogSegment> segment(new LogSegment(file, static_cast<const char*>(bytes)));
  struct stat status {};
  if (::fstat(file, &status) != 0) return disk_error("the log's length");
  segment->file_length_ = static_cast<std::uint64_t>(status.st_size);
  if (segment->file_length_ < first_frame) {
    std::string head(magic);
    head.append(reinterpret_cast<const char*>(&position_if_new), sizeof position_if_new);
    if (::ftruncate(file, 0) != 0 || !write_all(file, head) || ::fdatasync(file) != 0 ||
        !sync_folder(path.parent_path()))
      return disk_error("the log cannot be started");
    segment->file_length_ = first_frame;
  }
  if (std::string_view(segment->bytes_, magic.size()) != magic || segment->file_length_ > span)
    return Error{Error::Kind::invalid_input, "this is no event log", path.string()};
  std::memcpy(&segment->position_, segment->bytes_ + magic.size(), sizeof segment->position_);
  segment->points_.resize(points_max);
  return segment;
}

LogSegment::~LogSegment() {
  ::munmap(const_cast<char*>(bytes_), span);
  ::close(file_);
}

void LogSegment::note(std::int64_t position, std::uint64_t offset) {
  const std::size_t used = points_used_.load(std::memory_order_relaxed);
  if (used > 0 && offset - points_[used - 1].offset < point_distance) return;
  assert(used < points_.size());
  points_[used] = {position, offset};
  points_used_.store(used + 1, std::memory_order_release);
}

bool LogSegment::is_whole(std::uint64_t offset, std::int64_t expected, bool check) const {
  if (offset + sizeof(FrameHeader) > file_length_) return false;
  const FrameHeader header = header_at(bytes_ + offset);
  if (header.length == 0 || header.length % 8 != 0 || header.position != expected) return false;
  if (header.length > file_length_ - offset - sizeof header) return false;
  const std::string_view record(bytes_ + offset + sizeof header, header.length);
  return !check || (checksum_of(record) == header.checksum && RecordView(record).valid());
}

std::int64_t LogSegment::recover(std::int64_t verified) {
  std::uint64_t offset = first_frame;
  std::int64_t position = position_;
  for (;;) {
    // Entries of a frame that is not whole are not counted, so only the last loaded one is walked
    // without its checksum.
    const bool check = position >= verified;
    if (!is_whole(offset, position, check)) break;
    note(position, offset);
    const Frame frame{position,
                      {bytes_ + offset + frame_header, header_at(bytes_ + offset).length}};
    position += entries_of(frame.record);
    offset += frame_header + frame.record.size();
  }
  visible_.store(offset, std::memory_order_release);
  return position;
}

Result<void> LogSegment::cut() {
  if (::ftruncate(file_, static_cast<off_t>(visible())) != 0 || ::fsync(file_) != 0)
    return disk_error("the torn end of the log cannot be cut");
  file_length_ = visible();
  return {};
}

Result<void> LogSegment::append(std::string_view frames) {
  assert(visible() + frames.size() <= span);
  if (!write_all(file_, frames) || ::fdatasync(file_) != 0)
    return disk_error("the event log cannot be written");
  std::uint64_t offset = visible();
  for (std::size_t at = 0; at < frames.size();) {
    const FrameHeader header = header_at(frames.data() + at);
    note(header.position, offset + at);
    at += sizeof header + header.length;
  }
  file_length_ = offset + frames.size();
  visible_.store(file_length_, std::memory_order_release);
  return {};
}

Frame LogSegment::frame_at(std::uint64_t offset) const {
  assert(offset < visible());
  const FrameHeader header = header_at(bytes_ + offset);
  return {header.position, {bytes_ + offset + sizeof header, header.length}};
}

void LogSegment::release() const { ::madvise(const_cast<char*>(bytes_), span, MADV_DONTNEED); }

std::uint64_t LogSegment::offset_near(std::int64_t position) const {
  const std::size_t used = points_used_.load(std::memory_order_acquire);
  const Point* const begin = points_.data();
  const Point* const after =
      std::upper_bound(begin, begin + used, position,
                       [](std::int64_t wanted, const Point& p) { return wanted < p.position; });
  return after == begin ? first_frame : (after - 1)->offset;
}

}  // namespace parallax::pipeline
