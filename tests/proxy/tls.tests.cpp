// SPDX-License-Identifier: Apache-2.0
#include "tests/drive/tls_server.h"
#include "tests/proxy/proxied.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy_tests;
using drive_tests::TlsServer;
using drive_tests::Trusting;

namespace {

std::string base(const TlsServer& server, const std::string& host = "localhost") {
  return base_of(server.url(host));
}

/// Requests to the server's own path: what it stores there it counts.
void sends_to_in(proxy::ProxyOptions& options) { options.shared_path = "/in"; }
void does_not_verify(proxy::ProxyOptions& options) {
  sends_to_in(options);
  options.verify_tls = false;
}

}  // namespace

TEST_CASE("a pipeline behind TLS is reached when its certificate is trusted", "[proxy]") {
  TlsServer server;
  const Trusting trusting(server.certificate());
  Proxied proxied(base(server), "[]", sends_to_in);
  Client client(proxied.port());
  const std::string body = batch_of({event_text(1)});
  for (int i = 0; i < 3; ++i) CHECK(client.ask(post(body, "/in")).status == 200);
  CHECK(server.requests() == 3);
  CHECK(server.last() == body);
  const std::string large(std::size_t{300'000}, 'x');
  CHECK(client.ask(post(large, "/in")).status == 200);
  CHECK(server.last() == large);
}

TEST_CASE("a certificate that nobody trusts, or of another host, is refused", "[proxy]") {
  TlsServer server;
  {
    Proxied proxied(base(server), "[]", sends_to_in);
    const Seen seen = Client(proxied.port()).ask(post(batch_of({event_text(1)}), "/in"));
    CHECK(seen.status == 502);
    CHECK(seen.body.find("tls handshake failed") != std::string::npos);
  }
  const Trusting trusting(server.certificate());
  Proxied proxied(base(server, "127.0.0.1"), "[]", sends_to_in);
  CHECK(Client(proxied.port()).ask(post(batch_of({event_text(1)}), "/in")).status == 502);
  CHECK(server.requests() == 0);
}

TEST_CASE("without verifying, any certificate will do", "[proxy]") {
  TlsServer server;
  Proxied proxied(base(server), "[]", does_not_verify);
  CHECK(Client(proxied.port()).ask(post(batch_of({event_text(1)}), "/in")).status == 200);
}
