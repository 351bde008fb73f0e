// SPDX-License-Identifier: Apache-2.0
#include "tests/serve/rig.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// The path of the description that `path` is an instance of.
std::string template_of(const std::string& path) {
  const std::string bare = path.substr(0, path.find('?'));
  const std::string runs = "/v1/runs/";
  if (!bare.starts_with(runs)) return bare;
  const std::size_t end = bare.find('/', runs.size());
  return runs + "{run}" + (end == bare.npos ? "" : bare.substr(end));
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::string Answer::problem(std::size_t i) const {
  const Json& problems = json["error"]["problems"];
  if (i >= problems.size()) return "no such problem";
  const Json& p = problems[i];
  std::string text = fmt::format("{}: found {}, expected {}", p["pointer"].get<std::string>(),
                                 p["found"].get<std::string>(), p["expected"].get<std::string>());
  if (p.contains("nearest")) text += " (" + p["nearest"].get<std::string>() + ")";
  return text;
}

Table::Table() {
  server_.server().Get("/rows", [this](const httplib::Request&, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    response.set_content(lines_, "application/x-ndjson");
  });
  REQUIRE(server_.start(0));
}

void Table::put(Json row) {
  const std::lock_guard lock(mutex_);
  lines_ += row.dump() + '\n';
}

void Table::clear() {
  const std::lock_guard lock(mutex_);
  lines_.clear();
}

Rig::Rig(Json target) {
  Json whole{{"send", {{"kind", "http"}, {"url", table.url()}}},
             {"read", {{"kind", "http"}, {"url", table.url()}}},
             {"settle", {{"quiet", "1ms"}, {"limit", "20s"}}}};
  whole.merge_patch(target);
  target_ = whole.dump();
  start();
  openapi_ = Json::parse(serve::openapi_text());
}

void Rig::start() {
  const LoadedTarget loaded = load_target_text(target_, "target.json");
  REQUIRE(loaded.ok());
  serve::RunsOptions options;
  options.target = loaded.target;
  options.out = out();
  auto api = serve::Api::start(std::move(options), {"127.0.0.1", 0});
  REQUIRE(api);
  api_ = std::move(*api);
}

void Rig::restart() {
  api_.reset();
  start();
}

int Rig::port() const {
  const std::string url = api_->url();
  return std::stoi(url.substr(url.rfind(':') + 1));
}

/// Every answer is one that the description knows.
Answer Rig::checked(const std::string& method, const std::string& path,
                    const httplib::Result& got) {
  REQUIRE(got);
  Answer answer{got->status, got->body, Json::parse(got->body, nullptr, false)};
  const Json& paths = openapi_["paths"];
  const std::string known = template_of(path);
  if (!paths.contains(known) || !paths[known].contains(lower(method))) {
    CHECK(answer.status == 404);
    return answer;
  }
  INFO(method << " " << path << " " << answer.status << " " << answer.body.substr(0, 400));
  const Json& responses = paths[known][lower(method)]["responses"];
  REQUIRE(responses.contains(std::to_string(answer.status)));
  Json response = responses[std::to_string(answer.status)];
  if (response.contains("$ref"))
    response = openapi_[Json::json_pointer(response["$ref"].get<std::string>().substr(1))];
  if (!response.contains("content")) {
    CHECK(answer.body.empty());
    return answer;
  }
  const std::string type = got->get_header_value("Content-Type");
  const std::string media = type.substr(0, type.find(';'));
  REQUIRE(response["content"].contains(media));
  if (media != "application/json") return answer;
  REQUIRE_FALSE(answer.json.is_discarded());
  Json schema = response["content"][media]["schema"];
  schema["components"] = openapi_["components"];
  CHECK(SchemaCheck::of(schema).problems(answer.json) == std::vector<std::string>{});
  return answer;
}

Answer Rig::get(const std::string& path) {
  httplib::Client client("127.0.0.1", port());
  return checked("GET", path, client.Get(path.c_str()));
}

Answer Rig::post_text(const std::string& path, const std::string& body, const std::string& type) {
  httplib::Client client("127.0.0.1", port());
  client.set_read_timeout(60, 0);
  return checked("POST", path, client.Post(path.c_str(), body, type.c_str()));
}

Answer Rig::remove(const std::string& path) {
  httplib::Client client("127.0.0.1", port());
  return checked("DELETE", path, client.Delete(path.c_str()));
}

std::string Rig::begin(Json body) {
  if (!body.contains("name")) body["name"] = "checkout";
  const Answer answer = post("/v1/runs", body);
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return "/v1/runs/" + answer.json["run"].get<std::string>();
}

Json Rig::judge(const std::string& run) {
  const Answer settled = post_text(run + "/settle", "");
  INFO(settled.body);
  REQUIRE(settled.status == 200);
  const Answer verdict = get(run + "/verdict");
  REQUIRE(verdict.status == 200);
  CHECK(verdict.json["message"] == settled.json["message"]);
  return verdict.json;
}

Json purchase(const std::string& order, const std::string& user) {
  return {
      {"name", "purchase"},
      {"key", "order_id"},
      {"user", user},
      {"at", noon},
      {"fields", {{"order_id", order}, {"revenue", {{"amount", "59.90"}, {"currency", "EUR"}}}}}};
}

Json row_of(const Json& action, const std::string& event_id) {
  Json row{{"event_id", event_id},
           {"event_name", action["name"]},
           {"user_id", action.value("user", "")},
           {"event_ts", action.value("at", noon)}};
  const Json fields = action.value("fields", Json::object());
  for (const auto& [name, value] : fields.items()) {
    row[name] = value.is_object() ? value["amount"] : value;
    if (value.is_object()) row["currency"] = value["currency"];
  }
  return row;
}

std::string event_id(unsigned n) { return fmt::format("00000000-0000-4000-8000-{:012}", n); }

}  // namespace parallax::test
