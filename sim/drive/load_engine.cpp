// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_engine.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <limits>
#include <optional>

#include "sim/drive/event_poll.h"
#include "sim/drive/gzip.h"
#include "sim/drive/http_message.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Nanos a_millisecond = 1'000'000;
constexpr Nanos a_second = 1'000'000'000;
constexpr Nanos housekeeping_pause = 5 * a_millisecond;
constexpr Nanos gauge_pause = 100 * a_millisecond;
/// Waiting for less than this costs more than it saves.
constexpr Nanos shortest_wait = 20'000;
/// First and longest pause before a connection is opened again.
constexpr Nanos backoff_min = 10 * a_millisecond, backoff_max = a_second;
/// Bounds what one turn makes and abandons, so that answers are read in between.
constexpr unsigned overflow_a_turn_max = 64;
/// Made ahead in one go: some tens of microseconds of work.
constexpr std::uint32_t events_between_polls = 32;

class Engine final : public LoadEngine {
 public:
  Engine(const LoadEndpoint& endpoint, const LoadPlan& plan, LoadSource& source, LoadGauge& gauge,
         RequestHead head)
      : plan_(plan),
        source_(source),
        head_(std::move(head)),
        stock_(source, plan.slots(), plan.ahead()),
        due_(plan.schedule, plan.batch, plan.part, plan.parts),
        main_begin_(plan.warmup * 1'000),
        main_end_((plan.warmup + plan.length) * 1'000),
        meter_(gauge, main_begin_, main_end_) {
    for (std::uint32_t i = 0; i < plan.http.connections; ++i) links_.emplace_back(endpoint);
    starting_.reserve(plan.http.connections);
    if (plan.http.gzip) gzip_.emplace();
    if (plan.schedule != nullptr) stock_.limit(due_.requests());
  }

  Result<void> usable() const { return poll_.usable(); }
  void warm() override;
  Result<LoadTally> run(Clock::time_point start) override;

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;

  struct Link {
    explicit Link(const LoadEndpoint& endpoint) : connection(endpoint) {}
    LoadConnection connection;
    std::uint32_t slot = none;  ///< Of the request on it.
    Nanos planned = 0;
    Nanos free_since = 0;
    Nanos written = 0;
    Nanos reopens = 0;  ///< When closed: not before.
    Nanos backoff = 0;
    bool ever_open = false;
    std::string head;
  };

  Nanos now() const { return (Clock::now() - start_).count(); }
  bool interrupted() const { return plan_.interrupted != nullptr && *plan_.interrupted != 0; }

  void play();
  void drain();
  void fall_due(Nanos at);
  void overflow(Nanos planned);
  void dispatch(Nanos at);
  void start(Link& link, std::uint32_t slot, Nanos planned);
  void depart();
  void tend(Nanos at);
  void wait(Nanos until);
  void collect(int timeout_ms);
  void handle(std::size_t index, LoadConnection::Event event, Nanos at);
  void reopen(std::size_t index, Nanos at);
  void finish(Link& link, std::uint16_t status, Nanos at);
  void conclude_struck(std::uint32_t slot, Nanos planned);
  void end_main();

  const LoadPlan& plan_;
  LoadSource& source_;
  RequestHead head_;
  EventPoll poll_;
  std::optional<Gzip> gzip_;
  std::string packed_;
  LoadStock stock_;
  std::deque<Link> links_;
  std::deque<std::uint32_t> idle_;       ///< Links, longest idle first.
  std::vector<std::uint32_t> starting_;  ///< Links that begin to send in this turn.
  std::deque<Nanos> backlog_;            ///< Planned times that wait for a connection.
  RequestPlan due_;
  std::size_t busy_ = 0;
  std::size_t cutting_ = 0;
  bool draining_ = false;
  Clock::time_point start_ = Clock::now();
  Nanos main_begin_, main_end_;
  LoadMeter meter_;
  Nanos ended_ = 0;  ///< When the measured phase did.
  Nanos tended_ = 0, shown_ = 0, looked_ = 0;
  Nanos waited_ = 0, starved_ = 0;  ///< Since the start.
  Result<void> written_;
  std::array<char, 65'536> room_;
};

void Engine::warm() {
  start_ = Clock::now();
  for (std::size_t i = 0; i < links_.size(); ++i) reopen(i, 0);
  while (idle_.size() < links_.size() && now() < a_second) {
    collect(10);
    tend(now());
  }
  stock_.make_some(plan_.ahead());
}

Result<LoadTally> Engine::run(Clock::time_point start) {
  const Nanos shift = (start - start_).count();
  start_ = start;
  tended_ -= shift;
  for (Link& link : links_) {
    link.reopens -= shift;
    link.free_since -= shift;
    link.written -= shift;
  }
  play();
  end_main();
  drain();
  if (const Result<void> flushed = source_.flush(); written_ && !flushed) written_ = flushed;
  if (!written_) return written_.error();
  return meter_.take();
}

void Engine::play() {
  while (written_) {
    const Nanos at = now();
    if (!meter_.begun() && at >= main_begin_) meter_.begin_main(waited_, starved_);
    const bool over = at >= main_end_ || interrupted();
    if (over) ended_ = std::min(at, main_end_);
    if (over && plan_.schedule == nullptr) break;
    fall_due(at);
    dispatch(at);
    depart();
    if (over) break;
    tend(at);
    wait(std::min(due_.next().value_or(main_end_), main_end_));
  }
}

/// Answers of what is under way, and the source's last partial batches.
void Engine::drain() {
  source_.drain();
  stock_.limit(std::numeric_limits<std::uint64_t>::max());
  draining_ = true;
  const Nanos limit = now() + plan_.drain_max * 1'000;
  while (written_ && now() < limit) {
    const Nanos at = now();
    dispatch(at);
    depart();
    if (busy_ == 0 && stock_.exhausted()) break;
    tend(at);
    wait(limit);
  }
  const Nanos at = now();
  for (Link& link : links_) {
    // No receipt for these: they were in flight when the run stopped.
    if (link.slot != none) meter_.cut_off(stock_[link.slot], link.planned, at);
    link.connection.close();
  }
  if (written_) stock_.abandon_all();
  meter_.show(at, 0);
}

/// Moves what the schedule says from the plan to the backlog.
void Engine::fall_due(Nanos at) {
  unsigned overflows = 0;
  for (; due_.next() && *due_.next() <= at; due_.advance()) {
    const Nanos planned = *due_.next();
    if (busy_ + backlog_.size() < plan_.in_flight_max) {
      backlog_.push_back(planned);
    } else {
      if (++overflows > overflow_a_turn_max) return;
      overflow(planned);
    }
    meter_.planned(planned, plan_.batch);
  }
}

void Engine::overflow(Nanos planned) {
  std::uint32_t slot = 0;
  if (!stock_.take(slot)) return;
  meter_.overflowed(planned, stock_[slot].events);
  source_.abandon(slot);
  stock_.put_back(slot);
}

/// Brings together what is due and who is free.
void Engine::dispatch(Nanos at) {
  const bool always = plan_.schedule == nullptr || draining_;
  while (!idle_.empty() && (always || !backlog_.empty())) {
    std::uint32_t slot = none;
    if (!stock_.take(slot)) return;
    Link& link = links_[idle_.front()];
    Nanos planned = draining_ ? main_end_ : std::max(link.free_since, Nanos{0});
    if (!always) {
      planned = backlog_.front();
      backlog_.pop_front();
    } else {
      meter_.planned(planned, stock_[slot].events);
    }
    const Strike strike = stock_[slot].strike;
    if (strike == Strike::before_send || strike == Strike::answered) {
      conclude_struck(slot, planned);
      continue;
    }
    starting_.push_back(idle_.front());
    idle_.pop_front();
    start(link, slot, planned);
  }
  if (!backlog_.empty() && idle_.empty()) starved_ += at - looked_;
  looked_ = at;
}

/// Nothing of it leaves the machine.
void Engine::conclude_struck(std::uint32_t slot, Nanos planned) {
  LoadRequest& request = stock_[slot];
  source_.depart(slot, request);
  source_.conclude(slot, Receipt::rejected,
                   request.strike == Strike::answered ? request.answer : std::uint16_t{0}, true);
  meter_.struck_unsent(planned, request.events);
  stock_.put_back(slot);
}

void Engine::start(Link& link, std::uint32_t slot, Nanos planned) {
  LoadRequest& request = stock_[slot];
  link.slot = slot;
  link.planned = planned;
  source_.depart(slot, request);
  if (gzip_) {
    gzip_->compress(request.body.text(), packed_);
    request.body.assign(packed_);
  }
  head_.write(request.body.size(), request.arrives, {}, link.head);
  ++busy_;
}

/// One flush, then the bytes of all that start in this turn.
void Engine::depart() {
  if (starting_.empty()) return;
  written_ = source_.flush();
  if (!written_) return;
  for (const std::uint32_t index : starting_) {
    Link& link = links_[index];
    const LoadRequest& made = stock_[link.slot];
    link.written = now();
    meter_.sent({link.planned, std::max(link.planned, link.free_since), link.written,
                 link.head.size() + made.body.size(), made.events});
    handle(index, link.connection.send(link.head, made.body.text(), made.strike), link.written);
    if (link.connection.is_cutting()) ++cutting_;
  }
  starting_.clear();
}

void Engine::handle(std::size_t index, LoadConnection::Event event, Nanos at) {
  using Event = LoadConnection::Event;
  Link& link = links_[index];
  LoadConnection& connection = link.connection;
  switch (event) {
    case Event::none:
      return;
    case Event::opened:
      link.backoff = 0;
      if (std::exchange(link.ever_open, true)) meter_.reconnected(at);
      break;
    case Event::answered:
      finish(link, connection.status(), at);
      break;
    case Event::lost:
      return reopen(index, at);
    case Event::failed:
      if (link.slot != none) {
        finish(link, 0, at);
      } else {
        meter_.not_connected(connection.error());
      }
      link.backoff = std::clamp(2 * link.backoff, backoff_min, backoff_max);
      link.reopens = at + link.backoff;
      return;
  }
  if (!connection.is_open()) return reopen(index, at);
  link.free_since = at;
  idle_.push_back(static_cast<std::uint32_t>(index));
}

void Engine::reopen(std::size_t index, Nanos at) {
  const auto gone = std::find(idle_.begin(), idle_.end(), index);
  if (gone != idle_.end()) idle_.erase(gone);
  handle(index, links_[index].connection.open(poll_.handle(), index), at);
  links_[index].written = at;
}

/// `status`: 0 for a request that was not answered.
void Engine::finish(Link& link, std::uint16_t status, Nanos at) {
  const LoadConnection& connection = link.connection;
  const std::uint32_t slot = std::exchange(link.slot, none);
  const LoadRequest& request = stock_[slot];
  source_.conclude(slot, connection.receipt(), status, request.strike != Strike::none);
  meter_.finished(request, {link.planned, link.written, at, connection.receipt(), status,
                            connection.bytes_in(), connection.error()});
  stock_.put_back(slot);
  --busy_;
}

/// Everything that time alone brings about: timeouts, connections to open again, cuts.
void Engine::tend(Nanos at) {
  if (cutting_ == 0 && at - tended_ < housekeeping_pause) return;
  tended_ = at;
  const Nanos limit = plan_.http.timeout * 1'000;
  cutting_ = 0;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    Link& link = links_[i];
    LoadConnection& connection = link.connection;
    if (!connection.is_open()) {
      if (at >= link.reopens) reopen(i, at);
    } else if (connection.is_cutting()) {
      handle(i, connection.on_ready(room_), at);
      cutting_ += connection.is_cutting() ? 1U : 0U;
    } else if ((connection.is_busy() || connection.is_connecting()) && at - link.written >= limit) {
      handle(i, connection.on_ready(room_), at);  // The answer may be here already.
      if (connection.is_busy() || connection.is_connecting())
        handle(i, connection.expire(plan_.http.timeout), at);
    }
  }
  if (at - shown_ < gauge_pause) return;
  shown_ = at;
  meter_.show(at, busy_ + backlog_.size());
}

/// Waits for an event, for `until` or for the next look around, whichever comes first; makes
/// requests ahead instead while there are some to make.
void Engine::wait(Nanos until) {
  const bool work = !idle_.empty() && (plan_.schedule == nullptr || !backlog_.empty());
  if (work && !draining_) return collect(0);
  if (stock_.make_some(1 + events_between_polls / plan_.batch)) return collect(0);
  const Nanos pause = cutting_ > 0 ? a_millisecond : housekeeping_pause;
  const Nanos before = now();
  until = std::min(until, before + pause);
  if (until - before < shortest_wait) return collect(0);
  poll_.wake_at(start_ + std::chrono::nanoseconds(until));
  collect(-1);
}

void Engine::collect(int timeout_ms) {
  const Nanos before = timeout_ms != 0 ? now() : 0;
  const std::span<const EventPoll::Event> events = poll_.wait(timeout_ms);
  if (timeout_ms != 0) waited_ += now() - before;
  for (const EventPoll::Event& event : events) {
    const auto index = static_cast<std::size_t>(event.key);
    LoadConnection& connection = links_[index].connection;
    const auto outcome = connection.on_ready(room_);
    handle(index, outcome, now());
    // One edge tells of the answer and of the close behind it.
    if (event.closing && outcome != LoadConnection::Event::lost && connection.is_idle())
      handle(index, connection.on_ready(room_), now());
  }
}

/// What is due and has found no connection is never sent; how long it waited counts.
void Engine::end_main() {
  for (const Nanos planned : backlog_) meter_.left_over(planned, ended_, plan_.batch);
  backlog_.clear();
  for (; due_.next() && *due_.next() < ended_; due_.advance()) {
    meter_.planned(*due_.next(), plan_.batch);
    meter_.left_over(*due_.next(), ended_, plan_.batch);
  }
  meter_.end_main(ended_, waited_, starved_);
}

}  // namespace

Result<std::unique_ptr<LoadEngine>> LoadEngine::make(const LoadEndpoint& endpoint,
                                                     const LoadPlan& plan, LoadSource& source,
                                                     LoadGauge& gauge) {
  assert(plan.http.connections > 0 && plan.batch > 0 && plan.part < plan.parts);
  Result<RequestHead> head = RequestHead::compile(plan.http, endpoint.url());
  if (!head) return head.error();
  auto engine = std::make_unique<Engine>(endpoint, plan, source, gauge, std::move(*head));
  if (const Result<void> usable = engine->usable(); !usable) return usable.error();
  return std::unique_ptr<LoadEngine>(std::move(engine));
}

}  // namespace parallax
