// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>

#include "sim/core/ledger_layout.h"

namespace parallax::ledger_codec {
namespace {

/// Takes `size` bytes off `rest`; null when there are not so many.
const char* take_bytes(std::string_view& rest, std::size_t size) {
  if (rest.size() < size) return nullptr;
  const char* const bytes = rest.data();
  rest.remove_prefix(size);
  return bytes;
}

/// Takes the words that `widths` name; false when the record is cut short or there are too many.
template <std::size_t n>
bool take_words(std::string_view& rest, const char* widths, Words<n>& out) {
  out = {};
  const auto wide = static_cast<std::uint8_t>(widths[1]);
  for (unsigned left = static_cast<std::uint8_t>(widths[0]); left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t size = (wide >> i & 1) != 0 ? 8 : 4;
    const char* const bytes = take_bytes(rest, size);
    if (i >= n || bytes == nullptr) return false;
    std::uint64_t word = 0;
    if (size == 8) {
      word = load_word(bytes);
    } else {
      std::memcpy(&word, bytes, 4);
      word = narrow(word);
    }
    out[i] = word;
  }
  return true;
}

/// Takes widths and the words they name.
template <std::size_t n>
bool take_record(std::string_view& rest, Words<n>& out) {
  const char* const widths = take_bytes(rest, widths_size);
  return widths != nullptr && take_words(rest, widths, out);
}

/// Takes a packed action without its kind as it stands; empty when it cannot be one.
std::string_view take_action(std::string_view& rest) {
  if (rest.empty()) return {};
  const auto shape = static_cast<std::uint8_t>(rest.front());
  if ((shape & ~wide_traits) > max_fields) return {};
  const std::size_t size = packed_action_size(shape);
  const char* const bytes = take_bytes(rest, size);
  return bytes != nullptr ? std::string_view(bytes, size) : std::string_view{};
}

std::uint64_t id_of(std::string_view packed_action) { return load_word(packed_action.data() + 1); }

void unpack_action(std::string_view packed, Action& out) {
  const auto shape = static_cast<std::uint8_t>(packed.front());
  const char* from = packed.data() + 1;
  auto* const bytes = reinterpret_cast<char*>(&out);
  std::memcpy(bytes, from, action_head);
  from += action_head;
  std::memset(bytes + action_head, 0, sizeof out - action_head);
  if ((shape & wide_traits) != 0) {
    std::memcpy(bytes + action_head, from, 8);
    from += 8;
  }
  const std::size_t count = shape & ~wide_traits;
  for (std::size_t i = 0; i < count; ++i)
    out.values[i] = static_cast<std::int64_t>(load_word(from + 8 * i));
}

ReceiptRecord receipt_of(const Words<4>& words) {
  return {{words[0]},
          time_of(words[1]),
          static_cast<Receipt>(words[2] & 0xff),
          static_cast<std::uint16_t>(words[2] >> 16),
          (words[2] >> 8 & 1) != 0};
}

}  // namespace

bool Unpacker::unpack_emission(bool own, std::string_view& rest, Ledger& out) {
  const char* const head = take_bytes(rest, 1 + widths_size);
  if (head == nullptr) return false;
  const std::string_view seen = own ? take_action(rest) : std::string_view{};
  if (own && seen.empty()) return false;
  const char* const body = take_bytes(rest, body_size);
  EmissionWords words;
  if (body == nullptr || !take_words(rest, head + 1, words)) return false;
  EmissionRecord& record = out.emissions.emplace_back();
  Emission& emission = record.emission;
  if (own) {
    unpack_action(seen, emission.seen);
  } else {
    emission.seen = last_;
  }
  std::memcpy(&emission.event_id, body, 16);
  std::memcpy(reinterpret_cast<char*>(&emission) + small_fields, body + 16, 8);
  set_words(words, emission);
  record.fate = static_cast<Fate>(head[0]);
  return true;
}

bool Unpacker::unpack_record(std::string_view& rest, Ledger& out) {
  const auto kind = static_cast<Kind>(rest.front());
  rest.remove_prefix(1);
  Words<4> words;
  switch (kind) {
    case Kind::action: {
      const std::string_view packed = take_action(rest);
      if (packed.empty()) return false;
      unpack_action(packed, last_);
      out.actions.push_back(last_);
      return true;
    }
    case Kind::emission:
    case Kind::own_emission:
      return unpack_emission(kind == Kind::own_emission, rest, out);
    case Kind::attempt: {
      AttemptWords attempt;
      if (!take_record(rest, attempt)) return false;
      out.attempts.push_back(attempt_of(attempt));
      last_attempt_ = out.attempts.back().id;
      return true;
    }
    case Kind::delivery: {
      const char* const word = take_bytes(rest, 8);
      if (word == nullptr) return false;
      out.deliveries.push_back({last_attempt_, near_key(last_attempt_, load_word(word))});
      return true;
    }
    case Kind::far_delivery:
      if (!take_record(rest, words)) return false;
      out.deliveries.push_back({{words[0]}, key_of(words[1], words[2])});
      return true;
    case Kind::receipt:
      if (!take_record(rest, words)) return false;
      out.receipts.push_back(receipt_of(words));
      return true;
    case Kind::abandon:
      if (!take_record(rest, words)) return false;
      out.abandons.push_back({key_of(words[0], words[2]), time_of(words[1]),
                              static_cast<AbandonRecord::Why>(words[2] >> 16 & 0xff), words[3]});
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

LaneIndex lane_of_record(std::uint64_t id) {
  const LaneIndex lane = lane_of(id);
  return lane < lane_count ? lane : lane_count - 1;
}

/// What was taken off `before` to leave `rest`.
std::string_view taken(std::string_view before, std::string_view rest) {
  return before.substr(0, before.size() - rest.size());
}

}  // namespace

LaneSplitter::LaneSplitter(Watcher& watcher) : watcher_(watcher) {
  std::array<char, record_size_max> nothing_yet;  // What an Unpacker starts from.
  char* const end = Packer().pack(Action{}, nothing_yet.data());
  last_.assign(nothing_yet.data() + 1, end);
}

std::size_t LaneSplitter::split(std::string_view payload) {
  std::string_view rest = payload;
  while (!rest.empty()) {
    const std::size_t offset = payload.size() - rest.size();
    if (!split_record(rest)) return offset;
  }
  return payload.size();
}

bool LaneSplitter::split_record(std::string_view& rest) {
  switch (static_cast<Kind>(rest.front())) {
    case Kind::action:
      return split_action(rest);
    case Kind::emission:
    case Kind::own_emission:
      return split_emission(rest);
    case Kind::attempt:
      return split_attempt(rest);
    case Kind::delivery:
      return split_delivery(rest);
    case Kind::far_delivery:
    case Kind::receipt:
    case Kind::abandon:
      return split_small(rest);
  }
  return false;
}

bool LaneSplitter::split_action(std::string_view& rest) {
  const std::string_view before = rest;
  rest.remove_prefix(1);
  const std::string_view packed = take_action(rest);
  if (packed.empty()) return false;
  last_ = packed;
  last_id_ = id_of(packed);
  Lane& lane = lanes_[lane_of_record(last_id_)];
  lane.bytes += taken(before, rest);
  lane.has_last = true;
  watcher_.see_action();
  return true;
}

bool LaneSplitter::split_emission(std::string_view& rest) {
  const std::string_view before = rest;
  const bool own = static_cast<Kind>(before.front()) == Kind::own_emission;
  const char* const head = take_bytes(rest, 2 + widths_size);
  if (head == nullptr) return false;
  const std::string_view seen = own ? take_action(rest) : std::string_view(last_);
  const char* const body = seen.empty() ? nullptr : take_bytes(rest, body_size);
  EmissionWords words;
  if (body == nullptr || !take_words(rest, head + 2, words)) return false;
  const LaneIndex index = lane_of_record(id_of(seen));
  watcher_.see_emission(index, {load_word(body), load_word(body + 8)},
                        static_cast<IdForm>(body[form_in_body]), static_cast<Fate>(head[1]));
  const std::string_view record = taken(before, rest);
  Lane& lane = lanes_[index];
  if (own || lane.has_last) {
    lane.bytes += record;
  } else {
    lane.bytes += static_cast<char>(Kind::own_emission);
    lane.bytes += record.substr(1, 1 + widths_size);
    lane.bytes += seen;
    lane.bytes += record.substr(2 + widths_size);
  }
  return true;
}

bool LaneSplitter::split_attempt(std::string_view& rest) {
  const std::string_view before = rest;
  rest.remove_prefix(1);
  AttemptWords words;
  if (!take_record(rest, words)) return false;
  const AttemptRecord attempt = attempt_of(words);
  last_attempt_ = attempt.id;
  Lane& lane = lanes_[lane_of_record(attempt.id.value)];
  lane.bytes += taken(before, rest);
  lane.has_last_attempt = true;
  watcher_.see_attempt(attempt);
  return true;
}

bool LaneSplitter::split_delivery(std::string_view& rest) {
  const char* const record = take_bytes(rest, 9);
  if (record == nullptr) return false;
  Lane& lane = lanes_[lane_of_record(last_attempt_.value)];
  if (lane.has_last_attempt) {
    lane.bytes.append(record, 9);
    return true;
  }
  std::array<char, record_size_max> bytes;
  const DeliveryRecord far{last_attempt_, near_key(last_attempt_, load_word(record + 1))};
  lane.bytes.append(bytes.data(), Packer().pack(far, bytes.data()));
  return true;
}

bool LaneSplitter::split_small(std::string_view& rest) {
  const std::string_view before = rest;
  const auto kind = static_cast<Kind>(before.front());
  rest.remove_prefix(1);
  Words<4> words;
  if (!take_record(rest, words)) return false;
  if (kind == Kind::receipt) watcher_.see_receipt(receipt_of(words));
  if (kind == Kind::abandon) watcher_.see_abandon();
  lanes_[lane_of_record(words[0])].bytes += taken(before, rest);
  return true;
}

std::string LaneSplitter::take(LaneIndex lane) {
  std::string bytes = std::move(lanes_[lane].bytes);
  lanes_[lane] = {};
  lanes_[lane].bytes.reserve(bytes.capacity());  // What comes next is about as much.
  return bytes;
}

}  // namespace parallax::ledger_codec
