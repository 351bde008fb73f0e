// SPDX-License-Identifier: Apache-2.0
#include "sim/run/spill.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace parallax {
namespace {

struct Chunk {
  std::uint32_t order = 0;
  const char* bytes = nullptr;  ///< Null where it is in the file.
  std::uint64_t offset = 0;     ///< In the file.
  std::size_t size = 0;
};

/// Memory that only grows, in slabs of huge pages where the machine has them: hundreds of megabytes
/// are then not paged in four kilobytes at a time.
class Slabs {
 public:
  /// Room for `size` bytes; null where the machine has no more. Not thread-safe.
  char* take(std::size_t size) {
    if (left_ < size && !grow(size)) return nullptr;
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }

 private:
  bool grow(std::size_t size) {
    const std::size_t slab = (std::max(size, slab_size) + huge_page - 1) / huge_page * huge_page;
    auto* const memory = static_cast<char*>(std::aligned_alloc(huge_page, slab));
    if (memory == nullptr) return false;
    slabs_.emplace_back(memory);
    ::madvise(memory, slab, MADV_HUGEPAGE);
    next_ = memory;
    left_ = slab;
    return true;
  }

  static constexpr std::size_t huge_page = std::size_t{2} << 20U, slab_size = 4 * huge_page;
  struct Free {
    void operator()(char* slab) const { std::free(slab); }
  };
  std::vector<std::unique_ptr<char, Free>> slabs_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace

struct SpillStore::State {
  std::filesystem::path folder;
  std::size_t memory_left;
  std::vector<std::vector<Chunk>> parts;
  Slabs slabs;
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

Result<void> SpillStore::add(std::size_t part, std::uint32_t order, std::string_view chunk) {
  const std::size_t size = chunk.size();
  char* room = nullptr;
  std::uint64_t offset = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (size <= state_->memory_left) room = state_->slabs.take(size);
    if (room != nullptr) {
      state_->memory_left -= size;
    } else {
      if (state_->descriptor < 0)
        if (const Result<void> opened = state_->open(); !opened) return opened;
      offset = state_->written;
      state_->written += size;
    }
    state_->parts[part].push_back({order, room, offset, size});
  }
  if (room == nullptr) return state_->write(chunk, offset);
  std::memcpy(room, chunk.data(), size);
  return {};
}

Result<void> SpillStore::read(
    std::size_t part, const std::function<Result<void>(std::string_view chunk)>& use) const {
  std::vector<const Chunk*> chunks;
  for (const Chunk& chunk : state_->parts[part]) chunks.push_back(&chunk);
  std::stable_sort(chunks.begin(), chunks.end(),
                   [](const Chunk* a, const Chunk* b) { return a->order < b->order; });
  std::string buffer;
  for (const Chunk* chunk : chunks) {
    std::string_view bytes;
    if (chunk->bytes != nullptr) {
      bytes = {chunk->bytes, chunk->size};
    } else {
      if (const Result<void> read = state_->read(*chunk, buffer); !read) return read;
      bytes = buffer;
    }
    if (const Result<void> used = use(bytes); !used) return used;
  }
  return {};
}

std::uint64_t SpillStore::spilled() const { return state_->written; }

}  // namespace parallax
