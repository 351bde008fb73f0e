// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/time.h"
#include "sim/wire/shared_decode.h"

/// What one accepted batch looks like inside the durable log: its arrival time, then one entry an
/// event. An entry is either an event that keeps the contract, as its tokens, or a dead letter.
///
/// Encoding: i64 arrival in microseconds, u32 entries; each entry u8 kind, then texts. A token is
/// u8 kind + text; a text is a varint length + bytes. Little-endian.
namespace parallax::pipeline {

struct DeadLetter {
  std::string_view reason;
  Token run_id;
  Token event_name;
  Token source;
  std::string_view event;  ///< JSON as it was sent, on one line.
};

/// Builds the payload of one log frame.
class RecordWriter {
 public:
  /// Starts a new record in `out`, which must outlive the writer.
  RecordWriter(SimTime arrival, std::string& out);
  void add(const SharedEvent& event);
  void add_dead(const SharedEvent& event, std::string_view reason);
  std::uint32_t entries() const { return entries_; }

 private:
  void count_entry();
  std::string& out_;
  std::uint32_t entries_ = 0;
};

/// Reads a payload back, entry by entry; views into the payload.
class RecordReader {
 public:
  explicit RecordReader(std::string_view payload);
  enum class Entry : std::uint8_t { end, event, dead_letter, damaged };
  /// Reads the next entry into `tokens` or `dead`.
  Entry next();

  SimTime arrival;
  std::array<Token, shared_key_count> tokens;  ///< By SharedKey.
  DeadLetter dead;

 private:
  std::uint64_t number();
  std::string_view text();
  Token token();
  std::string_view rest_;
  std::uint32_t left_ = 0;
  bool damaged_ = false;
};

}  // namespace parallax::pipeline
