// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/pipeline.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "sim/pipeline/collector.h"
#include "sim/pipeline/http_server.h"
#include "sim/pipeline/warehouse.h"

namespace parallax {
namespace {

using namespace pipeline;

/// The background loader starts when so much of the log is not loaded: reads then find little left
/// to do, and a short run is left to its collector.
constexpr std::uint64_t load_ahead_bytes = 64U << 20;
constexpr auto load_pause = std::chrono::milliseconds(500);

}  // namespace

struct Pipeline::State final : Backend {
  std::filesystem::path log_file;
  std::string host;
  ContractCheck contract;
  std::unique_ptr<Warehouse> warehouse;
  std::unique_ptr<DurableLog> log;
  std::unique_ptr<Intake> intake;
  std::unique_ptr<Collector> collector;
  std::unique_ptr<HttpServer> server;

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread loader;

  explicit State(const PipelineOptions& options)
      : log_file(options.data / "events.log"), host(options.host), contract(options.contract) {}

  Answer post(std::string& body, SimTime arrival) override {
    return collector->post(body, arrival);
  }

  Result<Snapshot> read(Table table, const std::string& run_id) override {
    if (auto done = intake->settle(); !done) return done.error();
    if (auto done = load(); !done) return done.error();
    return warehouse->read(table, run_id);
  }

  Answer stats() override {
    const auto stored = warehouse->counts();
    if (!stored) return error_answer(500, stored.error().text());
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
    add("log_bytes", log->durable_end());
    add("loaded_bytes", stored->log_offset);
    add("raw_events", static_cast<std::uint64_t>(stored->raw_events));
    add("dead_letters", static_cast<std::uint64_t>(stored->dead_letters));
    answer.body += "}\n";
    return answer;
  }

  Result<void> load() { return warehouse->load(log_file, log->durable_end()); }

  void load_in_background() {
    std::uint64_t loaded = 0;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, load_pause, [this] { return stopping; })) {
      lock.unlock();
      const std::uint64_t end = log->durable_end();
      // An error is met again, and reported, by the next read.
      if (end - loaded >= load_ahead_bytes && load()) loaded = end;
      lock.lock();
    }
  }

  void stop() {
    if (server) server->stop();
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_one();
    if (loader.joinable()) loader.join();
    if (log && warehouse) (void)load();
  }
};

Pipeline::Pipeline(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pipeline::~Pipeline() { stop(); }

Result<std::unique_ptr<Pipeline>> Pipeline::start(const PipelineOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.data, failed);
  if (failed) return Error{Error::Kind::io, failed.message(), options.data.string()};
  auto state = std::make_unique<State>(options);
  auto warehouse = Warehouse::open(options.data / "warehouse.duckdb", options);
  if (!warehouse) return warehouse.error();
  state->warehouse = std::move(*warehouse);
  const auto counts = state->warehouse->counts();
  if (!counts) return counts.error();
  auto log = DurableLog::open(state->log_file, counts->log_offset);
  if (!log) return log.error();
  state->log = std::move(*log);
  state->intake = std::make_unique<Intake>(*state->log, options.bugs);
  state->collector = std::make_unique<Collector>(state->contract, *state->intake);
  auto server = HttpServer::start(options.host, options.port, *state);
  if (!server) return server.error();
  state->server = std::move(*server);
  state->loader = std::thread([self = state.get()] { self->load_in_background(); });
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));
}

std::uint16_t Pipeline::port() const { return state_->server->port(); }

std::string Pipeline::url() const {
  const bool v6 = state_->host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + state_->host + "]" : state_->host;
  return "http://" + host + ":" + std::to_string(port());
}

void Pipeline::stop() { state_->stop(); }

}  // namespace parallax
