// SPDX-License-Identifier: Apache-2.0
#include "sim/run/fault_control.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/run/loopback_server.h"
#include "sim/run/proxy_scenario.h"
#include "sim/run/report.h"
#include "sim/run/run_folder.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

/// Longest body of a request: a fault is some lines.
constexpr std::size_t body_max = std::size_t{64} * 1024;

void give(int status, const Json& json, httplib::Response& response) {
  response.status = status;
  response.set_content(json.dump(2) + "\n", "application/json");
}
void give_error(int status, const std::string& what, httplib::Response& response) {
  give(status, Json{{"error", what}}, response);
}

/// The problems of a scenario file, those of the fault posted alone: its pointers begin at itself.
Json problems_of(const Loaded& loaded, const std::string& place) {
  Json problems = Json::array();
  for (const Problem& problem : loaded.problems) {
    if (problem.warning || !problem.pointer.starts_with(place)) continue;
    Problem own = problem;
    own.pointer = problem.pointer.substr(place.size());
    Json one{{"pointer", own.pointer}, {"found", own.found}, {"expected", own.expected}};
    if (!own.nearest.empty()) one["nearest"] = own.nearest;
    one["text"] = own.text();
    problems.push_back(std::move(one));
  }
  return problems;
}

}  // namespace

struct FaultControl::State {
  State(proxy::Proxy& served, const Scenario& started, std::filesystem::path run)
      : proxy(served),
        scenario(started),
        json(Json::parse(started.effective_json)),
        lifted(started.faults.size(), false),
        folder(std::move(run)) {}

  void set_routes();
  void list(httplib::Response& response);
  void show(const std::string& name, httplib::Response& response);
  void add(const std::string& body, httplib::Response& response);
  void add_new(const Json& fault, httplib::Response& response);
  void lift(const std::string& name, httplib::Response& response);
  void lift_all(httplib::Response& response);
  void count(httplib::Response& response);
  Result<void> change(const std::vector<bool>& now_lifted);
  std::optional<std::size_t> place_of(const std::string& name) const;
  Json described(std::size_t place, const proxy::ProxyCounts& counts) const;

  proxy::Proxy& proxy;
  std::mutex mutex;  ///< Of what is below, for the server's threads.
  Scenario scenario;
  Json json;
  std::vector<bool> lifted;
  std::filesystem::path folder;
  LoopbackServer server;
};

std::optional<std::size_t> FaultControl::State::place_of(const std::string& name) const {
  const auto found = std::find_if(scenario.faults.begin(), scenario.faults.end(),
                                  [&](const FaultPlan& fault) { return fault.name == name; });
  if (found == scenario.faults.end()) return std::nullopt;
  return static_cast<std::size_t>(found - scenario.faults.begin());
}

Json FaultControl::State::described(std::size_t place, const proxy::ProxyCounts& counts) const {
  Json fault = json["faults"][place];
  fault["active"] = !lifted[place];
  if (place < counts.faults.size()) {
    fault["struck"] = counts.faults[place].struck;
    fault["skipped"] = counts.faults[place].skipped;
  }
  return fault;
}

void FaultControl::State::list(httplib::Response& response) {
  const proxy::ProxyCounts counts = proxy.counts();
  Json faults = Json::array();
  for (std::size_t i = 0; i < lifted.size(); ++i) faults.push_back(described(i, counts));
  give(200, Json{{"faults", std::move(faults)}}, response);
}

void FaultControl::State::show(const std::string& name, httplib::Response& response) {
  const auto place = place_of(name);
  if (!place) return give_error(404, "there is no fault " + name, response);
  give(200, described(*place, proxy.counts()), response);
}

Result<void> FaultControl::State::change(const std::vector<bool>& now_lifted) {
  Scenario changed = scenario;
  Result<void> done = proxy.change_faults(std::move(changed), now_lifted);
  if (done) lifted = now_lifted;
  return done;
}

void FaultControl::State::add(const std::string& body, httplib::Response& response) {
  Json fault = Json::parse(body, nullptr, false, true);
  if (!fault.is_object())
    return give_error(400, "expected one fault as in a scenario: {\"fault\":\"status\",...}",
                      response);
  const bool named = fault.contains("name") && fault["name"].is_string();
  const auto place = named ? place_of(fault["name"].get<std::string>()) : std::nullopt;
  if (!place) return add_new(fault, response);
  if (!lifted[*place] || fault != json["faults"][*place])
    return give_error(409,
                      "there is a fault of this name already, and the ledger knows it: give the "
                      "new one another \"name\"",
                      response);
  std::vector<bool> now_lifted = lifted;
  now_lifted[*place] = false;
  if (const Result<void> done = change(now_lifted); !done)
    return give_error(500, done.error().text(), response);
  give(201, described(*place, proxy.counts()), response);
}

void FaultControl::State::add_new(const Json& fault, httplib::Response& response) {
  if (lifted.size() >= max_faults)
    return give_error(409, "a ledger tells 64 faults apart: start the proxy anew", response);
  Json wider = json;
  wider["faults"].push_back(fault);
  const std::string place = "/faults/" + std::to_string(lifted.size());
  Loaded loaded = load_proxied(wider, "fault");
  const Json problems = problems_of(loaded, place);
  if (!loaded.ok())
    return give(400, Json{{"error", "this fault cannot be"}, {"problems", problems}}, response);
  const Json kept = proxied_json(loaded.scenario, no_time);
  if (kept["faults"].size() != wider["faults"].size())
    return give_error(400,
                      "/fault: found " + fault["fault"].dump() +
                          ", expected a fault of the wire, or an \"at\" on the wire: the others "
                          "are the app's own",
                      response);
  loaded.scenario.effective_json = kept.dump(2) + "\n";
  // The ledger's readers must know the fault before it strikes.
  if (const auto written =
          write_whole(RunFolder{folder}.scenario(), loaded.scenario.effective_json);
      !written)
    return give_error(500, written.error().text(), response);
  Scenario before = std::exchange(scenario, std::move(loaded.scenario));
  std::vector<bool> now_lifted = lifted;
  now_lifted.push_back(false);
  if (const Result<void> done = change(now_lifted); !done) {
    scenario = std::move(before);
    return give_error(400, done.error().text(), response);
  }
  json = kept;
  give(201, described(lifted.size() - 1, proxy.counts()), response);
}

void FaultControl::State::lift(const std::string& name, httplib::Response& response) {
  const auto place = place_of(name);
  if (!place || lifted[*place]) return give_error(404, "there is no fault " + name, response);
  std::vector<bool> now_lifted = lifted;
  now_lifted[*place] = true;
  if (const Result<void> done = change(now_lifted); !done)
    return give_error(500, done.error().text(), response);
  response.status = 204;
}

void FaultControl::State::lift_all(httplib::Response& response) {
  if (const Result<void> done = change(std::vector<bool>(lifted.size(), true)); !done)
    return give_error(500, done.error().text(), response);
  response.status = 204;
}

void FaultControl::State::count(httplib::Response& response) {
  const proxy::ProxyCounts counts = proxy.counts();
  Json problems = Json::array();
  for (const auto& [text, times] : counts.problems)
    problems.push_back({{"problem", text}, {"times", times}});
  give(200,
       Json{{"connections", counts.connections},
            {"requests",
             {{"with_events", counts.with_events},
              {"untouched", counts.untouched},
              {"refused", counts.refused}}},
            {"events", counts.events},
            {"actions", counts.actions},
            {"attempts",
             {{"all", counts.attempts},
              {"accepted", counts.accepted},
              {"rejected", counts.rejected},
              {"unknown", counts.unknown}}},
            {"upstream_down", counts.upstream_down},
            {"problems", std::move(problems)}},
       response);
}

void FaultControl::State::set_routes() {
  httplib::Server& http = server.server();
  http.set_payload_max_length(body_max);
  // A page in a browser of this machine is nobody who changes faults.
  http.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!request.has_header("Origin")) return httplib::Server::HandlerResponse::Unhandled;
    give_error(403, "pages of browsers may not change faults", response);
    return httplib::Server::HandlerResponse::Handled;
  });
  const auto locked = [this](auto use) {
    return [this, use](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard<std::mutex> lock(mutex);
      use(*this, request, response);
    };
  };
  using Request = httplib::Request;
  using Response = httplib::Response;
  http.Get("/v1/faults", locked([](State& s, const Request&, Response& r) { s.list(r); }));
  http.Post("/v1/faults",
            locked([](State& s, const Request& q, Response& r) { s.add(q.body, r); }));
  http.Delete("/v1/faults", locked([](State& s, const Request&, Response& r) { s.lift_all(r); }));
  http.Get("/v1/faults/(.+)",
           locked([](State& s, const Request& q, Response& r) { s.show(q.matches[1].str(), r); }));
  http.Delete("/v1/faults/(.+)", locked([](State& s, const Request& q, Response& r) {
                s.lift(q.matches[1].str(), r);
              }));
  http.Get("/v1/counts", locked([](State& s, const Request&, Response& r) { s.count(r); }));
}

FaultControl::FaultControl(std::unique_ptr<State> state) : state_(std::move(state)) {}
FaultControl::~FaultControl() = default;

Result<std::unique_ptr<FaultControl>> FaultControl::start(proxy::Proxy& proxy,
                                                          const Scenario& scenario,
                                                          const std::filesystem::path& folder,
                                                          std::uint16_t port) {
  auto state = std::make_unique<State>(proxy, scenario, folder);
  state->set_routes();
  if (const Result<void> started = state->server.start(port); !started) return started.error();
  return std::unique_ptr<FaultControl>(new FaultControl(std::move(state)));
}

std::string FaultControl::url() const { return state_->server.url() + "v1/faults"; }

Scenario FaultControl::scenario() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->scenario;
}

}  // namespace parallax
