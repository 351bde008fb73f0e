// SPDX-License-Identifier: Apache-2.0
// Formats that the embedded pipeline is no receiver of, or that answer event by event: through
// whole runs, against servers of the test's own in front of a pipeline.
#include <httplib.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "sim/pipeline/pipeline.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Json = nlohmann::json;

/// A relay on a free loopback port before a pipeline of its own, which it gives what it understood.
class Relay {
 public:
  Relay() {
    PipelineOptions options;
    options.data = (folder_ / "data").string();
    pipeline_ = std::move(*Pipeline::start(options));
    port_ = server_.bind_to_any_port("127.0.0.1");
    REQUIRE(port_ > 0);
  }
  ~Relay() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  httplib::Server& http() { return server_; }
  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  /// What the pipeline answers to a body at a path, with the headers of a request.
  httplib::Result pass_on(const std::string& path, const httplib::Request& request,
                          const std::string& body) {
    httplib::Client client(pipeline_->url());
    httplib::Headers headers;
    for (const auto& [name, value] : request.headers)
      if (name.starts_with("PostHog-") || name == "Authorization") headers.emplace(name, value);
    return client.Post(path.c_str(), headers, body, "application/json");
  }

  /// The target file: `send` are the members of send beside kind and url.
  std::string target(const std::string& path, const std::string& send) const {
    return R"({"send": {"kind": "http", "url": "http://127.0.0.1:)" + std::to_string(port_) + path +
           "\", " + send + R"(}, "read": {"kind": "http", "url": ")" + pipeline_->url() +
           R"(/v1/clean_events?run_id={run_id}"}, "settle": {"quiet": "100ms", "limit": "20s"}})";
  }
  /// Plays a scenario against it.
  Output run(const std::string& target, const std::vector<std::string>& more = {},
             const std::string& scenario = "scenarios/smoke/plain.json") const {
    write_file(folder_ / "t.json", target);
    std::vector<std::string> words{
        "run",   source(scenario).string(), "--target", (folder_ / "t.json").string(),
        "--out", (folder_ / "r").string(),  "--set",    "/population/users=60",
        "--set", "/time/start=\"now-1d\""};
    words.insert(words.end(), more.begin(), more.end());
    return parallax(words);
  }
  Json report() const { return Json::parse(read_file(folder_ / "r/report.json")); }

 private:
  TempFolder folder_;
  std::unique_ptr<Pipeline> pipeline_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

/// An API of somebody's own: events under other names, in an envelope with a key.
const std::string own_format = R"("format": {
  "template": {"uid": "${event_id}", "kind": "shop/${event_name}", "rest": {
    "user_id": "${user_id}", "device_id": "${device_id}", "session_id": "${session_id}",
    "sequence_id": "${sequence_id}", "client_ts": "${client_ts}", "server_ts": "${server_ts}",
    "source": "${source}", "schema_version": "${schema_version}", "run_id": "${run_id}",
    "consent_state": "${consent_state}", "context": "${context}", "currency": "${currency}",
    "revenue": "${revenue}", "tax": "${tax}", "properties": "${properties}"}})";

/// Undoes the template above.
Json understood(const Json& event) {
  Json out = event.at("rest");
  if (event.contains("uid")) out["event_id"] = event.at("uid");
  out["event_name"] = event.at("kind").get<std::string>().substr(5);
  return out;
}

/// PostHog's v1 endpoint that turns single events away: `result` says what it answers for an event
/// id, and "" lets it pass.
class Picky {
 public:
  using Judge = std::function<std::string(const std::string& id)>;
  Picky(Relay& relay, Judge judge) : judge_(std::move(judge)) {
    relay.http().Post("/i/v1/analytics/events",
                      [this, &relay](const httplib::Request& request, httplib::Response& answer) {
                        post(relay, request, answer);
                      });
  }
  std::set<std::string> turned_away;
  std::atomic<int> second_tries{0};
  std::atomic<int> unasked{0};  ///< Events that came again though they had not been turned away.

 private:
  void post(Relay& relay, const httplib::Request& request, httplib::Response& answer) {
    const std::lock_guard lock(mutex_);
    Json body = Json::parse(request.body), results = Json::object(), passing = Json::array();
    const bool again = request.get_header_value("PostHog-Attempt") != "1";
    if (again) ++second_tries;
    for (Json& event : body["batch"]) {
      const std::string id = event["uuid"];
      if (again && turned_away.count(id) == 0) ++unasked;
      const std::string result = judge_(id);
      if (result.empty()) {
        passing.push_back(event);
        continue;
      }
      turned_away.insert(id);
      results[id] = {{"result", result}, {"details", "not_persisted"}};
    }
    body["batch"] = passing;
    if (!passing.empty()) {
      const auto stored = relay.pass_on("/i/v1/analytics/events", request, body.dump());
      answer.status = stored->status;
      results.update(Json::parse(stored->body).value("results", Json::object()));
    }
    answer.set_content(Json{{"results", results}}.dump(), "application/json");
  }

  std::mutex mutex_;
  Judge judge_;
};

/// One in four, by its last digit.
bool is_chosen(const std::string& id) { return std::string("048c").find(id.back()) != id.npos; }

const std::string v1_format = R"("format": "posthog-v1", "key": "phc_test")";
const std::vector<std::string> by_event{"--set", "/sdk/client/per_event=true", "--set",
                                        "/sdk/server=\"posthog-node-v1@5.70\""};

}  // namespace

TEST_CASE("a run passes through an API of somebody's own, in batches and one by one",
          "[connect][formats]") {
  Relay relay;
  std::atomic<int> requests{0}, events{0};
  relay.http().Post("/ingest", [&](const httplib::Request& request, httplib::Response& answer) {
    const Json body = Json::parse(request.body);
    Json batch = Json::array();
    if (body.contains("events")) {
      for (const Json& event : body["events"]) batch.push_back(understood(event));
    } else {
      batch.push_back(understood(body));
    }
    ++requests;
    events += static_cast<int>(batch.size());
    answer.status = relay.pass_on("/v1/events", request, Json{{"batch", batch}}.dump())->status;
  });
  relay.start();
  const Output batches = relay.run(relay.target(
      "/ingest",
      own_format + R"(, "body": {"key": "k", "events": "${events}", "at": "${sent_at}"}})"));
  INFO(batches.out << batches.err);
  CHECK(batches.code == 0);
  CHECK(requests < events);
  requests = events = 0;
  const Output single = relay.run(relay.target("/ingest", own_format + "}"));
  INFO(single.out << single.err);
  CHECK(single.code == 0);
  CHECK(requests > 0);
  CHECK(requests == events);
  CHECK(single.out.find("1 event a") != std::string::npos);
}

TEST_CASE("a template without an event id is warned about, and a wrong one ends with 4",
          "[connect][formats]") {
  Relay relay;
  relay.start();
  const Output wrong = relay.run(relay.target(
      "/x", R"("format": {"template": {"id": "${event_id}", "s": "${properties.x}"}})"));
  CHECK(wrong.code == 4);
  CHECK(wrong.err.find("/send/format/template/s") != std::string::npos);
  const Output bare =
      relay.run(relay.target("/x", R"("format": {"template": {"n": "${event_nam}"}})"));
  CHECK(bare.code == 4);
  CHECK(bare.err.find("event_name") != std::string::npos);
  CHECK(bare.err.find("no ${event_id}") != std::string::npos);
}

TEST_CASE("events that a collector wants again are sent again, and the others not",
          "[connect][formats]") {
  Relay relay;
  std::set<std::string> seen;
  Picky picky(relay, [&](const std::string& id) {
    return is_chosen(id) && seen.insert(id).second ? "retry" : "";
  });
  relay.start();
  const Output run = relay.run(relay.target("/i/v1/analytics/events", v1_format), by_event);
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(picky.turned_away.size() > 10);
  CHECK(picky.second_tries > 0);
  CHECK(picky.unasked == 0);
  CHECK(relay.report()["actions"]["ok"] == relay.report()["actions"]["total"]);
}

TEST_CASE("events that a collector drops are lost, refused by the target, and not sent again",
          "[connect][formats]") {
  Relay relay;
  Picky picky(relay, [](const std::string& id) { return is_chosen(id) ? "drop" : ""; });
  relay.start();
  const Output run = relay.run(relay.target("/i/v1/analytics/events", v1_format), by_event);
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(picky.second_tries == 0);
  CHECK(run.out.find("refused_by_target") != std::string::npos);
  CHECK(relay.report()["actions"]["lost"] > 0);
  CHECK(relay.report()["actions"]["unevaluated"] == 0);
}

TEST_CASE("an SDK that reads no results of single events leaves them unsent, and no run passes",
          "[connect][formats]") {
  Relay relay;
  Picky picky(relay, [](const std::string& id) { return is_chosen(id) ? "retry" : ""; });
  relay.start();
  const Output run = relay.run(relay.target("/i/v1/analytics/events", v1_format),
                               {"--set", "/sdk/server=\"posthog-node@5.70\""});
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(picky.second_tries == 0);
  CHECK(relay.report()["actions"]["unevaluated"] > 0);
}

TEST_CASE("a collector that answers without results has acknowledged nothing",
          "[connect][formats]") {
  Relay relay;
  relay.http().Post("/i/v1/analytics/events",
                    [](const httplib::Request&, httplib::Response& answer) {
                      answer.set_content("{\"status\":\"Ok\"}", "application/json");
                    });
  relay.start();
  const Output run = relay.run(relay.target("/i/v1/analytics/events", v1_format));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.out.find("an answer without results of single events") != std::string::npos);
}

TEST_CASE("a load refuses what it cannot send or read", "[connect][formats]") {
  Relay relay;
  relay.start();
  const TempFolder folder;
  const auto load = [&](const std::string& path, const std::string& send) {
    write_file(folder / "t.json", relay.target(path, send));
    return parallax({"load", source("scenarios/smoke/plain.json").string(), "--target",
                     (folder / "t.json").string(), "--out", (folder / "r").string(), "--duration",
                     "1s", "--rate", "100"});
  };
  const Output v1 = load("/i/v1/analytics/events", v1_format);
  CHECK(v1.code == 4);
  CHECK(v1.err.find("parallax run") != std::string::npos);
  const Output ga4 = load("/mp/collect?measurement_id=G-1&api_secret=s", R"("format": "ga4")");
  CHECK(ga4.code == 4);
  CHECK(ga4.err.find("--batch 1") != std::string::npos);
}

}  // namespace parallax::test
