// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cassert>
#include <cstring>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

/// std::popcount is a call where the machine need not have an instruction for it.
constexpr std::size_t bits_set(std::uint64_t x) {
  x -= x >> 1U & 0x5555'5555'5555'5555U;
  x = (x & 0x3333'3333'3333'3333U) + (x >> 2U & 0x3333'3333'3333'3333U);
  x = (x + (x >> 4U)) & 0x0f0f'0f0f'0f0f'0f0fU;
  return x * 0x0101'0101'0101'0101U >> 56U;
}

/// A packed record behind its kind: which words are there, and where.
struct Packed {
  std::uint64_t present = 0;
  const char* words = nullptr;

  std::uint64_t at(std::size_t i) const {
    if ((present >> i & 1) == 0) return 0;
    const std::size_t before = bits_set(present & ((std::uint64_t{1} << i) - 1));
    std::uint64_t word = 0;
    std::memcpy(&word, words + 8 * before, 8);
    return word;
  }

  /// Calls `use(i, word)` for each word that is there.
  template <class Use>
  void each(Use use) const {
    const char* from = words;
    for (std::uint64_t left = present; left != 0; left &= left - 1, from += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, from, 8);
      use(static_cast<std::size_t>(std::countr_zero(left)), word);
    }
  }
};

/// Takes a record of at most `n` words off `rest`; false when it is cut short.
template <std::size_t n>
bool take_packed(std::string_view& rest, Packed& out) {
  constexpr std::size_t bytes = presence_bytes(n);
  static_assert(n < 64);
  if (rest.size() < bytes) return false;
  out.present = 0;
  // A word that was written in pieces is slow to read back: in one piece wherever there are 8
  // bytes.
  if (rest.size() >= sizeof out.present) {
    std::memcpy(&out.present, rest.data(), sizeof out.present);
  } else {
    std::memcpy(&out.present, rest.data(), bytes);
  }
  out.present &= (std::uint64_t{1} << n) - 1;
  const std::size_t size = bytes + 8 * bits_set(out.present);
  if (rest.size() < size) return false;
  out.words = rest.data() + bytes;
  rest.remove_prefix(size);
  return true;
}

template <class Value>
Value value_of(const Packed& packed) {
  Words<sizeof(Value) / 8> words{};
  packed.each([&](std::size_t i, std::uint64_t word) { words[i] = word; });
  return std::bit_cast<Value>(words);
}

ReceiptRecord receipt_of(const Packed& packed) {
  const std::uint64_t rest = packed.at(2);
  return {{packed.at(0)},
          time_of(packed.at(1)),
          static_cast<Receipt>(rest & 0xff),
          static_cast<std::uint16_t>(rest >> 16),
          (rest >> 8 & 1) != 0};
}

constexpr std::size_t fate_word = EmissionWords{}.size() - 1;

/// Over the emission's words as they were packed: `seen` as it differs from `out.emission.seen`.
void apply(const Packed& packed, EmissionRecord& out) {
  auto* const bytes = reinterpret_cast<char*>(&out.emission);
  packed.each([&](std::size_t i, std::uint64_t word) {
    if (i == fate_word) {
      out.fate = static_cast<Fate>(word);
      return;
    }
    std::uint64_t old = 0;
    std::memcpy(&old, bytes + 8 * i, 8);
    word ^= old;
    std::memcpy(bytes + 8 * i, &word, 8);
  });
}

/// An emission of the action, nothing else said: `apply` starts from it.
EmissionRecord blank_like(const Action& seen) {
  EmissionRecord blank;
  std::memset(static_cast<void*>(&blank.emission), 0, sizeof blank.emission);
  blank.emission.seen = seen;
  return blank;
}

Action unpack_action(std::string_view record) {
  if (record.empty()) return {};
  Packed packed;
  record.remove_prefix(1);
  const bool whole = take_packed<seen_words>(record, packed);
  assert(whole);
  static_cast<void>(whole);
  return value_of<Action>(packed);
}

}  // namespace

Unpacker::Unpacker() : like_last_(blank_like({})) {}

bool Unpacker::unpack_record(std::string_view& rest, Ledger& out) {
  const auto kind = static_cast<Kind>(rest.front());
  rest.remove_prefix(1);
  Packed packed;
  switch (kind) {
    case Kind::action:
      if (!take_packed<seen_words>(rest, packed)) return false;
      out.actions.push_back(value_of<Action>(packed));
      like_last_.emission.seen = out.actions.back();
      return true;
    case Kind::emission:
      if (!take_packed<EmissionWords{}.size()>(rest, packed)) return false;
      apply(packed, out.emissions.emplace_back(like_last_));
      return true;
    case Kind::attempt:
      if (!take_packed<AttemptWords{}.size()>(rest, packed)) return false;
      out.attempts.push_back(value_of<AttemptRecord>(packed));
      return true;
    case Kind::delivery:
      if (!take_packed<3>(rest, packed)) return false;
      out.deliveries.push_back({{packed.at(0)}, key_of(packed.at(1), packed.at(2))});
      return true;
    case Kind::receipt:
      if (!take_packed<3>(rest, packed)) return false;
      out.receipts.push_back(receipt_of(packed));
      return true;
    case Kind::abandon:
      if (!take_packed<3>(rest, packed)) return false;
      out.abandons.push_back({key_of(packed.at(0), packed.at(2)), time_of(packed.at(1)),
                              static_cast<AbandonRecord::Why>(packed.at(2) >> 16 & 0xff)});
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

// ---- LaneSplitter

namespace {

static_assert(offsetof(Emission, event_id) % 8 == 0 && offsetof(Action, id) == 0);
constexpr std::size_t id_word = offsetof(Emission, event_id) / 8;
constexpr std::size_t form_word = offsetof(Emission, id_form) / 8;
constexpr unsigned form_shift = offsetof(Emission, id_form) % 8 * 8;

LaneIndex lane_of_record(std::uint64_t id) {
  const LaneIndex lane = lane_of(id);
  return lane < lane_count ? lane : lane_count - 1;
}

}  // namespace

std::size_t LaneSplitter::split(std::string_view payload) {
  std::string_view rest = payload;
  while (!rest.empty()) {
    const std::size_t offset = payload.size() - rest.size();
    if (!split_record(rest)) return offset;
  }
  kept_last_ = last_;
  last_ = kept_last_;
  return payload.size();
}

bool LaneSplitter::split_record(std::string_view& rest) {
  const std::string_view record = rest;
  rest.remove_prefix(1);
  Packed packed;
  const auto kind = static_cast<Kind>(record.front());
  if (kind == Kind::action) {
    if (!take_packed<seen_words>(rest, packed)) return false;
    last_ = record.substr(0, record.size() - rest.size());
    last_id_ = packed.at(0);
    Lane& lane = lanes_[lane_of_record(last_id_)];
    lane.last_begin = lane.bytes.size();
    lane.last_size = last_.size();
    lane.last_id = last_id_;
    lane.bytes += last_;
    watcher_.see_action();
    return true;
  }
  if (kind != Kind::emission) return split_small(rest, record);
  if (!take_packed<EmissionWords{}.size()>(rest, packed)) return false;
  const LaneIndex lane = lane_of_record(packed.at(0) ^ last_id_);
  watcher_.see_emission(lane, {packed.at(id_word), packed.at(id_word + 1)},
                        static_cast<IdForm>(packed.at(form_word) >> form_shift & 0xff),
                        static_cast<Fate>(packed.at(fate_word)));
  append_emission(lanes_[lane], record.substr(0, record.size() - rest.size()));
  return true;
}

void LaneSplitter::append_emission(Lane& lane, std::string_view record) {
  if (lane.last_id == last_id_ && lane.last_size > 0) {
    lane.bytes += record;
    return;
  }
  Packed packed;
  record.remove_prefix(1);
  take_packed<EmissionWords{}.size()>(record, packed);
  EmissionRecord emission = blank_like(unpack_action(last_));
  apply(packed, emission);
  Packer packer;
  std::array<char, record_size_max> bytes;
  if (lane.last_size > 0) {
    const std::string_view before = lane.bytes;
    packer.pack(unpack_action(before.substr(lane.last_begin, lane.last_size)), bytes.data());
  }
  lane.bytes.append(bytes.data(), packer.pack(emission, bytes.data()));
}

bool LaneSplitter::split_small(std::string_view& rest, std::string_view record) {
  Packed packed;
  LaneIndex lane = 0;
  switch (static_cast<Kind>(record.front())) {
    case Kind::attempt: {
      if (!take_packed<AttemptWords{}.size()>(rest, packed)) return false;
      const auto attempt = value_of<AttemptRecord>(packed);
      watcher_.see_attempt(attempt);
      lane = lane_of_record(attempt.id.value);
      break;
    }
    case Kind::receipt:
      if (!take_packed<3>(rest, packed)) return false;
      watcher_.see_receipt(receipt_of(packed));
      lane = lane_of_record(packed.at(0));
      break;
    case Kind::delivery:
      if (!take_packed<3>(rest, packed)) return false;
      lane = lane_of_record(packed.at(0));
      break;
    case Kind::abandon:
      if (!take_packed<3>(rest, packed)) return false;
      watcher_.see_abandon();
      lane = lane_of_record(packed.at(0));
      break;
    default:
      return false;
  }
  lanes_[lane].bytes += record.substr(0, record.size() - rest.size());
  return true;
}

std::string LaneSplitter::take(LaneIndex lane) {
  std::string bytes = std::move(lanes_[lane].bytes);
  lanes_[lane] = {};
  lanes_[lane].bytes.reserve(bytes.capacity());  // What comes next is about as much.
  return bytes;
}

}  // namespace parallax::ledger_codec
