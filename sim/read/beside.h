// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

/// The second half of a read on a thread of its own. Private to sim/read.
namespace parallax {

/// Hands items over to another thread, which uses them one by one in the order they were given;
/// at most `room` wait. For one giving thread.
///
///   Beside<Chunk> decoder(8, [&](const Chunk& chunk) { return decode(chunk); });
///   while (there is more && decoder.give(fetch()));
///   const bool all = decoder.finish();
template <class Item>
class Beside {
 public:
  /// `use` is called on the other thread; false = stop. Nothing it touches may be used here before
  /// `finish`.
  Beside(std::size_t room, std::function<bool(const Item&)> use)
      : room_(room), use_(std::move(use)), thread_([this] { run(); }) {}
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() { finish(); }

  /// Waits for room. False once `use` said stop: the item is dropped.
  bool give(Item item) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || waiting_.size() < room_; });
    if (stopped_) return false;
    waiting_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  /// Waits until all that was given is used; false when `use` said stop before the end.
  bool finish() {
    if (thread_.joinable()) {
      {
        const std::lock_guard lock(mutex_);
        ended_ = true;
      }
      changed_.notify_all();
      thread_.join();
    }
    return !stopped_;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const Item item = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      changed_.notify_all();
      const bool more = use_(item);
      lock.lock();
      if (more) continue;
      stopped_ = true;
      waiting_.clear();
      changed_.notify_all();
      return;
    }
  }

  const std::size_t room_;
  const std::function<bool(const Item&)> use_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  bool ended_ = false;
  bool stopped_ = false;
  std::thread thread_;  ///< Last: it starts when everything else is there.
};

}  // namespace parallax
