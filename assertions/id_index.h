// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/id.h"

namespace parallax {

/// Tells which part of the run carries an event id, in 16 bytes an id at most: hashes of 56 bits.
/// Two ids that hash alike may be told of the wrong part, or of several; what a part does not own
/// after all is looked for everywhere (strays.h).
///
///   one Notes a thread: note(part, id) ...; IdIndex index; build(bucket, notes) for each bucket
///
/// Buckets may be built by several threads at once.
class IdIndex {
 public:
  static constexpr std::size_t bucket_count = 256;
  static constexpr std::uint8_t nobody = 0xff;   ///< No part carries it.
  static constexpr std::uint8_t several = 0xfe;  ///< More than one does.

  /// Ids as they come from the ledger. Part numbers are below `several`.
  class Notes {
   public:
    void note(std::uint8_t part, Uuid id);

   private:
    friend class IdIndex;
    std::array<std::vector<std::uint64_t>, bucket_count> buckets_;
    std::array<std::uint64_t, 256> last_{};  ///< By part: the hash noted last, for pairs.
  };

  /// Takes one bucket's ids of all notes, and empties it there.
  void build(std::size_t bucket, std::span<Notes> notes);
  /// Starts to fetch the place of an id that will be looked up soon.
  void prefetch(Uuid id) const;
  std::uint8_t part_of(Uuid id) const;

 private:
  /// Entry: 56 bits of hash, then the part; 0 where empty.
  struct Table {
    std::vector<std::uint64_t> entries;
    void grow(std::size_t ids);
    std::uint64_t& place_of(std::uint64_t hash);
    const std::uint64_t& place_of(std::uint64_t hash) const;
  };
  std::array<Table, bucket_count> tables_;
};

}  // namespace parallax
