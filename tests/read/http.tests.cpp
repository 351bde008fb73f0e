// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <chrono>

#include "sim/read/reader.h"
#include "tests/read/one_answer.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

const TrackingPlan plan = shop_plan();

Result<RowSet> read_from(const std::string& url, Micros timeout = 10 * second) {
  HttpReaderOptions options;
  options.url = url;
  options.timeout = timeout;
  const auto reader = make_http_reader(options, plan);
  REQUIRE(reader);
  return reader.value()->read("r-1");
}

std::string answer_of(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}

std::string row_of(const std::string& user) { return R"({"user_id":")" + user + "\"}\n"; }

/// A server of ours on a free port, for as long as the test runs.
struct Served {
  explicit Served(httplib::Server& s) : server(s), port(s.bind_to_any_port("127.0.0.1")) {
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~Served() {
    server.stop();
    thread.join();
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port) + path;
  }
  httplib::Server& server;
  int port;
  std::thread thread;
};

}  // namespace

TEST_CASE("rows come over http, with the run id in the address and our headers", "[read][http]") {
  httplib::Server server;
  std::string run_id;
  std::string token;
  std::string target;
  server.Get("/rows", [&](const httplib::Request& request, httplib::Response& response) {
    run_id = request.get_param_value("run_id");
    token = request.get_header_value("X-Token");
    target = request.target;
    response.set_content(row_of("u-1") + "\n" + row_of("u-2") + R"({"user_id":"u-3"})",
                         "application/x-ndjson");
  });
  const Served served(server);
  HttpReaderOptions options;
  options.url = served.url("/rows?run_id={run_id}&again={run_id}");
  options.headers = {{"X-Token", "secret"}};
  const auto reader = make_http_reader(options, plan);
  REQUIRE(reader);
  const auto set = reader.value()->read("r 1/&ü");
  REQUIRE(set);
  CHECK(run_id == "r 1/&ü");
  CHECK(target == "/rows?run_id=r%201%2F%26%C3%BC&again=r%201%2F%26%C3%BC");
  CHECK(token == "secret");
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 3);
  CHECK(set->rows[0].user == user_key_of("u-1"));
  CHECK(set->rows[2].user == user_key_of("u-3"));
  CHECK(set->rows[2].number == 2);
}

TEST_CASE("a chunked answer of many pieces is put together", "[read][http]") {
  httplib::Server server;
  std::string all;
  for (int i = 0; i < 20'000; ++i) all += row_of("u-" + std::to_string(i));
  server.Get("/rows", [&](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider(
        "application/x-ndjson", [&](std::size_t offset, httplib::DataSink& sink) {
          if (offset < all.size()) {
            sink.write(all.data() + offset, std::min<std::size_t>(4'099, all.size() - offset));
          } else {
            sink.done();
          }
          return true;
        });
  });
  const Served served(server);
  const auto set = read_from(served.url("/rows"));
  REQUIRE(set);
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 20'000);
  CHECK(set->rows.back().user == user_key_of("u-19999"));
  CHECK(set->rows.back().number == 19'999);
}

TEST_CASE("no row at all is a complete read", "[read][http]") {
  const OneAnswer server(answer_of("Content-Length: 0\r\n", ""));
  const auto set = read_from(server.url());
  REQUIRE(set);
  CHECK(set->complete);
  CHECK(set->rows.empty());
}

TEST_CASE("a status that is not 200 is an error with its first words", "[read][http]") {
  const std::string body = "run not found " + std::string(1'000, '.');
  const OneAnswer server("HTTP/1.1 404 Not Found\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto set = read_from(server.url());
  REQUIRE_FALSE(set);
  CHECK(set.error().kind == Error::Kind::protocol);
  CHECK(set.error().what == "answered 404: " + body.substr(0, 200));
}

TEST_CASE("a body shorter than its stated length is incomplete", "[read][http]") {
  const std::string body = row_of("u-1") + row_of("u-2") + R"({"user_id":"u-3)";
  const OneAnswer server(answer_of("Content-Length: 1000\r\n", body));
  const auto set = read_from(server.url());
  REQUIRE(set);
  CHECK_FALSE(set->complete);
  CHECK(set->rows.size() == 2);
}

TEST_CASE("chunks that end without the last one are incomplete", "[read][http]") {
  const std::string row = row_of("u-1");
  char length[8];
  std::snprintf(length, sizeof length, "%zx", row.size());
  const std::string chunk = length + ("\r\n" + row) + "\r\n";
  const std::string headers = "Transfer-Encoding: chunked\r\n";
  SECTION("between chunks") {
    const OneAnswer server(answer_of(headers, chunk));
    const auto set = read_from(server.url());
    REQUIRE(set);
    CHECK_FALSE(set->complete);
    CHECK(set->rows.size() == 1);
  }
  SECTION("within a chunk") {
    const OneAnswer server(answer_of(headers, chunk + "40\r\n" + row + "{\"user"));
    const auto set = read_from(server.url());
    REQUIRE(set);
    CHECK_FALSE(set->complete);
    CHECK(set->rows.size() == 2);
  }
  SECTION("and with the last one they are complete") {
    const OneAnswer server(answer_of(headers, chunk + "0\r\n\r\n"));
    const auto set = read_from(server.url());
    REQUIRE(set);
    CHECK(set->complete);
  }
}

TEST_CASE("an answer that ends with its connection is complete up to a torn line", "[read][http]") {
  SECTION("whole") {
    const OneAnswer server(answer_of("Connection: close\r\n", row_of("u-1") + row_of("u-2")));
    const auto set = read_from(server.url());
    REQUIRE(set);
    CHECK(set->complete);
    CHECK(set->rows.size() == 2);
  }
  SECTION("torn") {
    const OneAnswer server(answer_of("Connection: close\r\n", row_of("u-1") + "{\"user_id\":\"u"));
    const auto set = read_from(server.url());
    REQUIRE(set);
    CHECK_FALSE(set->complete);
    CHECK(set->rows.size() == 1);
  }
}

TEST_CASE("a line that is no JSON object is an error with its number", "[read][http]") {
  const std::string body = row_of("u-1") + "<html>\n" + row_of("u-2");
  const OneAnswer server(
      answer_of("Content-Length: " + std::to_string(body.size()) + "\r\n", body));
  const auto set = read_from(server.url());
  REQUIRE_FALSE(set);
  CHECK(set.error().kind == Error::Kind::protocol);
  CHECK(set.error().text() == server.url() + " line 2: a row that is no JSON object");
}

TEST_CASE("nobody listening is an io error", "[read][http]") {
  std::string url;
  {
    const OneAnswer gone("");
    url = gone.url();
  }
  const auto set = read_from(url);
  REQUIRE_FALSE(set);
  CHECK(set.error().kind == Error::Kind::io);
}

TEST_CASE("a target that does not answer is a timeout, one that dawdles is incomplete",
          "[read][http]") {
  httplib::Server server;
  std::atomic<bool> done = false;
  server.Get("/silent", [&](const httplib::Request&, httplib::Response&) {
    while (!done) std::this_thread::yield();
  });
  server.Get("/endless", [&](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("application/x-ndjson",
                                          [&](std::size_t, httplib::DataSink& sink) {
                                            const std::string row = row_of("u-1");
                                            sink.write(row.data(), row.size());
                                            if (done) sink.done();
                                            return true;
                                          });
  });
  const Served served(server);
  const auto silent = read_from(served.url("/silent"), 100 * millisecond);
  const auto endless = read_from(served.url("/endless"), 200 * millisecond);
  done = true;
  REQUIRE_FALSE(silent);
  CHECK(silent.error().kind == Error::Kind::timeout);
  REQUIRE(endless);
  CHECK_FALSE(endless->complete);
  CHECK(endless->rows.size() > 0);
}

TEST_CASE("an address that is no http one is refused when the reader is made", "[read][http]") {
  for (const char* url : {"", "ftp://host/x", "host:80/rows", "http://"}) {
    CAPTURE(url);
    HttpReaderOptions options;
    options.url = url;
    const auto reader = make_http_reader(options, plan);
    REQUIRE_FALSE(reader);
    CHECK(reader.error().kind == Error::Kind::invalid_input);
  }
}

TEST_CASE("the texts of chosen rows come back in our names", "[read][http]") {
  httplib::Server server;
  server.Get("/rows", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(
        "{\"who\":\"u-0\"}\n{\"who\" : \"u-1\", \"x\":[1, {\"who\":2}]}\n"
        "{\"who\":\"u-2\",\"revenue\":1.50}\n",
        "application/x-ndjson");
  });
  const Served served(server);
  HttpReaderOptions options;
  options.url = served.url("/rows");
  options.columns = {{"user_id", "who"}};
  const auto reader = make_http_reader(options, plan);
  REQUIRE(reader);
  const auto texts = reader.value()->texts("r-1", {1, 2});
  REQUIRE(texts);
  CHECK(texts.value() == std::vector<std::string>{R"({"user_id":"u-1","x":[1, {"who":2}]})",
                                                  R"({"user_id":"u-2","revenue":1.50})"});
}
