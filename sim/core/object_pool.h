// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstddef>
#include <memory>
#include <vector>

namespace parallax {

/// Objects that are used again and again: their addresses never change, and one that comes back
/// keeps what it holds (a vector its memory). Grows to the most that were in use at once and never
/// shrinks. `T` is default constructible. (`Pool` is for objects that are named by small numbers.)
template <class T>
class ObjectPool {
 public:
  /// The object given back last, or a new one. Its content is the last user's.
  T* take() {
    if (free_count_ == 0) grow();
    return free_[--free_count_];
  }
  /// Precondition: `object` is of this pool and in use.
  void give(T* object) {
    assert(free_count_ < free_.size());
    free_[free_count_++] = object;
  }
  /// Every object ever made, in use or not, oldest first.
  template <class F>
  void for_each(F&& visit) {
    for (const std::unique_ptr<T[]>& chunk : chunks_)
      for (std::size_t i = 0; i < chunk_size; ++i) visit(chunk[i]);
  }

 private:
  static constexpr std::size_t chunk_size = 64;

  /// Out of line, so that `take` stays small. Precondition: nothing is free.
  [[gnu::noinline]] void grow() {
    chunks_.push_back(std::make_unique<T[]>(chunk_size));
    free_.resize(free_.size() + chunk_size);
    for (std::size_t i = 0; i < chunk_size; ++i) free_[i] = &chunks_.back()[chunk_size - 1 - i];
    free_count_ = chunk_size;
  }

  std::vector<std::unique_ptr<T[]>> chunks_;
  /// The first `free_count_` are free, the last of them is used next; room for all that were made.
  std::vector<T*> free_;
  std::size_t free_count_ = 0;
};

}  // namespace parallax
