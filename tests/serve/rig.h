// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/run/loopback_server.h"
#include "sim/run/serve/api.h"
#include "tests/report/schema_check.h"
#include "tests/run/process.h"

/// `parallax serve` in front of a table that the test writes by hand.
namespace parallax::test {

using Json = nlohmann::ordered_json;

/// An answer of the API. `json` is null where it is none.
struct Answer {
  int status = 0;
  std::string body;
  Json json;

  std::string message() const { return json["error"]["message"]; }
  /// The `i`-th problem: "POINTER: found FOUND, expected EXPECTED (NEAREST)".
  std::string problem(std::size_t i = 0) const;
};

/// The target's clean table, over HTTP.
class Table {
 public:
  Table();
  void put(Json row);
  void clear();
  std::string url() const { return server_.url() + "rows"; }

 private:
  std::mutex mutex_;
  std::string lines_;
  LoopbackServer server_;
};

class Rig {
 public:
  /// `target`: merged into the target of the table. `header`: of its reads, as in a target file.
  explicit Rig(Json target = Json::object());

  Answer get(const std::string& path);
  Answer post(const std::string& path, const Json& body) { return post_text(path, body.dump()); }
  Answer post_text(const std::string& path, const std::string& body,
                   const std::string& type = "application/json");
  Answer remove(const std::string& path);

  /// Begins a run and says its path, "/v1/runs/ID".
  std::string begin(Json body = Json::object());
  /// Settles and gives the verdict.
  Json judge(const std::string& run);
  /// The server ends and begins again on what is on the disk.
  void restart();

  Table table;
  std::filesystem::path out() const { return folder_ / "out"; }
  int port() const;

 private:
  void start();
  Answer checked(const std::string& method, const std::string& path, const httplib::Result& got);

  TempFolder folder_;
  std::string target_;
  Json openapi_;
  std::unique_ptr<serve::Api> api_;
};

/// A purchase as a test declares it, and the row that a right pipeline makes of it.
constexpr const char* noon = "2026-03-02T12:00:00.000Z";
Json purchase(const std::string& order = "o-1", const std::string& user = "alice");
Json row_of(const Json& action, const std::string& event_id);
std::string event_id(unsigned n);  ///< "00000000-0000-4000-8000-..." and n.

}  // namespace parallax::test
