// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/url.h"

#include "sim/drive/target.h"
#include "tests/support/catch.h"

using namespace parallax;

TEST_CASE("a URL is cut into what a request needs", "[drive][url]") {
  struct Case {
    std::string text, host, target, authority;
    std::uint16_t port;
    bool tls;
  };
  const Case expected = GENERATE(values<Case>({
      {"http://a.example", "a.example", "/", "a.example", 80, false},
      {"http://a.example:80/x", "a.example", "/x", "a.example", 80, false},
      {"HTTPS://a.example?q=1", "a.example", "/?q=1", "a.example", 443, true},
      {"https://a.example:80/", "a.example", "/", "a.example:80", 80, true},
      {"http://[::1]:8100/v1/events#top", "::1", "/v1/events", "[::1]:8100", 8100, false},
      {"http://127.0.0.1:65535/a:b@c", "127.0.0.1", "/a:b@c", "127.0.0.1:65535", 65535, false},
  }));
  CAPTURE(expected.text);
  const auto url = parse_url(expected.text);
  REQUIRE(url);
  CHECK(url->host == expected.host);
  CHECK(url->target == expected.target);
  CHECK(url->authority() == expected.authority);
  CHECK(url->port == expected.port);
  CHECK(url->tls == expected.tls);
}

TEST_CASE("what is no usable URL is refused without repeating it", "[drive][url]") {
  const std::string text =
      GENERATE("", "secret", "/secret", "ftp://secret/", "http://", "http:///secret",
               "http://secret:0/", "http://secret:65536/", "http://secret:/", "http://secret:8x/",
               "http://user:secret@host/", "http://[::1/secret", "http://[::1]secret/",
               "http://host/secret \r\nX: y", "http://secret\x01/");
  CAPTURE(text);
  const auto url = parse_url(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().kind == Error::Kind::invalid_input);
  CHECK(url.error().text().find("secret") == std::string::npos);
}

TEST_CASE("the host of a URL is found whatever stands around it", "[drive][url]") {
  CHECK(host_of_url("http://shop.example:80/x") == "shop.example");
  CHECK(host_of_url("https://[fe80::1]:443/") == "fe80::1");
  CHECK(host_of_url("postgres://me:pw@db.example:5432/x") == "db.example");
  CHECK(host_of_url("no url").empty());
  CHECK(host_of_url("http://").empty());
}

TEST_CASE("loopback is this machine and nothing that looks like it", "[drive][url]") {
  const std::string here =
      GENERATE("http://127.0.0.1:1/", "http://127.255.0.9/", "https://localhost/",
               "http://LocalHost:8100", "http://[::1]:8100/", "http://[0:0:0:0:0:0:0:1]/");
  CAPTURE(here);
  CHECK(is_loopback_url(here));
  const std::string elsewhere =
      GENERATE("http://128.0.0.1/", "http://10.0.0.1/", "http://localhost.example/",
               "http://127.0.0.1.example/", "http://127.0.0.1@example.org/", "http://[::2]/",
               "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/", "127.0.0.1", "",
               "http://example.org\\@127.0.0.1/");
  CAPTURE(elsewhere);
  CHECK_FALSE(is_loopback_url(elsewhere));
}
