// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

namespace parallax::ledger_codec {
namespace {

static_assert(std::endian::native == std::endian::little, "journals are little-endian files");
// No padding: the bytes of equal values are equal, and all of them are initialised.
static_assert(std::has_unique_object_representations_v<Action>);
static_assert(std::has_unique_object_representations_v<Emission>);
static_assert(std::has_unique_object_representations_v<AttemptRecord>);
static_assert(std::is_trivially_copyable_v<Emission> && std::is_trivially_copyable_v<Action>);

enum class Kind : std::uint8_t { action = 1, emission, attempt, delivery, receipt, abandon };

template <std::size_t n>
using Words = std::array<std::uint64_t, n>;
using ActionWords = Words<sizeof(Action) / 8>;
using BodyWords = Words<sizeof(Emission) / 8>;
using EmissionWords = Words<BodyWords{}.size() + 1>;  // and the fate
using AttemptWords = Words<sizeof(AttemptRecord) / 8>;

constexpr std::size_t seen_words = sizeof(Action) / 8;
static_assert(offsetof(Emission, seen) == 0);

constexpr std::size_t presence_bytes(std::size_t words) { return (words + 7) / 8; }
static_assert(1 + presence_bytes(EmissionWords{}.size()) + sizeof(EmissionWords) <=
              record_size_max);

/// `word_at(i)` is the i-th of the record's `n` words.
template <std::size_t n, class WordAt>
void put_words(Kind kind, WordAt word_at, std::string& out) {
  std::array<char, 1 + presence_bytes(n) + 8 * n> record;
  char* const bits = record.data() + 1;
  char* at = bits + presence_bytes(n);
  record[0] = static_cast<char>(kind);
  static_assert(n <= 64);
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t word = word_at(i);
    if (word == 0) continue;
    std::memcpy(at, &word, 8);
    at += 8;
    present |= std::uint64_t{1} << i;
  }
  std::memcpy(bits, &present, presence_bytes(n));
  out.append(record.data(), at);
}

template <std::size_t n>
void put_words(Kind kind, const Words<n>& words, std::string& out) {
  put_words<n>(
      kind, [&](std::size_t i) { return words[i]; }, out);
}

/// The i-th word of a plain value, without a copy of the whole.
template <class T>
std::uint64_t word_of_value(const T& value, std::size_t i) {
  std::uint64_t word = 0;
  std::memcpy(&word, reinterpret_cast<const char*>(&value) + 8 * i, 8);
  return word;
}

template <std::size_t n>
bool take_words(std::string_view& rest, Words<n>& words) {
  if (rest.size() < presence_bytes(n)) return false;
  const std::string_view bits = rest.substr(0, presence_bytes(n));
  rest.remove_prefix(bits.size());
  for (std::size_t i = 0; i < n; ++i) {
    words[i] = 0;
    const auto present = static_cast<std::uint64_t>(static_cast<unsigned char>(bits[i / 8]));
    if ((present >> (i % 8) & 1) == 0) continue;
    if (rest.size() < 8) return false;
    std::memcpy(&words[i], rest.data(), 8);
    rest.remove_prefix(8);
  }
  return true;
}

void xor_seen(EmissionWords& words, const Action& reference) {
  const auto base = std::bit_cast<ActionWords>(reference);
  for (std::size_t i = 0; i < seen_words; ++i) words[i] ^= base[i];
}

std::uint64_t word_of(const EmissionKey& key) {
  return static_cast<std::uint64_t>(key.source) | static_cast<std::uint64_t>(key.copy) << 8;
}
EmissionKey key_of(std::uint64_t action, std::uint64_t word) {
  return {{action}, static_cast<Source>(word & 1), static_cast<std::uint8_t>(word >> 8)};
}
std::uint64_t word_of(SimTime t) { return std::bit_cast<std::uint64_t>(t); }
SimTime time_of(std::uint64_t word) { return std::bit_cast<SimTime>(word); }

}  // namespace

std::string file_header() {
  std::string out(file_header_size, '\0');
  std::memcpy(out.data(), magic.data(), magic.size());
  std::memcpy(out.data() + magic.size(), &format_version, sizeof format_version);
  return out;
}

void Packer::pack(const Action& record, std::string& out) {
  put_words<ActionWords{}.size()>(
      Kind::action, [&](std::size_t i) { return word_of_value(record, i); }, out);
  last_ = record;
}

void Packer::pack(const EmissionRecord& record, std::string& out) {
  constexpr std::size_t body_words = BodyWords{}.size();
  const auto word_at = [&](std::size_t i) {
    if (i == body_words) return static_cast<std::uint64_t>(record.fate);
    const std::uint64_t word = word_of_value(record.emission, i);
    return i < seen_words ? word ^ word_of_value(last_, i) : word;
  };
  put_words<EmissionWords{}.size()>(Kind::emission, word_at, out);
}

void Packer::pack(const AttemptRecord& record, std::string& out) {
  put_words(Kind::attempt, std::bit_cast<AttemptWords>(record), out);
}

void Packer::pack(const DeliveryRecord& record, std::string& out) {
  const Words<3> words{record.attempt.value, record.emission.action.value,
                       word_of(record.emission)};
  put_words(Kind::delivery, words, out);
}

void Packer::pack(const ReceiptRecord& record, std::string& out) {
  const std::uint64_t rest = static_cast<std::uint64_t>(record.receipt) |
                             static_cast<std::uint64_t>(record.by_fault) << 8 |
                             static_cast<std::uint64_t>(record.status) << 16;
  put_words(Kind::receipt, Words<3>{record.attempt.value, word_of(record.at), rest}, out);
}

void Packer::pack(const AbandonRecord& record, std::string& out) {
  const std::uint64_t rest = word_of(record.emission) | static_cast<std::uint64_t>(record.why)
                                                            << 16;
  put_words(Kind::abandon, Words<3>{record.emission.action.value, word_of(record.at), rest}, out);
}

bool Unpacker::unpack_record(std::string_view& rest, Ledger& out) {
  const auto kind = static_cast<Kind>(rest.front());
  rest.remove_prefix(1);
  ActionWords action;
  EmissionWords emission;
  AttemptWords attempt;
  Words<3> small;
  switch (kind) {
    case Kind::action:
      if (!take_words(rest, action)) return false;
      out.actions.push_back(last_ = std::bit_cast<Action>(action));
      return true;
    case Kind::emission: {
      if (!take_words(rest, emission)) return false;
      xor_seen(emission, last_);
      BodyWords body;
      std::copy_n(emission.begin(), body.size(), body.begin());
      out.emissions.push_back({std::bit_cast<Emission>(body), static_cast<Fate>(emission.back())});
      return true;
    }
    case Kind::attempt:
      if (!take_words(rest, attempt)) return false;
      out.attempts.push_back(std::bit_cast<AttemptRecord>(attempt));
      return true;
    case Kind::delivery:
      if (!take_words(rest, small)) return false;
      out.deliveries.push_back({{small[0]}, key_of(small[1], small[2])});
      return true;
    case Kind::receipt:
      if (!take_words(rest, small)) return false;
      out.receipts.push_back({{small[0]},
                              time_of(small[1]),
                              static_cast<Receipt>(small[2] & 0xff),
                              static_cast<std::uint16_t>(small[2] >> 16),
                              (small[2] >> 8 & 1) != 0});
      return true;
    case Kind::abandon:
      if (!take_words(rest, small)) return false;
      out.abandons.push_back({key_of(small[0], small[2]), time_of(small[1]),
                              static_cast<AbandonRecord::Why>(small[2] >> 16 & 0xff)});
      return true;
  }
  return false;
}

std::size_t Unpacker::unpack(std::string_view payload, Ledger& out) {
  std::string_view rest = payload;
  while (!rest.empty()) {
    const std::size_t offset = payload.size() - rest.size();
    if (!unpack_record(rest, out)) return offset;
  }
  return payload.size();
}

}  // namespace parallax::ledger_codec
