// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "sim/core/ledger_cursor.h"

namespace parallax::ledger_codec {
namespace {

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

}  // namespace

const char* Unpacker::unpack_emission(bool own, const char* at, const char* end, Ledger& out) {
  const EmissionPlaces places = find_emission(own, at, end);
  EmissionWords words;
  const char* const next = places.body == nullptr
                               ? nullptr
                               : take_words(places.body + body_size, end, places.widths, words);
  if (next == nullptr) return nullptr;
  EmissionRecord& record = out.emissions.emplace_back();
  Emission& emission = record.emission;
  if (own) {
    unpack_action(places.seen, emission.seen);
  } else {
    emission.seen = last_;
  }
  std::memcpy(&emission.event_id, places.body, 16);
  std::memcpy(reinterpret_cast<char*>(&emission) + small_fields, places.body + 16, 8);
  set_words(words, emission);
  record.fate = static_cast<Fate>(*places.fate);
  return next;
}

/// `at` is where the record begins.
const char* Unpacker::unpack_near_attempt(bool lone, const char* at, const char* end, Ledger& out) {
  NearAttempt near;
  if (static_cast<std::size_t>(end - at) < sizeof near) return nullptr;
  std::memcpy(&near, at, sizeof near);
  const AttemptRecord attempt = attempt_of(near, last_.at, last_attempt_.id);
  last_attempt_ = {attempt.id, attempt.at, attempt.arrives};
  out.attempts.push_back(attempt);
  if (lone) out.deliveries.push_back({attempt.id, {last_.id, attempt.source, 0}});
  return at + sizeof near;
}

/// `at` is behind the record's kind, as above.
const char* Unpacker::unpack_record(Kind kind, const char* at, const char* end, Ledger& out) {
  Words<4> words;
  switch (kind) {
    case Kind::action: {
      const std::string_view packed = find_action(at, end);
      if (packed.empty()) return nullptr;
      unpack_action(packed, last_);
      out.actions.push_back(last_);
      return at + packed.size();
    }
    case Kind::emission:
    case Kind::own_emission:
      return unpack_emission(kind == Kind::own_emission, at, end, out);
    case Kind::attempt: {
      AttemptWords attempt;
      at = take_record(at, end, attempt);
      if (at == nullptr) return nullptr;
      const AttemptRecord& made = out.attempts.emplace_back(attempt_of(attempt));
      last_attempt_ = {made.id, made.at, made.arrives};
      return at;
    }
    case Kind::near_attempt:
    case Kind::lone_attempt:
      return unpack_near_attempt(kind == Kind::lone_attempt, at - 1, end, out);
    case Kind::delivery:
      if (end - at < 8) return nullptr;
      out.deliveries.push_back({last_attempt_.id, near_key(last_attempt_.id, load_word(at))});
      return at + 8;
    case Kind::far_delivery:
      at = take_record(at, end, words);
      if (at != nullptr) out.deliveries.push_back({{words[0]}, key_of(words[1], words[2])});
      return at;
    case Kind::near_receipt:
      if (static_cast<std::size_t>(end - at) < near_receipt_size - 1) return nullptr;
      out.receipts.push_back(near_receipt(last_attempt_, status_at(at)));
      return at + near_receipt_size - 1;
    case Kind::receipt:
      at = take_record(at, end, words);
      if (at != nullptr) out.receipts.push_back(receipt_of(words));
      return at;
    case Kind::abandon:
      at = take_record(at, end, words);
      if (at != nullptr)
        out.abandons.push_back({key_of(words[0], words[2]), time_of(words[1]),
                                static_cast<AbandonRecord::Why>(words[2] >> 16 & 0xff), words[3]});
      return at;
  }
  return nullptr;
}

std::size_t Unpacker::unpack(std::string_view payload, Ledger& out) {
  const char* at = payload.data();
  const char* const end = at + payload.size();
  while (at != end) {
    const char* const next = unpack_record(static_cast<Kind>(*at), at + 1, end, out);
    if (next == nullptr) break;
    at = next;
  }
  return static_cast<std::size_t>(at - payload.data());
}

}  // namespace parallax::ledger_codec
