// SPDX-License-Identifier: Apache-2.0
// The stream under httplib's server: few calls, and nothing held back that somebody waits for.
#include "sim/pipeline/socket_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "tests/support/catch.h"

using parallax::pipeline::SocketStream;

namespace {

/// A stream, and the other end of its connection.
struct Connected {
  Connected() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const timeval limit{1, 0};
    ::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Connected() {
    ::close(ends[0]);
    hang_up();
  }
  void hang_up() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  void say(const std::string& text) const {
    REQUIRE(::send(ends[1], text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  /// What one receive gives; empty where nothing has come, or by an end.
  std::string hear(int flags) const {
    std::array<char, 4'096> room;
    const ssize_t got = ::recv(ends[1], room.data(), room.size(), flags);
    return {room.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
  }
  std::array<int, 2> ends{-1, -1};
};

std::string read_once(SocketStream& stream, std::size_t most) {
  std::string text(most, '\0');
  const ssize_t got = stream.read(text.data(), text.size());
  text.resize(static_cast<std::size_t>(got > 0 ? got : 0));
  return text;
}

}  // namespace

TEST_CASE("head and body of an answer leave together", "[pipeline][stream]") {
  const Connected connected;
  SocketStream stream(connected.ends[0]);
  CHECK(stream.write("head ", 5) == 5);
  CHECK(stream.write("body", 4) == 4);
  CHECK(connected.hear(MSG_DONTWAIT).empty());
  CHECK(stream.flush());
  CHECK(connected.hear(MSG_DONTWAIT) == "head body");
}

TEST_CASE("what came with a request and was not read is the next one", "[pipeline][stream]") {
  const Connected connected;
  SocketStream stream(connected.ends[0]);
  CHECK_FALSE(stream.is_readable());
  connected.say("onetwo");
  CHECK(stream.is_readable());
  CHECK(read_once(stream, 3) == "one");
  CHECK(stream.is_readable());
  CHECK(stream.wait());
  CHECK(read_once(stream, 100) == "two");
  CHECK_FALSE(stream.is_readable());
}

TEST_CASE("who is asked to go on is asked before the stream waits", "[pipeline][stream]") {
  const Connected connected;
  SocketStream stream(connected.ends[0]);
  CHECK(stream.write("100 Continue", 12) == 12);
  std::string asked;
  std::thread client([&] {
    asked = connected.hear(0);
    connected.say("body");
  });
  CHECK(read_once(stream, 100) == "body");
  client.join();
  CHECK(asked == "100 Continue");
}

TEST_CASE("a long answer is not gathered whole", "[pipeline][stream]") {
  const Connected connected;
  SocketStream stream(connected.ends[0]);
  const std::string page(70'000, 'x');
  CHECK(stream.write(page.data(), page.size()) == static_cast<ssize_t>(page.size()));
  CHECK(connected.hear(MSG_DONTWAIT).size() == 4'096);
}

TEST_CASE("silence and the end of a connection end the waiting", "[pipeline][stream]") {
  Connected connected;
  SocketStream stream(connected.ends[0]);
  CHECK_FALSE(stream.wait());
  CHECK(stream.is_writable());
  connected.hang_up();
  CHECK(read_once(stream, 10).empty());
  CHECK(stream.write("late", 4) == 4);
  CHECK_FALSE(stream.flush());
  CHECK_FALSE(stream.is_writable());
  CHECK(stream.write("later", 5) == -1);
}
