// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>

#include "tests/drive/raw_server.h"
#include "tests/proxy/proxied.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy_tests;
using drive_tests::Peer;
using drive_tests::RawServer;
using Clock = std::chrono::steady_clock;

namespace {

const std::string taken = drive_tests::ok_answer("{\"accepted\":1}");

/// A client sends one event through the fault.
struct Struck {
  explicit Struck(const std::string& fault, Proxied::Change change = nullptr,
                  const std::string& body = batch_of({event_text(1)}))
      : server(drive_tests::always(taken)),
        proxied(base_of(server.url()), "[" + fault + "]", change) {
    Client client(proxied.port());
    seen = client.ask(post(body));
    proxied.stop();
    heard = server.heard();
    ledger = proxied.ledger();
    REQUIRE_FALSE(ledger.attempts.empty());
    CHECK(proxied.counts().faults.at(0).struck == 1);
  }
  const AttemptRecord& attempt() const { return ledger.attempts.front(); }
  const ReceiptRecord& receipt() const { return ledger.receipts.front(); }
  RawServer server;
  Proxied proxied;
  Seen seen;
  std::vector<drive_tests::Heard> heard;
  Ledger ledger;
};

Micros since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

}  // namespace

TEST_CASE("a refused connection is reset, and the pipeline hears nothing", "[proxy]") {
  for (const char* fault : {"refused", "tls_failure", "cors"}) {
    CAPTURE(fault);
    const Struck struck("{\"fault\":\"" + std::string(fault) + "\"}");
    CHECK(struck.seen.reset);
    CHECK(struck.heard.empty());
    CHECK(struck.attempt().strike == Strike::before_send);
    CHECK(struck.attempt().struck == 1);
    CHECK(struck.receipt().receipt == Receipt::rejected);
    CHECK(struck.receipt().by_fault);
  }
}

TEST_CASE("devices are offline for their spells", "[proxy]") {
  const Struck struck(R"({"fault":"offline","every":"366d","lasts":"366d"})");
  CHECK(struck.seen.reset);
  CHECK(struck.heard.empty());
  CHECK(struck.attempt().strike == Strike::before_send);
}

TEST_CASE("a cut body arrives in half, and both connections are reset", "[proxy]") {
  const Struck struck(R"({"fault":"cut_body"})");
  CHECK(struck.seen.reset);
  REQUIRE(struck.heard.size() == 1);
  const std::string& bytes = struck.heard[0].bytes;
  const std::string body = batch_of({event_text(1)});
  CHECK(bytes == post(body).substr(0, post(body).size() - body.size() + body.size() / 2));
  CHECK(struck.attempt().strike == Strike::during_body);
  CHECK(struck.receipt().receipt == Receipt::unknown);
}

TEST_CASE("a lost answer: the pipeline has it, the client sees a reset", "[proxy]") {
  for (const char* fault :
       {R"({"fault":"answer_lost"})", R"({"fault":"cors","at":"after_commit"})"}) {
    CAPTURE(fault);
    const Struck struck(fault);
    CHECK(struck.seen.reset);
    REQUIRE(struck.heard.size() == 1);
    CHECK(struck.heard[0].requests == 1);
    CHECK(struck.attempt().strike == Strike::after_commit);
    CHECK(struck.receipt().receipt == Receipt::unknown);
    CHECK(struck.receipt().by_fault);
  }
}

TEST_CASE("a request that is dropped is answered by nobody, until the proxy's patience ends",
          "[proxy]") {
  const auto with_little_patience = [](proxy::ProxyOptions& options) {
    options.limits.answer_wait = 300 * millisecond;
  };
  for (const auto& [point, strike, heard] : {std::tuple("before_send", Strike::before_send, 0),
                                             {"during_body", Strike::during_body, 1},
                                             {"after_commit", Strike::after_commit, 1}}) {
    CAPTURE(point);
    const auto start = Clock::now();
    const Struck struck(R"({"fault":"drop","at":")" + std::string(point) + "\"}",
                        with_little_patience);
    CHECK(since(start) >= 300 * millisecond);
    CHECK(struck.seen.reset);
    CHECK(struck.attempt().strike == strike);
    CHECK(struck.heard.size() == static_cast<std::size_t>(heard));
  }
}

TEST_CASE("a status is answered in the pipeline's place, and the connection goes on", "[proxy]") {
  const Struck struck(R"({"fault":"status","code":429,"retry_after":"1500ms"})");
  CHECK(struck.seen.status == 429);
  CHECK(struck.seen.head.find("Retry-After: 2\r\n") != std::string::npos);
  CHECK(struck.seen.head.find("Connection: close") == std::string::npos);
  CHECK(struck.heard.empty());
  CHECK(struck.attempt().strike == Strike::answered);
  CHECK(struck.attempt().answer == 429);
  CHECK(struck.receipt().receipt == Receipt::rejected);
  CHECK(struck.receipt().status == 429);
}

TEST_CASE("a redirect says where to", "[proxy]") {
  const Struck struck(R"({"fault":"status","code":302})");
  CHECK(struck.seen.status == 302);
  CHECK(struck.seen.head.find("Location: /v1/events\r\n") != std::string::npos);
}

TEST_CASE("a browser's page may read the status that a fault answers", "[proxy]") {
  RawServer server(drive_tests::always(taken));
  Proxied proxied(base_of(server.url()), R"([{"fault":"status","code":500}])");
  Client client(proxied.port());
  const Seen seen =
      client.ask(post(batch_of({event_text(1)}), "/v1/events", "Origin: https://shop.example\r\n"));
  CHECK(seen.status == 500);
  CHECK(seen.head.find("Access-Control-Allow-Origin: https://shop.example\r\n") !=
        std::string::npos);
}

TEST_CASE("a gateway that lost patience: the pipeline has it, the client sees 504", "[proxy]") {
  const Struck struck(R"({"fault":"status","code":504,"at":"answer"})");
  CHECK(struck.seen.status == 504);
  CHECK(struck.heard.size() == 1);
  CHECK(struck.attempt().strike == Strike::none);
  CHECK(struck.receipt().receipt == Receipt::accepted);
}

TEST_CASE("an odd success has another status, and half a body", "[proxy]") {
  const Struck none(R"({"fault":"odd_success"})");
  CHECK(none.seen.status == 204);
  CHECK(none.seen.body.empty());
  const Struck half(R"({"fault":"odd_success","status":200})");
  CHECK(half.seen.status == 200);
  CHECK(half.seen.body == "{\"accep");
  const Struck whole(R"({"fault":"odd_success","status":202,"body":"expected"})");
  CHECK(whole.seen.status == 202);
  CHECK(whole.seen.body == "{\"accepted\":1}");
  for (const Struck* struck : {&none, &half, &whole})
    CHECK(struck->receipt().receipt == Receipt::accepted);
}

TEST_CASE("delays hold back the request, or the answer", "[proxy]") {
  for (const char* at : {"before_send", "answer"}) {
    CAPTURE(at);
    const auto start = Clock::now();
    const Struck struck(R"({"fault":"delay","by":"200ms","at":")" + std::string(at) + "\"}");
    CHECK(since(start) >= 200 * millisecond);
    CHECK(struck.seen.status == 200);
    const Micros late = struck.attempt().arrives - struck.attempt().at;
    CHECK(late == (std::string(at) == "answer" ? 0 : 200 * millisecond));
  }
}

TEST_CASE("reordered requests overtake each other", "[proxy]") {
  RawServer server(drive_tests::always(taken));
  Proxied proxied(base_of(server.url()), R"([{"fault":"reorder","window":"300ms"}])");
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(proxied.port()));
    clients.back()->send(post(batch_of({event_text(i)})));
  }
  for (const auto& client : clients) CHECK(client->answer().status == 200);
  proxied.stop();
  std::vector<SimTime> arrivals;
  for (const AttemptRecord& attempt : proxied.ledger().attempts)
    arrivals.push_back(attempt.arrives);
  CHECK_FALSE(std::is_sorted(arrivals.begin(), arrivals.end()));
}

TEST_CASE("a duplicate reaches the pipeline twice, and the ledger has both", "[proxy]") {
  const Struck struck(R"({"fault":"duplicate","after":"20ms"})");
  CHECK(struck.seen.status == 200);
  REQUIRE(struck.heard.size() == 2);
  CHECK(struck.heard[0].bytes == struck.heard[1].bytes);
  REQUIRE(struck.ledger.attempts.size() == 2);
  CHECK(struck.ledger.attempts[0].struck == 0);
  CHECK(struck.ledger.attempts[1].struck == 1);
  CHECK(struck.ledger.receipts.size() == 2);
  CHECK(struck.ledger.deliveries.size() == 2);
}

TEST_CASE("a batch is taken in part: its last events never leave", "[proxy]") {
  const std::string body = batch_of({event_text(1), event_text(2), event_text(3)});
  const Struck struck(R"({"fault":"partial","share":"40%","status":413})", nullptr, body);
  CHECK(struck.seen.status == 200);
  REQUIRE(struck.heard.size() == 1);
  CHECK(struck.heard[0].bytes.ends_with(batch_of({event_text(1), event_text(2)})));
  REQUIRE(struck.ledger.attempts.size() == 2);
  const auto& left = *std::find_if(struck.ledger.attempts.begin(), struck.ledger.attempts.end(),
                                   [](const AttemptRecord& a) { return a.struck == 1; });
  CHECK(left.strike == Strike::answered);
  CHECK(left.answer == 413);
  CHECK(left.size == 1);
}

TEST_CASE("a partial answer cannot strike what is no list of events", "[proxy]") {
  RawServer server(drive_tests::always(taken));
  Proxied proxied(base_of(server.url()), R"([{"fault":"partial"}])");
  Client client(proxied.port());
  // The second event is of no action of the plan: what is left out must be known.
  CHECK(client.ask(post(batch_of({event_text(1), event_text(2, "other")}))).status == 200);
  proxied.stop();
  CHECK(proxied.ledger().attempts.size() == 1);
  CHECK(proxied.counts().unplanned == 1);
}

TEST_CASE("selectors choose by action, trait and side", "[proxy]") {
  RawServer server(drive_tests::always(taken));
  Proxied proxied(
      base_of(server.url()),
      R"([{"fault":"status","code":500,"where":"action = purchase and platform = web"}])");
  Client client(proxied.port());
  CHECK(client.ask(post(batch_of({event_text(1)}))).status == 200);
  CHECK(client.ask(post(batch_of({event_text(2, "purchase")}))).status == 500);
  const std::string ios = event_text(3, "purchase");
  std::string other = ios;
  other.replace(other.find("\"web\""), 5, "\"ios\"");
  CHECK(client.ask(post(batch_of({other}))).status == 200);
}

TEST_CASE("who is struck depends on the event and the attempt, not on when it comes", "[proxy]") {
  const std::string fault = R"([{"fault":"status","code":500,"rate":0.5}])";
  const auto play = [&](bool backwards, std::uint64_t seed) {
    RawServer server(drive_tests::always(taken));
    Proxied proxied(base_of(server.url()), fault, nullptr, seed);
    Client client(proxied.port());
    std::set<std::pair<int, int>> struck;
    for (int step = 0; step < 60; ++step) {
      const int n = backwards ? 59 - step : step;
      for (int attempt = 1; attempt <= 2; ++attempt)
        if (client.ask(post(batch_of({event_text(n)}))).status == 500) struck.insert({n, attempt});
    }
    return struck;
  };
  const auto first = play(false, 1);
  CHECK(play(true, 1) == first);
  CHECK(play(false, 2) != first);
  CHECK(first.size() > 35);  // Binomial(120, 0.5): 60 +- 4.5 standard deviations.
  CHECK(first.size() < 85);
  // A second attempt is drawn anew.
  CHECK(std::any_of(first.begin(), first.end(), [&](auto one) {
    return !first.contains({one.first, 3 - one.second});
  }));
}

TEST_CASE("a retry is an attempt at the same emission; another word is a copy", "[proxy]") {
  RawServer server(drive_tests::always(taken));
  Proxied proxied(base_of(server.url()));
  Client client(proxied.port());
  std::string retried = event_text(1), other = event_text(1);
  retried.replace(retried.find("\"retry_count\":0"), 15, "\"retry_count\":1");
  other.replace(other.find("10:00:00.001"), 12, "10:00:00.301");
  std::string server_side = event_text(1, "page_view");
  server_side.replace(server_side.find("\"client\""), 8, "\"server\"");
  for (const std::string& event : {event_text(1), retried, other, server_side})
    CHECK(client.ask(post(batch_of({event}))).status == 200);
  proxied.stop();
  const Ledger ledger = proxied.ledger();
  CHECK(ledger.actions.size() == 1);
  REQUIRE(ledger.emissions.size() == 3);
  CHECK(ledger.emissions[0].emission.copy == 0);
  CHECK(ledger.emissions[1].emission.copy == 1);
  CHECK(ledger.emissions[2].emission.source == Source::server);
  REQUIRE(ledger.attempts.size() == 4);
  CHECK(ledger.attempts[1].number == 2);
  CHECK(ledger.deliveries[1].emission.copy == 0);
}
