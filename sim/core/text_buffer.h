// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace parallax {

/// Growing text whose writers work on raw memory. Unlike std::string it never fills with zeros what
/// is written next. Keeps its memory when cleared.
class TextBuffer {
 public:
  std::string_view text() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void assign(std::string_view text) {
    clear();
    append(text);
  }
  /// Precondition: not empty.
  void drop_last() {
    assert(size_ > 0);
    --size_;
  }

  /// Where to write next, with at least `bytes` free. Valid until the next call.
  char* room(std::size_t bytes) {
    if (size_ + bytes > capacity_) grow(bytes);
    return data_.get() + size_;
  }
  /// What was written ends at `end`, within the room that was asked for.
  void end_at(const char* end) {
    size_ = static_cast<std::size_t>(end - data_.get());
    assert(size_ <= capacity_);
  }

 private:
  void grow(std::size_t bytes) {
    const std::size_t wanted = 2 * (size_ + bytes);
    std::unique_ptr<char[]> larger(new char[wanted]);
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = wanted;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace parallax
