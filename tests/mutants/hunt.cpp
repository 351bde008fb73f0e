// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/hunt.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "tests/mutants/session.h"
#include "tests/mutants/switches.h"

namespace parallax::mutants {
namespace {

/// `count` values, all zero, that processes forked later share.
template <class T>
class Shared {
 public:
  explicit Shared(std::size_t count) : bytes_(std::max<std::size_t>(count, 1) * sizeof(T)) {
    void* const place =
        mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    values_ = static_cast<T*>(place);
  }
  ~Shared() { munmap(values_, bytes_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T& operator[](std::size_t i) { return values_[i]; }

 private:
  std::size_t bytes_;
  T* values_;
};

/// What a child ended with, and the processor time it took.
struct Ended {
  bool is_green = false;
  double cpu_seconds = 0;
};

template <class Work>
pid_t in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  return child;
}

/// What a mutant or Catch2 says is nobody's to read.
void be_silent() {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
}

/// A mutant may run for ever, or fill the memory.
void limit(double cpu_seconds) {
  const auto seconds = static_cast<rlim_t>(std::ceil(cpu_seconds));
  const rlimit time{seconds, seconds}, core{0, 0};
  constexpr rlim_t gibibytes_4 = rlim_t{4} << 30;
  const rlimit memory{gibibytes_4, gibibytes_4};
  setrlimit(RLIMIT_CPU, &time);
  setrlimit(RLIMIT_CORE, &core);
  setrlimit(RLIMIT_AS, &memory);
}

Ended run_tests(const std::vector<std::string>& names, double cpu_seconds_max) {
  const pid_t child = in_child([&] {
    be_silent();
    limit(cpu_seconds_max);
    return pass(names) ? EXIT_SUCCESS : EXIT_FAILURE;
  });
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child) return {};
  constexpr double million = 1e6;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / million;
  };
  return {WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
          seconds(used.ru_utime) + seconds(used.ru_stime)};
}

/// Calls `work(i)` for each i below `count`, in `workers` processes that take turns.
template <class Work>
void share_out(std::size_t count, int workers, Work work) {
  Shared<std::atomic<std::size_t>> next(1);
  std::vector<pid_t> children;
  for (int i = 0; i < workers; ++i)
    children.push_back(in_child([&] {
      for (std::size_t at = next[0]++; at < count; at = next[0]++) work(at);
      return EXIT_SUCCESS;
    }));
  for (const pid_t child : children) waitpid(child, nullptr, 0);
}

constexpr double scout_seconds_max = 120;
constexpr double times_slower = 10;

/// The tests that take no longer, from the quickest.
std::vector<std::size_t> by_time(const std::vector<Scouted>& tests, double cpu_seconds_max) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tests.size(); ++i)
    if (tests[i].cpu_seconds <= cpu_seconds_max) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return tests[a].cpu_seconds < tests[b].cpu_seconds;
  });
  return order;
}

bool all_green(const std::vector<Scouted>& tests, std::span<const std::size_t> some) {
  std::vector<std::string> names;
  double seconds = 0;
  for (const std::size_t i : some) names.push_back(tests[i].name);
  for (const std::size_t i : some) seconds += tests[i].cpu_seconds;
  return run_tests(names, 1 + times_slower * seconds).is_green;
}

/// The mutant that is on, against the tests that pass its place: one, then ever more in a process.
Hunted hunt_one(std::size_t number, const std::vector<Scouted>& tests,
                const std::vector<std::size_t>& quickest) {
  std::vector<std::size_t> reach;
  for (const std::size_t i : quickest)
    if (tests[i].passed[number]) reach.push_back(i);
  if (reach.empty()) return {Fate::unreached, 0};
  std::size_t first = 0;
  for (std::size_t size = 1; first < reach.size(); size *= 4) {
    const std::span some = std::span(reach).subspan(first, std::min(size, reach.size() - first));
    first += some.size();
    if (all_green(tests, some)) continue;
    for (const std::size_t i : some)
      if (!all_green(tests, std::span(&i, 1))) return {Fate::killed, i};
  }
  return {Fate::survived, 0};
}

}  // namespace

std::vector<Scouted> scout(const std::vector<std::string>& tests, int workers) {
  Shared<Ended> ended(tests.size());
  Shared<std::uint8_t> passed(tests.size() * mutant::numbers_max);
  share_out(tests.size(), workers, [&](std::size_t i) {
    mutant::state.passed = &passed[i * mutant::numbers_max];
    ended[i] = run_tests({tests[i]}, scout_seconds_max);
  });
  std::vector<Scouted> scouted;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const std::uint8_t* const own = &passed[i * mutant::numbers_max];
    scouted.push_back({tests[i], ended[i].cpu_seconds, ended[i].is_green,
                       std::vector<bool>(own, own + mutant::numbers_max)});
  }
  return scouted;
}

std::vector<Hunted> hunt(const std::vector<int>& numbers, const std::vector<Scouted>& tests,
                         double cpu_seconds_max, int workers) {
  const std::vector<std::size_t> quickest = by_time(tests, cpu_seconds_max);
  Shared<Hunted> hunted(numbers.size());
  share_out(numbers.size(), workers, [&](std::size_t i) {
    mutant::state.on = numbers[i];
    hunted[i] = hunt_one(static_cast<std::size_t>(numbers[i]), tests, quickest);
  });
  std::vector<Hunted> all;
  for (std::size_t i = 0; i < numbers.size(); ++i) all.push_back(hunted[i]);
  return all;
}

}  // namespace parallax::mutants
