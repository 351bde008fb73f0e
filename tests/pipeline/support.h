// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/pipeline/pipeline.h"

namespace parallax::test {

/// A folder of its own below the system's temporary one, removed at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One event as JSON, made of a usual one: keys given replace or add (values are JSON text), a key
/// with an empty value is left out.
using Changes = std::vector<std::pair<std::string, std::string>>;
std::string client_event(const Changes& changes = {});
std::string server_event(const Changes& changes = {});
std::string batch(const std::vector<std::string>& events);
std::string gzip(const std::string& plain);

struct Reply {
  int status = 0;  ///< 0: no answer.
  std::string body;
  std::string retry_after;  ///< Seconds; empty where the answer says nothing.
  std::string type;         ///< Content-Type.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Access-Control-* and Set-Cookie.
};
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A client on one keep-alive connection.
class Client {
 public:
  explicit Client(int port);
  ~Client();
  Reply post(const std::string& body, const Headers& headers = {});
  /// As an SDK does, to any path; `type` is the Content-Type.
  Reply post_to(const std::string& path, const std::string& body, const std::string& type,
                const Headers& headers = {});
  Reply get(const std::string& path, const Headers& headers = {});
  /// The answer to a preflight.
  Reply options(const std::string& path, const Headers& headers);
  /// Lines of a table; the request must succeed.
  std::vector<std::string> lines(const std::string& path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A pipeline on a folder of its own with a client to it.
struct Rig {
  explicit Rig(PipelineOptions options = {});
  TempFolder folder;
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<Client> client;

  /// Stores events that must be taken, at a simulated arrival time.
  void store(const std::vector<std::string>& events,
             const std::string& arrival = "2026-03-02T12:00:00Z");
  /// The canonical rows as JSON lines.
  std::vector<std::string> clean() const { return client->lines("/v1/clean_events?run_id=r1"); }
};

/// The text of `key` in one JSON line: strings without quotes, "null", or "-" where it is missing.
std::string field(const std::string& line, const std::string& key);

/// Options with one bug.
PipelineOptions with_bug(const std::string& bug);
/// A plan with `purchase`: revenue (money, required at the server, server's), coupon (string,
/// client's), order_id (string, both); and `login_success`, confirmed by the server.
TrackingPlan shop_contract();

}  // namespace parallax::test
