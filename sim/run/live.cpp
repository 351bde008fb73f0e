// SPDX-License-Identifier: Apache-2.0
#include "sim/run/live.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/core/id.h"
#include "sim/run/live_tally.h"
#include "sim/run/loopback_server.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds look_pause{500};
constexpr std::size_t watchers_max = 4;  ///< Each takes a thread of the server.
constexpr std::size_t look_bytes_max = std::size_t{32} << 20;  ///< Of the journals, each look.
constexpr time_t patience_s = 1;  ///< With a browser that neither reads nor writes.
constexpr std::chrono::milliseconds farewell_max{1'500};

struct Served {
  const char* path;
  const char* file;
  const char* type;
};
constexpr std::array served{
    Served{"/", "live.html", "text/html; charset=utf-8"},
    Served{"/live.js", "live.js", "text/javascript; charset=utf-8"},
    Served{"/live.css", "live.css", "text/css; charset=utf-8"},
};

Json load_json(const LiveLoad& load) {
  return {{"asked_s", load.asked_s},     {"achieved_s", load.achieved_s},
          {"in_flight", load.in_flight}, {"failed", load.failed},
          {"not_sent", load.not_sent},   {"latency_p99_us", load.latency_p99}};
}

Json end_json(const RunReport& report) {
  Json verdicts = Json::object();
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    verdicts[std::string(name_of(static_cast<ActionVerdict>(i)))] = report.actions[i];
  Json assertions = Json::array();
  for (const AssertionReport& assertion : report.assertions)
    assertions.push_back({{"name", assertion.name},
                          {"verdict", std::string(name_of(assertion.verdict))},
                          {"why", assertion.why}});
  return {{"verdict", std::string(name_of(report.verdict))},
          {"because", report.because},
          {"actions", verdicts},
          {"assertions", assertions},
          {"folder", report.folder},
          {"rerun", report.rerun}};
}

/// What the run hands over: small, so that whoever hands it over waits for nothing.
struct Board {
  Json head = Json::object();  ///< What does not change within a run.
  std::string phase = "starting", text;
  double share = 0;
  Clock::time_point began = Clock::now();
  std::optional<LiveLoad> load;
  std::optional<Json> ended;
};

/// What is read from the run's journals.
struct Watched {
  std::vector<std::string> fault_names;
  std::optional<LiveTally> tally;
  std::vector<JournalTail> tails;
  std::filesystem::path journals;
  Clock::time_point looked{};
  Ledger scratch;

  void look();
  void add_to(Json& json) const;
};

/// Reads on in the journals, unless somebody else has just done so.
void Watched::look() {
  const auto now = Clock::now();
  if (!tally || now - looked < look_pause / 2) return;
  looked = now;
  for (auto i = static_cast<unsigned>(tails.size()); i < lane_count; ++i) {
    std::filesystem::path file = journals / fmt::format("journal-{}.plx", i);
    std::error_code none;
    if (!std::filesystem::exists(file, none)) break;
    tails.emplace_back(std::move(file));
  }
  for (JournalTail& tail : tails) {
    scratch.clear();
    tail.read(scratch, look_bytes_max / tails.size());
    tally->add(scratch);
  }
}

void Watched::add_to(Json& json) const {
  if (!tally) return;
  const LiveTally& t = *tally;
  std::uint64_t behind = 0;
  for (const JournalTail& tail : tails) behind += tail.behind();
  json["counts"] = {{"actions", t.actions},      {"emissions", t.emissions},
                    {"destroyed", t.destroyed},  {"withheld", t.withheld},
                    {"abandoned", t.abandoned},  {"attempts", t.attempts},
                    {"events", t.events},        {"in_flight", t.attempts - t.answered},
                    {"accepted", t.receipts[0]}, {"rejected", t.receipts[1]},
                    {"unknown", t.receipts[2]},  {"behind_bytes", behind}};
  json["faults"] = Json::array();
  for (std::size_t i = 0; i < fault_names.size(); ++i)
    json["faults"].push_back({{"name", fault_names[i]}, {"struck", t.struck[i]}});
  json["sides"] = Json::array();
  for (const LiveTally::Sides& part : t.sides) json["sides"].push_back({part.client, part.server});
}

Json board_json(const Board& board) {
  Json json = board.head;
  json["phase"] = board.phase;
  json["share"] = board.share;
  json["text"] = board.text;
  json["elapsed_ms"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - board.began).count();
  json["load"] = board.load ? load_json(*board.load) : Json();
  json["end"] = board.ended ? *board.ended : Json();
  return json;
}

}  // namespace

struct Live::State {
  std::mutex watch_mutex;  ///< Of `watched`; taken before `mutex`.
  Watched watched;

  std::mutex mutex;  ///< Of all below; held for a copy, never while a file is read.
  std::condition_variable changed;
  Board board;
  bool over = false;
  std::size_t watchers = 0;

  LoopbackServer loopback;  ///< Last, so that it stops before the rest goes.

  void serve();
  bool stream(httplib::DataSink& sink);
};

/// One event, and then a pause; false ends the stream.
bool Live::State::stream(httplib::DataSink& sink) {
  Board copy;
  bool last = false;
  Json counts = Json::object();
  {
    const std::lock_guard watching(watch_mutex);
    {
      const std::lock_guard lock(mutex);
      copy = board;
      last = over;
    }
    // Before the traffic the folder may still hold the journals of the run before.
    if (copy.phase != "starting") watched.look();
    watched.add_to(counts);
  }
  Json json = board_json(copy);
  json.update(counts);
  const std::string event = fmt::format("event: {}\ndata: {}\n\n", last ? "over" : "state",
                                        json.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!sink.write(event.data(), event.size())) return false;
  if (last) {
    sink.done();
    return true;
  }
  std::unique_lock lock(mutex);
  changed.wait_for(lock, look_pause, [this] { return over; });
  return true;
}

void Live::State::serve() {
  httplib::Server& server = loopback.server();
  // None of them may hold up the end: not a slow reader, nor a connection that is kept or unused.
  server.set_write_timeout(patience_s, 0);
  server.set_read_timeout(patience_s, 0);
  server.set_keep_alive_timeout(patience_s);
  for (const Served& one : served)
    server.Get(one.path, [one](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(embedded_live_file(one.file)), one.type);
      response.set_header("Content-Security-Policy", "default-src 'self'; img-src data:");
      response.set_header("Cache-Control", "no-store");
    });
  server.Get("/events", [this](const httplib::Request&, httplib::Response& response) {
    {
      const std::lock_guard lock(mutex);
      if (watchers == watchers_max) {
        response.status = 503;
        return;
      }
      ++watchers;
    }
    response.set_header("Cache-Control", "no-store");
    response.set_chunked_content_provider(
        "text/event-stream", [this](std::size_t, httplib::DataSink& sink) { return stream(sink); },
        [this](bool) {
          const std::lock_guard lock(mutex);
          --watchers;
          changed.notify_all();
        });
  });
}

Live::Live(std::unique_ptr<State> state) : state_(std::move(state)) {}

Live::~Live() {
  std::unique_lock lock(state_->mutex);
  state_->over = true;
  state_->changed.notify_all();
  // A stream that has said that it is over ends by itself; who does not listen is cut off.
  state_->changed.wait_for(lock, farewell_max, [this] { return state_->watchers == 0; });
}

Result<std::unique_ptr<Live>> Live::start(std::uint16_t port) {
  auto state = std::make_unique<State>();
  state->serve();
  if (const Result<void> started = state->loopback.start(port); !started) return started.error();
  return std::unique_ptr<Live>(new Live(std::move(state)));
}

std::string Live::url() const { return state_->loopback.url(); }

void Live::begin(const Scenario& scenario, const std::string& target,
                 const std::filesystem::path& journals) {
  const std::lock_guard watching(state_->watch_mutex);
  Watched& watched = state_->watched;
  watched.fault_names.clear();
  for (const FaultPlan& fault : scenario.faults) watched.fault_names.push_back(fault.name);
  watched.tails.clear();
  watched.tally.emplace(scenario);
  watched.journals = journals;
  const std::lock_guard lock(state_->mutex);
  state_->board = {};
  state_->board.head = {{"scenario", scenario.name},
                        {"about", scenario.about},
                        {"seed", scenario.seed},
                        {"target", target},
                        {"start", to_rfc3339(scenario.time.start)},
                        {"length_s", scenario.time.length / second}};
}

void Live::phase(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  state_->board.phase = name;
  state_->board.share = 0;
  state_->board.text.clear();
}

void Live::progress(double share, std::string_view text) {
  const std::lock_guard lock(state_->mutex);
  state_->board.share = share;
  state_->board.text = text;
}

void Live::load(const LiveLoad& load) {
  const std::lock_guard lock(state_->mutex);
  state_->board.load = load;
}

void Live::end(const RunReport& report) {
  const std::lock_guard lock(state_->mutex);
  state_->board.phase = "judged";
  state_->board.share = 1;
  state_->board.ended = end_json(report);
}

}  // namespace parallax
