// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/http_head.h"

#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy;

TEST_CASE("a request's head says where its body ends", "[proxy]") {
  const auto length = read_request_head(
      "POST /e/?compression=gzip HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n"
      "Origin: https://shop\r\nConnection: close\r\n\r\n");
  REQUIRE(length);
  CHECK(length->path == "/e/");
  CHECK(length->query == "compression=gzip");
  CHECK(length->framing.kind == Framing::Kind::length);
  CHECK(length->framing.length == 12);
  CHECK(length->origin == "https://shop");
  CHECK_FALSE(length->keeps_alive);
  const auto chunked = read_request_head("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  REQUIRE(chunked);
  CHECK(chunked->framing.kind == Framing::Kind::chunked);
  CHECK(chunked->keeps_alive);
  const auto none = read_request_head("GET / HTTP/1.0\r\n\r\n");
  REQUIRE(none);
  CHECK(none->framing.kind == Framing::Kind::none);
  CHECK_FALSE(none->keeps_alive);
}

TEST_CASE("a head in which two readers could see two requests is refused", "[proxy]") {
  for (const char* lines :
       {"Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3, 4\r\n",
        "Content-Length: -1\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Content-Length : 3\r\n", " folded: line\r\n",
        "no colon\r\n"}) {
    CAPTURE(lines);
    CHECK_FALSE(read_request_head("POST / HTTP/1.1\r\n" + std::string(lines) + "\r\n"));
  }
  for (const char* line : {"POST /", "POST / HTTP/2", "POST  HTTP/1.1", "GET /a b HTTP/1.1"}) {
    CAPTURE(line);
    CHECK_FALSE(read_request_head(std::string(line) + "\r\n\r\n"));
  }
}

TEST_CASE("answers without a body are known by their status and their question", "[proxy]") {
  const std::string lines = "Content-Length: 5\r\n\r\n";
  CHECK(read_answer_head("HTTP/1.1 200 OK\r\n" + lines, "HEAD")->framing.kind ==
        Framing::Kind::none);
  CHECK(read_answer_head("HTTP/1.1 304 Not Modified\r\n" + lines, "GET")->framing.kind ==
        Framing::Kind::none);
  CHECK(read_answer_head("HTTP/1.1 200 OK\r\n" + lines, "GET")->framing.length == 5);
  const auto open = read_answer_head("HTTP/1.1 200 OK\r\n\r\n", "GET");
  CHECK(open->framing.kind == Framing::Kind::until_close);
  CHECK_FALSE(open->keeps_alive);
  CHECK_FALSE(read_answer_head("HTTP/1.1 2000 OK\r\n\r\n", "GET"));
  CHECK_FALSE(read_answer_head("ICY 200 OK\r\n\r\n", "GET"));
}

TEST_CASE("the end of a chunked body is found wherever it is split", "[proxy]") {
  const std::string body = "4;x=y\r\nWiki\r\n6\r\npedia \r\n0\r\nTrailer: a\r\n\r\n";
  const std::string next = "GET / HTTP/1.1\r\n";
  for (std::size_t split = 0; split <= body.size(); ++split) {
    CAPTURE(split);
    BodyScan scan({Framing::Kind::chunked, 0});
    std::string plain;
    const std::string all = body + next;
    std::size_t taken = scan.feed(std::string_view(all).substr(0, split), &plain);
    CHECK(taken == split);
    taken += scan.feed(std::string_view(all).substr(split), &plain);
    CHECK(scan.done());
    CHECK(taken == body.size());
    CHECK(plain == "Wikipedia ");
  }
}

TEST_CASE("chunk marks that are none, or do not end, break a body", "[proxy]") {
  for (const std::string& body :
       {std::string("x\r\n"), std::string("4\r\nWikiX\r\n"), std::string(9'000, '1')}) {
    BodyScan scan({Framing::Kind::chunked, 0});
    scan.feed(body);
    CHECK(scan.broken());
  }
}

TEST_CASE("lines of a head are replaced and everything else stays", "[proxy]") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nX-Odd:  two  \r\nHOST: b\r\n\r\n";
  CHECK(with_lines(head, {"host"}, "Host: c\r\n") ==
        "POST / HTTP/1.1\r\nX-Odd:  two  \r\nHost: c\r\n\r\n");
  CHECK(with_status("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 204, {}, "") ==
        "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n");
}
