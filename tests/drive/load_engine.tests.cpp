// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_engine.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/drive/loading.h"
#include "tests/drive/raw_server.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

using Clock = std::chrono::steady_clock;
constexpr Ratio p99{990'000'000};

/// Answers at once, but for one pause that all connections share.
RawServer::Script pausing(std::chrono::milliseconds after, std::chrono::milliseconds length) {
  const auto begin = std::make_shared<std::atomic<Clock::rep>>(0);
  return [=](Peer& peer) {
    while (peer.read_request()) {
      Clock::rep unset = 0;
      const auto now = Clock::now().time_since_epoch();
      begin->compare_exchange_strong(unset, (now + after).count());
      const Clock::duration pause_begin{begin->load()};
      if (now >= pause_begin && now < pause_begin + length)
        std::this_thread::sleep_for(pause_begin + length - now);
      if (!peer.send(ok_answer())) return;
    }
  };
}

void silent(Peer& peer) { peer.read_to_end(); }

}  // namespace

TEST_CASE("an open load sends what is planned, each once and written ahead", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  const LoadTally tally = run_load(server.url(), source, {1'000});
  CHECK(tally.planned.requests == 200);
  CHECK(tally.sent.requests == 200);
  CHECK(tally.accepted.requests == 200);
  CHECK(tally.accepted.events == 200);
  CHECK(tally.latency.count() == 200);
  CHECK(tally.service.count() == 200);
  CHECK(tally.statuses == std::map<int, std::uint64_t>{{200, 200}});
  CHECK(tally.censored == 0);
  CHECK(tally.length == 200 * millisecond);
  CHECK(server.requests() == 200);
  CHECK(source.flushed == source.departed);
  CHECK(source.departed == source.concluded);
  CHECK(source.prepared == source.concluded);
  CHECK(source.abandoned == 0);
}

TEST_CASE("a closed load keeps every connection busy and plans what it sends", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  const LoadTally tally = run_load(server.url(), source, {0});
  CHECK(tally.accepted.requests > 50);
  CHECK(tally.planned == tally.sent);
  CHECK(tally.sent == tally.accepted);
  CHECK(server.heard().size() == 5);  // One only asked whether anybody is there.
}

TEST_CASE("a pause of the server shows in the latency, not in the service time alone",
          "[drive][load]") {
  using std::chrono::milliseconds;
  RawServer server(pausing(milliseconds(300), milliseconds(500)));
  NumberedSource source;
  LoadSettings settings{400, 1'500 * millisecond, 2};
  const LoadTally tally = run_load(server.url(), source, settings);
  CAPTURE(tally.latency.percentile(p99), tally.service.percentile(p99));
  CHECK(tally.accepted.requests == 600);
  // 200 requests were due in the pause: the first waited for all of it, the median for half of it.
  CHECK(tally.latency.percentile(p99) > 400 * millisecond);
  CHECK(tally.latency.percentile(Ratio{900'000'000}) > 250 * millisecond);
  CHECK(tally.latency.max() >= 490 * millisecond);
  // Two connections, so only two requests were on their way when it began.
  CHECK(tally.service.percentile(p99) < 150 * millisecond);
  CHECK(tally.lag.percentile(p99) < 150 * millisecond);
}

TEST_CASE("what falls due with too much under way is not sent, and counted", "[drive][load]") {
  RawServer server(silent);
  NumberedSource source;
  LoadSettings settings{1'000, 300 * millisecond, 4, 10};
  settings.drain_max = 100 * millisecond;
  const LoadTally tally = run_load(server.url(), source, settings);
  CHECK(tally.planned.requests == 300);
  CHECK(tally.sent.requests == 4);
  CHECK(tally.overflowed.requests == 290);
  CHECK(tally.not_sent.requests == 296);
  CHECK(source.abandoned >= 290);
  // In flight at the end, or waiting for a connection: in the latencies with the time waited.
  CHECK(tally.censored == 10);
  CHECK(tally.latency.count() == 10);
  CHECK(tally.latency.min() > 200 * millisecond);
  CHECK(tally.service.empty());
  CHECK(tally.unknown.requests == 4);
  CHECK(tally.starved > 200 * millisecond);
}

TEST_CASE("a request without an answer in time is unknown and its connection replaced",
          "[drive][load]") {
  RawServer server(silent);
  NumberedSource source;
  LoadSettings settings{20, 400 * millisecond, 2};
  settings.timeout = 100 * millisecond;
  const LoadTally tally = run_load(server.url(), source, settings);
  CHECK(tally.unknown.requests == tally.sent.requests);
  CHECK(tally.sent.requests >= 4);
  CHECK(tally.errors.count("no complete answer within 100ms") == 1);
  CHECK(tally.reconnects > 0);
}

TEST_CASE("answers count by status, and only 2xx is accepted", "[drive][load]") {
  std::atomic<int> number{0};
  RawServer server([&](Peer& peer) {
    while (peer.read_request()) {
      const int status = std::array{200, 503, 400, 201}[static_cast<std::size_t>(number++ % 4)];
      if (!peer.send(answer(status, "{}"))) return;
    }
  });
  NumberedSource source;
  const LoadTally tally = run_load(server.url(), source, {400, 200 * millisecond});
  CHECK(tally.accepted.requests == 40);
  CHECK(tally.unknown.requests == 20);
  CHECK(tally.rejected.requests == 20);
  CHECK(tally.errors == std::map<std::string, std::uint64_t>{{"HTTP 400", 20}, {"HTTP 503", 20}});
  CHECK(tally.latency.count() == 80);
}

TEST_CASE("connections that the server closes are opened again, and nothing is sent twice",
          "[drive][load]") {
  RawServer server([](Peer& peer) {
    if (peer.read_request())
      peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.close();
  });
  NumberedSource source;
  const LoadTally tally = run_load(server.url(), source, {200, 200 * millisecond});
  CHECK(tally.accepted.requests == 40);
  CHECK(tally.reconnects > 30);
  CHECK(server.requests() == 40);
}

TEST_CASE("a reset in the middle is unknown, and the load goes on", "[drive][load]") {
  std::atomic<int> number{0};
  RawServer server([&](Peer& peer) {
    while (peer.read_request()) {
      if (number++ == 5) return peer.reset();
      if (!peer.send(ok_answer())) return;
    }
  });
  NumberedSource source;
  const LoadTally tally = run_load(server.url(), source, {200, 200 * millisecond});
  CHECK(tally.unknown.requests == 1);
  CHECK(tally.accepted.requests == 39);
  CHECK(tally.errors.size() == 1);
  CHECK(tally.censored == 1);
}

TEST_CASE("wire faults strike a load's requests as they strike any", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  source.strikes = {Strike::before_send, Strike::answered, Strike::during_body,
                    Strike::after_commit};
  const LoadTally tally = run_load(server.url(), source, {100, 100 * millisecond});
  CHECK(tally.sent.requests == 10);
  CHECK(tally.struck.requests == 4);
  CHECK(tally.accepted.requests == 6);
  CHECK(tally.latency.count() == 6);
  CHECK(tally.errors.empty());
  CHECK(source.receipts.at(0) == std::pair(Receipt::rejected, std::uint16_t{0}));
  CHECK(source.receipts.at(1) == std::pair(Receipt::rejected, std::uint16_t{418}));
  CHECK(source.receipts.at(2) == std::pair(Receipt::unknown, std::uint16_t{0}));
  CHECK(source.receipts.at(3) == std::pair(Receipt::unknown, std::uint16_t{0}));
  std::string all;
  for (const Heard& heard : server.heard()) all += heard.bytes;
  CHECK(all.find("{\"n\":0}") == std::string::npos);
  CHECK(all.find("{\"n\":1}") == std::string::npos);
  CHECK(all.find("{\"n\":2}") == std::string::npos);
  CHECK(all.find("{\"n\":3}") != std::string::npos);
  CHECK(server.requests() == 7);
}

TEST_CASE("the drain sends what the source still holds, outside of the numbers", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  source.leftovers = 9;
  const LoadTally tally = run_load(server.url(), source, {100, 100 * millisecond});
  CHECK(tally.accepted.requests == 10);
  CHECK(server.requests() == 19);
  CHECK(source.abandoned == 0);
}

TEST_CASE("the warm-up is played and not measured", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  LoadSettings settings{100, 100 * millisecond};
  settings.warmup = 200 * millisecond;
  const LoadTally tally = run_load(server.url(), source, settings);
  CHECK(tally.planned.requests == 10);
  CHECK(tally.latency.count() == 10);
  CHECK(server.requests() == 30);
}

TEST_CASE("an interrupted load ends at once and drains", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource source;
  std::atomic<int> interrupted{0};
  LoadSettings settings{100, 60 * second};
  settings.interrupted = &interrupted;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    interrupted = 1;
  });
  const Clock::time_point start = Clock::now();
  const LoadTally tally = run_load(server.url(), source, settings);
  later.join();
  CHECK(Clock::now() - start < std::chrono::seconds(10));
  CHECK(tally.length < 10 * second);
  CHECK(tally.accepted.requests == tally.sent.requests);
  CHECK(tally.planned.requests < 1'000);
}

TEST_CASE("a target where nobody listens cannot be reached", "[drive][load]") {
  const auto endpoint = LoadEndpoint::reach(refusing_url(), second);
  REQUIRE_FALSE(endpoint);
  CHECK(endpoint.error().kind == Error::Kind::io);
  CHECK(endpoint.error().what == "connection refused");
  CHECK(LoadEndpoint::reach("ftp://127.0.0.1/", second).error().kind == Error::Kind::invalid_input);
}

TEST_CASE("tallies merge to the sum in any order", "[drive][load]") {
  RawServer server(always(ok_answer()));
  NumberedSource a, b;
  const LoadTally one = run_load(server.url(), a, {100, 100 * millisecond});
  const LoadTally other = run_load(server.url(), b, {200, 100 * millisecond});
  LoadTally left = one, right = other;
  left.merge(other);
  right.merge(one);
  CHECK(left == right);
  CHECK(left.planned.requests == 30);
  CHECK(left.latency.count() == 30);
}
