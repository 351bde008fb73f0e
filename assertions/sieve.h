// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace parallax {

/// Says "surely not among them" fast: one bit for each of 16 times as many places as hashes.
class Sieve {
 public:
  explicit Sieve(std::size_t hashes) : words_(std::bit_ceil(hashes * 16 / 64 + 1)) {}
  void add(std::uint64_t hash) { words_[word(hash)] |= bit(hash); }
  bool may_hold(std::uint64_t hash) const { return (words_[word(hash)] & bit(hash)) != 0; }

 private:
  std::size_t word(std::uint64_t hash) const { return (hash >> 6U) & (words_.size() - 1); }
  static std::uint64_t bit(std::uint64_t hash) { return std::uint64_t{1} << (hash & 63U); }
  std::vector<std::uint64_t> words_;
};

}  // namespace parallax
