// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <string>
#include <string_view>

namespace parallax {

/// A text that is copied into many events: kept in whole steps of 32 bytes, so that copying it is a
/// move or two of vector registers instead of a call.
class Piece {
 public:
  /// Bytes behind a piece's end that `put` may overwrite.
  static constexpr std::size_t slack = 32;

  Piece() : Piece(std::string_view()) {}
  explicit Piece(std::string_view text) : text_(text), size_(text.size()) {
    text_.resize((size_ / slack + 1) * slack);
  }

  std::size_t size() const { return size_; }

  /// Copies the text and returns its end. Precondition: room for it and `slack` bytes more.
  char* put(char* out) const {
    const char* from = text_.data();
    std::memcpy(out, from, slack);
    for (std::size_t at = slack; at < size_; at += slack) std::memcpy(out + at, from + at, slack);
    return out + size_;
  }

 private:
  std::string text_;
  std::size_t size_;
};

}  // namespace parallax
