// SPDX-License-Identifier: Apache-2.0
#include "sim/run/workers.h"

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace parallax {

unsigned core_count() { return std::max(1U, std::thread::hardware_concurrency()); }

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int most = std::numeric_limits<int>::max();
  // glibc's mallopt takes malloc's own lock.
  ::mallopt(M_ARENA_MAX, 1);          // NOLINT(concurrency-mt-unsafe)
  ::mallopt(M_MMAP_MAX, 0);           // NOLINT(concurrency-mt-unsafe)
  ::mallopt(M_TRIM_THRESHOLD, most);  // NOLINT(concurrency-mt-unsafe)
  // What is freed at the end of the heap is what is taken next: it keeps its huge pages.
  constexpr std::size_t huge_page = std::size_t{2} << 20U, room = std::size_t{1} << 30U;
  void* const heap = std::malloc(room);
  if (heap == nullptr) return;
  const std::size_t before = huge_page - reinterpret_cast<std::uintptr_t>(heap) % huge_page;
  ::madvise(static_cast<char*>(heap) + before, room - 2 * huge_page, MADV_HUGEPAGE);
  std::free(heap);
#endif
}

Result<void> share_work(unsigned jobs, std::size_t count,
                        const std::function<Result<void>(std::size_t i)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> failure;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      const Result<void> done = work(i);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (!failure || i < failure->first) failure.emplace(i, done.error());
      next = count;
    }
  };
  std::vector<std::thread> threads;
  const std::size_t helpers = std::min<std::size_t>(jobs, count);
  for (std::size_t i = 1; i < helpers; ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  if (failure) return failure->second;
  return {};
}

}  // namespace parallax
