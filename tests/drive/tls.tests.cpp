// SPDX-License-Identifier: Apache-2.0
#include "tests/drive/loading.h"
#include "tests/drive/raw_server.h"
#include "tests/drive/sending.h"
#include "tests/drive/tls_server.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

TEST_CASE("requests travel over TLS to a host whose certificate is trusted", "[drive][tls]") {
  TlsServer server;
  const Trusting trusting(server.certificate());
  const auto target = http_target(server.url("localhost"));
  const std::string large(3'000'000, 'x');
  for (const std::string& body : {std::string("first"), large, std::string("third")}) {
    const SendResult result = send(*target, body);
    CHECK(result.error.empty());
    REQUIRE(result.receipt == Receipt::accepted);
    const bool whole = server.last() == body;
    CHECK(whole);
  }
  CHECK(server.requests() == 3);
}

TEST_CASE("strikes cut TLS connections as they cut plain ones", "[drive][tls]") {
  TlsServer server;
  const Trusting trusting(server.certificate());
  const auto target = http_target(server.url("localhost"));
  const SendResult lost = send(*target, "committed", Strike::after_commit);
  CHECK(lost.error == "connection cut before the answer was read (fault)");
  CHECK(server.requests() == 1);
  CHECK(server.last() == "committed");
  CHECK(send(*target, "half of it", Strike::during_body).receipt == Receipt::unknown);
  CHECK(send(*target, "whole").receipt == Receipt::accepted);
  CHECK(server.requests() == 2);
}

TEST_CASE("a certificate nobody vouches for is a rejection: nothing was sent", "[drive][tls]") {
  TlsServer server;
  const SendResult result = send(*http_target(server.url("localhost")), "{}");
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error.find("tls handshake failed: certificate verify failed") == 0);
  CHECK(server.requests() == 0);
}

TEST_CASE("a trusted certificate of another host is a rejection", "[drive][tls]") {
  TlsServer server;
  const Trusting trusting(server.certificate());
  const SendResult result = send(*http_target(server.url("127.0.0.1")), "{}");
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error.find("tls handshake failed") == 0);
  CHECK(server.requests() == 0);
}

TEST_CASE("a target that speaks no TLS is a rejection", "[drive][tls]") {
  RawServer server([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const std::string url = "https" + server.url().substr(4);
  const SendResult result = send(*http_target(url), "{}");
  CHECK(result.receipt == Receipt::rejected);
  CHECK(result.error.find("tls handshake failed") == 0);
}

TEST_CASE("a load travels over TLS, and only to a host that proves its name",
          "[drive][tls][load]") {
  TlsServer server;
  {
    const Trusting trusting(server.certificate());
    NumberedSource source;
    source.strikes = {Strike::after_commit};
    const LoadTally tally = run_load(server.url("localhost"), source, {200, 300 * millisecond});
    CHECK(tally.accepted.requests == 59);
    CHECK(tally.struck.requests == 1);
    CHECK(server.requests() == 60);
    NumberedSource by_address;
    const LoadTally refused =
        run_load(server.url("127.0.0.1"), by_address, {50, 100 * millisecond, 4, 100, second, 1});
    CHECK(refused.sent.requests == 0);
  }
  NumberedSource untrusting;
  const LoadTally refused =
      run_load(server.url("localhost"), untrusting, {50, 100 * millisecond, 4, 100, second, 1});
  CHECK(refused.sent.requests == 0);
  CHECK(refused.not_sent.requests == refused.planned.requests);
  REQUIRE_FALSE(refused.errors.empty());
  CHECK(refused.errors.begin()->first.find("tls handshake failed") == 0);
  CHECK(server.requests() == 60);
}
