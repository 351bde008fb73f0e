// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include "sim/core/result.h"

namespace parallax {

/// An epoll with a timer of nanoseconds: epoll_wait alone knows milliseconds, which is a long time
/// between two requests. Not thread-safe.
class EventPoll {
 public:
  struct Event {
    std::uint64_t key = 0;  ///< As the socket was added.
    bool closing = false;   ///< The other side has closed its half.
  };

  EventPoll();
  ~EventPoll();
  EventPoll(const EventPoll&) = delete;
  EventPoll& operator=(const EventPoll&) = delete;
  /// Errors: io, no handles are left.
  Result<void> usable() const;

  int handle() const { return poll_; }  ///< To add sockets to, under any key but `timer_key`.
  /// The next `wait` ends then at the latest.
  void wake_at(std::chrono::steady_clock::time_point when);
  /// What has happened within `timeout_ms`; -1: until something does. Valid until the next call.
  std::span<const Event> wait(int timeout_ms);

  static constexpr std::uint64_t timer_key = ~std::uint64_t{0};

 private:
  int poll_;
  int timer_;
  int failed_ = 0;  ///< errno of making them.
  std::array<Event, 256> events_;
};

}  // namespace parallax
