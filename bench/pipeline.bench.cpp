// SPDX-License-Identifier: Apache-2.0
// What a request costs on its way there and back, and what the clean model costs an event. Both in
// time alone: they are threads, the kernel and DuckDB.
#include <benchmark/benchmark.h>
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "bench/input.h"
#include "sim/drive/target.h"
#include "sim/pipeline/durable_log.h"
#include "sim/pipeline/pipeline.h"
#include "sim/pipeline/warehouse.h"
#include "sim/wire/format.h"

namespace parallax::bench {
namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  return std::move(*result);
}

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "parallax-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Batches of the shop as the shared format has them, `size` events each.
std::vector<std::string> bodies(const Stagehand& hand, std::size_t actions, std::size_t size) {
  const auto format = must(make_wire_format("shared", hand.scenario.plan, bench_run));
  const std::vector<Emission> emissions = emissions_of(hand, actions_of(hand, actions));
  const std::vector<const Emission*> events = pointers_to(emissions);
  const std::span<const Emission* const> all = events;
  std::vector<std::string> bodies;
  for (std::size_t at = 0; at < all.size(); at += size)
    format->batch(all.subspan(at, std::min(size, all.size() - at)), all[at]->captured,
                  bodies.emplace_back());
  return bodies;
}

std::unique_ptr<Target> target_at(const std::string& url) {
  HttpTargetOptions options;
  options.url = url;
  return must(make_http_target(options));
}

/// One event to a server that keeps nothing, and its answer: the target alone, one connection.
void http_round_trip(benchmark::State& state) {
  const Stagehand hand(load("scenarios/examples/shop.json", 2'000));
  const std::string body = bodies(hand, 10, 1).front();
  httplib::Server server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(~std::size_t{0});
  server.Post("/", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("{}", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread serving([&server] { server.listen_after_bind(); });
  {
    const auto target = target_at("http://127.0.0.1:" + std::to_string(port) + "/");
    for ([[maybe_unused]] auto _ : state) {
      SendRequest request;
      request.body = body;
      target->start(std::move(request));
      if (target->wait().receipt != Receipt::accepted) state.SkipWithError("not accepted");
    }
  }
  server.stop();
  serving.join();
  state.SetItemsProcessed(state.iterations());
  state.SetLabel("items: requests");
}
BENCHMARK(http_round_trip)->UseRealTime();

/// From the durable log to clean_events, as after a restart on a folder without a warehouse: a read
/// of no rows brings them up to date.
void clean_model(benchmark::State& state) {
  const Stagehand hand(load("scenarios/examples/shop.json", 200'000));
  const Scratch folder;
  PipelineOptions options;
  options.data = folder.path();
  options.contract = hand.scenario.plan;
  {
    const auto pipeline = must(Pipeline::start(options));
    const auto target = target_at(pipeline->url() + "/v1/events");
    for (std::string& body : bodies(hand, 20'000, 50)) {
      SendRequest request;
      request.body = std::move(body);
      target->start(std::move(request));
      if (target->wait().receipt != Receipt::accepted) state.SkipWithError("not accepted");
    }
  }
  const auto log = must(pipeline::DurableLog::open(folder.path(), 0));
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    const Scratch fresh;
    const auto warehouse = must(pipeline::Warehouse::open(fresh.path() / "warehouse.duckdb"));
    const Result<void> installed = warehouse->install(*log, options);
    state.ResumeTiming();
    if (!installed || !warehouse->read(pipeline::Table::clean_events, "nobody"))
      state.SkipWithError("no refresh");
  }
  state.SetItemsProcessed(state.iterations() * log->end());
  state.SetLabel("items: events");
}
BENCHMARK(clean_model)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace parallax::bench
