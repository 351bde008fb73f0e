// SPDX-License-Identifier: Apache-2.0
#include "sim/run/spill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <vector>

namespace parallax {
namespace {

struct Chunk {
  std::uint32_t order = 0;
  std::string bytes;  ///< Empty where it is in the file.
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

}  // namespace

struct SpillStore::State {
  std::filesystem::path folder;
  std::size_t memory_left;
  std::vector<std::vector<Chunk>> parts;
  std::mutex mutex;
  int descriptor = -1;
  std::uint64_t written = 0;

  State(std::size_t count, std::filesystem::path where, std::size_t memory_max)
      : folder(std::move(where)), memory_left(memory_max), parts(count) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (descriptor >= 0) ::close(descriptor);
  }

  Error failed(const char* doing) const {
    return {Error::Kind::io, std::string(doing) + ": " + std::generic_category().message(errno),
            folder.string()};
  }

  Result<void> open() {
    std::string name = (folder / "spill-XXXXXX").string();
    descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) return failed("cannot make a file for what memory does not hold");
    ::unlink(name.c_str());
    return {};
  }

  Result<void> write(std::string_view bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("cannot write what memory does not hold");
      bytes.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Result<void> read(const Chunk& chunk, std::string& out) const {
    out.resize(chunk.size);
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t count = ::pread(descriptor, out.data() + done, out.size() - done,
                                    static_cast<off_t>(chunk.offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return failed("cannot read what memory did not hold");
      done += static_cast<std::size_t>(count);
    }
    return {};
  }
};

SpillStore::SpillStore(std::size_t parts, std::filesystem::path folder, std::size_t memory_max)
    : state_(std::make_unique<State>(parts, std::move(folder), memory_max)) {}
SpillStore::SpillStore(SpillStore&&) noexcept = default;
SpillStore& SpillStore::operator=(SpillStore&&) noexcept = default;
SpillStore::~SpillStore() = default;

Result<void> SpillStore::add(std::size_t part, std::uint32_t order, std::string chunk) {
  const std::uint64_t size = chunk.size();
  std::uint64_t offset = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (size <= state_->memory_left) {
      state_->memory_left -= size;
      if (chunk.capacity() > size + size / 4) chunk.shrink_to_fit();
      state_->parts[part].push_back({order, std::move(chunk), 0, size});
      return {};
    }
    if (state_->descriptor < 0)
      if (const Result<void> opened = state_->open(); !opened) return opened;
    offset = state_->written;
    state_->written += size;
    state_->parts[part].push_back({order, {}, offset, size});
  }
  return state_->write(chunk, offset);
}

Result<void> SpillStore::read(
    std::size_t part, const std::function<Result<void>(std::string_view chunk)>& use) const {
  std::vector<const Chunk*> chunks;
  for (const Chunk& chunk : state_->parts[part]) chunks.push_back(&chunk);
  std::stable_sort(chunks.begin(), chunks.end(),
                   [](const Chunk* a, const Chunk* b) { return a->order < b->order; });
  std::string buffer;
  for (const Chunk* chunk : chunks) {
    std::string_view bytes = chunk->bytes;
    if (chunk->bytes.empty() && chunk->size > 0) {
      if (const Result<void> read = state_->read(*chunk, buffer); !read) return read;
      bytes = buffer;
    }
    if (const Result<void> used = use(bytes); !used) return used;
  }
  return {};
}

std::uint64_t SpillStore::spilled() const { return state_->written; }

}  // namespace parallax
