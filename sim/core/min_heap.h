// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace parallax {

/// Binary heap of small values, the earliest on top: the timers of the simulation.
/// `T` is cheap to copy and has `bool before(const T&) const`, a strict order without ties, so that
/// the order of removal never depends on the shape of the heap.
template <class T>
class MinHeap {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Precondition of the three below: not empty.
  const T& top() const { return items_.front(); }
  void pop() {
    assert(size_ > 0);
    --size_;
    if (size_ > 0) sift_down(items_[size_]);
  }
  /// `pop` and `push` in one pass.
  void replace_top(const T& item) {
    assert(size_ > 0);
    sift_down(item);
  }

  void push(const T& item) {
    if (size_ == items_.size()) grow();
    std::size_t hole = size_++;
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!item.before(items_[parent])) break;
      items_[hole] = items_[parent];
      hole = parent;
    }
    items_[hole] = item;
  }

 private:
  /// Puts `item` into the hole at the top.
  void sift_down(T item) {
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size_; child = 2 * hole + 1) {
      // Without a branch: which child is earlier is a coin toss that no predictor learns.
      const std::size_t right = child + (child + 1 < size_ ? 1U : 0U);
      child += static_cast<std::size_t>(items_[right].before(items_[child]));
      if (!items_[child].before(item)) break;
      items_[hole] = items_[child];
      hole = child;
    }
    items_[hole] = item;
  }

  /// Out of line, so that `push` stays small.
  [[gnu::noinline]] void grow() { items_.resize(2 * items_.size() + 8); }

  std::vector<T> items_;  ///< The first `size_` of them.
  std::size_t size_ = 0;
};

}  // namespace parallax
