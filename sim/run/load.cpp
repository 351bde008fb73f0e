// SPDX-License-Identifier: Apache-2.0
#include "sim/run/load.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "sim/drive/load_engine.h"
#include "sim/run/lane_source.h"
#include "sim/run/live.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// Between the last thread's being ready and the first planned request.
constexpr std::chrono::milliseconds start_delay{5};
constexpr std::chrono::milliseconds show_pause{100};

/// Warm-up and measured phase as one plan: the warm-up holds the rate of the first stage.
Schedule schedule_of(const LoadSpec& spec) {
  std::vector<Stage> stages{{0, spec.stages.front().rate}, {spec.warmup, spec.stages.front().rate}};
  if (spec.stages.front().rate == 0) stages = {{0, spec.rate}, {spec.warmup, spec.rate}};
  stages.push_back({0, spec.rate});
  stages.insert(stages.end(), spec.stages.begin(), spec.stages.end());
  for (Stage& stage : stages) stage.rate /= spec.shard.of;
  return Schedule(spec.rate / spec.shard.of, stages);
}

/// Lanes of the shard that have users, dealt out to its threads.
std::vector<LaneIndex> lanes_of(const World& world, const LoadSpec& spec, unsigned thread) {
  std::vector<LaneIndex> lanes;
  unsigned dealt = 0;
  for (LaneIndex lane = spec.shard.index; lane < lane_count; lane += spec.shard.of)
    if (world.users_in(lane) > 0 && dealt++ % spec.jobs == thread) lanes.push_back(lane);
  return lanes;
}

/// One thread of a load with what it owns.
struct Worker {
  Worker(const LaneContext& context, const LaneSource::Options& options, Journal journal)
      : source(context, options, std::move(journal)) {}
  LoadPlan plan;
  LaneSource source;
  LoadGauge gauge;
  std::unique_ptr<LoadEngine> engine;
  Result<LoadTally> tally{LoadTally{}};
};

/// Events a second that the spec asks for at an instant of the plan; 0 where it has no rate.
double asked_rate(const LoadSpec& spec, Nanos now) {
  if (spec.closed || spec.stages.empty()) return 0;
  Micros at = std::max<Micros>(now / 1'000 - spec.warmup, 0);
  double before = spec.rate;
  for (const Stage& stage : spec.stages) {
    if (at < stage.length)
      return before +
             (stage.rate - before) * static_cast<double>(at) / static_cast<double>(stage.length);
    at -= stage.length;
    before = stage.rate;
  }
  return before;
}

/// What the live line and the live page say, from all gauges.
class LiveLine {
 public:
  LiveLine(const std::deque<Worker>& workers, const LoadSpec& spec, const LoadRun& run)
      : workers_(workers), spec_(spec), progress_(*run.progress), live_(run.live) {}

  void show() {
    const auto sum = [this](auto member) {
      std::uint64_t total = 0;
      for (const Worker& worker : workers_)
        total += static_cast<std::uint64_t>((worker.gauge.*member).load(std::memory_order_relaxed));
      return total;
    };
    Nanos now = 0;
    Micros p99 = 0;
    for (const Worker& worker : workers_) {
      now = std::max(now, worker.gauge.now.load(std::memory_order_relaxed));
      p99 = std::max(p99, worker.gauge.latency_p99.load(std::memory_order_relaxed));
    }
    const std::uint64_t accepted = sum(&LoadGauge::accepted_events);
    const double span = static_cast<double>(now - now_before_) * 1e-9;
    if (span >= 1 || now_before_ == 0) {
      rate_ = span > 0 ? static_cast<double>(accepted - accepted_before_) / span : 0;
      now_before_ = now;
      accepted_before_ = accepted;
    }
    if (live_ != nullptr)
      live_->load({asked_rate(spec_, now) / spec_.shard.of, rate_, sum(&LoadGauge::in_flight),
                   sum(&LoadGauge::failed_requests), sum(&LoadGauge::not_sent_events), p99});
    std::string text = fmt::format("{:>7} events/s, p99 {}, {} in flight", format_rate(rate_),
                                   latency_text(p99), sum(&LoadGauge::in_flight));
    if (const auto failed = sum(&LoadGauge::failed_requests); failed > 0)
      text += fmt::format(", {} failed", report_text::with_thousands(failed));
    if (const auto not_sent = sum(&LoadGauge::not_sent_events); not_sent > 0)
      text += fmt::format(", {} not sent", report_text::with_thousands(not_sent));
    const auto whole = static_cast<double>(spec_.warmup + spec_.length) * 1e3;
    progress_.update(static_cast<double>(now) / whole, text);
  }

 private:
  const std::deque<Worker>& workers_;
  const LoadSpec& spec_;
  Progress& progress_;
  Live* live_;
  Nanos now_before_ = 0;
  std::uint64_t accepted_before_ = 0;
  double rate_ = 0;
};

Result<void> make_workers(const LaneContext& context, const LoadSpec& spec, const LoadRun& run,
                          const LoadEndpoint& endpoint, const Schedule& schedule,
                          std::deque<Worker>& workers) {
  for (unsigned i = 0; i < spec.jobs; ++i) {
    LoadPlan plan;
    plan.http = run.http;
    plan.http.connections = spec.connections / spec.jobs + (i < spec.connections % spec.jobs);
    plan.schedule = spec.closed ? nullptr : &schedule;
    plan.batch = spec.batch;
    plan.part = i;
    plan.parts = spec.jobs;
    plan.warmup = spec.warmup;
    plan.length = spec.length;
    plan.in_flight_max = std::max<std::size_t>(spec.in_flight_max / spec.jobs, 1);
    plan.drain_max = run.http.timeout;
    plan.interrupted = run.interrupted;
    const std::vector<LaneIndex> lanes = lanes_of(context.world, spec, i);
    if (lanes.empty())
      return Error{Error::Kind::invalid_input, "too few users for so many jobs and shards",
                   "population/users"};
    Result<Journal> journal = Journal::create(run.journals / fmt::format("journal-{}.plx", i));
    if (!journal) return journal.error();
    const LaneSource::Options options{spec.batch, plan.slots(), lanes, run.format};
    Worker& worker = workers.emplace_back(context, options, std::move(*journal));
    worker.plan = std::move(plan);
    Result<std::unique_ptr<LoadEngine>> engine =
        LoadEngine::make(endpoint, worker.plan, worker.source, worker.gauge);
    if (!engine) return engine.error();
    worker.engine = std::move(*engine);
  }
  return {};
}

/// Runs the engines, each in a thread of its own, and the live line in this one.
void run_workers(std::deque<Worker>& workers, const LoadSpec& spec, const LoadRun& run) {
  Clock::time_point start;
  std::barrier all_warm(static_cast<std::ptrdiff_t>(workers.size()),
                        [&start]() noexcept { start = Clock::now() + start_delay; });
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = workers.size();
  std::vector<std::thread> threads;
  for (Worker& worker : workers)
    threads.emplace_back([&] {
      // TLS writes to a socket that the other side has closed: an error, not the end of us.
      sigset_t pipe;
      ::sigemptyset(&pipe);
      ::sigaddset(&pipe, SIGPIPE);
      ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      worker.engine->warm();
      all_warm.arrive_and_wait();
      worker.tally = worker.engine->run(start);
      const Result<void> written = worker.source.close();
      if (worker.tally && !written) worker.tally = written.error();
      const std::lock_guard lock(mutex);
      --running;
      ended.notify_one();
    });
  std::optional<LiveLine> line;
  if (run.progress != nullptr) line.emplace(workers, spec, run);
  for (std::unique_lock lock(mutex); running > 0; ended.wait_for(lock, show_pause))
    if (line) line->show();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

Result<LoadReport> play_load(const LaneContext& context, const LoadSpec& spec, const LoadRun& run) {
  Result<LoadEndpoint> endpoint = LoadEndpoint::reach(run.http.url, run.http.timeout);
  if (!endpoint) return endpoint.error();
  const Schedule schedule = schedule_of(spec);
  std::deque<Worker> workers;
  if (const Result<void> made = make_workers(context, spec, run, *endpoint, schedule, workers);
      !made)
    return made.error();
  run_workers(workers, spec, run);
  LoadReport report;
  report.spec = spec;
  report.users = context.world.scenario().population.users;
  for (const Worker& worker : workers) {
    if (!worker.tally) return worker.tally.error();
    report.tally.merge(*worker.tally);
    report.populations = std::max(report.populations, worker.source.populations());
  }
  return report;
}

}  // namespace parallax
