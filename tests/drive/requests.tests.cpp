// SPDX-License-Identifier: Apache-2.0
// What the HTTP target sends, how often, and over which connections.
#include <zlib.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/drive/raw_server.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

std::string gunzipped(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string plain(1'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

HttpTargetOptions options_for(const RawServer& server) {
  HttpTargetOptions options;
  options.url = server.url();
  return options;
}

}  // namespace

TEST_CASE("a request is a POST with length, type, host, own headers and body", "[drive][http]") {
  RawServer server(always(ok_answer()));
  HttpTargetOptions options = options_for(server);
  options.url = server.url("/in?key=1#not-sent");
  options.headers = {{"Authorization", "Bearer x"}};
  const auto target = make_http_target(options).value();
  send(*target, "{\"batch\":[]}");
  const std::string bytes = server.heard().at(0).bytes;
  const std::string host = server.url("").substr(7);
  CHECK(bytes == "POST /in?key=1 HTTP/1.1\r\nHost: " + host +
                     "\r\nUser-Agent: parallax\r\nContent-Type: application/json\r\n"
                     "Authorization: Bearer x\r\nContent-Length: 12\r\n\r\n{\"batch\":[]}");
}

TEST_CASE("own Host, User-Agent and Content-Type replace the usual ones", "[drive][http]") {
  RawServer server(always(ok_answer()));
  HttpTargetOptions options = options_for(server);
  options.headers = {{"host", "shop.example"}, {"user-agent", "me"}, {"CONTENT-TYPE", "text/x"}};
  send(*make_http_target(options).value(), "");
  CHECK(server.heard().at(0).bytes ==
        "POST /v1/events HTTP/1.1\r\nhost: shop.example\r\nuser-agent: me\r\n"
        "CONTENT-TYPE: text/x\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("the clock header tells the simulated arrival", "[drive][http]") {
  RawServer server(always(ok_answer()));
  HttpTargetOptions options = options_for(server);
  options.clock_header = true;
  const auto target = make_http_target(options).value();
  SendRequest request;
  request.arrives = SimTime{1'772'409'600'123'456};
  target->start(std::move(request));
  CHECK(target->wait().receipt == Receipt::accepted);
  CHECK(server.heard().at(0).bytes.find("Parallax-Sim-Time: 2026-03-02T00:00:00.123Z\r\n") !=
        std::string::npos);
}

TEST_CASE("compressed bodies decode to what was given, one after another", "[drive][http]") {
  std::mutex mutex;
  std::vector<std::string> bodies;
  RawServer server([&](Peer& peer) {
    while (peer.read_request()) {
      if (peer.head().find("Content-Encoding: gzip\r\n") != std::string::npos) {
        const std::lock_guard lock(mutex);
        bodies.push_back(peer.body());
      }
      peer.send(ok_answer());
    }
  });
  HttpTargetOptions options = options_for(server);
  options.gzip = true;
  const auto target = make_http_target(options).value();
  const std::vector<std::string> plain{"first", std::string(500'000, 'a'), "", "last"};
  for (const std::string& body : plain) CHECK(send(*target, body).receipt == Receipt::accepted);
  const std::lock_guard lock(mutex);
  REQUIRE(bodies.size() == plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(gunzipped(bodies[i]) == plain[i]);
  CHECK(bodies[1].size() < 10'000);
}

TEST_CASE("one after another, requests share one connection", "[drive][http]") {
  RawServer server(always(ok_answer()));
  const auto target = http_target(server.url());
  for (int i = 0; i < 100; ++i) REQUIRE(send(*target, "{}").receipt == Receipt::accepted);
  CHECK(server.heard().size() == 1);
  CHECK(server.requests() == 100);
}

TEST_CASE("an idle connection that the target closed is replaced before anything is sent",
          "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send(ok_answer());
    peer.close();  // says keep-alive, and closes
  });
  const auto target = http_target(server.url());
  for (std::size_t i = 1; i <= 20; ++i) {
    CHECK(send(*target, "{}").receipt == Receipt::accepted);
    REQUIRE(server.heard(i).size() == i);  // it is closed by now
  }
  CHECK(server.requests() == 20);
}

TEST_CASE("a connection on which the target says something unasked is not used again",
          "[drive][http]") {
  RawServer server(always(ok_answer() + answer(408)));
  const auto target = http_target(server.url());
  for (int i = 0; i < 3; ++i) CHECK(send(*target, "{}").status == 200);
  CHECK(server.heard().size() == 3);
}

TEST_CASE("a target that wants to close is obeyed", "[drive][http]") {
  RawServer server(always("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  const auto target = http_target(server.url());
  for (int i = 0; i < 3; ++i) CHECK(send(*target, "{}").receipt == Receipt::accepted);
  CHECK(server.heard(3).size() == 3);
  CHECK(server.requests() == 3);
}

TEST_CASE("a kept connection that breaks under a request is an unknown outcome, not a resend",
          "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send(ok_answer());
    peer.read_request();  // takes the second one and dies
    peer.reset();
  });
  const auto target = http_target(server.url());
  CHECK(send(*target, "{}").receipt == Receipt::accepted);
  CHECK(send(*target, "{}").receipt == Receipt::unknown);
  CHECK(server.heard(1).size() == 1);
  CHECK(server.requests() == 2);
}

TEST_CASE("as many requests as connections are in flight at once, and each ends once",
          "[drive][http]") {
  constexpr std::size_t connections = 16;
  constexpr std::uint64_t total = 2'000;
  std::mutex mutex;
  std::map<std::string, int> seen;
  RawServer server([&](Peer& peer) {
    while (peer.read_request()) {
      {
        const std::lock_guard lock(mutex);
        ++seen[peer.body()];
      }
      peer.send(ok_answer());
    }
  });
  HttpTargetOptions options = options_for(server);
  options.connections = connections;
  const auto target = make_http_target(options).value();
  REQUIRE(target->capacity() == connections);
  std::set<std::uint64_t> ended;
  std::uint64_t started = 0;
  while (ended.size() < total) {
    while (started < total && target->in_flight() < target->capacity()) {
      SendRequest request;
      request.ticket = started;
      request.body = std::to_string(started++);
      target->start(std::move(request));
    }
    const SendResult result = target->wait();
    REQUIRE(result.receipt == Receipt::accepted);
    REQUIRE(ended.insert(result.ticket).second);
  }
  CHECK(target->in_flight() == 0);
  CHECK(server.heard().size() <= connections);
  const std::lock_guard lock(mutex);
  CHECK(seen.size() == total);
  for (const auto& [body, times] : seen) CHECK(times == 1);
}

TEST_CASE("a slow answer holds up nobody else's", "[drive][http]") {
  RawServer server([](Peer& peer) {
    while (peer.read_request()) {
      if (peer.body() == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(500));
      peer.send(ok_answer());
    }
  });
  const auto target = http_target(server.url());
  const auto start = [&](std::uint64_t ticket, const char* body) {
    SendRequest request;
    request.ticket = ticket;
    request.body = body;
    target->start(std::move(request));
  };
  start(1, "slow");
  start(2, "fast");
  CHECK(target->in_flight() == 2);
  CHECK(target->wait().ticket == 2);
  CHECK(target->wait().ticket == 1);
}

TEST_CASE("an answer that came while the caller was away is no timeout", "[drive][http]") {
  RawServer server(always(ok_answer()));
  const auto target = http_target(server.url(), 500 * millisecond);
  send(*target, "{}");
  SendRequest request;
  target->start(std::move(request));
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  CHECK(target->wait().receipt == Receipt::accepted);
}

TEST_CASE("a target can be dropped with requests in flight", "[drive][http]") {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const auto target = http_target(server.url());
  for (int i = 0; i < 3; ++i) target->start({});
  CHECK(target->in_flight() == 3);
}

TEST_CASE("options that cannot work are refused, and no value is told", "[drive][http]") {
  using Options = HttpTargetOptions;
  const auto spoil =
      GENERATE(table<void (*)(Options&)>({{[](Options& o) { o.url = "secret:9/"; }},
                                          {[](Options& o) { o.connections = 0; }},
                                          {[](Options& o) { o.timeout = 0; }},
                                          {[](Options& o) {
                                            o.headers = {{"A", "secret\r\nB: c"}};
                                          }},
                                          {[](Options& o) {
                                            o.headers = {{"A B", "secret"}};
                                          }},
                                          {[](Options& o) {
                                            o.headers = {{"content-length", "secret"}};
                                          }},
                                          {[](Options& o) {
                                            o.headers = {{"parallax-sim-time", "secret"}};
                                          }}}));
  Options options;
  options.url = "http://127.0.0.1:9/";
  REQUIRE(make_http_target(options));
  std::get<0>(spoil)(options);
  const auto target = make_http_target(options);
  REQUIRE_FALSE(target);
  CHECK(target.error().kind == Error::Kind::invalid_input);
  CHECK(target.error().text().find("secret") == std::string::npos);
}
