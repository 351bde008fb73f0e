// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/book.h"

#include <algorithm>
#include <limits>

#include "sim/core/prng.h"

namespace parallax::proxy {
namespace {

constexpr LaneIndex lane = 0;
constexpr std::size_t copies_max = std::numeric_limits<std::uint8_t>::max();

/// What tells the attempt from all others, whenever it comes.
AttemptId draw_id(const Sighted& first, std::uint16_t number) {
  const std::uint64_t side = static_cast<std::uint64_t>(first.emission.source);
  const std::uint64_t hash =
      mix64(first.identity.high ^ mix64(first.identity.low ^ mix64(side << 16U | number)));
  return {make_lane_id(lane, hash >> (64 - lane_shift))};
}

}  // namespace

Result<Book> Book::create(const std::filesystem::path& journal) {
  Result<Journal> made = Journal::create(journal);
  if (!made) return made.error();
  return Book(std::move(*made));
}

EmissionKey Book::note(const Sighted& event) {
  const auto [place, fresh] = known_.try_emplace(event.identity);
  Known& known = place->second;
  Emission emission = event.emission;
  if (fresh) known.action = make_lane_id(lane, ++actions_);
  emission.seen.id = {known.action};
  if (fresh) journal_.append(emission.seen);
  const auto side = static_cast<std::size_t>(emission.source);
  std::vector<std::uint64_t>& contents = known.contents[side];
  const auto seen = std::find(contents.begin(), contents.end(), event.content);
  const auto copy = static_cast<std::size_t>(seen - contents.begin());
  emission.copy = static_cast<std::uint8_t>(std::min(copy, copies_max));
  if (seen == contents.end() && contents.size() <= copies_max) {
    contents.push_back(event.content);
    journal_.append(EmissionRecord{emission, Fate::queued});
  }
  constexpr std::uint16_t attempts_max = std::numeric_limits<std::uint16_t>::max();
  if (known.attempts[side] < attempts_max) ++known.attempts[side];
  return emission.key();
}

Delivery Book::begin(std::span<const Sighted> events, SimTime at, LaneFaults& faults,
                     const std::function<bool(std::size_t)>& can_leave) {
  Delivery delivery;
  for (const Sighted& event : events) delivery.events.push_back(note(event));
  const Sighted& first = events.front();
  const auto side = static_cast<std::size_t>(first.emission.source);
  AttemptRecord& record = delivery.record;
  record.id = {make_lane_id(lane, ++attempts_)};
  record.at = at;
  record.sent_at = no_time;  // The faults have no use for it, and no format says it alike.
  record.source = first.emission.source;
  record.number = known_.at(first.identity).attempts[side];
  const auto size = static_cast<std::uint16_t>(
      std::min<std::size_t>(events.size(), std::numeric_limits<std::uint16_t>::max()));
  WireFate& fate = delivery.fate;
  faults.send({first.emission, record.number, size, at}, draw_id(first, record.number), fate,
              record.struck, record.skipped);
  record.struck &= ~(fate.again_by | fate.left_by);
  if (fate.left_out > 0 && !can_leave(fate.left_out)) fate.left_out = 0;
  record.arrives = at + fate.delay;
  record.strike = fate.strike;
  record.answer = fate.answer;
  if (fate.left_out > 0) turn_away(delivery);
  record.size = static_cast<std::uint16_t>(size - fate.left_out);
  write(delivery);
  return delivery;
}

void Book::turn_away(Delivery& delivery) {
  Delivery left;
  left.record = delivery.record;
  left.record.id = {make_lane_id(lane, ++attempts_)};
  left.record.struck = delivery.fate.left_by;
  left.record.skipped = 0;
  left.record.strike = Strike::answered;
  left.record.answer = delivery.fate.left_status;
  left.record.size = delivery.fate.left_out;
  const auto kept = delivery.events.end() - delivery.fate.left_out;
  left.events.assign(kept, delivery.events.end());
  delivery.events.erase(kept, delivery.events.end());
  write(left);
  conclude(left, Receipt::rejected, left.record.answer, left.record.arrives);
}

Delivery Book::begin_again(const Delivery& first) {
  Delivery again;
  again.record = first.record;
  again.record.id = {make_lane_id(lane, ++attempts_)};
  again.record.struck = first.fate.again_by;
  again.record.skipped = 0;
  again.record.strike = Strike::none;
  again.record.arrives = first.record.arrives + *first.fate.again;
  again.events = first.events;
  write(again);
  return again;
}

void Book::write(const Delivery& delivery) {
  journal_.append(delivery.record);
  for (const EmissionKey& event : delivery.events)
    journal_.append(DeliveryRecord{delivery.record.id, event});
}

void Book::conclude(const Delivery& delivery, Receipt receipt, std::uint16_t status, SimTime at) {
  journal_.append(ReceiptRecord{delivery.record.id, at, receipt, status,
                                delivery.record.strike != Strike::none});
}

}  // namespace parallax::proxy
