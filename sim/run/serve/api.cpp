// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/api.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <regex>

#include "sim/run/loopback_server.h"
#include "sim/run/serve/answers.h"

namespace parallax::serve {
namespace {

constexpr std::size_t threads = 32;  ///< Requests at once; a settle keeps one busy while it waits.
constexpr time_t patience_s = 10;

constexpr std::array<std::string_view, 6> routes{"/v1/openapi.json",   "/v1/runs",
                                                 "/v1/runs/ID",        "/v1/runs/ID/actions",
                                                 "/v1/runs/ID/settle", "/v1/runs/ID/verdict"};

void give(const Reply& reply, httplib::Response& response) {
  response.status = reply.status;
  if (!reply.body.empty()) response.set_content(reply.body, reply.type);
  response.set_header("Cache-Control", "no-store");
}

void refuse(int status, std::string message, httplib::Response& response) {
  give(reply_of({status, std::move(message), {}}), response);
}

/// Browsers say where a request of a page comes from; tests do not.
bool is_of_a_page(const httplib::Request& request) {
  return request.has_header("Origin") || (request.has_header("Sec-Fetch-Site") &&
                                          request.get_header_value("Sec-Fetch-Site") != "none");
}

/// A body that is no JSON could also come from a form of any page.
bool says_json(const httplib::Request& request) {
  return request.body.empty() ||
         request.get_header_value("Content-Type").starts_with("application/json");
}

void explain_status(const httplib::Request& request, httplib::Response& response) {
  if (!response.body.empty()) return;
  switch (response.status) {
    case 404: {
      const std::string near = nearest_name(request.path, routes);
      return refuse(404,
                    fmt::format("there is no {} {}{}; GET /v1/openapi.json describes what there is",
                                request.method, request.path,
                                near.empty() ? "" : " (did you mean " + near + "?)"),
                    response);
    }
    case 413:
      return refuse(413, fmt::format("a request has at most {} bytes", body_bytes_max), response);
    default:
      return refuse(response.status, "the request cannot be understood", response);
  }
}

Json media(std::string_view type, Json schema) {
  return Json::object()
      .put("required", Json::of_flag(true))
      .put("content", Json::object().put(type, Json::object().put("schema", std::move(schema))));
}

/// The schema of a shape inside a larger document: strict, and without what refers to its root.
Json schema_inside(const Shape* (*make)(ShapeBook&)) {
  ShapeBook book;
  const Json whole = schema_of(*book.list(make(book), 0, 1));
  Json schema = *whole.find("items");
  const Json loose = Json::object().put("type", Json::of_text("object"));
  Json& members = *schema.find("properties");
  for (const auto& [name, about] :
       {std::pair{"actions", "The tracking plan, as \"actions\" of a scenario file."},
        {"assert", "As \"assert\" of a scenario file."},
        {"target", "Members \"read\" (of kind http) and \"settle\" of a target file."}}) {
    if (members.find(name) == nullptr) continue;
    Json any = std::string_view(name) == "assert"
                   ? Json::object().put("type", Json::of_text("array")).put("items", loose)
                   : loose;
    members.put(name, any.put("description", Json::of_text(about)));
  }
  return schema;
}

}  // namespace

std::string openapi_text() {
  std::vector<Problem> problems;
  auto document = parse_json(embedded_serve_file("openapi.json"), "openapi.json", 0, problems);
  assert(document && problems.empty());
  Json action = schema_inside(action_shape);
  Json& paths = *document->find("paths");
  paths.find("/v1/runs")
      ->find("post")
      ->put("requestBody", media("application/json", schema_inside(run_shape)));
  const Json many = Json::object()
                        .put("type", Json::of_text("array"))
                        .put("minItems", Json::of_number(1))
                        .put("items", action);
  paths.find("/v1/runs/{run}/actions")
      ->find("post")
      ->put("requestBody",
            media("application/json",
                  Json::object().put("anyOf", Json::list().push(action).push(many))));
  return write_json(*document);
}

struct Api::State {
  std::unique_ptr<Runs> runs;
  LoopbackServer loopback;

  /// Adds a route whose reply depends on the run in the path and the body.
  template <class Do>
  auto answer(Do reply) {
    return [this, reply](const httplib::Request& request, httplib::Response& response) {
      if (!says_json(request))
        return refuse(400,
                      fmt::format("Content-Type: found \"{}\", expected application/json",
                                  request.get_header_value("Content-Type")),
                      response);
      const std::string id = request.matches.size() > 1 ? request.matches[1].str() : "";
      give(reply(*runs, id, request), response);
    };
  }

  void serve() {
    httplib::Server& server = loopback.server();
    server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
    server.set_payload_max_length(body_bytes_max);
    server.set_read_timeout(patience_s, 0);
    server.set_write_timeout(patience_s, 0);
    server.set_keep_alive_timeout(1);
    server.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          return turn_aside(request, response) ? httplib::Server::HandlerResponse::Handled
                                               : httplib::Server::HandlerResponse::Unhandled;
        });
    server.set_error_handler(explain_status);
    add_routes(server);
  }

  /// What must not reach the routes: pages, and a POST that states no length, as of `curl -X POST`,
  /// whose body httplib would wait for until the client hangs up. It has none.
  bool turn_aside(const httplib::Request& request, httplib::Response& response) {
    static const std::regex settle("/v1/runs/([a-z0-9-]+)/settle");
    std::smatch run;
    if (is_of_a_page(request)) {
      refuse(403, "this is for tests, not for pages in a browser: call it from the test's code",
             response);
    } else if (request.method != "POST" || request.has_header("Content-Length") ||
               request.has_header("Transfer-Encoding")) {
      return false;
    } else if (std::regex_match(request.path, run, settle)) {
      give(runs->settle(run[1].str(), ""), response);
    } else {
      refuse(400, "the request has no body: expected JSON, and its Content-Length", response);
    }
    return true;
  }

  void add_routes(httplib::Server& server) {
    using httplib::Request;
    using Id = const std::string&;
    server.Get("/v1/openapi.json", [](const Request&, httplib::Response& response) {
      give({200, "application/json", openapi_text()}, response);
    });
    server.Get("/v1/runs", answer([](Runs& r, Id, const Request&) { return r.list(); }));
    server.Post("/v1/runs",
                answer([](Runs& r, Id, const Request& request) { return r.create(request.body); }));
    const std::string run = "/v1/runs/([a-z0-9-]+)";
    server.Delete(run, answer([](Runs& r, Id id, const Request&) { return r.remove(id); }));
    server.Post(run + "/actions", answer([](Runs& r, Id id, const Request& request) {
                  return r.declare(id, request.body);
                }));
    server.Post(run + "/settle", answer([](Runs& r, Id id, const Request& request) {
                  return r.settle(id, request.body);
                }));
    server.Get(run + "/verdict", answer([](Runs& r, Id id, const Request& request) {
                 return r.verdict(id, request.get_param_value("format"));
               }));
  }
};

Api::Api(std::unique_ptr<State> state) : state_(std::move(state)) {}
Api::~Api() = default;

Result<std::unique_ptr<Api>> Api::start(RunsOptions options, const ListenAddress& listen) {
  auto state = std::make_unique<State>();
  Result<std::unique_ptr<Runs>> runs = Runs::open(std::move(options));
  if (!runs) return runs.error();
  state->runs = std::move(*runs);
  state->serve();
  if (const auto started = state->loopback.start(listen.port, listen.host); !started)
    return started.error();
  return std::unique_ptr<Api>(new Api(std::move(state)));
}

std::string Api::url() const {
  std::string url = state_->loopback.url();
  url.pop_back();
  return url;
}

}  // namespace parallax::serve
