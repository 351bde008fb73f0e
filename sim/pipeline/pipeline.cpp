// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sim/pipeline/collector.h"
#include "sim/pipeline/http_server.h"
#include "sim/pipeline/kafka_feed.h"
#include "sim/pipeline/warehouse.h"

namespace parallax {
namespace {

using namespace pipeline;

/// The models are refreshed in the background when so many rows wait for them: a short run is left
/// to its collector, in a longer one the models use what the collector leaves idle, and reads find
/// little left to do. A refresh looks at all keys there are, so it waits for a share of them.
constexpr std::int64_t refresh_ahead_min = 200'000, refresh_ahead_max = 1'000'000;
constexpr std::int64_t refresh_share = 4;  ///< One new row to so many that are there.
constexpr auto refresh_pause = std::chrono::milliseconds(100);

/// How long a read waits for the topic's end; a reader's own timeout is commonly a minute.
constexpr Micros catch_up_max = 45 * second;

}  // namespace

struct Pipeline::State final : Backend {
  std::string host;
  ContractCheck contract;
  std::unique_ptr<DurableLog> log;  // Before the warehouse, which reads it to the end.
  std::unique_ptr<Warehouse> warehouse;
  std::unique_ptr<Intake> intake;
  std::unique_ptr<Collector> collector;
  std::unique_ptr<KafkaFeed> feed;  // Null without a source.
  std::unique_ptr<HttpServer> server;

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  bool leaves_clean_table;
  std::thread refresher;

  explicit State(const PipelineOptions& options)
      : host(options.host),
        contract(options.contract),
        leaves_clean_table(options.leaves_clean_table) {}

  Answer post(std::string& body, SimTime arrival) override {
    return collector->post(body, arrival);
  }

  Answer post_sdk(const SdkDialect& dialect, const SdkRequest& request) override {
    return collector->post_sdk(dialect, request);
  }

  Result<Snapshot> read(Table table, const std::string& run_id) override {
    if (feed)
      if (auto done = feed->catch_up(catch_up_max); !done) return done.error();
    return warehouse->read(table, run_id);
  }

  Answer stats() override {
    const CollectorCounts& counts = collector->counts();
    Answer answer;
    const auto add = [&](std::string_view name, std::uint64_t value) {
      answer.body.append(answer.body.empty() ? "{\"" : ",\"").append(name).append("\":");
      answer.body.append(std::to_string(value));
    };
    add("accepted", counts.accepted);
    add("rejected_malformed", counts.malformed);
    add("rejected_busy", counts.busy);
    add("dead_letters_accepted", counts.dead_letters);
    add("stored_rows", static_cast<std::uint64_t>(log->end()));
    add("waiting_for_models", static_cast<std::uint64_t>(warehouse->behind()));
    add("log_bytes", log->bytes());
    add("log_syncs", log->syncs());
    if (feed) add("kafka_messages", feed->stored());
    answer.body += "}\n";
    return answer;
  }

  void refresh_in_background() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, refresh_pause, [this] { return stopping; })) {
      if (!warehouse->refreshes_in_parts()) continue;
      const std::int64_t behind = warehouse->behind();
      const std::int64_t share = (log->end() - behind) / refresh_share;
      if (behind < std::clamp(share, refresh_ahead_min, refresh_ahead_max)) continue;
      lock.unlock();
      (void)warehouse->refresh_ahead();  // An error is met again, and reported, by the next read.
      lock.lock();
    }
  }

  void stop(bool in_order) {
    if (feed) feed->stop();  // First: requests may wait for it.
    if (server) server->stop();
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_one();
    if (!refresher.joinable()) return;
    refresher.join();
    if (!in_order) return;
    // What fails here is made good by the next start, from the log.
    (void)warehouse->note_log_end();
    if (leaves_clean_table) (void)warehouse->write_clean_table();
  }
};

Pipeline::Pipeline(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pipeline::~Pipeline() { stop(); }

Result<std::unique_ptr<Pipeline>> Pipeline::start(const PipelineOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.data, failed);
  if (failed) return Error{Error::Kind::io, failed.message(), options.data.string()};
  auto state = std::make_unique<State>(options);
  auto warehouse = Warehouse::open(options.data / "warehouse.duckdb");
  if (!warehouse) return warehouse.error();
  LogOptions log_options;
  log_options.waiting_max = options.waiting_max;
  auto log = DurableLog::open(options.data, (*warehouse)->known_log_end(), log_options);
  if (!log) return log.error();
  state->log = std::move(*log);
  state->warehouse = std::move(*warehouse);
  if (auto done = state->warehouse->install(*state->log, options); !done) return done.error();
  state->intake = std::make_unique<Intake>(*state->log, options.bugs);
  state->collector = std::make_unique<Collector>(state->contract, *state->intake);
  if (options.source) {
    auto feed = KafkaFeed::start(*options.source, *state->collector);
    if (!feed) return feed.error();
    state->feed = std::move(*feed);
  }
  auto server = HttpServer::start(options.host, options.port, *state);
  if (!server) return server.error();
  state->server = std::move(*server);
  state->refresher = std::thread([self = state.get()] { self->refresh_in_background(); });
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));
}

std::uint16_t Pipeline::port() const { return state_->server->port(); }

std::string Pipeline::url() const {
  const bool v6 = state_->host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + state_->host + "]" : state_->host;
  return "http://" + host + ":" + std::to_string(port());
}

void Pipeline::stop() { state_->stop(true); }

void Pipeline::crash() { state_->stop(false); }

}  // namespace parallax
