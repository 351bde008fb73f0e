// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

/// `word_at(i)` is the i-th of the record's `n` words. Each is written without asking whether it is
/// zero: the next one then takes its place. Only runs of zeros, of which there are many, are asked
/// for, four words at a time.
template <std::size_t n, class WordAt>
char* put_words(Kind kind, WordAt word_at, char* out) {
  static_assert(n <= 64);
  char* const bits = out + 1;
  char* at = bits + presence_bytes(n);
  *out = static_cast<char>(kind);
  std::uint64_t present = 0;
  const auto put = [&](std::size_t i) {
    const std::uint64_t word = word_at(i);
    std::memcpy(at, &word, 8);
    const std::uint64_t there = word != 0 ? 1 : 0;
    at += 8 * there;
    present |= there << i;
  };
  constexpr std::size_t in_fours = n / 4 * 4;
  for (std::size_t i = 0; i < in_fours; i += 4) {
    if ((word_at(i) | word_at(i + 1) | word_at(i + 2) | word_at(i + 3)) == 0) continue;
    put(i);
    put(i + 1);
    put(i + 2);
    put(i + 3);
  }
  for (std::size_t i = in_fours; i < n; ++i) put(i);
  std::memcpy(bits, &present, presence_bytes(n));
  return at;
}

template <std::size_t n>
char* put_words(Kind kind, const Words<n>& words, char* out) {
  return put_words<n>(
      kind, [&](std::size_t i) { return words[i]; }, out);
}

/// The i-th word of a plain value, without a copy of the whole.
template <class T>
std::uint64_t word_of_value(const T& value, std::size_t i) {
  std::uint64_t word = 0;
  std::memcpy(&word, reinterpret_cast<const char*>(&value) + 8 * i, 8);
  return word;
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
  return put_words<ActionWords{}.size()>(
      Kind::action, [&](std::size_t i) { return word_of_value(record, i); }, out);
}

char* Packer::pack(const EmissionRecord& record, char* out) {
  constexpr std::size_t body_words = BodyWords{}.size();
  const auto word_at = [&](std::size_t i) {
    if (i == body_words) return static_cast<std::uint64_t>(record.fate);
    const std::uint64_t word = word_of_value(record.emission, i);
    return i < seen_words ? word ^ word_of_value(last_, i) : word;
  };
  return put_words<EmissionWords{}.size()>(Kind::emission, word_at, out);
}

char* Packer::pack(const AttemptRecord& record, char* out) {
  return put_words(Kind::attempt, std::bit_cast<AttemptWords>(record), out);
}

char* Packer::pack(const DeliveryRecord& record, char* out) {
  const Words<3> words{record.attempt.value, record.emission.action.value,
                       word_of(record.emission)};
  return put_words(Kind::delivery, words, out);
}

char* Packer::pack(const ReceiptRecord& record, char* out) {
  const std::uint64_t rest = static_cast<std::uint64_t>(record.receipt) |
                             static_cast<std::uint64_t>(record.by_fault) << 8 |
                             static_cast<std::uint64_t>(record.status) << 16;
  return put_words(Kind::receipt, Words<3>{record.attempt.value, word_of(record.at), rest}, out);
}

char* Packer::pack(const AbandonRecord& record, char* out) {
  const std::uint64_t rest = word_of(record.emission) | static_cast<std::uint64_t>(record.why)
                                                            << 16;
  return put_words(Kind::abandon, Words<3>{record.emission.action.value, word_of(record.at), rest},
                   out);
}

}  // namespace parallax::ledger_codec
