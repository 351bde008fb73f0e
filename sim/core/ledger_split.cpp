// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cstring>

#include "sim/core/ledger_cursor.h"

namespace parallax::ledger_codec {
namespace {

LaneIndex lane_of_record(std::uint64_t id) {
  const LaneIndex lane = lane_of(id);
  return lane < lane_count ? lane : lane_count - 1;
}

std::uint64_t id_of(std::string_view packed_action) { return load_word(packed_action.data() + 1); }

SimTime time_of_action(std::string_view packed_action) {
  static_assert(offsetof(Action, at) == 8);
  return time_of(load_word(packed_action.data() + 9));
}

/// What of an attempt is counted.
AttemptTail tail_of(const AttemptRecord& a) {
  return {a.source, a.strike, a.number, a.size, a.answer};
}

}  // namespace

LaneSplitter::LaneSplitter(Watcher& watcher) : watcher_(watcher) {
  std::array<char, record_size_max> nothing_yet;  // What an Unpacker starts from.
  char* const end = Packer().pack(Action{}, nothing_yet.data());
  last_.assign(nothing_yet.data() + 1, end);
}

std::size_t LaneSplitter::split(std::string_view payload) {
  const char* at = payload.data();
  const char* const end = at + payload.size();
  run_lane_ = lane_count;
  while (at != end) {
    const char* const next = split_record(at, end);
    if (next == nullptr) break;
    at = next;
  }
  end_run(at);
  return static_cast<std::size_t>(at - payload.data());
}

/// Records of one lane in a row are copied in one go.
void LaneSplitter::end_run(const char* at) {
  if (run_lane_ < lane_count) lanes_[run_lane_].bytes.append(run_, at);
  run_lane_ = lane_count;
}

LaneSplitter::Lane& LaneSplitter::enter(LaneIndex lane, const char* record) {
  if (lane != run_lane_) {
    end_run(record);
    run_lane_ = lane;
    run_ = record;
  }
  return lanes_[lane];
}

const char* LaneSplitter::split_record(const char* at, const char* end) {
  switch (static_cast<Kind>(*at)) {
    case Kind::action:
      return split_action(at, end);
    case Kind::emission:
    case Kind::own_emission:
      return split_emission(at, end);
    case Kind::attempt:
      return split_attempt(at, end);
    case Kind::delivery:
      return split_delivery(at, end);
    case Kind::near_attempt:
    case Kind::lone_attempt:
      return split_near_attempt(at, end);
    case Kind::near_receipt:
      return split_near_receipt(at, end);
    case Kind::far_delivery:
    case Kind::receipt:
    case Kind::abandon:
      return split_small(at, end);
  }
  return nullptr;
}

const char* LaneSplitter::split_action(const char* at, const char* end) {
  const std::string_view packed = find_action(at + 1, end);
  if (packed.empty()) return nullptr;
  last_ = packed;
  last_lane_ = lane_of_record(id_of(packed));
  enter(last_lane_, at).has_last = true;
  watcher_.see_action();
  return at + 1 + packed.size();
}

const char* LaneSplitter::split_emission(const char* at, const char* end) {
  const bool own = static_cast<Kind>(*at) == Kind::own_emission;
  const EmissionPlaces places = find_emission(own, at + 1, end);
  if (places.body == nullptr) return nullptr;
  const char* const words = places.body + body_size;
  const std::size_t size = words_size(places.widths);
  if (static_cast<std::size_t>(end - words) < size) return nullptr;
  const LaneIndex index = own ? lane_of_record(id_of(places.seen)) : last_lane_;
  watcher_.see_emission(index, {load_word(places.body), load_word(places.body + 8)},
                        static_cast<IdForm>(places.body[form_in_body]),
                        static_cast<Fate>(*places.fate));
  Lane& lane = enter(index, at);
  if (!own && !lane.has_last) {
    end_run(at);
    lane.bytes += static_cast<char>(Kind::own_emission);
    lane.bytes.append(places.fate, places.body);
    lane.bytes += last_;
    lane.bytes.append(places.body, words + size);
  }
  return words + size;
}

const char* LaneSplitter::split_attempt(const char* at, const char* end) {
  AttemptWords words;
  const char* const next = take_record(at + 1, end, words);
  if (next == nullptr) return nullptr;
  const AttemptRecord attempt = attempt_of(words);
  last_attempt_ = {attempt.id, attempt.at, attempt.arrives};
  enter(lane_of_record(attempt.id.value), at).has_last_attempt = true;
  watcher_.see_attempt(tail_of(attempt));
  return next;
}

const char* LaneSplitter::split_near_attempt(const char* at, const char* end) {
  NearAttempt near;
  if (static_cast<std::size_t>(end - at) < sizeof near) return nullptr;
  std::memcpy(&near, at, sizeof near);
  const AttemptRecord attempt = attempt_of(near, time_of_action(last_), last_attempt_.id);
  last_attempt_ = {attempt.id, attempt.at, attempt.arrives};
  watcher_.see_attempt(tail_of(attempt));
  Lane& lane = enter(lane_of_record(attempt.id.value), at);
  if (!lane.has_last || !lane.has_last_attempt) {
    end_run(at);
    std::array<char, record_size_max> bytes;
    lane.bytes.append(bytes.data(), put_whole(attempt, bytes.data()));
    if (near.kind == Kind::lone_attempt) {
      const EmissionKey key{{id_of(last_)}, near.source, 0};
      lane.bytes.append(bytes.data(), put_delivery(key, bytes.data()));
    }
  }
  lane.has_last_attempt = true;
  return at + sizeof near;
}

const char* LaneSplitter::split_near_receipt(const char* at, const char* end) {
  if (static_cast<std::size_t>(end - at) < near_receipt_size) return nullptr;
  const ReceiptRecord receipt = near_receipt(last_attempt_, status_at(at + 1));
  watcher_.see_receipt(receipt);
  Lane& lane = enter(lane_of_record(receipt.attempt.value), at);
  if (!lane.has_last_attempt) {
    end_run(at);
    std::array<char, record_size_max> bytes;
    lane.bytes.append(bytes.data(), put_whole(receipt, bytes.data()));
  }
  return at + near_receipt_size;
}

const char* LaneSplitter::split_delivery(const char* at, const char* end) {
  constexpr std::size_t size = 9;
  if (static_cast<std::size_t>(end - at) < size) return nullptr;
  const AttemptId attempt = last_attempt_.id;
  Lane& lane = enter(lane_of_record(attempt.value), at);
  if (!lane.has_last_attempt) {
    end_run(at);
    std::array<char, record_size_max> bytes;
    const DeliveryRecord far{attempt, near_key(attempt, load_word(at + 1))};
    lane.bytes.append(bytes.data(), Packer().pack(far, bytes.data()));
  }
  return at + size;
}

const char* LaneSplitter::split_small(const char* at, const char* end) {
  Words<4> words;
  const char* const next = take_record(at + 1, end, words);
  if (next == nullptr) return nullptr;
  enter(lane_of_record(words[0]), at);
  const auto kind = static_cast<Kind>(*at);
  if (kind == Kind::receipt) watcher_.see_receipt(receipt_of(words));
  if (kind == Kind::abandon) watcher_.see_abandon();
  return next;
}

std::string LaneSplitter::take(LaneIndex lane) {
  assert(run_lane_ == lane_count);
  std::string bytes = std::move(lanes_[lane].bytes);
  lanes_[lane] = {};
  lanes_[lane].bytes.reserve(bytes.capacity());  // What comes next is about as much.
  return bytes;
}

}  // namespace parallax::ledger_codec
