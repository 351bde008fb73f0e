// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger_codec.h"

#include <bit>
#include <cstring>
#include <utility>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

/// Where words go, and which there were.
struct WordWriter {
  char* at;
  unsigned present = 0, wide = 0;

  /// The word is written without asking how long it is: the next one then takes the place of what
  /// is not needed.
  void put(std::uint64_t word, std::size_t number) {
    std::memcpy(at, &word, 8);
    const unsigned is_there = word != 0 ? 1 : 0;
    const unsigned is_wide = word != narrow(word) ? 1 : 0;
    at += std::size_t{4} * (is_there + is_wide);
    present |= is_there << number;
    wide |= is_wide << number;
  }
};

/// Returns the end; which words there are goes to `widths`. Unrolled, as every shift is then by a
/// constant: a hundred instructions less an event of generate/ten-faults-and-ledger than a loop.
template <std::size_t n>
char* put_words(const Words<n>& words, char* widths, char* at) {
  static_assert(n <= 8);
  WordWriter writer{at};
  [&]<std::size_t... i>(std::index_sequence<i...>) { (writer.put(words[i], i), ...); }
  (std::make_index_sequence<n>());
  widths[0] = static_cast<char>(writer.present);
  widths[1] = static_cast<char>(writer.wide);
  return writer.at;
}

template <std::size_t n>
char* put_record(Kind kind, const Words<n>& words, char* out) {
  *out = static_cast<char>(kind);
  return put_words(words, out + 1, out + 1 + widths_size);
}

/// The number of values up to the last that is not zero, and whether there are traits 4 .. 7.
unsigned shape_of(const Action& action) {
  std::size_t count = max_fields;
  const std::int64_t* const v = action.values.data();
  while (count > 0 && (v[count - 1] | v[count - 2] | v[count - 3] | v[count - 4]) == 0) count -= 4;
  while (count > 0 && v[count - 1] == 0) --count;
  const auto traits = std::bit_cast<Words<2>>(action.traits);
  return static_cast<unsigned>(count) | (traits[1] != 0 ? wide_traits : 0U);
}
static_assert(max_fields % 4 == 0);

/// The action without its kind. Values are written in fours: what is too much is overwritten.
char* put_action(const Action& action, char* out) {
  const unsigned shape = shape_of(action);
  const auto* const bytes = reinterpret_cast<const char*>(&action);
  *out++ = static_cast<char>(shape);
  std::memcpy(out, bytes, action_head);
  out += action_head;
  if ((shape & wide_traits) != 0) {
    std::memcpy(out, bytes + action_head, 8);
    out += 8;
  }
  const std::size_t count = shape & ~wide_traits;
  for (std::size_t i = 0; i < count; i += 4) std::memcpy(out + 8 * i, action.values.data() + i, 32);
  return out + 8 * count;
}

}  // namespace

std::string file_header() {
  std::string out(file_header_size, '\0');
  std::memcpy(out.data(), magic.data(), magic.size());
  std::memcpy(out.data() + magic.size(), &format_version, sizeof format_version);
  return out;
}

char* Packer::pack(const Action& record, char* out) {
  last_ = record;
  *out = static_cast<char>(Kind::action);
  return put_action(record, out + 1);
}

char* Packer::pack(const EmissionRecord& record, char* out) {
  const Emission& emission = record.emission;
  const bool own = std::memcmp(&emission.seen, &last_, sizeof last_) != 0;
  out[0] = static_cast<char>(own ? Kind::own_emission : Kind::emission);
  out[1] = static_cast<char>(record.fate);
  char* const widths = out + 2;
  char* const words = widths + widths_size;
  char* const body = own ? put_action(emission.seen, words) : words;
  std::memcpy(body, &emission.event_id, 16);
  std::memcpy(body + 16, reinterpret_cast<const char*>(&emission) + small_fields, 8);
  return put_words(words_of(emission), widths, body + body_size);
}

char* Packer::pack(const AttemptRecord& record, char* out) {
  last_attempt_ = record.id;
  return put_record(Kind::attempt, words_of(record), out);
}

char* Packer::pack(const DeliveryRecord& record, char* out) {
  const EmissionKey& key = record.emission;
  if (record.attempt != last_attempt_ || lane_of(key.action.value) != lane_of(last_attempt_.value))
    return put_record(Kind::far_delivery,
                      Words<3>{record.attempt.value, key.action.value, word_of(key)}, out);
  *out = static_cast<char>(Kind::delivery);
  const std::uint64_t word = near_word(key);
  std::memcpy(out + 1, &word, 8);
  return out + 9;
}

char* Packer::pack(const ReceiptRecord& record, char* out) {
  const std::uint64_t rest = static_cast<std::uint64_t>(record.receipt) |
                             static_cast<std::uint64_t>(record.by_fault) << 8 |
                             static_cast<std::uint64_t>(record.status) << 16;
  return put_record(Kind::receipt, Words<3>{record.attempt.value, word_of(record.at), rest}, out);
}

char* Packer::pack(const AbandonRecord& record, char* out) {
  const std::uint64_t rest = word_of(record.emission) | static_cast<std::uint64_t>(record.why)
                                                            << 16;
  return put_record(Kind::abandon,
                    Words<4>{record.emission.action.value, word_of(record.at), rest, record.struck},
                    out);
}

}  // namespace parallax::ledger_codec
