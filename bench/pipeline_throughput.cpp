// SPDX-License-Identifier: Apache-2.0
// The embedded pipeline under distinct events of the shop, from the wire to the canonical table.
// Budget (DESIGN section 9): 300'000 events/s, durable and deduplicated, with the sender on the
// same two cores: at most 6.6 us of CPU an event for everything.
//
//   pipeline_throughput [EVENTS=1000000] [BATCH=50] [CONNECTIONS=8] [THREADS=2]
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "fault/fault.h"
#include "sim/drive/target.h"
#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
#include "sim/pipeline/pipeline.h"
#include "sim/scenario/load.h"
#include "sim/wire/format.h"

#include <httplib.h>

namespace {

using namespace parallax;

struct Settings {
  std::size_t events = 1'000'000;
  std::size_t batch = 50;
  std::uint32_t connections = 8;
  std::uint32_t threads = 2;
};

struct Request {
  SimTime arrives;
  std::size_t events = 0;
  std::string body;
};

/// The bodies of one lane after the other; client and server events go in batches of their own.
class Requests {
 public:
  Requests(const Scenario& scenario, const Settings& settings)
      : settings_(settings),
        world_(scenario, scenario.seed),
        instrumentation_(scenario, scenario.seed, "bench") {
    auto format = make_wire_format("shared", scenario.plan, "bench");
    if (format) format_ = std::move(*format);
  }

  std::vector<Request> make() {
    for (LaneIndex lane = 0; lane < lane_count && made_ < settings_.events; ++lane) play(lane);
    for (std::vector<Emission>& queue : queues_) send(queue);
    return std::move(requests_);
  }

 private:
  void play(LaneIndex lane) {
    LaneJourney journey(world_, lane);
    std::array<Emission, 2> emissions;
    for (Step step; made_ < settings_.events && journey.next(step);) {
      if (step.kind != Step::Kind::action) continue;
      const std::size_t count = instrumentation_.emit(*step.action, emissions);
      for (std::size_t i = 0; i < count; ++i) {
        if (emissions[i].withheld != Withheld::no) continue;
        std::vector<Emission>& queue = queues_[emissions[i].source == Source::client ? 0 : 1];
        queue.push_back(emissions[i]);
        ++made_;
        if (queue.size() == settings_.batch) send(queue);
      }
    }
  }
  void send(std::vector<Emission>& queue) {
    if (queue.empty()) return;
    Request& request = requests_.emplace_back();
    request.arrives = queue.back().captured + second;
    request.events = queue.size();
    events_.clear();
    for (const Emission& emission : queue) events_.push_back(&emission);
    format_->batch(events_, request.arrives, request.body);
    queue.clear();
  }

  Settings settings_;
  World world_;
  Instrumentation instrumentation_;
  std::unique_ptr<WireFormat> format_;
  std::array<std::vector<Emission>, 2> queues_;
  std::vector<const Emission*> events_;
  std::vector<Request> requests_;
  std::size_t made_ = 0;
};

double cpu_seconds(int who) {
  rusage used{};
  ::getrusage(who, &used);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

struct Sender {
  double cpu = 0;
  std::size_t refused = 0;

  /// Sends every `stride`-th request, from `first` on.
  void run(const std::string& url, const Settings& settings, std::vector<Request>& requests,
           std::size_t first) {
    HttpTargetOptions options;
    options.url = url + "/v1/events";
    options.connections = std::max(1U, settings.connections / settings.threads);
    options.timeout = minute;
    options.clock_header = true;
    auto target = make_http_target(options);
    if (!target) std::exit(3);
    for (std::size_t i = first; i < requests.size(); i += settings.threads) {
      if ((*target)->in_flight() == (*target)->capacity()) note((*target)->wait());
      (*target)->start({i, Strike::none, 0, requests[i].arrives, {}, std::move(requests[i].body)});
    }
    while ((*target)->in_flight() > 0) note((*target)->wait());
    cpu = cpu_seconds(RUSAGE_THREAD);
  }
  void note(const SendResult& result) {
    if (result.receipt != Receipt::accepted) ++refused;
  }
};

/// Wall and CPU time of one stage, a line when it ends.
class Stage {
 public:
  Stage(std::string name, std::size_t events) : name_(std::move(name)), events_(events) {}
  double end(const std::string& more = {}) {
    const double cpu = cpu_seconds(RUSAGE_SELF) - cpu_;
    const double wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const auto count = static_cast<double>(events_);
    fmt::print("{:<28} {:>9.0f} events/s  {:>6.2f} us CPU an event  {:>6.2f} s{}\n", name_,
               count / wall, cpu / count * 1e6, wall, more);
    return cpu;
  }

 private:
  std::string name_;
  std::size_t events_;
  double cpu_ = cpu_seconds(RUSAGE_SELF);
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string get(const std::string& url, const std::string& path, std::size_t* lines = nullptr) {
  httplib::Client client(url);
  client.set_read_timeout(600);
  std::string first;
  client.Get(path, [&](const char* data, std::size_t size) {
    if (lines != nullptr) *lines += static_cast<std::size_t>(std::count(data, data + size, '\n'));
    if (first.size() < 4'096) first.append(data, std::min<std::size_t>(size, 4'096));
    return true;
  });
  return first;
}

void measure(const Pipeline& pipeline, const Settings& settings, std::vector<Request> requests) {
  std::size_t events = 0;
  for (const Request& request : requests) events += request.events;
  Stage all("from wire to clean table", events);
  {
    Stage stage("  send, check, store", events);
    std::vector<Sender> senders(settings.threads);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < senders.size(); ++i)
      threads.emplace_back([&, i] { senders[i].run(pipeline.url(), settings, requests, i); });
    for (std::thread& thread : threads) thread.join();
    double sending = 0;
    std::size_t refused = 0;
    for (const Sender& sender : senders) {
      sending += sender.cpu;
      refused += sender.refused;
    }
    stage.end(fmt::format("  (sender {:.2f} us, refused {})",
                          sending / static_cast<double>(events) * 1e6, refused));
  }
  {
    Stage stage("  rest of the models", events);
    get(pipeline.url(), "/v1/clean_events?run_id=nobody");
    stage.end();
  }
  all.end();
  std::size_t rows = 0;
  Stage stage("read the clean table", events);
  get(pipeline.url(), "/v1/clean_events", &rows);
  stage.end(fmt::format("  ({} rows)", rows));
  fmt::print("{}", get(pipeline.url(), "/v1/stats"));
}

std::size_t number(int argc, char** argv, int index, std::size_t otherwise) {
  return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  settings.events = number(argc, argv, 1, settings.events);
  settings.batch = number(argc, argv, 2, settings.batch);
  settings.connections = static_cast<std::uint32_t>(number(argc, argv, 3, settings.connections));
  settings.threads = static_cast<std::uint32_t>(number(argc, argv, 4, settings.threads));
  LoadOptions load;
  load.faults = fault_kinds();
  load.set = {{"/population/users", std::to_string(settings.events / 5 + 64)}};
  const Loaded loaded =
      load_scenario(std::string(PARALLAX_SOURCE_DIR) + "/scenarios/examples/shop.json", load);
  if (!loaded.ok()) return 4;
  std::vector<Request> requests = Requests(loaded.scenario, settings).make();
  std::string name = (std::filesystem::temp_directory_path() / "parallax-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 3;
  {
    PipelineOptions options;
    options.data = name;
    options.contract = loaded.scenario.plan;
    const auto pipeline = Pipeline::start(options);
    if (!pipeline) {
      fmt::print("{}\n", pipeline.error().text());
      return 3;
    }
    measure(**pipeline, settings, std::move(requests));
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    fmt::print("peak memory {} MiB, the prepared requests included\n", used.ru_maxrss / 1'024);
  }
  std::filesystem::remove_all(name);
}
