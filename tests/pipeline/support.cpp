// SPDX-License-Identifier: Apache-2.0
#include "tests/pipeline/support.h"

#include <httplib.h>
#include <stdlib.h>
#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/catch.h"

namespace parallax::test {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "parallax-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}
TempFolder::~TempFolder() { std::filesystem::remove_all(path_); }

namespace {

std::string object(Changes members, const Changes& changes) {
  for (const auto& [key, value] : changes) {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&, k = key](const auto& member) { return member.first == k; });
    if (found == members.end())
      members.emplace_back(key, value);
    else
      found->second = value;
  }
  std::string out;
  for (const auto& [key, value] : members) {
    if (value.empty()) continue;
    out += (out.empty() ? "{\"" : ",\"") + key + "\":" + value;
  }
  return out + "}";
}

Changes usual(const char* source) {
  return {{"event_name", "\"purchase\""},
          {"event_id", "\"00000000-0000-4000-8000-000000000001\""},
          {"user_id", "\"u-1\""},
          {"device_id", "\"d-1\""},
          {"session_id", "\"s-1\""},
          {"sequence_id", "1"},
          {"source", '"' + std::string(source) + '"'},
          {"schema_version", "1"},
          {"consent_state", "\"granted\""},
          {"retry_count", "0"},
          {"delivery_status", "\"sent\""},
          {"run_id", "\"r1\""}};
}

}  // namespace

std::string client_event(const Changes& changes) {
  Changes members = usual("client");
  members.emplace_back("client_ts", "\"2026-03-02T10:00:00.000Z\"");
  return object(members, changes);
}

std::string server_event(const Changes& changes) {
  Changes members = usual("server");
  members.emplace_back("server_ts", "\"2026-03-02T10:00:00.040Z\"");
  members.emplace_back("currency", "\"USD\"");
  members.emplace_back("revenue", "9.99");
  return object(members, changes);
}

std::string batch(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events) out += (out.empty() ? "" : ",") + event;
  return "{\"batch\":[" + out + "],\"sent_at\":\"2026-03-02T10:00:01.000Z\"}";
}

std::string gzip(const std::string& plain) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Client::State {
  httplib::Client http;
  explicit State(int port) : http("127.0.0.1", port) {
    http.set_keep_alive(true);
    http.set_tcp_nodelay(true);
    http.set_read_timeout(60);
  }
};

Client::Client(int port) : state_(std::make_unique<State>(port)) {}
Client::~Client() = default;

namespace {
Reply reply_of(const httplib::Result& result) {
  if (!result) return {};
  Reply reply{result->status,
              result->body,
              result->get_header_value("Retry-After"),
              result->get_header_value("Content-Type"),
              {}};
  for (const auto& [name, value] : result->headers)
    if (name.starts_with("Access-Control") || name == "Set-Cookie")
      reply.headers.emplace_back(name, value);
  return reply;
}

httplib::Headers to_httplib(const Headers& headers) { return {headers.begin(), headers.end()}; }
}  // namespace

Reply Client::post(const std::string& body, const Headers& headers) {
  return post_to("/v1/events", body, "application/json", headers);
}
Reply Client::post_to(const std::string& path, const std::string& body, const std::string& type,
                      const Headers& headers) {
  return reply_of(state_->http.Post(path.c_str(), to_httplib(headers), body, type.c_str()));
}
Reply Client::get(const std::string& path, const Headers& headers) {
  return reply_of(state_->http.Get(path.c_str(), to_httplib(headers)));
}
Reply Client::options(const std::string& path, const Headers& headers) {
  return reply_of(state_->http.Options(path.c_str(), to_httplib(headers)));
}

std::vector<std::string> Client::lines(const std::string& path) {
  const Reply reply = get(path);
  INFO(reply.body.substr(0, 1'000));
  REQUIRE(reply.status == 200);
  std::vector<std::string> out;
  std::istringstream stream(reply.body);
  for (std::string line; std::getline(stream, line);) out.push_back(line);
  return out;
}

Rig::Rig(PipelineOptions options) {
  options.data = folder.path();
  auto started = Pipeline::start(options);
  if (!started) FAIL(started.error().text());
  pipeline = std::move(*started);
  client = std::make_unique<Client>(pipeline->port());
}

void Rig::store(const std::vector<std::string>& events, const std::string& arrival) {
  const Reply reply = client->post(batch(events), {{"Parallax-Sim-Time", arrival}});
  INFO(reply.body);
  REQUIRE(reply.status == 200);
}

std::string field(const std::string& line, const std::string& key) {
  const auto json = nlohmann::json::parse(line);
  if (!json.contains(key)) return "-";
  const auto& value = json.at(key);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

PipelineOptions with_bug(const std::string& bug) {
  const auto parsed = parse_bug(bug);
  REQUIRE(parsed);
  PipelineOptions options;
  options.bugs = {*parsed};
  return options;
}

TrackingPlan shop_contract() {
  FieldPlan revenue;
  revenue.name = "revenue";
  revenue.type = FieldType::money;
  revenue.required = true;
  revenue.on_client = false;
  FieldPlan coupon;
  coupon.name = "coupon";
  coupon.owner = Source::client;
  FieldPlan order;
  order.name = "order_id";
  ActionPlan purchase;
  purchase.name = "purchase";
  purchase.server = true;
  purchase.fields = {revenue, coupon, order};
  ActionPlan login;
  login.name = "login_success";
  login.server = true;
  login.confirmed_by = Source::server;
  TrackingPlan plan;
  plan.actions = {purchase, login};
  return plan;
}

}  // namespace parallax::test
