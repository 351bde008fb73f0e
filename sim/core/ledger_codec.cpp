// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

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

}  // namespace parallax::ledger_codec
