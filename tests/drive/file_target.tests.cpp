// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/drive/batch_events.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

/// A file of its own for each test, gone afterwards.
class TemporaryFile {
 public:
  TemporaryFile()
      : path_(std::filesystem::temp_directory_path() /
              ("parallax-drive-" + std::to_string(::getpid()) + ".ndjson")) {
    std::filesystem::remove(path_);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }
  std::string text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

using Events = std::vector<std::string_view>;

}  // namespace

TEST_CASE("a batch is cut into its events", "[drive][file]") {
  CHECK(split_batch(R"({"batch":[]})") == Events{});
  CHECK(split_batch(R"({"batch":[{"a":1}],"sent_at":"x"})") == Events{R"({"a":1})"});
  CHECK(split_batch(R"({"batch":[{"a":[1,{}]},2,{"b":"]},{\"["}],"c":[]})") ==
        Events{R"({"a":[1,{}]})", "2", R"({"b":"]},{\"["})"});
  CHECK(split_batch(R"({"batch":[{"ends in":"\\"},{}]})") == Events{R"({"ends in":"\\"})", "{}"});
}

TEST_CASE("what is no whole batch is not cut", "[drive][file]") {
  const std::string body =
      GENERATE("", "{}", "[]", R"({"batch":)", R"({"batch":[)", R"({"batch":[{})",
               R"({"batch":[{},)", R"({"batch":[{},]})", R"({"batch":[,{}]})", R"({"batch":[{"a])",
               R"({"batch":[{"a\)", R"({"batch":[{]})", R"({"batch":[}]})");
  CAPTURE(body);
  CHECK_FALSE(split_batch(body));
}

TEST_CASE("a member of an event is found at its top level alone", "[drive][file]") {
  const std::string event =
      R"({"a":{"user_id":"no"},"t":"\"user_id\":\"no\",","user_id":"u-1","n":-1.50,"e":"","z":null})";
  CHECK(event_member(event, "user_id") == "u-1");
  CHECK(event_member(event, "n") == "-1.50");
  CHECK(event_member(event, "a") == R"({"user_id":"no"})");
  CHECK(event_member(event, "e") == "");
  CHECK_FALSE(event_member(event, "z"));
  CHECK_FALSE(event_member(event, "user"));
  for (const char* const text : {"", "{}", "[1]", R"({"user_id")", R"({"user_id":)", "user_id"})
    CHECK_FALSE(event_member(text, "user_id"));
}

TEST_CASE("each event of each body is one line, after what was there", "[drive][file]") {
  const TemporaryFile file;
  std::ofstream(file.path()) << "before\n";
  const auto target = make_file_target(file.path()).value();
  CHECK(target->capacity() == 1);
  const SendResult result = send(*target, R"({"batch":[{"a":1},{"b":2}],"sent_at":"x"})");
  CHECK(result.receipt == Receipt::accepted);
  CHECK(result.ticket == 7);
  CHECK(send(*target, R"({"batch":[{"c":3}]})").receipt == Receipt::accepted);
  REQUIRE(target->close());
  REQUIRE(target->close());
  CHECK(file.text() == "before\n{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
}

TEST_CASE("a strike leaves lines only where the target had committed", "[drive][file]") {
  const TemporaryFile file;
  const auto target = make_file_target(file.path()).value();
  const auto struck = [&](const char* event, Strike strike, std::uint16_t answer = 0) {
    return send(*target, R"({"batch":[)" + std::string(event) + "]}", strike, answer);
  };
  CHECK(struck("1", Strike::before_send).receipt == Receipt::rejected);
  CHECK(struck("2", Strike::during_body).receipt == Receipt::unknown);
  CHECK(struck("3", Strike::after_commit).receipt == Receipt::unknown);
  CHECK(struck("4", Strike::answered, 429).receipt == Receipt::rejected);
  CHECK(struck("5", Strike::answered, 500).status == 500);
  REQUIRE(target->close());
  CHECK(file.text() == "3\n");
}

TEST_CASE("a body that is no batch is rejected and leaves nothing", "[drive][file]") {
  const TemporaryFile file;
  const auto target = make_file_target(file.path()).value();
  CHECK(send(*target, "{}").receipt == Receipt::rejected);
  REQUIRE(target->close());
  CHECK(file.text().empty());
}

TEST_CASE("a full disk is told when the file is closed", "[drive][file]") {
  const auto target = make_file_target("/dev/full").value();
  CHECK(send(*target, R"({"batch":[{}]})").receipt == Receipt::accepted);  // still in the buffer
  const auto closed = target->close();
  REQUIRE_FALSE(closed);
  CHECK(closed.error().kind == Error::Kind::io);
  CHECK(closed.error().text() == "/dev/full: cannot write: No space left on device");
}

TEST_CASE("a disk that fills up while writing makes the outcome unknown from then on",
          "[drive][file]") {
  const auto target = make_file_target("/dev/full").value();
  const std::string large = R"({"batch":[")" + std::string(1'000'000, 'x') + "\"]}";
  CHECK(send(*target, large).receipt == Receipt::unknown);
  CHECK(send(*target, R"({"batch":[{}]})").receipt == Receipt::unknown);
  CHECK_FALSE(target->close());
  CHECK_FALSE(target->close());
}

TEST_CASE("a file that cannot be opened is an error that names it", "[drive][file]") {
  const auto target = make_file_target("/no-such-folder/x");
  REQUIRE_FALSE(target);
  CHECK(target.error().kind == Error::Kind::io);
  CHECK(target.error().where == "/no-such-folder/x");
}
