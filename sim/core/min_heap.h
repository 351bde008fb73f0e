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
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  /// Precondition of the three below: not empty.
  const T& top() const { return items_.front(); }
  void pop() {
    assert(!items_.empty());
    const T last = items_.back();
    items_.pop_back();
    if (!items_.empty()) sift_down(last);
  }
  /// `pop` and `push` in one pass.
  void replace_top(const T& item) {
    assert(!items_.empty());
    sift_down(item);
  }

  void push(const T& item) {
    std::size_t hole = items_.size();
    items_.push_back(item);
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
  void sift_down(const T& item) {
    const std::size_t size = items_.size();
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size; child = 2 * hole + 1) {
      // Without a branch: which child is earlier is a coin toss that no predictor learns.
      const std::size_t right = child + (child + 1 < size ? 1U : 0U);
      child += static_cast<std::size_t>(items_[right].before(items_[child]));
      if (!items_[child].before(item)) break;
      items_[hole] = items_[child];
      hole = child;
    }
    items_[hole] = item;
  }

  std::vector<T> items_;
};

}  // namespace parallax
