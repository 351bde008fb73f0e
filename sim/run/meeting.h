// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>

namespace parallax {

/// Where the threads of a run wait for each other before one of them does something that all see.
/// Each meets as often as it has reason to and leaves once; meetings come in the same order for
/// all. Thread-safe.
class Meeting {
 public:
  /// `act` is called once a meeting, while everybody waits.
  Meeting(unsigned threads, std::function<void()> act) : members_(threads), act_(std::move(act)) {}
  /// Returns when all that have not left have come, and `act` is done.
  void meet();
  /// This thread comes to no further meeting: nobody waits for it.
  void leave();

 private:
  void hold_if_complete();

  std::mutex mutex_;
  std::condition_variable held_;
  unsigned members_;
  unsigned waiting_ = 0;
  unsigned meetings_ = 0;
  std::function<void()> act_;
};

}  // namespace parallax
