// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/event_poll.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace parallax {

EventPoll::EventPoll()
    : poll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  epoll_event wish{};
  wish.events = EPOLLIN | EPOLLET;
  wish.data.u64 = timer_key;
  const bool made =
      poll_ >= 0 && timer_ >= 0 && ::epoll_ctl(poll_, EPOLL_CTL_ADD, timer_, &wish) == 0;
  if (!made) failed_ = errno;
}

EventPoll::~EventPoll() {
  if (timer_ >= 0) ::close(timer_);
  if (poll_ >= 0) ::close(poll_);
}

Result<void> EventPoll::usable() const {
  if (failed_ == 0) return {};
  return Error{Error::Kind::io, "no epoll: " + std::generic_category().message(failed_), ""};
}

void EventPoll::wake_at(std::chrono::steady_clock::time_point when) {
  // The steady clock is CLOCK_MONOTONIC.
  const std::chrono::nanoseconds since_epoch = when.time_since_epoch();
  constexpr std::int64_t a_second = 1'000'000'000;
  itimerspec timer{};
  timer.it_value.tv_sec = since_epoch.count() / a_second;
  timer.it_value.tv_nsec = since_epoch.count() % a_second;
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &timer, nullptr);
}

std::span<const EventPoll::Event> EventPoll::wait(int timeout_ms) {
  std::array<epoll_event, 256> raw;
  const int count = ::epoll_wait(poll_, raw.data(), raw.size(), timeout_ms);
  std::size_t kept = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = raw[static_cast<std::size_t>(i)];
    if (event.data.u64 == timer_key) continue;
    events_[kept++] = {event.data.u64, (event.events & EPOLLRDHUP) != 0};
  }
  return {events_.data(), kept};
}

}  // namespace parallax
