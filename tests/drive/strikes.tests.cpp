// SPDX-License-Identifier: Apache-2.0
// What wire faults do to real connections, seen from the target.
#include "tests/drive/raw_server.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

std::string body_of(const std::string& bytes) {
  const std::size_t at = bytes.find("\r\n\r\n");
  return at == std::string::npos ? "" : bytes.substr(at + 4);
}

}  // namespace

TEST_CASE("struck before sending, nothing reaches the target", "[drive][strike]") {
  RawServer server(always(ok_answer()));
  const auto target = http_target(server.url());
  const SendResult result = send(*target, "{}", Strike::before_send);
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error == "connection refused (fault)");
  CHECK(result.ticket == 7);
  CHECK(send(*target, "after").receipt == Receipt::accepted);
  CHECK(server.heard().size() == 1);
  CHECK(server.requests() == 1);
}

TEST_CASE("cut in the middle, exactly half of the body reaches the target", "[drive][strike]") {
  const std::size_t size = GENERATE(0u, 1u, 2u, 1'001u, 20'000'000u);
  CAPTURE(size);
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  std::string body(size, 'x');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 26);
  const SendResult result = send(*http_target(server.url()), body, Strike::during_body);
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error == "connection cut in the middle of the body (fault)");
  const auto heard = server.heard(1);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].bytes.find("Content-Length: " + std::to_string(size) + "\r\n") !=
        std::string::npos);
  const bool half = body_of(heard[0].bytes) == body.substr(0, size / 2);
  CHECK(half);
}

TEST_CASE("cut after the commit, the target has everything and its answer is lost",
          "[drive][strike]") {
  std::string committed;
  RawServer server([&](Peer& peer) {
    if (peer.read_request()) committed = peer.body();
    peer.send(ok_answer());
    peer.read_to_end();
  });
  const SendResult result = send(*http_target(server.url()), "the batch", Strike::after_commit);
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.status == 0);
  CHECK(result.error == "connection cut before the answer was read (fault)");
  CHECK(server.heard(1).size() == 1);
  CHECK(committed == "the batch");
}

TEST_CASE("a target that never answers cannot be cut after the commit, and that is said",
          "[drive][strike]") {
  RawServer server([](Peer& peer) { peer.read_to_end(); });
  const SendResult result =
      send(*http_target(server.url(), 200 * millisecond), "{}", Strike::after_commit);
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error == "no complete answer within 200ms");
}

TEST_CASE("a target that closes instead of answering cannot be cut after the commit",
          "[drive][strike]") {
  RawServer server([](Peer& peer) { peer.read_request(); });
  const SendResult result = send(*http_target(server.url()), "{}", Strike::after_commit);
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error == "the connection was closed without an answer");
}

TEST_CASE("answered in the target's place, the target sees nothing", "[drive][strike]") {
  RawServer server(always(ok_answer()));
  const auto target = http_target(server.url());
  const auto [status, receipt] = GENERATE(table<std::uint16_t, Receipt>(
      {{503, Receipt::unknown}, {429, Receipt::rejected}, {200, Receipt::accepted}}));
  const SendResult result = send(*target, "{}", Strike::answered, status);
  CHECK(result.receipt == receipt);
  CHECK(result.status == status);
  CHECK(result.took == 0);
  CHECK(result.error.empty());
  CHECK(server.heard().empty());
}

TEST_CASE("after a cut the next request goes over a new connection, whole", "[drive][strike]") {
  const Strike strike = GENERATE(Strike::during_body, Strike::after_commit);
  RawServer server(always(ok_answer()));
  const auto target = http_target(server.url());
  CHECK(send(*target, "first").receipt == Receipt::accepted);
  CHECK(send(*target, "second", strike).receipt == Receipt::unknown);
  CHECK(send(*target, "third").receipt == Receipt::accepted);
  const auto heard = server.heard(1);
  REQUIRE(heard.size() == 2);
  CHECK(body_of(heard[1].bytes) == "third");
}
