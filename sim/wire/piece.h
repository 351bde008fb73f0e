// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
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
  /// `steps_for`: it is copied in as many steps as a text of that size, where that is longer.
  /// Pieces that take turns at one place and need equally many steps leave nothing to guess.
  explicit Piece(std::string_view text, std::size_t steps_for = 0)
      : text_(text), size_(text.size()) {
    text_.resize((std::max(size_, steps_for) / slack + 1) * slack);
  }

  std::size_t size() const { return size_; }

  /// Copies the text and returns its end. Precondition: room for it, or for what its steps are for,
  /// and `slack` bytes more.
  char* put(char* out) const {
    const char* from = text_.data();
    std::memcpy(out, from, slack);
    for (std::size_t at = slack; at < text_.size(); at += slack)
      std::memcpy(out + at, from + at, slack);
    return out + size_;
  }
  /// The same for what is long: in place of the loop it jumps to where as many steps are left.
  char* put_long(char* out) const {
    const char* const from = text_.data();
    const auto step = [&](std::size_t nth) {
      std::memcpy(out + nth * slack, from + nth * slack, slack);
    };
    switch (text_.size() / slack) {
      default:
        for (std::size_t nth = 8; nth < text_.size() / slack; ++nth) step(nth);
        [[fallthrough]];
      case 8:
        step(7);
        [[fallthrough]];
      case 7:
        step(6);
        [[fallthrough]];
      case 6:
        step(5);
        [[fallthrough]];
      case 5:
        step(4);
        [[fallthrough]];
      case 4:
        step(3);
        [[fallthrough]];
      case 3:
        step(2);
        [[fallthrough]];
      case 2:
        step(1);
        [[fallthrough]];
      case 1:
        step(0);
    }
    return out + size_;
  }

 private:
  std::string text_;
  std::size_t size_;
};

}  // namespace parallax
