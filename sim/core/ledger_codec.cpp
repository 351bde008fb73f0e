// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ledger_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

template <std::size_t n>
void put_words(Kind kind, const Words<n>& words, std::string& out) {
  std::array<char, 1 + presence_bytes(n) + sizeof words> record;
  char* const bits = record.data() + 1;
  char* at = bits + presence_bytes(n);
  record[0] = static_cast<char>(kind);
  for (std::size_t byte = 0; byte < presence_bytes(n); ++byte) {
    std::size_t present = 0;
    for (std::size_t i = byte * 8; i < n && i < byte * 8 + 8; ++i) {
      std::memcpy(at, &words[i], 8);  // Without a branch: a zero word is written over by the next.
      const std::size_t kept{words[i] != 0};
      at += 8 * kept;
      present |= kept << (i % 8);
    }
    bits[byte] = static_cast<char>(present);
  }
  out.append(record.data(), at);
}

void xor_seen(EmissionWords& words, const Action& reference) {
  const auto base = std::bit_cast<ActionWords>(reference);
  for (std::size_t i = 0; i < seen_words; ++i) words[i] ^= base[i];
}

}  // namespace

std::string file_header() {
  std::string out(file_header_size, '\0');
  std::memcpy(out.data(), magic.data(), magic.size());
  std::memcpy(out.data() + magic.size(), &format_version, sizeof format_version);
  return out;
}

void Packer::pack(const Action& record, std::string& out) {
  put_words(Kind::action, std::bit_cast<ActionWords>(record), out);
  last_ = record;
}

void Packer::pack(const EmissionRecord& record, std::string& out) {
  const auto body = std::bit_cast<BodyWords>(record.emission);
  EmissionWords words;
  std::copy(body.begin(), body.end(), words.begin());
  words.back() = static_cast<std::uint64_t>(record.fate);
  xor_seen(words, last_);
  put_words(Kind::emission, words, out);
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
