// SPDX-License-Identifier: Apache-2.0
// What the HTTP target makes of what the other side answers.
#include <chrono>
#include <thread>

#include "tests/drive/raw_server.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

TEST_CASE("the receipt follows the status", "[drive][http]") {
  const auto [status, receipt] = GENERATE(table<int, Receipt>({{200, Receipt::accepted},
                                                               {202, Receipt::accepted},
                                                               {299, Receipt::accepted},
                                                               {302, Receipt::rejected},
                                                               {400, Receipt::rejected},
                                                               {408, Receipt::unknown},
                                                               {413, Receipt::rejected},
                                                               {429, Receipt::rejected},
                                                               {500, Receipt::unknown},
                                                               {503, Receipt::unknown}}));
  CAPTURE(status);
  RawServer server(always(answer(status, "why")));
  const SendResult result = send(*http_target(server.url()), "{}");
  CHECK(result.ticket == 7);
  CHECK(result.receipt == receipt);
  CHECK(result.status == status);
  CHECK(result.body == (status < 300 ? "" : "why"));
  CHECK(result.error == (status == 302 ? "redirected: give the final URL" : ""));
  CHECK(result.took > 0);
  CHECK(server.requests() == 1);
}

TEST_CASE("an answer without a body, in chunks or ended by closing is an answer", "[drive][http]") {
  const std::string text = GENERATE(
      std::string("HTTP/1.1 204 No Content\r\n\r\n"),
      std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
      std::string("HTTP/1.0 200 OK\r\n\r\nuntil the end"),
      std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  CAPTURE(text);
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(text);
    peer.close();
  });
  const SendResult result = send(*http_target(server.url()), "{}");
  CHECK(result.receipt == Receipt::accepted);
  CHECK(result.error.empty());
}

TEST_CASE("an answer that trickles in byte by byte is read", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    const std::string text =
        "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
    for (const char c : text) {
      peer.send({&c, 1});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    peer.read_to_end();
  });
  const SendResult result = send(*http_target(server.url()), "{}");
  CHECK(result.status == 503);
  CHECK(result.body == "no");
}

TEST_CASE("a target that trickles for ever is cut off by the timeout", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 2'000 && peer.send("x"); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  const SendResult result = send(*http_target(server.url(), 200 * millisecond), "{}");
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error == "no complete answer within 200ms");
  CHECK(result.took >= 200 * millisecond);
  CHECK(result.took < 5 * second);  // the trickle would last ten
}

TEST_CASE("no answer is an unknown outcome, once, after the timeout", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.read_to_end();
  });
  const SendResult result = send(*http_target(server.url(), 200 * millisecond), "{}");
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.status == 0);
  CHECK(result.error == "no complete answer within 200ms");
  CHECK(server.heard(1).size() == 1);
  CHECK(server.requests() == 1);
}

TEST_CASE("what is no complete answer is an unknown outcome and never a second request",
          "[drive][http]") {
  const auto [name, text] = GENERATE(table<std::string, std::string>(
      {{"nothing", ""},
       {"half a status line", "HTTP/1.1 20"},
       {"half a head", "HTTP/1.1 200 OK\r\nContent-Le"},
       {"a head without its body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
       {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"},
       {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"},
       {"garbage", "\x16\x03\x01 this is not http\r\n\r\n"},
       {"a bad length", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello"},
       {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
       {"an endless head", "HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x')},
       {"a declared huge body", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx"},
       {"a huge body", "HTTP/1.0 200 OK\r\n\r\n" + std::string(3'000'000, 'x')},
       {"zeros", std::string(1'000, '\0')}}));
  CAPTURE(name);
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(text);
    peer.close();
  });
  const SendResult result = send(*http_target(server.url()), "{}");
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.status == 0);
  CHECK_FALSE(result.error.empty());
  CHECK(server.heard(1).size() == 1);
  CHECK(server.requests() == 1);
}

TEST_CASE("interim answers without end are cut off by their size", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    for (int i = 0; i < 200'000 && peer.send("HTTP/1.1 100 Continue\r\n\r\n"); ++i) {
    }
  });
  CHECK(send(*http_target(server.url()), "{}").receipt == Receipt::unknown);
}

TEST_CASE("a reset instead of an answer is an unknown outcome", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  const SendResult result = send(*http_target(server.url()), "{}");
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error.find("connection broken") == 0);
}

TEST_CASE("an answer that comes before the body was taken counts", "[drive][http]") {
  RawServer server([](Peer& peer) {
    peer.send(answer(413, "too big"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  const SendResult result = send(*http_target(server.url()), std::string(50'000'000, 'x'));
  CHECK(result.status == 413);
  CHECK(result.receipt == Receipt::rejected);
}

TEST_CASE("nobody listening is a rejection: nothing was sent", "[drive][http]") {
  const auto target = http_target(refusing_url());
  const SendResult result = send(*target, "{}");
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error == "connection refused");
  CHECK(send(*target, "{}").error == "connection refused");  // and again, with a fresh try
}

TEST_CASE("a host without an address is a rejection", "[drive][http]") {
  const SendResult result = send(*http_target("http://no-such-host.invalid/"), "{}");
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error.find("cannot resolve the host") == 0);
}

TEST_CASE("of a long refusal the first 1'024 bytes are kept", "[drive][http]") {
  RawServer server(always(answer(400, std::string(5'000, 'w'))));
  CHECK(send(*http_target(server.url()), "{}").body == std::string(1'024, 'w'));
}
