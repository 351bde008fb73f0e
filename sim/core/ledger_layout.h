// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sim/core/ledger_codec.h"

/// Which byte of a packed record is what: private to the codec's two sides.
///
/// action        kind, u8 values | wide_traits, action_head bytes, [traits 4 .. 7], values
/// emission      kind, u8 fate, widths, body, words
/// own_emission  the same with an action, without its kind, between widths and body
/// delivery      kind, u64 of the action's ordinal and the key's rest: of the attempt last packed
/// near_attempt  NearAttempt; lone_attempt is the same with its one delivery, of the action last
///               packed and its side's own emission
/// near_receipt  kind, u16 status: of the attempt last packed, accepted as soon as could be
/// others        kind, widths, words
///
/// words: those that are not zero, in 4 bytes where their sign is all that is left out, or in 8;
/// widths are two bytes, of which bit i says that word i is there, and that it has 8.
namespace parallax::ledger_codec {

static_assert(std::endian::native == std::endian::little, "journals are little-endian files");
// No padding: the bytes of equal values are equal, and all of them are initialised.
static_assert(std::has_unique_object_representations_v<Action>);
static_assert(std::has_unique_object_representations_v<Emission>);
static_assert(std::has_unique_object_representations_v<AttemptRecord>);
static_assert(std::is_trivially_copyable_v<Emission> && std::is_trivially_copyable_v<Action>);

enum class Kind : std::uint8_t {
  action = 1,
  emission,      ///< Saw the action last packed as it was.
  own_emission,  ///< Saw something else, or another action.
  attempt,
  delivery,
  far_delivery,  ///< Of another attempt than the last, or of another lane's action.
  receipt,
  abandon,
  near_attempt,
  lone_attempt,
  near_receipt,
};

template <std::size_t n>
using Words = std::array<std::uint64_t, n>;
constexpr std::size_t widths_size = 2;

inline std::uint64_t word_of(SimTime t) { return std::bit_cast<std::uint64_t>(t); }
inline SimTime time_of(std::uint64_t word) { return std::bit_cast<SimTime>(word); }
/// The word that 4 bytes of this one give back.
inline std::uint64_t narrow(std::uint64_t word) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(word)));
}

/// How much later than `near`, a small number; `no_time` is 0, and changes places with what would
/// be.
inline std::uint64_t word_of(SimTime t, SimTime near) {
  const std::uint64_t later = word_of(t) - word_of(near);
  if (t == no_time) return 0;
  return later != 0 ? later : word_of(no_time) - word_of(near);
}
inline SimTime time_of(std::uint64_t word, SimTime near) {
  if (word == 0) return no_time;
  const SimTime t = time_of(word_of(near) + word);
  return t == no_time ? near : t;
}

// ---- action

/// Its fields up to the fourth trait, as they lie in memory.
constexpr std::size_t action_head = offsetof(Action, traits) + 8;
static_assert(offsetof(Action, values) == action_head + 8);
static_assert(offsetof(Action, id) == 0);
constexpr unsigned wide_traits = 0x80;  ///< Beside the number of values: the other traits follow.

constexpr std::size_t packed_action_size(std::uint8_t shape) {
  return 1 + action_head + ((shape & wide_traits) != 0 ? 8U : 0U) +
         std::size_t{8} * (shape & ~wide_traits);
}

// ---- emission

/// What every emission has: its id, and the small fields from `source` to `retry_count`.
constexpr std::size_t body_size = 24;
constexpr std::size_t small_fields = offsetof(Emission, source);
static_assert(offsetof(Emission, forms) == small_fields + 8);
constexpr std::size_t form_in_body = 16 + offsetof(Emission, id_form) - small_fields;

/// What mostly is zero when it is written like this. Order and number are the file's.
using EmissionWords = Words<8>;

inline EmissionWords words_of(const Emission& e) {
  const auto forms = std::bit_cast<Words<2>>(e.forms);
  return {word_of(e.captured) - word_of(e.seen.at),
          word_of(e.client_ts, e.captured),
          word_of(e.server_ts, e.captured),
          static_cast<std::uint64_t>(e.clock_error),
          e.struck,
          e.skipped,
          forms[0],
          forms[1]};
}
/// The inverse. Precondition: `e.seen` is filled.
inline void set_words(const EmissionWords& words, Emission& e) {
  e.captured = time_of(word_of(e.seen.at) + words[0]);
  e.client_ts = time_of(words[1], e.captured);
  e.server_ts = time_of(words[2], e.captured);
  e.clock_error = static_cast<Micros>(words[3]);
  e.struck = words[4];
  e.skipped = words[5];
  e.forms = std::bit_cast<decltype(e.forms)>(Words<2>{words[6], words[7]});
}

static_assert(2 + widths_size + 1 + sizeof(Action) + body_size + sizeof(EmissionWords) <=
              record_size_max);

// ---- attempt and delivery

/// As they lie in memory, but for the times, which are those of `at`.
using AttemptWords = Words<sizeof(AttemptRecord) / 8>;

inline AttemptWords words_of(const AttemptRecord& attempt) {
  auto words = std::bit_cast<AttemptWords>(attempt);
  words[2] = word_of(attempt.arrives) - word_of(attempt.at);
  words[3] = word_of(attempt.sent_at, attempt.at);
  return words;
}
inline AttemptRecord attempt_of(const AttemptWords& words) {
  auto attempt = std::bit_cast<AttemptRecord>(words);
  attempt.arrives = time_of(word_of(attempt.at) + words[2]);
  attempt.sent_at = time_of(words[3], attempt.at);
  return attempt;
}
static_assert(offsetof(AttemptRecord, arrives) == 16 && offsetof(AttemptRecord, sent_at) == 24);

/// A first try that no fault strikes, of the lane of the action last packed and with the number
/// after the attempt last packed; soon after both.
struct NearAttempt {
  Kind kind;
  Source source;
  std::uint16_t size;
  std::uint32_t after;    ///< From the action to `at`.
  std::uint32_t way;      ///< From there to `arrives`.
  std::int32_t stated;    ///< word_of(sent_at, at).
  std::uint32_t skipped;  ///< The higher bits are zero.
};
static_assert(sizeof(NearAttempt) == 20 && std::has_unique_object_representations_v<NearAttempt>);
constexpr std::size_t near_receipt_size = 3;

/// The action's id and time are all that it takes of it.
inline AttemptRecord attempt_of(const NearAttempt& near, SimTime acted, AttemptId before) {
  AttemptRecord attempt;
  attempt.id = {before.value + 1};
  attempt.at = time_of(word_of(acted) + near.after);
  attempt.arrives = time_of(word_of(attempt.at) + near.way);
  attempt.sent_at =
      time_of(static_cast<std::uint64_t>(static_cast<std::int64_t>(near.stated)), attempt.at);
  attempt.skipped = near.skipped;
  attempt.source = near.source;
  attempt.size = near.size;
  return attempt;
}

/// When the sender knows of an answer that takes as long as the way there.
inline SimTime soonest_answer(const LastAttempt& attempt) {
  return time_of(2 * word_of(attempt.arrives) - word_of(attempt.at));
}
inline ReceiptRecord near_receipt(const LastAttempt& attempt, std::uint16_t status) {
  return {attempt.id, soonest_answer(attempt), Receipt::accepted, status, false};
}

/// As they are written where they stand near nothing. Room as for Packer::pack.
char* put_whole(const AttemptRecord& record, char* out);
char* put_whole(const ReceiptRecord& record, char* out);
/// Of the attempt before it, whose lane the action is of.
char* put_delivery(const EmissionKey& key, char* out);

inline std::uint64_t word_of(const EmissionKey& key) {
  return static_cast<std::uint64_t>(key.source) | static_cast<std::uint64_t>(key.copy) << 8;
}
inline EmissionKey key_of(std::uint64_t action, std::uint64_t word) {
  return {{action}, static_cast<Source>(word & 1), static_cast<std::uint8_t>(word >> 8)};
}

/// The ordinal of the action below, the rest of the key above. The lane is the attempt's.
inline std::uint64_t near_word(const EmissionKey& key) {
  return (key.action.value & ((std::uint64_t{1} << lane_shift) - 1)) | word_of(key) << lane_shift;
}
inline EmissionKey near_key(AttemptId attempt, std::uint64_t word) {
  const std::uint64_t ordinal = word & ((std::uint64_t{1} << lane_shift) - 1);
  return key_of((attempt.value >> lane_shift << lane_shift) | ordinal, word >> lane_shift);
}

inline std::uint64_t load_word(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, 8);
  return word;
}

}  // namespace parallax::ledger_codec
