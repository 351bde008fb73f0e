// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "tests/drive/raw_server.h"
#include "tests/proxy/proxied.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy_tests;
using drive_tests::Peer;
using drive_tests::RawServer;

namespace {

/// Answers each request with the next of these texts, as they stand.
RawServer::Script in_turn(std::vector<std::string> answers) {
  return [answers](Peer& peer) {
    for (const std::string& text : answers)
      if (!peer.read_request() || !peer.send(text)) return;
    peer.read_to_end();
  };
}

const std::string odd_post =
    "POST /anything?a=b HTTP/1.1\r\nhost: Shop.Example\r\nX-Odd:\ttwo  words\r\nx-odd: again\r\n"
    "Content-Length: 5\r\n\r\n\x01\x02\xff\n\r";

}  // namespace

TEST_CASE("what is no event passes byte for byte, and stands in no ledger", "[proxy]") {
  const std::string said =
      "HTTP/1.1 201 Made\r\nserver:x\r\nX-A: 1\r\nX-A:  2\r\nContent-Length: 3\r\n\r\na\xff\n";
  RawServer server(in_turn({said, said}));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  for (int i = 0; i < 2; ++i) {  // The second on the kept connection.
    const Seen seen = client.ask(odd_post);
    CHECK(seen.head + seen.body == said);
  }
  proxied.stop();
  const auto heard = server.heard(1);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].bytes == odd_post + odd_post);
  CHECK(proxied.counts().untouched == 2);
  CHECK(proxied.counts().with_events == 0);
  CHECK(proxied.ledger().attempts.empty());
}

TEST_CASE("events pass byte for byte where no fault strikes", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer("{\"accepted\":2}")));
  Proxied proxied(base_of(server.url()));
  const std::string request =
      post(batch_of({event_text(1), event_text(2)}), "/v1/events", "X-Odd:  1\r\n");
  Client client(proxied.port());
  const Seen seen = client.ask(request);
  CHECK(seen.status == 200);
  CHECK(seen.body == "{\"accepted\":2}");
  proxied.stop();
  CHECK(server.heard(1).at(0).bytes == request);
  const Ledger ledger = proxied.ledger();
  REQUIRE(ledger.attempts.size() == 1);
  CHECK(ledger.actions.size() == 2);
  CHECK(ledger.deliveries.size() == 2);
  REQUIRE(ledger.receipts.size() == 1);
  CHECK(ledger.receipts[0].receipt == Receipt::accepted);
  CHECK(ledger.receipts[0].status == 200);
}

TEST_CASE("chunked requests and answers keep their chunks", "[proxy]") {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nT: x\r\n\r\n";
  RawServer server([&](Peer& peer) {
    peer.read_request();  // The head; the chunks follow it.
    peer.send(chunked);
    peer.read_to_end();
  });
  Proxied proxied(base_of(server.url()));
  const std::string event = batch_of({event_text(1)});
  const std::string body = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", event.size(), event);
  const std::string head = "POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  {
    Client client(proxied.port());
    client.send(head + body.substr(0, 20));
    client.send(body.substr(20));
    const Seen seen = client.answer();
    CHECK(seen.body == "abc");
    CHECK(seen.head.find("chunked") != std::string::npos);
  }
  proxied.stop();
  CHECK(server.heard(1).at(0).bytes == head + body);
  CHECK(proxied.counts().events == 1);
}

TEST_CASE("pipelined requests are answered in their order", "[proxy]") {
  RawServer server(in_turn(
      {drive_tests::ok_answer("1"), drive_tests::ok_answer("2"), drive_tests::ok_answer("3")}));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  client.send(odd_post + post(batch_of({event_text(1)})) + odd_post);
  CHECK(client.answer().body == "1");
  CHECK(client.answer().body == "2");
  CHECK(client.answer().body == "3");
}

TEST_CASE("answers to HEAD, and 204, have no body, and the connection goes on", "[proxy]") {
  RawServer server(in_turn({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                            "HTTP/1.1 204 No Content\r\n\r\n", drive_tests::ok_answer("end")}));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  client.send("HEAD / HTTP/1.1\r\n\r\n");
  CHECK(client.answer(true).status == 200);
  CHECK(client.ask(odd_post).status == 204);
  CHECK(client.ask(odd_post).body == "end");
}

TEST_CASE("a body of a mebibyte passes in both directions", "[proxy]") {
  const std::string large(std::size_t{1} << 20U, 'x');
  RawServer server(in_turn({drive_tests::ok_answer(large)}));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  const std::string request = post(large, "/upload");
  CHECK(client.ask(request).body == large);
  proxied.stop();
  CHECK(server.heard(1).at(0).bytes == request);
}

TEST_CASE("an answer without a length ends with its connection", "[proxy]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nto the end");
    peer.close();
  });
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  const Seen seen = client.ask(odd_post);
  CHECK(seen.body == "to the end");
  CHECK(seen.closed);
}

TEST_CASE("100 Continue and what comes after it pass", "[proxy]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 100 Continue\r\n\r\n" + drive_tests::ok_answer("done"));
    peer.read_to_end();
  });
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  client.send("POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
  CHECK(client.answer().status == 100);
  CHECK(client.answer().body == "done");
}

TEST_CASE("who waits for 100 Continue before an event is told to go on", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer()));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  const std::string request =
      post(batch_of({event_text(1)}), "/v1/events", "Expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, head));
  CHECK(client.answer().status == 100);
  client.send(request.substr(head));
  CHECK(client.answer().status == 200);
}

TEST_CASE("another protocol passes both ways", "[proxy]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nhello");
    peer.read_to_end();
  });
  Proxied proxied(base_of(server.url()));
  {
    Client client(proxied.port());
    client.send("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    CHECK(client.answer().status == 101);
    client.send("\x81\x02hi");
    client.send("HTTP/1.1 looks like a head but is none\r\n\r\n");
  }
  const auto heard = server.heard(1);
  CHECK(heard.at(0).bytes.find("\x81\x02hi") != std::string::npos);
}

TEST_CASE("a pipeline that is down is a 502 that says so, and is told", "[proxy]") {
  Proxied proxied(base_of(drive_tests::refusing_url()));
  Client untouched(proxied.port());
  const Seen seen = untouched.ask(odd_post);
  CHECK(seen.status == 502);
  CHECK(seen.body.find("connection refused") != std::string::npos);
  Client events(proxied.port());
  CHECK(events.ask(post(batch_of({event_text(1)}))).status == 502);
  proxied.stop();
  CHECK(proxied.counts().upstream_down == 2);
  REQUIRE(proxied.counts().problems.size() == 1);
  CHECK(proxied.counts().problems[0].first == "the pipeline: connection refused");
  const Ledger ledger = proxied.ledger();
  REQUIRE(ledger.receipts.size() == 1);
  CHECK(ledger.receipts[0].receipt == Receipt::rejected);
  CHECK_FALSE(ledger.receipts[0].by_fault);
}

TEST_CASE("a pipeline that breaks off leaves the outcome unknown", "[proxy]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.close();
  });
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  CHECK(client.ask(post(batch_of({event_text(1)}))).status == 502);
  proxied.stop();
  const Ledger ledger = proxied.ledger();
  REQUIRE(ledger.receipts.size() == 1);
  CHECK(ledger.receipts[0].receipt == Receipt::unknown);
}

TEST_CASE("a kept connection that the pipeline ended is made anew", "[proxy]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send(drive_tests::ok_answer());
    peer.close();
  });
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  for (int i = 0; i < 3; ++i) {
    CHECK(client.ask(odd_post).status == 200);
    // Until the proxy has seen the end of it; nothing is ever sent twice.
    server.heard(static_cast<std::size_t>(i) + 1);
    ::usleep(20'000);
  }
}

TEST_CASE("what is no HTTP, or too long, is refused and forwarded nowhere", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer()));
  Proxied proxied(base_of(server.url()));
  CHECK(Client(proxied.port()).ask("hello\r\n\r\n").status == 400);
  CHECK(Client(proxied.port())
            .ask("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
            .status == 400);
  CHECK(Client(proxied.port()).ask("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x')).status ==
        431);
  CHECK(proxied.counts().refused == 3);
  CHECK(server.requests() == 0);
}

TEST_CASE("bodies beyond the limit pass unread", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer()));
  Proxied proxied(base_of(server.url()), "[]",
                  [](proxy::ProxyOptions& options) { options.limits.body = 100; });
  Client client(proxied.port());
  CHECK(client.ask(post(batch_of({event_text(1)}))).status == 200);
  CHECK(proxied.counts().untouched == 1);
  CHECK(proxied.counts().with_events == 0);
}

TEST_CASE("a full store takes no more events, and says so", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer()));
  Proxied proxied(base_of(server.url()), "[]",
                  [](proxy::ProxyOptions& options) { options.limits.archive = 1'000; });
  CHECK(Client(proxied.port()).ask(post(batch_of({event_text(1)}))).status == 200);
  const Seen seen = Client(proxied.port()).ask(post(batch_of({event_text(2)})));
  CHECK(seen.status == 503);
  CHECK(seen.body.find("the store of requests is full") != std::string::npos);
  CHECK(Client(proxied.port()).ask(odd_post).status == 200);
  CHECK(server.requests() == 2);
}

TEST_CASE("more clients than may be wait their turn", "[proxy]") {
  RawServer server(drive_tests::always(drive_tests::ok_answer()));
  Proxied proxied(base_of(server.url()), "[]",
                  [](proxy::ProxyOptions& options) { options.limits.connections = 1; });
  auto first = std::make_unique<Client>(proxied.port());
  CHECK(first->ask(odd_post).status == 200);
  Client second(proxied.port());
  second.send(odd_post);
  CHECK(proxied.counts().connections == 1);
  first.reset();
  CHECK(second.answer().status == 200);
}

TEST_CASE("who says nothing, and a pipeline that says nothing, are not waited for", "[proxy]") {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  Proxied proxied(base_of(server.url()), "[]", [](proxy::ProxyOptions& options) {
    options.limits.answer_wait = 100 * millisecond;
    options.limits.idle = 300 * millisecond;
  });
  Client client(proxied.port());
  CHECK(client.ask(post(batch_of({event_text(1)}))).status == 504);
  Client silent(proxied.port());
  silent.send("POST /x HTTP");
  CHECK_FALSE(silent.answer().status != 0);
  proxied.stop();
  CHECK(proxied.ledger().receipts.at(0).receipt == Receipt::unknown);
}
