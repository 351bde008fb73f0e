// SPDX-License-Identifier: Apache-2.0
#include "sim/core/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace parallax {
namespace {

Error failure(const std::string& what, int code) {
  return {Error::Kind::io, what + ": " + std::generic_category().message(code), "command"};
}

Error late(const std::string& what, Micros timeout) {
  const Micros rounded = (timeout + millisecond - 1) / millisecond * millisecond;
  return {Error::Kind::timeout, what + " within " + format_duration(rounded), "command"};
}

/// Whether `events` came in time.
bool wait_for(int handle, short events, Micros timeout) {
  pollfd watched{handle, events, 0};
  const auto limit = static_cast<int>(std::clamp<Micros>(timeout / millisecond, 1, 86'400'000));
  int ready = 0;
  do {
    ready = ::poll(&watched, 1, limit);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

/// Keeps a write to a pipe that nobody reads from ending us with SIGPIPE.
class PipeSignalBlocked {
 public:
  PipeSignalBlocked() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~PipeSignalBlocked() {
    const timespec at_once{};
    while (sigtimedwait(&signal_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlocked(const PipeSignalBlocked&) = delete;
  PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;

 private:
  sigset_t signal_{};
  sigset_t before_{};
};

/// What the new process starts with: pipe, standard error, its own group, no signal blocked.
class SpawnPlan {
 public:
  SpawnPlan(int from, int to, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, from, to);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    if (to == STDOUT_FILENO)
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions_, errors, STDOUT_FILENO);
    sigset_t none;
    sigemptyset(&none);
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &pipe);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int run(const std::string& command, const std::vector<char*>& environment, pid_t& pid) const {
    std::string shell = "/bin/sh", flag = "-c", text = command;
    const std::array<char*, 4> words{shell.data(), flag.data(), text.data(), nullptr};
    return ::posix_spawn(&pid, "/bin/sh", &actions_, &attributes_, words.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<Subprocess> Subprocess::start(
    const std::string& command, Pipe pipe,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  std::vector<std::string> added;
  for (const auto& [name, value] : environment) added.push_back(name + "=" + value);
  std::vector<char*> all;
  for (std::string& text : added) all.push_back(text.data());
  for (char** at = environ; *at != nullptr; ++at) all.push_back(*at);
  all.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure("no pipe to a command", errno);
  const int errors = ::open(P_tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  const bool input = pipe == Pipe::input;
  const int ours = input ? ends[1] : ends[0];
  const int theirs = input ? ends[0] : ends[1];
  pid_t pid = -1;
  int code = errors < 0 ? errno : 0;
  if (code == 0)
    code = SpawnPlan(theirs, input ? STDIN_FILENO : STDOUT_FILENO, errors).run(command, all, pid);
  ::close(theirs);
  // A pipe that is full must not hold us: writing waits in poll, which is bounded.
  if (code == 0 && ::fcntl(ours, F_SETFL, O_NONBLOCK) != 0) code = errno;
  Subprocess made(code == 0 || pid > 0 ? pid : -1, ours, errors);
  if (code != 0) return failure("the command could not be started", code);
  return made;
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      buffer_(std::move(other.buffer_)) {}

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pipe_, other.pipe_);
  std::swap(errors_, other.errors_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Subprocess::~Subprocess() {
  kill_and_reap();
  if (pipe_ >= 0) ::close(pipe_);
  if (errors_ >= 0) ::close(errors_);
}

void Subprocess::kill_and_reap() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<void> Subprocess::write(std::string_view bytes, Micros timeout) {
  const PipeSignalBlocked blocked;
  while (!bytes.empty()) {
    const ssize_t written = ::write(pipe_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      if (!wait_for(pipe_, POLLOUT, timeout)) return late("the command took nothing", timeout);
    } else if (errno != EINTR) {
      return failure("the command reads no more", errno);
    }
  }
  return {};
}

Result<std::string_view> Subprocess::read(Micros timeout) {
  buffer_.resize(std::size_t{64} << 10U);
  for (;;) {
    const ssize_t count = ::read(pipe_, buffer_.data(), buffer_.size());
    if (count >= 0) return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
    if (errno == EAGAIN) {
      if (!wait_for(pipe_, POLLIN, timeout)) return late("the command said nothing", timeout);
    } else if (errno != EINTR) {
      return failure("the command's output cannot be read", errno);
    }
  }
}

Result<int> Subprocess::finish(Micros timeout) {
  if (pipe_ >= 0) ::close(std::exchange(pipe_, -1));
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (watched < 0) return failure("the command cannot be waited for", errno);
  const bool ended = wait_for(watched, POLLIN, timeout);
  ::close(watched);
  if (!ended) {
    kill_and_reap();
    return late("the command did not end", timeout);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return code_of(status);
}

std::string Subprocess::complaint() const {
  constexpr off_t bytes_max = 300;
  const off_t size = ::lseek(errors_, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, bytes_max)), '\0');
  const ssize_t got =
      ::pread(errors_, text.data(), text.size(), std::max<off_t>(size - bytes_max, 0));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace parallax
