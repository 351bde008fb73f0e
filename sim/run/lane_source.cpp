// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane_source.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace parallax {
namespace {

/// Nobody consents, everything is dropped: a lane that is so silent has nothing to send.
constexpr std::uint32_t silent_populations_max = 1'000;

/// How far a lane may run ahead of the others before it is another's turn.
constexpr Micros lane_turn = 10 * minute;

constexpr std::size_t side_of(Source source) { return source == Source::client ? 0 : 1; }

}  // namespace

std::shared_ptr<const World> Populations::world(std::uint32_t number) {
  if (number == 0) return {std::shared_ptr<const World>(), first_};
  std::weak_ptr<const World>& known = worlds_[number];
  std::shared_ptr<const World> world = known.lock();
  if (!world) {
    const Scenario& scenario = first_->scenario();
    Prng seed = Prng(scenario.seed).stream("population").keyed(number);
    world = std::make_shared<const World>(scenario, seed.next());
    known = world;
  }
  return world;
}

std::uint32_t Populations::users_before(std::uint32_t number) const {
  const std::uint64_t users = first_->scenario().population.users;
  const std::uint64_t rounded = (users + lane_count - 1) / lane_count * lane_count;
  // After four thousand million users the numbers start again; everything else stays distinct.
  return static_cast<std::uint32_t>(
      rounded * number % (std::numeric_limits<std::uint32_t>::max() / rounded * rounded));
}

LoadLane::LoadLane(const LaneContext& context, Populations& populations, LaneIndex index,
                   std::uint32_t batch, Journal& journal)
    : context_(&context),
      populations_(&populations),
      index_(index),
      batch_(batch),
      journal_(&journal),
      faults_(context.faults),
      has_faults_(!context.world.scenario().faults.empty()) {
  begin(0);
}

void LoadLane::begin(std::uint32_t population) {
  population_ = population;
  actions_ += played_;
  played_ = 0;
  journey_.reset();
  world_ = populations_->world(population);
  users_before_ = populations_->users_before(population);
  journey_ = std::make_unique<LaneJourney>(*world_, index_);
  now_ = world_->start();
}

/// One action of the journeys, with what both cameras make of it.
void LoadLane::play() {
  Step step;
  if (!journey_->next(step)) {
    release_late(end_of_time);
    return begin(population_ + 1);
  }
  now_ = std::max(now_, step.at);
  release_late(now_);
  if (step.kind != Step::Kind::action) return;
  Action action = *step.action;
  ++played_;
  action.id.value += actions_;
  action.user += users_before_;
  journal_->append(action);
  std::array<Emission, 2> emissions;
  const std::size_t count = context_->instrumentation.emit(action, emissions);
  for (std::size_t i = 0; i < count; ++i) capture(emissions[i]);
}

void LoadLane::capture(const Emission& emission) {
  if (!has_faults_) return enqueue(emission, emission.captured);
  captures_.items.clear();
  destroyed_.clear();
  faults_.capture(emission, captures_, destroyed_);
  for (const Emission& lost : destroyed_) journal_->append(EmissionRecord{lost, Fate::destroyed});
  for (const Captures::Item& item : captures_.items) {
    if (item.later == 0) {
      enqueue(item.emission, item.emission.captured);
    } else {
      late_.push_back({item.emission.captured + item.later, order_++, item.emission});
      std::push_heap(late_.begin(), late_.end());
    }
  }
}

void LoadLane::release_late(SimTime until) {
  while (!late_.empty() && late_.front().at <= until) {
    std::pop_heap(late_.begin(), late_.end());
    enqueue(late_.back().emission, late_.back().at);
    late_.pop_back();
  }
}

void LoadLane::enqueue(const Emission& emission, SimTime at) {
  const bool withheld = emission.withheld != Withheld::no;
  journal_->append(EmissionRecord{emission, withheld ? Fate::withheld : Fate::queued});
  if (withheld) return;
  const std::size_t side = side_of(emission.source);
  pending_[side].push_back(emission);
  filled_[side] = std::max(filled_[side], at);
}

std::span<const Emission> LoadLane::next(AttemptRecord& attempt) {
  std::uint32_t heard = population_;
  std::size_t held = 0;
  while (population_ - heard < silent_populations_max) {
    for (std::size_t side = 0; side < pending_.size(); ++side)
      if (const auto batch = take(side, batch_, attempt); !batch.empty()) return batch;
    play();
    const std::size_t now_held = pending_[0].size() + pending_[1].size();
    if (std::exchange(held, now_held) != now_held) heard = population_;
  }
  return {};
}

void LoadLane::drain() {
  faults_.lift();
  release_late(end_of_time);
}

std::span<const Emission> LoadLane::leftover(AttemptRecord& attempt) {
  for (std::size_t side = 0; side < pending_.size(); ++side)
    if (const auto batch = take(side, 1, attempt); !batch.empty()) return batch;
  return {};
}

/// A batch of the side, once there are `least` emissions for it. Room is made for what was taken
/// when the next is asked for, as the batch looks into `pending_`.
std::span<const Emission> LoadLane::take(std::size_t side, std::size_t least,
                                         AttemptRecord& attempt) {
  std::vector<Emission>& pending = pending_[side];
  std::size_t& begin = begin_[side];
  if (begin == pending.size()) {
    pending.clear();
    begin = 0;
  }
  if (pending.size() - begin < least) {
    if (begin > 0)
      pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(begin));
    begin = 0;
    return {};
  }
  const std::size_t size = std::min<std::size_t>(pending.size() - begin, batch_);
  const std::span<const Emission> batch(pending.data() + begin, size);
  begin += size;
  const SimTime at = filled_[side];
  if (begin == pending.size()) filled_[side] = no_time;
  attempt = {};
  attempt.id = {make_lane_id(index_, attempts_++)};
  attempt.at = at;
  attempt.source = batch.front().source;
  const WireFate fate =
      faults_.send(batch.front(), attempt.id, 1, at, attempt.struck, attempt.skipped);
  const NetworkPlan& network = world_->scenario().network;
  const Micros median =
      attempt.source == Source::client ? network.round_trip_client : network.round_trip_server;
  Prng draw = context_->network.keyed(attempt.id.value);
  attempt.arrives = at + draw.between(median / 2, median * 3 / 2) / 2 + fate.delay;
  if (world_->scenario().sent_at == Scenario::SentAt::simulated)
    attempt.sent_at = (at + batch.front().clock_error).to_millisecond();
  else
    attempt.sent_at = no_time;
  attempt.strike = fate.strike;
  attempt.answer = fate.answer;
  attempt.size = static_cast<std::uint16_t>(size);
  return batch;
}

LaneSource::LaneSource(const LaneContext& context, const Options& options, Journal journal)
    : context_(&context),
      format_(options.format),
      journal_(std::move(journal)),
      populations_(context.world),
      sent_(options.slots) {
  for (const LaneIndex lane : options.lanes) {
    heap_.push_back(static_cast<std::uint32_t>(lanes_.size()));
    lanes_.emplace_back(context, populations_, lane, options.batch, journal_);
  }
  assert(!lanes_.empty() && format_ != nullptr);
}

/// Of the lane whose clock is behind; it stays on top while it is not far ahead of the next.
std::span<const Emission> LaneSource::next_batch(AttemptRecord& attempt) {
  if (draining_) {
    for (; drained_ < lanes_.size(); ++drained_)
      if (const auto batch = lanes_[drained_].leftover(attempt); !batch.empty()) return batch;
    return {};
  }
  const auto later = [this](std::uint32_t a, std::uint32_t b) {
    const LoadLane::Clock of_a = lanes_[a].clock(), of_b = lanes_[b].clock();
    return of_a != of_b ? of_a > of_b : a > b;
  };
  if (lanes_[heap_.back()].clock() > turn_ends_) {
    std::push_heap(heap_.begin(), heap_.end(), later);
    std::pop_heap(heap_.begin(), heap_.end(), later);
    turn_ends_ = lanes_[heap_.front()].clock();
    turn_ends_.second = turn_ends_.second + lane_turn;
  }
  return lanes_[heap_.back()].next(attempt);
}

bool LaneSource::prepare(std::uint32_t slot, LoadRequest& out) {
  Sent& sent = sent_[slot];
  const std::span<const Emission> batch = next_batch(sent.attempt);
  if (batch.empty()) return false;
  sent.emissions.clear();
  for (const Emission& emission : batch) sent.emissions.push_back(emission.key());
  out.events = static_cast<std::uint32_t>(batch.size());
  out.strike = sent.attempt.strike;
  out.answer = sent.attempt.answer;
  out.arrives = sent.attempt.arrives;
  if (context_->world.scenario().sent_at == Scenario::SentAt::wall) {
    sent.unencoded.assign(batch.begin(), batch.end());
  } else {
    encode(batch, sent.attempt.sent_at, out.body);
  }
  return true;
}

void LaneSource::encode(std::span<const Emission> batch, SimTime sent_at, std::string& body) {
  events_.clear();
  for (const Emission& emission : batch) events_.push_back(&emission);
  format_->batch(events_, sent_at, body);
}

void LaneSource::depart(std::uint32_t slot, LoadRequest& request) {
  Sent& sent = sent_[slot];
  if (context_->world.scenario().sent_at == Scenario::SentAt::wall) {
    sent.attempt.sent_at = context_->wall_clock();
    encode(sent.unencoded, sent.attempt.sent_at, request.body);
  }
  journal_.append(sent.attempt);
  for (const EmissionKey& key : sent.emissions)
    journal_.append(DeliveryRecord{sent.attempt.id, key});
}

void LaneSource::conclude(std::uint32_t slot, Receipt receipt, std::uint16_t status,
                          bool by_fault) {
  const AttemptRecord& attempt = sent_[slot].attempt;
  journal_.append(ReceiptRecord{attempt.id, attempt.arrives, receipt, status, by_fault});
}

void LaneSource::abandon(std::uint32_t slot) {
  const Sent& sent = sent_[slot];
  for (const EmissionKey& key : sent.emissions)
    journal_.append(AbandonRecord{key, sent.attempt.at, AbandonRecord::Why::unsent});
}

void LaneSource::drain() {
  draining_ = true;
  for (LoadLane& lane : lanes_) lane.drain();
}

std::uint32_t LaneSource::populations() const {
  std::uint32_t most = 0;
  for (const LoadLane& lane : lanes_) most = std::max(most, lane.clock().first);
  return most + 1;
}

}  // namespace parallax
