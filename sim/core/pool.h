// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstdint>
#include <memory>
#include <vector>

namespace parallax {

/// Objects that are named by small numbers and used again and again: their addresses never change,
/// and one that comes back keeps what it holds (a vector its memory). Grows to the most that were
/// in use at once and never shrinks. `T` is default constructible.
template <class T>
class Pool {
 public:
  /// The object given back last, or a new one. Its content is the last user's.
  std::uint32_t take() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    if (size_ == chunks_.size() << chunk_shift)
      chunks_.push_back(std::make_unique<T[]>(std::size_t{1} << chunk_shift));
    return size_++;
  }
  /// Precondition: `index` is in use.
  void give(std::uint32_t index) {
    assert(index < size_);
    free_.push_back(index);
  }

  T& operator[](std::uint32_t index) {
    assert(index < size_);
    return chunks_[index >> chunk_shift][index & chunk_mask];
  }
  const T& operator[](std::uint32_t index) const {
    assert(index < size_);
    return chunks_[index >> chunk_shift][index & chunk_mask];
  }
  /// Objects ever made: numbers are below it.
  std::uint32_t size() const { return size_; }

 private:
  static constexpr unsigned chunk_shift = 6;
  static constexpr std::uint32_t chunk_mask = (1U << chunk_shift) - 1;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t size_ = 0;
};

}  // namespace parallax
