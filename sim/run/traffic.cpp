// SPDX-License-Identifier: Apache-2.0
#include "sim/run/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <thread>

#include "sim/drive/pacer.h"
#include "sim/run/meeting.h"

namespace parallax {
namespace {

/// What the threads of a run tell each other: only that it is over, and how far they are.
struct Shared {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> events{0};
  /// Written by the one that restarts the target, while the others wait.
  Result<void> restarted{};
};

/// One thread's share of the lanes with its own journal and connections.
class Worker {
 public:
  Worker(const LaneContext& context, const TrafficOptions& options, unsigned number,
         Journal journal, std::unique_ptr<Target> target, Shared& shared, Meeting& meeting)
      : context_(&context),
        options_(&options),
        shared_(&shared),
        meeting_(&meeting),
        journal_(std::move(journal)),
        target_(std::move(target)),
        pacer_(options.pace, context.world.start()),
        leads_(number == 0) {
    for (LaneIndex lane = options.shard.index + options.shard.of * number; lane < lane_count;
         lane += options.shard.of * options.jobs)
      if (context.world.users_in(lane) > 0) lanes_.emplace_back(context, lane, &journal_);
  }

  void run();
  void add_to(Traffic& traffic) const;
  const Result<void>& result() const { return result_; }

 private:
  /// A lane that waits with an attempt; earliest arrival on top.
  struct Ready {
    SimTime arrives;
    std::uint32_t lane;
    friend bool operator<(const Ready& a, const Ready& b) {
      return a.arrives != b.arrives ? a.arrives > b.arrives : a.lane > b.lane;
    }
  };

  void advance(std::uint32_t lane);
  bool dispatch();
  bool is_restart_due(SimTime at) const {
    return restarts_ < options_->restarts.size() && at >= options_->restarts[restarts_];
  }
  void restart();
  void collect();
  void read_results(SendResult& result);
  void note(const SendResult& result);
  void show(SimTime at);

  const LaneContext* context_;
  const TrafficOptions* options_;
  Shared* shared_;
  Meeting* meeting_;
  Journal journal_;
  std::unique_ptr<Target> target_;
  Pacer pacer_;
  bool leads_;
  std::deque<Lane> lanes_;
  std::vector<const Outgoing*> outgoing_;
  std::vector<Ready> ready_;
  std::vector<EventResult> results_;  ///< Of the answer in hand.
  std::map<std::string, std::uint64_t> errors_;
  std::uint64_t failures_in_a_row_ = 0;
  std::size_t restarts_ = 0;  ///< Of the target, so far.
  std::string gave_up_;
  bool interrupted_ = false;
  Result<void> result_;
};

void Worker::advance(std::uint32_t lane) {
  outgoing_[lane] = lanes_[lane].next();
  if (outgoing_[lane] == nullptr) return;
  ready_.push_back({outgoing_[lane]->arrives, lane});
  std::push_heap(ready_.begin(), ready_.end());
}

/// Sends the earliest waiting attempt; false when none is due or the target is full.
bool Worker::dispatch() {
  if (ready_.empty() || target_->in_flight() >= target_->capacity()) return false;
  const Ready first = ready_.front();
  if (!pacer_.due(first.arrives)) {
    if (target_->in_flight() == 0) pacer_.wait(first.arrives);
    return target_->in_flight() == 0;
  }
  if (is_restart_due(first.arrives)) {
    if (target_->in_flight() == 0) restart();
    return false;
  }
  std::pop_heap(ready_.begin(), ready_.end());
  ready_.pop_back();
  result_ = journal_.flush();
  if (!result_) {
    shared_->stop = true;
    return false;
  }
  const Outgoing& out = *outgoing_[first.lane];
  shared_->attempts.fetch_add(1, std::memory_order_relaxed);
  shared_->events.fetch_add(out.size, std::memory_order_relaxed);
  SendRequest request{first.lane, out.strike, 0, out.arrives, {}, {}};
  const SimTime states = out.sent_at == no_time ? out.arrives : out.sent_at;
  const auto number = static_cast<std::uint16_t>(out.events.front()->retry_count + 1);
  options_->format->write_headers({out.batch.value(), number, states}, request.headers);
  options_->format->batch(out.events, out.sent_at, request.body);
  target_->start(std::move(request));
  show(out.arrives);
  return true;
}

/// What a 2xx says of single events. One that does not is no acknowledgement.
void Worker::read_results(SendResult& result) {
  results_.clear();
  if (!options_->format->answers_by_event() || result.receipt != Receipt::accepted) return;
  const auto read =
      options_->format->read_results(result.body, outgoing_[result.ticket]->events, results_);
  if (!read) {
    result.receipt = Receipt::unknown;
    ++errors_[fmt::format("HTTP {}, {}", result.status, read.error().what)];
  }
  for (const EventResult one : results_)
    if (one != EventResult::taken)
      ++errors_[fmt::format("HTTP {}, but single events {}", result.status,
                            one == EventResult::again ? "to be sent again" : "dropped")];
}

/// Meets the other threads, one of which restarts the target, and connects again.
void Worker::restart() {
  ++restarts_;
  (void)target_->close();  // Nothing is on its way; the connections end with their server.
  meeting_->meet();
  result_ = shared_->restarted;
  Result<std::unique_ptr<Target>> again = options_->make_target();
  if (again) target_ = std::move(*again);
  if (result_ && !again) result_ = again.error();
  if (!result_) shared_->stop = true;
}

void Worker::note(const SendResult& result) {
  const bool struck = outgoing_[result.ticket]->strike != Strike::none;
  if (result.receipt == Receipt::accepted) {
    failures_in_a_row_ = 0;
  } else if (!struck) {
    const std::string what =
        result.status != 0 ? fmt::format("HTTP {}", result.status) : result.error;
    ++errors_[what];
    if (++failures_in_a_row_ == failures_in_a_row_max) {
      gave_up_ = fmt::format("the target took nothing {} times in a row (last: {})",
                             failures_in_a_row_max, what);
      shared_->stop = true;
    }
  }
}

void Worker::collect() {
  SendResult result = target_->wait();
  read_results(result);
  note(result);
  const auto lane = static_cast<std::uint32_t>(result.ticket);
  lanes_[lane].answer(result.receipt, result.status, result.retry_after, results_);
  advance(lane);
}

void Worker::show(SimTime at) {
  if (!leads_ || options_->progress == nullptr) return;
  const std::uint64_t attempts = shared_->attempts.load(std::memory_order_relaxed);
  if (attempts % 64 != 0) return;
  const auto span = static_cast<double>(context_->world.end() - context_->world.start());
  options_->progress->update(
      static_cast<double>(at - context_->world.start()) / span,
      fmt::format("{} attempts, {} events", attempts, shared_->events.load()));
}

void Worker::run() {
  outgoing_.resize(lanes_.size());
  for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) advance(lane);
  while (!shared_->stop && (!ready_.empty() || target_->in_flight() > 0)) {
    if (!interrupted_ && options_->interrupted != nullptr && *options_->interrupted != 0) {
      interrupted_ = true;
      for (Lane& lane : lanes_) lane.stop_traffic();
    }
    if (!dispatch() && target_->in_flight() > 0) collect();
  }
  meeting_->leave();
  while (target_->in_flight() > 0) {  // Stopped early: take the outcomes under way, send no more.
    const SendResult result = target_->wait();
    lanes_[result.ticket].answer(result.receipt, result.status);
  }
  if (const Result<void> closed = target_->close(); !closed && gave_up_.empty())
    gave_up_ = "the target did not keep what it was sent: " + closed.error().text();
  const Result<void> written = journal_.close();
  if (result_) result_ = written;
}

void Worker::add_to(Traffic& traffic) const {
  traffic.interrupted |= interrupted_;
  if (traffic.gave_up.empty()) traffic.gave_up = gave_up_;
  for (const auto& [what, count] : errors_) traffic.errors.emplace_back(what, count);
}

void merge_errors(std::vector<std::pair<std::string, std::uint64_t>>& errors) {
  std::map<std::string, std::uint64_t> merged;
  for (const auto& [what, count] : errors) merged[what] += count;
  errors.assign(merged.begin(), merged.end());
  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
}

}  // namespace

std::vector<std::filesystem::path> journal_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (unsigned i = 0; i < lane_count; ++i) {
    const auto file = folder / fmt::format("journal-{}.plx", i);
    if (!std::filesystem::exists(file)) break;
    files.push_back(file);
  }
  return files;
}

Result<Traffic> play_traffic(const LaneContext& context, const TrafficOptions& options) {
  Shared shared;
  Meeting meeting(options.jobs, [&] { shared.restarted = options.restart(); });
  std::deque<Worker> workers;
  for (unsigned i = 0; i < options.jobs; ++i) {
    Result<Journal> journal = Journal::create(options.journals / fmt::format("journal-{}.plx", i));
    if (!journal) return journal.error();
    Result<std::unique_ptr<Target>> target = options.make_target();
    if (!target) return target.error();
    workers.emplace_back(context, options, i, std::move(*journal), std::move(*target), shared,
                         meeting);
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < workers.size(); ++i)
    threads.emplace_back([&workers, i] { workers[i].run(); });
  workers.front().run();
  for (std::thread& thread : threads) thread.join();

  Traffic traffic;
  for (const Worker& worker : workers) {
    if (!worker.result()) return worker.result().error();
    worker.add_to(traffic);
  }
  merge_errors(traffic.errors);
  return traffic;
}

}  // namespace parallax
