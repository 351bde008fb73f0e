// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/kafka_feed.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "sim/core/kafka.h"
#include "sim/pipeline/http_server.h"

namespace parallax::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

/// Messages stored in one go, and how many of their batches may wait for one fdatasync.
constexpr std::size_t messages_max = 2'000;
constexpr std::size_t bytes_max = 8U << 20U;
constexpr unsigned stores_at_once = 8;
constexpr Micros poll_wait = 20 * millisecond;
constexpr auto commit_every = std::chrono::seconds(1);
constexpr auto retry_pause = std::chrono::milliseconds(200);

/// Events that arrived at one instant: a batch of the collector's.
struct Batch {
  SimTime arrival;
  std::vector<std::string> events;
};

std::string body_of(const std::vector<std::string>& events) {
  std::string body = "{\"batch\":[";
  for (const std::string& event : events) (body += event) += ',';
  body.back() = ']';
  return body += '}';
}

}  // namespace

struct KafkaFeed::State {
  KafkaSource source;
  Collector* collector;
  kafka::Consumer consumer;
  std::vector<kafka::Position> stored_to;  ///< Every message before is on the disk.
  bool assigned = false;
  bool uncommitted = false;
  Clock::time_point commit_due;  ///< Where something is uncommitted.
  std::vector<Batch> batches;
  std::vector<kafka::Position> gathered_to;

  std::atomic<std::uint64_t> stored{0};
  std::mutex mutex;  ///< Guards what follows.
  std::condition_variable changed;
  bool stopping = false;
  std::optional<Error> failed;            ///< Ended the consuming.
  std::string complaint;                  ///< Why it does not go on at the moment.
  std::uint64_t asked = 0, answered = 0;  ///< Of those who wait for the end of the topic.
  std::uint64_t goal_of = 0;
  std::optional<std::vector<kafka::Span>> goal;
  std::thread thread;

  State(KafkaSource from, Collector& into, kafka::Consumer opened)
      : source(std::move(from)), collector(&into), consumer(std::move(opened)) {}

  bool is_stopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }
  void run();
  Result<void> assign();
  Result<void> gather();
  void add(const kafka::Received& received);
  Result<void> store();
  Result<void> store_batch(const Batch& batch);
  Result<void> post(const std::vector<std::string>& events, SimTime arrival, bool& malformed);
  void commit();
  Result<void> look_for_end();
  void pause(const Error& error);
};

void KafkaFeed::State::run() {
  while (!is_stopping()) {
    Result<void> went = assigned ? gather() : assign();
    if (went && assigned) {
      went = store();
      if (!went) {
        const std::lock_guard lock(mutex);
        failed = went.error();
        changed.notify_all();
        return;
      }
      went = look_for_end();
    }
    if (!went) pause(went.error());
    if (uncommitted && Clock::now() >= commit_due) commit();
  }
  if (uncommitted) commit();
}

Result<void> KafkaFeed::State::assign() {
  const Result<std::vector<kafka::Span>> spans = consumer.spans();
  if (!spans) return spans.error();
  Result<std::vector<kafka::Position>> from = consumer.committed(*spans);
  if (!from) return from.error();
  if (const Result<void> set = consumer.assign(*from); !set) return set;
  stored_to = gathered_to = std::move(*from);
  assigned = true;
  return {};
}

/// Takes what is there, and waits only for the first message.
Result<void> KafkaFeed::State::gather() {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < messages_max && bytes < bytes_max; ++i) {
    const Result<kafka::Received> received = consumer.poll(i == 0 ? poll_wait : 0);
    if (!received) return received.error();
    if (received->kind == kafka::Received::Kind::nothing) return {};
    for (kafka::Position& at : gathered_to)
      if (at.partition == received->next.partition) at = received->next;
    if (received->kind != kafka::Received::Kind::message || !received->has_value) continue;
    bytes += received->value.size();
    add(*received);
  }
  return {};
}

void KafkaFeed::State::add(const kafka::Received& received) {
  std::optional<SimTime> arrival;
  if (const auto header = consumer.header(std::string(clock_header)))
    arrival = parse_rfc3339(*header);
  if (!arrival) arrival = wall_clock();
  // A batch of an SDK is spread over partitions: what arrived together stands near each other.
  const auto same = std::find_if(batches.rbegin(), batches.rend(),
                                 [&](const Batch& batch) { return batch.arrival == *arrival; });
  if (same == batches.rend())
    batches.push_back({*arrival, {std::string(received.value)}});
  else
    same->events.emplace_back(received.value);
}

/// Several at a time: the log then writes them with one fdatasync.
Result<void> KafkaFeed::State::store() {
  std::atomic<std::size_t> next{0};
  const auto work = [&]() -> Result<void> {
    for (std::size_t i = next++; i < batches.size(); i = next++)
      if (const Result<void> done = store_batch(batches[i]); !done) return done;
    return {};
  };
  std::vector<std::future<Result<void>>> others;
  for (unsigned i = 1; i < stores_at_once && i < batches.size(); ++i)
    others.push_back(std::async(std::launch::async, work));
  Result<void> done = work();
  for (auto& other : others)
    if (const Result<void> result = other.get(); !result) done = result;
  if (!done) return done;
  for (const Batch& batch : batches) stored += batch.events.size();
  batches.clear();
  if (stored_to == gathered_to) return {};
  stored_to = gathered_to;
  if (!uncommitted) commit_due = Clock::now() + commit_every;
  uncommitted = true;
  return {};
}

Result<void> KafkaFeed::State::store_batch(const Batch& batch) {
  bool malformed = false;
  const Result<void> done = post(batch.events, batch.arrival, malformed);
  if (!done || !malformed || batch.events.size() == 1) return done;
  // One message that is no event must not take the others with it.
  for (const std::string& event : batch.events)
    if (const Result<void> alone = post({event}, batch.arrival, malformed); !alone) return alone;
  return {};
}

Result<void> KafkaFeed::State::post(const std::vector<std::string>& events, SimTime arrival,
                                    bool& malformed) {
  while (true) {
    std::string body = body_of(events);
    const Answer answer = collector->post(body, arrival);
    if (answer.status < 300) return {};
    malformed = answer.status < 500;
    if (malformed) return {};
    if (answer.status != 503) return Error{Error::Kind::io, answer.body, source.topic};
    std::unique_lock lock(mutex);
    changed.wait_for(lock, retry_pause, [this] { return stopping; });
    if (stopping)
      return Error{Error::Kind::timeout, "stopped while the log was full", source.topic};
  }
}

/// What cannot be committed now comes with the next commit, or again.
void KafkaFeed::State::commit() {
  commit_due = Clock::now() + commit_every;
  if (consumer.commit(stored_to)) uncommitted = false;
}

Result<void> KafkaFeed::State::look_for_end() {
  std::unique_lock lock(mutex);
  complaint.clear();
  if (asked == answered) return {};
  if (!goal) {
    goal_of = asked;
    lock.unlock();
    Result<std::vector<kafka::Span>> spans = consumer.spans();
    if (!spans) return spans.error();
    lock.lock();
    goal = std::move(*spans);
  }
  const bool reached = std::all_of(goal->begin(), goal->end(), [this](const kafka::Span& span) {
    return std::any_of(stored_to.begin(), stored_to.end(), [&](const kafka::Position& at) {
      return at.partition == span.partition && (at.offset >= span.end || span.begin == span.end);
    });
  });
  if (!reached) return {};
  answered = goal_of;
  goal.reset();
  changed.notify_all();
  return {};
}

void KafkaFeed::State::pause(const Error& error) {
  std::unique_lock lock(mutex);
  complaint = error.text();
  changed.wait_for(lock, retry_pause, [this] { return stopping; });
}

KafkaFeed::KafkaFeed(std::unique_ptr<State> state) : state_(std::move(state)) {}
KafkaFeed::~KafkaFeed() { stop(); }

Result<std::unique_ptr<KafkaFeed>> KafkaFeed::start(const KafkaSource& source,
                                                    Collector& collector) {
  Result<kafka::Consumer> consumer =
      kafka::Consumer::open(source.cluster, source.topic, source.group);
  if (!consumer) return consumer.error();
  auto state = std::make_unique<State>(source, collector, std::move(*consumer));
  state->thread = std::thread([self = state.get()] { self->run(); });
  return std::unique_ptr<KafkaFeed>(new KafkaFeed(std::move(state)));
}

void KafkaFeed::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

Result<void> KafkaFeed::catch_up(Micros limit) {
  std::unique_lock lock(state_->mutex);
  const std::uint64_t ticket = ++state_->asked;
  const bool told = state_->changed.wait_for(lock, std::chrono::microseconds(limit), [&] {
    return state_->answered >= ticket || state_->failed || state_->stopping;
  });
  if (state_->failed) return *state_->failed;
  if (told && state_->answered >= ticket) return {};
  const std::string& why = state_->complaint;
  return Error{
      Error::Kind::timeout,
      "the pipeline has not come to the end of the topic" + (why.empty() ? "" : ": " + why),
      state_->source.topic};
}

std::uint64_t KafkaFeed::stored() const { return state_->stored; }

}  // namespace parallax::pipeline
