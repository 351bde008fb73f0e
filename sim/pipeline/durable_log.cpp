// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/durable_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace parallax::pipeline {
namespace {

constexpr std::string_view magic = "PLXEVLOG";
constexpr std::size_t frame_header = 8;
constexpr std::size_t waiting_max = 64U << 20;
constexpr std::size_t window_length = 4U << 20;
constexpr std::uint32_t frame_max = 256U << 20;  ///< Above, a length is damage, not a record.

Error disk_error(std::string what) {
  return {Error::Kind::io, std::move(what) + ": " + std::generic_category().message(errno), {}};
}

std::uint32_t checksum(std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(crc32_z(0, data, bytes.size()));
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// A new file is only there after a crash when its folder is on the disk as well.
bool sync_folder(const std::filesystem::path& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return false;
  const bool done = ::fsync(handle) == 0;
  ::close(handle);
  return done;
}

Result<std::uint64_t> length_of(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return disk_error("the log's length");
  return static_cast<std::uint64_t>(status.st_size);
}

/// Makes a new or torn-at-birth file a log; checks that an old one is a log.
Result<std::uint64_t> prepare(int file, const std::filesystem::path& path) {
  const auto length = length_of(file);
  if (!length) return length.error();
  if (*length < magic.size()) {
    if (::ftruncate(file, 0) != 0 || !write_all(file, magic) || ::fdatasync(file) != 0 ||
        !sync_folder(path.parent_path()))
      return disk_error("the log cannot be started");
    return DurableLog::first_frame;
  }
  char found[8];
  if (::pread(file, found, sizeof found, 0) != sizeof found) return disk_error("the log's start");
  if (std::string_view(found, sizeof found) != magic)
    return Error{Error::Kind::invalid_input, "this is no event log", path.string()};
  return *length;
}

/// Offset behind the last whole frame.
Result<std::uint64_t> end_of_frames(const std::filesystem::path& path, std::uint64_t from,
                                    std::uint64_t length) {
  auto reader = LogReader::open(path, from);
  if (!reader) return reader.error();
  std::string_view payload;
  for (;;) {
    const auto more = reader->next(length, payload);
    if (!more || !*more) return reader->offset();
  }
}

}  // namespace

struct DurableLog::State {
  int file = -1;
  mutable std::mutex mutex;
  std::condition_variable work;
  std::condition_variable done;
  std::string waiting;         ///< Framed records not yet handed to the writer.
  std::uint64_t accepted = 0;  ///< Offset behind `waiting`.
  std::uint64_t durable = 0;
  bool stopping = false;
  std::optional<Error> failure;
  std::thread writer;

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    work.notify_one();
    if (writer.joinable()) writer.join();
    if (file >= 0) ::close(file);
  }

  void write_until_stopped() {
    std::string batch;
    std::unique_lock lock(mutex);
    for (;;) {
      work.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (waiting.empty() || failure) return;
      batch.clear();
      batch.swap(waiting);
      const std::uint64_t end = accepted;
      lock.unlock();
      const bool stored = write_all(file, batch) && ::fdatasync(file) == 0;
      const int code = errno;
      lock.lock();
      if (stored) {
        durable = end;
      } else {
        // What a failed sync left behind is unknown, so nothing may be acknowledged any more.
        errno = code;
        failure = disk_error("the event log cannot be written");
      }
      done.notify_all();
    }
  }
};

DurableLog::DurableLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
DurableLog::~DurableLog() = default;

Result<std::unique_ptr<DurableLog>> DurableLog::open(const std::filesystem::path& file,
                                                     std::uint64_t verified_until) {
  auto state = std::make_unique<State>();
  state->file = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (state->file < 0) return disk_error(file.string());
  if (::flock(state->file, LOCK_EX | LOCK_NB) != 0)
    return Error{Error::Kind::io, "another pipeline uses this folder", file.string()};
  const auto length = prepare(state->file, file);
  if (!length) return length.error();
  const std::uint64_t from = std::max(verified_until, first_frame);
  if (*length < from)
    return Error{Error::Kind::io, "the event log is shorter than what was loaded from it",
                 file.string()};
  const auto end = end_of_frames(file, from, *length);
  if (!end) return end.error();
  if (*end < *length &&
      (::ftruncate(state->file, static_cast<off_t>(*end)) != 0 || ::fsync(state->file) != 0))
    return disk_error("the torn end of the log cannot be cut");
  state->accepted = state->durable = *end;
  State* self = state.get();
  state->writer = std::thread([self] { self->write_until_stopped(); });
  return std::unique_ptr<DurableLog>(new DurableLog(std::move(state)));
}

Result<void> DurableLog::append(std::string_view payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  const std::uint32_t sum = checksum(payload);
  char header[frame_header];
  std::memcpy(header, &length, sizeof length);
  std::memcpy(header + sizeof length, &sum, sizeof sum);

  std::unique_lock lock(state_->mutex);
  if (state_->failure) return *state_->failure;
  if (state_->waiting.size() + payload.size() > waiting_max && !state_->waiting.empty())
    return Error{Error::Kind::timeout, "too much waits for the disk", {}};
  state_->waiting.append(header, frame_header);
  state_->waiting.append(payload);
  state_->accepted += frame_header + payload.size();
  const std::uint64_t mine = state_->accepted;
  state_->work.notify_one();
  state_->done.wait(lock, [&] { return state_->durable >= mine || state_->failure; });
  if (state_->durable < mine) return *state_->failure;
  return {};
}

std::uint64_t DurableLog::durable_end() const {
  const std::lock_guard lock(state_->mutex);
  return state_->durable;
}

// ---- LogReader

Result<LogReader> LogReader::open(const std::filesystem::path& file, std::uint64_t offset) {
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return disk_error(file.string());
  return LogReader(handle, std::max(offset, DurableLog::first_frame));
}
LogReader::LogReader(LogReader&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      offset_(other.offset_),
      window_(std::move(other.window_)),
      used_(other.used_) {}
LogReader& LogReader::operator=(LogReader&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(offset_, other.offset_);
  std::swap(window_, other.window_);
  std::swap(used_, other.used_);
  return *this;
}
LogReader::~LogReader() {
  if (file_ >= 0) ::close(file_);
}

/// Makes `wanted` bytes from `offset_` on stand in the window, as far as the file before `end` has
/// them. False: it has not.
bool LogReader::fill(std::uint64_t end, std::size_t wanted) {
  if (window_.size() - used_ >= wanted) return true;
  if (offset_ + wanted > end) return false;
  window_.erase(0, used_);
  used_ = 0;
  const std::size_t have = window_.size();
  const std::uint64_t left = end - (offset_ + have);
  const std::size_t most = std::max(wanted, window_length) - have;
  const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left, most));
  window_.resize(have + more);
  std::size_t read = 0;
  while (read < more) {
    const ssize_t got = ::pread(file_, window_.data() + have + read, more - read,
                                static_cast<off_t>(offset_ + have + read));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    read += static_cast<std::size_t>(got);
  }
  window_.resize(have + read);
  return window_.size() >= wanted;
}

Result<bool> LogReader::next(std::uint64_t end, std::string_view& payload) {
  if (!fill(end, frame_header)) return false;
  std::uint32_t length = 0;
  std::uint32_t sum = 0;
  std::memcpy(&length, window_.data() + used_, sizeof length);
  std::memcpy(&sum, window_.data() + used_ + sizeof length, sizeof sum);
  // A crash may leave zeros at the end, and zero is the right checksum of nothing.
  if (length == 0 || length > frame_max || !fill(end, frame_header + length)) return false;
  payload = std::string_view(window_).substr(used_ + frame_header, length);
  if (checksum(payload) != sum)
    return Error{
        Error::Kind::io, "the event log is damaged at offset " + std::to_string(offset_), {}};
  used_ += frame_header + length;
  offset_ += frame_header + length;
  return true;
}

}  // namespace parallax::pipeline
