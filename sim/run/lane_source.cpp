// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane_source.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "sim/run/generate.h"

namespace parallax {
namespace {

/// Nobody consents, everything is dropped: a lane that is so silent has nothing to send.
constexpr std::uint32_t silent_populations_max = 1'000;

/// How far a lane may run ahead of the others before it is another's turn: at least so long, and as
/// long as it takes to fill about one batch, as a lane that is left is soon out of the caches.
constexpr Micros shortest_turn = 10 * minute;
constexpr Micros events_a_window = 500;  ///< `window_length` holds 200 sessions.

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

LoadLane::LoadLane(const Shared& shared, LaneIndex index)
    : shared_(&shared),
      index_(index),
      faults_(shared.context.faults),
      network_(shared.context.network.keyed(index)) {
  begin(0);
}

void LoadLane::begin(std::uint32_t population) {
  population_ = population;
  actions_ += played_;
  played_ = 0;
  journey_.reset();
  world_ = shared_->populations.world(population);
  users_before_ = shared_->populations.users_before(population);
  journey_ = std::make_unique<LaneJourney>(*world_, index_);
  logins_.reset();
  if (world_->logins().login) logins_.emplace(world_->logins(), world_->scenario());
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
  if (!late_.empty()) release_late(now_);
  if (step.kind != Step::Kind::action) return;
  Action action = *step.action;
  ++played_;
  action.id.value += actions_;
  action.user += users_before_;
  shared_->journal.append(action);
  if (logins_) logins_->begin(action);
  const LaneContext& context = shared_->context;
  for (const Source side : both_sources) {
    if (!context.instrumentation.emits(action.type, side)) continue;
    context.instrumentation.emit(action, side, record_.emission);
    if (logins_) logins_->say(record_.emission);
    capture();
  }
  if (logins_) logins_->end(action);
}

/// `record_` goes through the faults; what comes out at once or later joins a batch.
void LoadLane::capture() {
  Emission& emission = record_.emission;
  if (faults_.spares_emissions()) return enqueue(record_, emission.captured);
  captures_.items.clear();
  destroyed_.clear();
  const CaptureFate fate = faults_.capture_in_place(emission, captures_, destroyed_);
  for (const Destroyed& destroyed : destroyed_) note_destroyed(destroyed, shared_->journal);
  if (!fate.destroyed) keep(emission, fate.later);
  for (const Captures::Item& item : captures_.items) keep(item.emission, item.later);
}

void LoadLane::keep(const Emission& emission, Micros later) {
  const SimTime at = emission.captured + later;
  if (later == 0) {
    EmissionRecord record{emission};
    return enqueue(record, at);
  }
  late_.push_back({at, order_++, emission});
  std::push_heap(late_.begin(), late_.end());
}

void LoadLane::release_late(SimTime until) {
  while (!late_.empty() && late_.front().at <= until) {
    std::pop_heap(late_.begin(), late_.end());
    EmissionRecord record{late_.back().emission};
    enqueue(record, late_.back().at);
    late_.pop_back();
  }
}

void LoadLane::enqueue(EmissionRecord& record, SimTime at) {
  const Emission& emission = record.emission;
  const bool withheld = emission.withheld != Withheld::no;
  record.fate = withheld ? Fate::withheld : Fate::queued;
  shared_->journal.append(record);
  if (withheld) return;
  LoadBatch& batch = filling_[side_of(emission.source)];
  if (batch.emissions.empty()) {
    batch.first = emission;
    shared_->format.begin_batch(batch.body);
  }
  shared_->format.add_event(emission, batch.body);
  batch.emissions.push_back(emission.key());
  batch.filled = std::max(batch.filled, at);
  if (batch.emissions.size() == shared_->batch) put_aside(batch);
}

/// The batch is as full as it gets; another takes its place.
void LoadLane::put_aside(LoadBatch& batch) {
  full_.push_back(std::move(batch));
  batch = LoadBatch();
  if (spare_.empty()) return;
  batch = std::move(spare_.back());
  spare_.pop_back();
}

bool LoadLane::next(AttemptRecord& attempt, TextBuffer& body, std::vector<EmissionKey>& emissions) {
  std::uint32_t heard = population_;
  const auto held = [this] { return filling_[0].emissions.size() + filling_[1].emissions.size(); };
  std::size_t before = held();
  while (full_.empty()) {
    if (population_ - heard >= silent_populations_max) return false;
    play();
    if (std::exchange(before, held()) != before) heard = population_;
  }
  take(attempt, body, emissions);
  return true;
}

void LoadLane::drain() {
  faults_.lift();
  release_late(end_of_time);
}

bool LoadLane::leftover(AttemptRecord& attempt, TextBuffer& body,
                        std::vector<EmissionKey>& emissions) {
  for (LoadBatch& batch : filling_)
    if (full_.empty() && !batch.emissions.empty()) put_aside(batch);
  if (full_.empty()) return false;
  take(attempt, body, emissions);
  return true;
}

void LoadLane::take(AttemptRecord& attempt, TextBuffer& body, std::vector<EmissionKey>& emissions) {
  LoadBatch& batch = full_.front();
  describe(batch, attempt);
  std::swap(body, batch.body);
  std::swap(emissions, batch.emissions);
  batch.body.clear();
  batch.emissions.clear();
  batch.filled = no_time;
  spare_.push_back(std::move(batch));
  full_.erase(full_.begin());
}

/// The attempt that delivers the batch; wire faults strike it here.
void LoadLane::describe(const LoadBatch& batch, AttemptRecord& attempt) {
  const Emission& first = batch.first;
  const SimTime at = batch.filled;
  attempt = {};
  attempt.id = {make_lane_id(index_, attempts_++)};
  attempt.at = at;
  attempt.source = first.source;
  WireFate fate;
  faults_.send({first, 1, 1, at}, attempt.id, fate, attempt.struck, attempt.skipped);
  // A load sends nothing twice, and each batch whole.
  attempt.struck &= ~(fate.again_by | fate.left_by);
  const Scenario& scenario = world_->scenario();
  const Micros median = attempt.source == Source::client ? scenario.network.round_trip_client
                                                         : scenario.network.round_trip_server;
  attempt.arrives = at + network_.between(median / 2, median * 3 / 2) / 2 + fate.delay;
  const bool simulated = scenario.sent_at == Scenario::SentAt::simulated;
  attempt.sent_at = simulated ? (at + first.clock_error).to_millisecond() : no_time;
  attempt.strike = fate.strike;
  attempt.answer = fate.answer;
  attempt.size = static_cast<std::uint16_t>(batch.emissions.size());
}

LaneSource::LaneSource(const LaneContext& context, const Options& options, Journal journal)
    : context_(&context),
      format_(options.format),
      journal_(std::move(journal)),
      populations_(context.world),
      shared_{context, populations_, *options.format, options.batch, journal_},
      sent_(options.slots),
      turn_(std::max(shortest_turn,
                     window_length(context.world.scenario()) / events_a_window * options.batch)) {
  for (const LaneIndex lane : options.lanes) {
    heap_.push_back(static_cast<std::uint32_t>(lanes_.size()));
    lanes_.emplace_back(shared_, lane);
  }
  assert(!lanes_.empty());
}

/// Of the lane whose clock is behind; it stays on top while it is not far ahead of the next.
bool LaneSource::next_batch(Sent& sent, TextBuffer& body) {
  if (draining_) {
    for (; drained_ < lanes_.size(); ++drained_)
      if (lanes_[drained_].leftover(sent.attempt, body, sent.emissions)) return true;
    return false;
  }
  const auto later = [this](std::uint32_t a, std::uint32_t b) {
    const LoadLane::Clock of_a = lanes_[a].clock(), of_b = lanes_[b].clock();
    return of_a != of_b ? of_a > of_b : a > b;
  };
  if (lanes_[heap_.back()].clock() > turn_ends_) {
    std::push_heap(heap_.begin(), heap_.end(), later);
    std::pop_heap(heap_.begin(), heap_.end(), later);
    turn_ends_ = lanes_[heap_.front()].clock();
    turn_ends_.second = turn_ends_.second + turn_;
  }
  return lanes_[heap_.back()].next(sent.attempt, body, sent.emissions);
}

bool LaneSource::prepare(std::uint32_t slot, LoadRequest& out) {
  Sent& sent = sent_[slot];
  if (!next_batch(sent, out.body)) return false;
  out.events = sent.attempt.size;
  out.strike = sent.attempt.strike;
  out.answer = sent.attempt.answer;
  out.arrives = sent.attempt.arrives;
  return true;
}

void LaneSource::depart(std::uint32_t slot, LoadRequest& request) {
  Sent& sent = sent_[slot];
  if (context_->world.scenario().sent_at == Scenario::SentAt::wall)
    sent.attempt.sent_at = context_->wall_clock();
  format_->end_batch(sent.attempt.sent_at, request.body);
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
