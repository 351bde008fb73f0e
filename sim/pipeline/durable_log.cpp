// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/durable_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace parallax::pipeline {
namespace {

std::filesystem::path segment_file(const std::filesystem::path& folder, std::size_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "events-%06zu.log", number);
  return folder / name;
}

/// How many segments there are to be: one more than the highest number, at least one.
std::size_t count_segments(const std::filesystem::path& folder) {
  std::size_t count = 1;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    std::size_t number = 0;
    if (std::sscanf(entry.path().filename().c_str(), "events-%6zu.log", &number) == 1)
      count = std::max(count, number + 1);
  }
  return count;
}

}  // namespace

struct DurableLog::State {
  std::filesystem::path folder;
  LogOptions options;
  int lock = -1;
  mutable std::mutex mutex;
  std::condition_variable work;
  /// By the parity of a group: its commit wakes who waits for it, and nobody of the next group.
  std::array<std::condition_variable, 2> done;
  std::uint64_t group = 0;                            ///< That `waiting` will be; one commit each.
  std::vector<std::unique_ptr<LogSegment>> segments;  ///< In order, at least one.
  std::string waiting;                                ///< Frames not yet handed to the writer.
  std::int64_t accepted = 0;                          ///< Position behind `waiting`.
  std::int64_t durable = 0;
  std::uint64_t syncs = 0;
  std::vector<const LogSegment*> looked_at;  ///< The last first; guarded by `mutex`.
  bool stopping = false;
  std::optional<Error> failure;
  std::thread writer;

  ~State() {
    {
      const std::lock_guard guard(mutex);
      stopping = true;
    }
    work.notify_one();
    if (writer.joinable()) writer.join();
    segments.clear();
    if (lock >= 0) ::close(lock);
  }

  Result<void> open_segments(std::int64_t verified);
  Result<void> store(std::string_view frames, std::int64_t position);
  void write_until_stopped();
};

/// A damaged frame is torn only where nothing follows: in the last segment.
Result<void> DurableLog::State::open_segments(std::int64_t verified) {
  std::int64_t position = 0;
  const std::size_t count = count_segments(folder);
  for (std::size_t number = 0; number < count; ++number) {
    const std::filesystem::path file = segment_file(folder, number);
    const bool last = number + 1 == count;
    auto segment = LogSegment::open(file, position);
    if (!segment) return segment.error();
    if ((*segment)->position() != position)
      return Error{Error::Kind::io, "a part of the event log is missing before this",
                   file.string()};
    position = (*segment)->recover(verified);
    const bool torn = (*segment)->visible() < (*segment)->file_length();
    const bool empty = position == (*segment)->position();  // A missing one was just made anew.
    if ((torn || empty) && !last)
      return Error{Error::Kind::io, "the event log is damaged", file.string()};
    if (last && position < verified)
      return Error{Error::Kind::io, "the event log is shorter than what was read from it",
                   file.string()};
    if (torn)
      if (auto cut = (*segment)->cut(); !cut) return cut;
    segments.push_back(std::move(*segment));
  }
  accepted = durable = position;
  return {};
}

Result<void> DurableLog::State::store(std::string_view frames, std::int64_t position) {
  LogSegment* active = segments.back().get();
  const bool full = active->visible() + frames.size() > options.segment_length;
  if (full && active->visible() > LogSegment::first_frame) {
    auto next = LogSegment::open(segment_file(folder, segments.size()), position);
    if (!next) return next.error();
    active = next->get();
    const std::lock_guard guard(mutex);
    segments.push_back(std::move(*next));
  }
  return active->append(frames);
}

void DurableLog::State::write_until_stopped() {
  std::string batch;
  std::unique_lock guard(mutex);
  for (;;) {
    work.wait(guard, [this] { return stopping || !waiting.empty(); });
    if (waiting.empty() || failure) return;
    batch.clear();
    batch.swap(waiting);
    const std::uint64_t taken = group++;
    const std::int64_t first = durable;
    const std::int64_t end = accepted;
    guard.unlock();
    auto stored = store(batch, first);
    guard.lock();
    if (stored) {
      durable = end;
      ++syncs;
    } else {
      // What a failed sync left behind is unknown, so nothing may be acknowledged any more.
      failure = stored.error();
    }
    // Unlocked, or all who wake would queue up for the lock at once.
    const bool failed = failure.has_value();
    guard.unlock();
    done[taken % 2].notify_all();
    if (failed) done[(taken + 1) % 2].notify_all();
    guard.lock();
  }
}

DurableLog::DurableLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
DurableLog::~DurableLog() = default;

Result<std::unique_ptr<DurableLog>> DurableLog::open(const std::filesystem::path& folder,
                                                     std::int64_t verified,
                                                     const LogOptions& options) {
  assert(options.segment_length <= LogSegment::span);
  auto state = std::make_unique<State>();
  state->folder = folder;
  state->options = options;
  state->lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (state->lock < 0) return disk_error(folder.string());
  if (::flock(state->lock, LOCK_EX | LOCK_NB) != 0)
    return Error{Error::Kind::io, "another pipeline uses this folder", folder.string()};
  if (auto opened = state->open_segments(verified); !opened) return opened.error();
  State* self = state.get();
  state->writer = std::thread([self] { self->write_until_stopped(); });
  return std::unique_ptr<DurableLog>(new DurableLog(std::move(state)));
}

Result<void> DurableLog::append(std::string_view record) {
  assert(record.size() % 8 == 0 && entries_of(record) > 0);
  if (record.size() > LogSegment::record_max)
    return Error{Error::Kind::invalid_input, "the batch is too large to be stored", {}};
  const std::uint32_t checksum = checksum_of(record);
  std::unique_lock guard(state_->mutex);
  if (state_->failure) return *state_->failure;
  if (state_->waiting.size() + record.size() > state_->options.waiting_max &&
      !state_->waiting.empty())
    return Error{Error::Kind::timeout, "too much waits for the disk", {}};
  const bool writer_sleeps = state_->waiting.empty();
  put_frame(state_->accepted, checksum, record, state_->waiting);
  state_->accepted += entries_of(record);
  const std::int64_t mine = state_->accepted;
  if (writer_sleeps) state_->work.notify_one();
  state_->done[state_->group % 2].wait(guard,
                                       [&] { return state_->durable >= mine || state_->failure; });
  if (state_->durable < mine) return *state_->failure;
  return {};
}

std::int64_t DurableLog::end() const {
  const std::lock_guard guard(state_->mutex);
  return state_->durable;
}
std::uint64_t DurableLog::bytes() const {
  const std::lock_guard guard(state_->mutex);
  std::uint64_t sum = 0;
  for (const auto& segment : state_->segments) sum += segment->visible();
  return sum;
}
std::uint64_t DurableLog::syncs() const {
  const std::lock_guard guard(state_->mutex);
  return state_->syncs;
}

const LogSegment* DurableLog::segment_of(std::int64_t position) const {
  const std::lock_guard guard(state_->mutex);
  if (position < 0 || position >= state_->durable) return nullptr;
  const auto after = std::upper_bound(
      state_->segments.begin(), state_->segments.end(), position,
      [](std::int64_t wanted, const auto& segment) { return wanted < segment->position(); });
  return std::prev(after)->get();
}

const LogSegment* DurableLog::segment_after(const LogSegment* segment) const {
  const std::lock_guard guard(state_->mutex);
  const auto found =
      std::find_if(state_->segments.begin(), state_->segments.end(),
                   [&](const auto& candidate) { return candidate.get() == segment; });
  const bool has_next =
      found != state_->segments.end() && std::next(found) != state_->segments.end();
  return has_next ? std::next(found)->get() : nullptr;
}

void DurableLog::will_look_at(const LogSegment* segment) const {
  constexpr std::size_t most = 4;
  const std::lock_guard guard(state_->mutex);
  auto& recent = state_->looked_at;
  const auto found = std::find(recent.begin(), recent.end(), segment);
  if (found != recent.end()) recent.erase(found);
  recent.insert(recent.begin(), segment);
  if (recent.size() <= most) return;
  recent.back()->release();
  recent.pop_back();
}

// ---- LogCursor

void LogCursor::look(const LogSegment* segment, std::uint64_t offset) {
  if (segment != segment_) log_->will_look_at(segment);
  const Frame frame = segment->frame_at(offset);
  segment_ = segment;
  offset_ = offset;
  after_ = offset + LogSegment::frame_header + frame.record.size();
  position_ = frame.position;
  record_ = RecordView(frame.record);
  assert(record_.valid());
}

bool LogCursor::next() {
  assert(segment_ != nullptr);
  const LogSegment* segment = segment_;
  std::uint64_t offset = after_;
  if (offset >= segment->visible()) {
    segment = log_->segment_after(segment_);
    offset = LogSegment::first_frame;
    if (segment == nullptr || offset >= segment->visible()) return false;
  }
  look(segment, offset);
  return true;
}

bool LogCursor::seek(std::int64_t position) {
  constexpr int soon = 16;  // Frames walked before the index is asked.
  if (holds(position)) return true;
  if (segment_ != nullptr && position >= position_)
    for (int step = 0; step < soon && next();)
      if (++step; holds(position)) return true;
  const LogSegment* segment = log_->segment_of(position);
  if (segment == nullptr) return false;
  look(segment, segment->offset_near(position));
  while (!holds(position))
    if (!next()) return false;
  return true;
}

}  // namespace parallax::pipeline
