// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/answer_scan.h"

#include <algorithm>
#include <cstring>

#include "tests/support/catch.h"

using namespace parallax;

namespace {

using State = AnswerScan::State;

struct Read {
  State state = State::more;
  std::uint16_t status = 0;
  bool keeps_alive = false;
  friend bool operator==(const Read&, const Read&) = default;
};

/// The text in two pieces, and the end of the connection where it is still not complete.
Read scan(std::string_view text, std::size_t cut) {
  AnswerScan scan;
  scan.reset();
  State state = cut > 0 ? scan.feed(text.substr(0, cut)) : State::more;
  const bool early = state != State::more && cut < text.size();
  if (state == State::more && cut < text.size()) state = scan.feed(text.substr(cut));
  if (state == State::more) state = scan.end();
  if (state != State::complete) return {state};
  return {state, scan.status(), !early && scan.keeps_alive()};
}

/// What the careful reader makes of it in one piece.
Read read(std::string_view text) {
  AnswerReader reader;
  std::memcpy(reader.room().data(), text.data(), text.size());
  State state = reader.commit(text.size());
  if (state == State::more) state = reader.end();
  if (state != State::complete) return {state};
  return {state, reader.status(), reader.keeps_alive()};
}

}  // namespace

TEST_CASE("the quick scan reads every answer as the careful reader does, however it is cut",
          "[drive][load]") {
  const std::string text = GENERATE(
      std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
      std::string("HTTP/1.1 202 Accepted\r\nServer: x\r\ncontent-length:0\r\n\r\n"),
      std::string("HTTP/1.1 500 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad"),
      std::string("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx"),
      std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
      std::string("HTTP/1.1 204 No Content\r\n\r\n"),
      std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
      std::string("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
      std::string("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
      std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
      std::string("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nab"),
      std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nab"),
      std::string("HTTP/1.1 200 OK\r\nConte"), std::string("SSH-2.0-OpenSSH\r\n\r\n"),
      std::string("\r\n\r\n\r\n\r\n"), std::string("HTTP/1.1 2xx OK\r\n\r\n"));
  const Read careful = read(text);
  CAPTURE(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(scan(text, cut) == careful);
  }
}

TEST_CASE("an answer with something behind it ends the connection", "[drive][load]") {
  AnswerScan scan;
  scan.reset();
  CHECK(scan.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore") == State::complete);
  CHECK_FALSE(scan.keeps_alive());
  scan.reset();
  CHECK(scan.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == State::complete);
  CHECK(scan.keeps_alive());
}

TEST_CASE("a head without an end is given up", "[drive][load]") {
  AnswerScan scan;
  scan.reset();
  CHECK(scan.feed("HTTP/1.1 200 OK\r\n") == State::more);
  State state = State::more;
  for (int i = 0; i < 100 && state == State::more; ++i) state = scan.feed(std::string(1'000, 'x'));
  CHECK(state == State::broken);
  CHECK_FALSE(scan.error().empty());
}
