// SPDX-License-Identifier: Apache-2.0
// Properties over many ways in which bytes can arrive. The reader's single answers are tested
// through the target, in answers.tests.cpp.
#include <algorithm>
#include <array>
#include <cstring>

#include "sim/core/prng.h"
#include "sim/drive/http_message.h"
#include "tests/support/catch.h"

using namespace parallax;
using State = AnswerReader::State;

namespace {

const std::vector<std::string> answers{
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"};

/// Feeds `text` in random pieces of at most `piece_max` bytes.
State feed(AnswerReader& reader, std::string_view text, std::size_t piece_max, Prng draw) {
  State state = State::more;
  while (!text.empty() && state == State::more) {
    const auto room = reader.room();
    REQUIRE_FALSE(room.empty());
    const std::size_t wanted = 1 + draw.below(piece_max);
    const std::size_t size = std::min({wanted, text.size(), room.size()});
    std::memcpy(room.data(), text.data(), size);
    text.remove_prefix(size);
    state = reader.commit(size);
  }
  return state;
}

}  // namespace

TEST_CASE("Retry-After is read in seconds, and of the last answer only", "[drive][answer]") {
  AnswerReader reader;
  const auto told = [&](std::string_view value) {
    const std::string text =
        "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n" + std::string(value) + "\r\n";
    reader.reset();
    REQUIRE(feed(reader, text, 1'000, Prng(1)) == State::complete);
    return reader.retry_after();
  };
  CHECK(told("Retry-After: 7\r\n") == 7 * second);
  CHECK(told("") == 0);
  CHECK(told("retry-after: 999999\r\n") == day);
  CHECK(told("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n") == 0);
  CHECK(told("Retry-After: -1\r\n") == 0);
}

TEST_CASE("an answer is the same however its bytes are cut", "[drive][answer]") {
  AnswerReader reader;
  const Prng run(11);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    const std::string& text = answers[i % answers.size()];
    reader.reset();
    const Prng draw = run.keyed(i);
    CAPTURE(text, i);
    REQUIRE(feed(reader, text, 1 + i % 40, draw) == State::complete);
    REQUIRE(reader.status() == 200);
    REQUIRE(reader.body() == "hello");
    REQUIRE(reader.keeps_alive());
  }
}

TEST_CASE("no prefix of an answer is complete, and ending there breaks it", "[drive][answer]") {
  AnswerReader reader;
  for (const std::string& text : answers) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      CAPTURE(text, size);
      reader.reset();
      REQUIRE(feed(reader, text.substr(0, size), 1 + size % 7, Prng(size)) == State::more);
      REQUIRE(reader.end() == State::broken);
      REQUIRE_FALSE(reader.error().empty());
    }
  }
}

TEST_CASE("a status below 100 is no status", "[drive][answer]") {
  AnswerReader reader;
  CHECK(feed(reader, "HTTP/1.1 003 OK\r\n\r\nbody", 99, Prng(1)) == State::broken);
  CHECK_FALSE(reader.error().empty());
}

TEST_CASE("damaged answers end one way or the other, within bounds", "[drive][answer]") {
  AnswerReader reader;
  const Prng run(GENERATE(1u, 2u, 3u));
  std::array<int, 3> ends{};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    Prng draw = run.keyed(i);
    std::string text = answers[draw.below(answers.size())];
    for (std::uint64_t hits = 1 + draw.below(4); hits > 0; --hits) {
      text[draw.below(text.size())] = static_cast<char>(draw.below(256));
    }
    reader.reset();
    State state = feed(reader, text, 1 + i % 40, draw);
    if (state == State::more) state = reader.end();
    REQUIRE(state != State::more);
    REQUIRE(reader.body().size() <= 1'024);
    if (state == State::complete) REQUIRE(reader.status() >= 200);
    ++ends[static_cast<std::size_t>(state)];
  }
  CHECK(ends[static_cast<std::size_t>(State::complete)] > 100);  // a digit of a header's value
  CHECK(ends[static_cast<std::size_t>(State::broken)] > 100);
}

TEST_CASE("a reader forgets one answer before the next", "[drive][answer]") {
  AnswerReader reader;
  CHECK(feed(reader, "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 x", 99, Prng(1)) ==
        State::complete);
  CHECK_FALSE(reader.keeps_alive());
  reader.reset();
  CHECK(feed(reader, answers[0], 99, Prng(1)) == State::complete);
  CHECK(reader.status() == 200);
  CHECK(reader.body() == "hello");
}
