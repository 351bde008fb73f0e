// SPDX-License-Identifier: Apache-2.0
// Runs a command and writes what it took to file descriptor 3, away from what the command prints.
//   measure COMMAND... 3>FILE
// Line: wall seconds, user seconds, system seconds, peak resident mebibytes, tab-separated. Ends
// with the command's exit code. (GNU time does the same, but is on no fresh machine.)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: measure COMMAND... 3>FILE\n");
    return 4;
  }
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) return 3;
  if (child == 0) {
    ::close(3);
    ::execvp(argv[1], argv + 1);
    std::fprintf(stderr, "measure: cannot run %s\n", argv[1]);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  if (::wait4(child, &status, 0, &used) != child) return 3;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  constexpr int line_longest = 128;
  char line[line_longest];
  const int length = std::snprintf(line, sizeof line, "%.3f\t%.3f\t%.3f\t%.1f\n", wall.count(),
                                   seconds(used.ru_utime), seconds(used.ru_stime),
                                   static_cast<double>(used.ru_maxrss) / 1024);
  if (::write(3, line, static_cast<std::size_t>(length)) != length) return 3;
  constexpr int signal_base = 128;
  return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}
