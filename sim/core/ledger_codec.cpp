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

/// The values up to the last that is not zero. Without a branch for the first four: how many of
/// these an action has is anybody's guess.
unsigned count_values(const std::array<std::int64_t, max_fields>& v) {
  static_assert(max_fields == 16);
  const std::int64_t many =
      (v[4] | v[5] | v[6] | v[7]) | (v[8] | v[9] | v[10] | v[11]) | (v[12] | v[13] | v[14] | v[15]);
  if (many != 0) [[unlikely]] {
    std::size_t count = max_fields;
    while (v[count - 1] == 0) --count;
    return static_cast<unsigned>(count);
  }
  const auto there = [&](std::size_t i) { return v[i] != 0 ? 1U << i : 0U; };
  return static_cast<unsigned>(std::bit_width(there(0) | there(1) | there(2) | there(3)));
}

/// The number of values up to the last that is not zero, and whether there are traits 4 .. 7.
unsigned shape_of(const Action& action) {
  const auto traits = std::bit_cast<Words<2>>(action.traits);
  return count_values(action.values) | (traits[1] != 0 ? wide_traits : 0U);
}
/// The action without its kind. Values are written in fours, at least once: what is too much is
/// overwritten.
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
  std::size_t i = 0;
  do std::memcpy(out + 8 * i, action.values.data() + i, 32);
  while ((i += 4) < count);
  return out + 8 * count;
}

/// The bits of an attempt's small fields that are always the same in a near one, and what they are.
constexpr AttemptTail settled{Source::client, static_cast<Strike>(0xff), 0xffff, 0, 0xffff};
constexpr AttemptTail usual{Source::client, Strike::none, 1, 0, 0};

/// Whether the attempt is near the action and the attempt last packed; then `out` is it.
bool is_near(const AttemptRecord& record, const Action& last, AttemptId before, NearAttempt& out) {
  const std::uint64_t id = record.id.value;
  const std::uint64_t after = word_of(record.at) - word_of(last.at);
  const std::uint64_t way = word_of(record.arrives) - word_of(record.at);
  const std::uint64_t stated = word_of(record.sent_at, record.at);
  std::uint64_t small = 0;
  std::memcpy(&small, &record.source, sizeof small);
  const bool near =
      id == before.value + 1 && ((id ^ last.id.value) | (id ^ before.value)) >> lane_shift == 0 &&
      ((after | way | record.skipped) >> 32U | record.struck) == 0 && narrow(stated) == stated &&
      (small & std::bit_cast<std::uint64_t>(settled)) == std::bit_cast<std::uint64_t>(usual);
  out = {Kind::near_attempt,
         record.source,
         record.size,
         static_cast<std::uint32_t>(after),
         static_cast<std::uint32_t>(way),
         static_cast<std::int32_t>(stated),
         static_cast<std::uint32_t>(record.skipped)};
  return near;
}

}  // namespace

std::string file_header() {
  std::string out(file_header_size, '\0');
  std::memcpy(out.data(), magic.data(), magic.size());
  std::memcpy(out.data() + magic.size(), &format_version, sizeof format_version);
  return out;
}

char* Packer::pack(const Action& record, char* out) {
  lone_ends_ = nullptr;
  last_ = record;
  *out = static_cast<char>(Kind::action);
  return put_action(record, out + 1);
}

char* Packer::pack(const EmissionRecord& record, char* out) {
  lone_ends_ = nullptr;
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

char* put_whole(const AttemptRecord& record, char* out) {
  return put_record(Kind::attempt, words_of(record), out);
}

static_assert(sizeof(AttemptTail) == 8);
static_assert(offsetof(AttemptRecord, source) + sizeof(AttemptTail) == sizeof(AttemptRecord));

char* Packer::pack(const AttemptRecord& record, char* out) {
  NearAttempt near;
  const bool is_it = is_near(record, last_, last_attempt_.id, near);
  last_attempt_ = {record.id, record.at, record.arrives};
  if (!is_it) return put_whole(record, out);
  std::memcpy(out, &near, sizeof near);
  out += sizeof near;
  if (record.size == 1) lone_ends_ = out;
  return out;
}

char* put_delivery(const EmissionKey& key, char* out) {
  *out = static_cast<char>(Kind::delivery);
  const std::uint64_t word = near_word(key);
  std::memcpy(out + 1, &word, 8);
  return out + 9;
}

char* Packer::pack(const DeliveryRecord& record, char* out) {
  const EmissionKey& key = record.emission;
  const bool follows_lone = std::exchange(lone_ends_, nullptr) == out;
  if (record.attempt != last_attempt_.id ||
      lane_of(key.action.value) != lane_of(record.attempt.value))
    return put_record(Kind::far_delivery,
                      Words<3>{record.attempt.value, key.action.value, word_of(key)}, out);
  if (follows_lone) {
    char* const attempt = out - sizeof(NearAttempt);
    const auto side = static_cast<Source>(attempt[offsetof(NearAttempt, source)]);
    if (key == EmissionKey{last_.id, side, 0}) {
      *attempt = static_cast<char>(Kind::lone_attempt);
      return out;
    }
  }
  return put_delivery(key, out);
}

char* put_whole(const ReceiptRecord& record, char* out) {
  const std::uint64_t rest = static_cast<std::uint64_t>(record.receipt) |
                             static_cast<std::uint64_t>(record.by_fault) << 8 |
                             static_cast<std::uint64_t>(record.status) << 16;
  return put_record(Kind::receipt, Words<3>{record.attempt.value, word_of(record.at), rest}, out);
}

char* Packer::pack(const ReceiptRecord& record, char* out) {
  lone_ends_ = nullptr;
  const bool is_near = record.attempt == last_attempt_.id && record.receipt == Receipt::accepted &&
                       !record.by_fault && record.at == soonest_answer(last_attempt_);
  if (!is_near) return put_whole(record, out);
  *out = static_cast<char>(Kind::near_receipt);
  std::memcpy(out + 1, &record.status, sizeof record.status);
  return out + near_receipt_size;
}

char* Packer::pack(const AbandonRecord& record, char* out) {
  lone_ends_ = nullptr;
  const std::uint64_t rest = word_of(record.emission) | static_cast<std::uint64_t>(record.why)
                                                            << 16;
  return put_record(Kind::abandon,
                    Words<4>{record.emission.action.value, word_of(record.at), rest, record.struck},
                    out);
}

}  // namespace parallax::ledger_codec
