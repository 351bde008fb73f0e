// SPDX-License-Identifier: Apache-2.0
#include "sim/run/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "sim/run/lane.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// Blocks that a thread may be ahead of the writing, so that it need not wait for the others.
constexpr std::uint64_t blocks_ahead = 8;

/// Puts the blocks of all threads into the file in order, by their numbers 0, 1, ... Whoever brings
/// the block that is next writes it and all that wait behind it: there is no writing thread to
/// wake. A block goes back to the thread that filled it, in whose caches its memory is.
class Collator {
 public:
  Collator(EventFile& file, unsigned threads)
      : file_(&file), waiting_(threads * blocks_ahead), spare_(threads) {}

  std::unique_ptr<EventBlock> take_block(unsigned thread) {
    {
      const std::lock_guard lock(mutex_);
      if (!spare_[thread].empty()) {
        std::unique_ptr<EventBlock> block = std::move(spare_[thread].back());
        spare_[thread].pop_back();
        return block;
      }
    }
    return file_->make_block();
  }

  /// Waits while too many blocks before this one are missing. False after an error.
  bool submit(std::uint64_t number, std::unique_ptr<EventBlock> block, unsigned thread) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return number < next_ + waiting_.size() || error_; });
    if (error_) return false;
    waiting_[number % waiting_.size()] = {std::move(block), thread};
    if (!writing_) write_ready(lock);
    return !error_;
  }

  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    room_.notify_all();
  }
  const std::optional<Error>& error() const { return error_; }
  std::uint64_t written() const { return next_; }

 private:
  struct Filled {
    std::unique_ptr<EventBlock> block;
    unsigned thread = 0;
  };
  void write_ready(std::unique_lock<std::mutex>& lock) {
    writing_ = true;
    while (!error_ && waiting_[next_ % waiting_.size()].block) {
      Filled filled = std::move(waiting_[next_ % waiting_.size()]);
      lock.unlock();
      const Result<void> written = file_->write(*filled.block);
      filled.block->clear();
      lock.lock();
      if (!written && !error_) error_ = written.error();
      spare_[filled.thread].push_back(std::move(filled.block));
      ++next_;
      room_.notify_all();
    }
    writing_ = false;
  }

  EventFile* file_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::vector<Filled> waiting_;                                  ///< Ring, by number.
  std::vector<std::vector<std::unique_ptr<EventBlock>>> spare_;  ///< By thread.
  std::uint64_t next_ = 0;
  bool writing_ = false;
  std::optional<Error> error_;
};

/// What the threads share besides the collator.
struct Plan {
  SimTime start;
  Micros window = 0;
  std::uint64_t windows = 0;
  std::vector<LaneIndex> lanes;  ///< Of the shard, ascending; those without users left out.
};

Plan make_plan(const World& world, const GenerateOptions& options) {
  Plan plan;
  plan.start = world.start();
  plan.window = window_length(world.scenario());
  const Micros length = world.end() - world.start();
  plan.windows = static_cast<std::uint64_t>((length + plan.window - 1) / plan.window);
  for (LaneIndex lane = options.shard.index; lane < lane_count; lane += options.shard.of)
    if (world.users_in(lane) > 0) plan.lanes.push_back(lane);
  return plan;
}

/// One thread: every `jobs`-th lane, played a window at a time into a block.
class Player {
 public:
  Player(const LaneContext& context, const GenerateOptions& options, const Plan& plan,
         unsigned number, std::optional<Journal> journal, Collator& collator)
      : options_(&options),
        plan_(&plan),
        number_(number),
        journal_(std::move(journal)),
        collator_(&collator) {
    for (std::size_t i = number; i < plan.lanes.size(); i += options.jobs)
      lanes_.push_back(
          std::make_unique<Lane>(context, plan.lanes[i], journal_ ? &*journal_ : nullptr));
  }

  void run() {
    for (std::uint64_t window = 0; window < plan_->windows; ++window)
      for (std::size_t i = 0; i < lanes_.size(); ++i)
        if (!play(window, i)) return;
    if (!journal_) return;
    if (const Result<void> closed = journal_->close(); !closed) collator_->fail(closed.error());
  }

  const Generated& done() const { return done_; }

 private:
  /// Plays one window of one lane; false after an error.
  bool play(std::uint64_t window, std::size_t which) {
    if (!done_.interrupted && options_->interrupted != nullptr && *options_->interrupted != 0) {
      done_.interrupted = true;
      for (const auto& lane : lanes_) lane->stop_traffic();
    }
    const bool last = done_.interrupted || window + 1 == plan_->windows;
    const SimTime until =
        last ? end_of_time : plan_->start + plan_->window * static_cast<Micros>(window + 1);
    std::unique_ptr<EventBlock> block = collator_->take_block(number_);
    play_lane(*lanes_[which], until, *block);
    done_.events += block->events;
    if (journal_)  // Ahead of the events: a file never holds what the ledger does not know.
      if (const Result<void> flushed = journal_->flush(); !flushed) {
        collator_->fail(flushed.error());
        return false;
      }
    const std::uint64_t first = window * plan_->lanes.size();
    if (number_ == 0) show(window, block->events);
    return collator_->submit(first + number_ + which * options_->jobs, std::move(block), number_);
  }

  void play_lane(Lane& lane, SimTime until, EventBlock& block) {
    if (lane.finished()) return;
    while (const Outgoing* out = lane.next(until)) {
      const bool answered = out->strike == Strike::none;
      if (answered || out->strike == Strike::after_commit) {
        block.add(out->events);
        ++done_.requests;
      }
      lane.answer(answered ? Receipt::accepted : Receipt::unknown, 0);
    }
  }

  /// The other threads are as far as the first one, give or take what may be ahead.
  void show(std::uint64_t window, std::uint64_t more) {
    shown_ += more * options_->jobs;
    if (options_->progress == nullptr || ++blocks_ % 64 != 0) return;
    const double share = static_cast<double>(window) / static_cast<double>(plan_->windows);
    const double took = std::chrono::duration<double>(Clock::now() - began_).count();
    const double left = share > 0 ? took / share - took : 0;
    options_->progress->update(
        share, fmt::format("about {:.1f} M events, {:.2f} M events/s, {:.0f} s left",
                           static_cast<double>(shown_) / 1e6,
                           static_cast<double>(shown_) / std::max(took, 1e-3) / 1e6, left));
  }

  const GenerateOptions* options_;
  const Plan* plan_;
  unsigned number_;
  std::optional<Journal> journal_;
  Collator* collator_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  Generated done_;
  Clock::time_point began_ = Clock::now();
  std::uint64_t shown_ = 0;
  std::uint64_t blocks_ = 0;
};

Result<std::vector<std::unique_ptr<Player>>> make_players(const LaneContext& context,
                                                          const GenerateOptions& options,
                                                          const Plan& plan, Collator& collator) {
  std::vector<std::unique_ptr<Player>> players;
  for (unsigned i = 0; i < options.jobs; ++i) {
    std::optional<Journal> journal;
    if (!options.journals.empty()) {
      Result<Journal> made = Journal::create(options.journals / fmt::format("journal-{}.plx", i));
      if (!made) return made.error();
      journal = std::move(*made);
    }
    players.push_back(
        std::make_unique<Player>(context, options, plan, i, std::move(journal), collator));
  }
  return players;
}

}  // namespace

Micros window_length(const Scenario& scenario) {
  constexpr double sessions_a_window = 200;
  const PopulationPlan& population = scenario.population;
  const double a_day = static_cast<double>(population.users) / lane_count *
                       static_cast<double>(population.sessions.per_user_day_millionths) / 1e6;
  const double length = sessions_a_window / a_day * static_cast<double>(day);
  const double longest = static_cast<double>(std::max<Micros>(scenario.time.length, second));
  return static_cast<Micros>(std::clamp(length, static_cast<double>(second), longest));
}

Result<Generated> generate(const Scenario& scenario, EventFile& file,
                           const GenerateOptions& options) {
  const Result<FaultChain> faults = FaultChain::make(scenario, scenario.seed);
  if (!faults) return faults.error();
  const World world(scenario, scenario.seed);
  const Instrumentation instrumentation(scenario, scenario.seed, options.run_id);
  const Prng root(scenario.seed);
  // Nothing that comes out of a file is sent at a wall time.
  const LaneContext context{
      world, instrumentation, *faults, root.stream("network"), root.stream("backoff"), [] {
        return no_time;
      }};
  const Plan plan = make_plan(world, options);
  Collator collator(file, options.jobs);
  auto players = make_players(context, options, plan, collator);
  if (!players) return players.error();
  if (options.progress != nullptr) options.progress->phase("generate");
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < players->size(); ++i)
    threads.emplace_back([player = (*players)[i].get()] { player->run(); });
  players->front()->run();
  for (std::thread& thread : threads) thread.join();
  if (collator.error()) return *collator.error();

  Generated all;
  for (const auto& player : *players) {
    all.events += player->done().events;
    all.requests += player->done().requests;
    all.interrupted |= player->done().interrupted;
  }
  if (const Result<void> closed = file.close(); !closed) return closed.error();
  return all;
}

}  // namespace parallax
