// SPDX-License-Identifier: Apache-2.0
// Commands of the user's as target, as reader and as the sign that a target is done.
#include <chrono>
#include <filesystem>

#include "sim/core/subprocess.h"
#include "sim/drive/target.h"
#include "sim/read/reader.h"
#include "tests/drive/sending.h"
#include "tests/read/plan.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

using parallax::drive_tests::send;

namespace parallax::test {
namespace {

const TrackingPlan plan = shop_plan();

Result<RowSet> rows_of(const std::string& command, Micros timeout = 10 * second) {
  return make_command_reader(command, {}, timeout, plan).value()->read("run 7");
}

/// A scenario in which every event is a canonical row as it is: no pipeline is needed.
std::string one_camera(const TempFolder& folder) {
  const std::string file = (folder / "one-camera.json").string();
  write_file(file, R"({"name": "one-camera", "population": {"users": 20},
    "actions": {"page_view": {"emits": ["client"]}},
    "journeys": {"look": {"start": "home", "states": {
      "home": {"does": "page_view", "think": "5s", "next": {"home": 1, "leave": 1}}}}},
    "assert": [{"that": "exactly_once"}]})");
  return file;
}

bool takes_less_than(int seconds, const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start < std::chrono::seconds(seconds);
}

}  // namespace

TEST_CASE("a command's output is rows, and it is told the run", "[connect][command][read]") {
  const auto set = rows_of(R"(echo "{\"user_id\": \"u-1\", \"run_id\": \"$PARALLAX_RUN_ID\"}"
                              echo "talk" >&2; printf '{"user_id": "u-2"}')");
  REQUIRE(set);
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 2);
  CHECK(set->rows[0].run == hash_text("run 7"));
  CHECK(set->rows[1].user == user_key(2));
}

TEST_CASE("a command that fails before its first row is an error in its own words",
          "[connect][command][read]") {
  const auto set = rows_of("echo 'model stg_events' >&2; echo broke >&2; exit 3");
  REQUIRE_FALSE(set);
  CHECK(set.error().what == "ended with 3: model stg_events broke");
  CHECK(rows_of("no-such-program-here").error().what.find("ended with 127") == 0);
}

TEST_CASE("a command that fails after rows leaves the read incomplete",
          "[connect][command][read]") {
  const auto set = rows_of("echo '{}'; exit 1");
  REQUIRE(set);
  CHECK_FALSE(set->complete);
  CHECK(set->rows.size() == 1);
  CHECK_FALSE(rows_of("echo '{}'; kill -9 $$").value().complete);
}

TEST_CASE("a command that hangs is ended with all it has started", "[connect][command][read]") {
  const TempFolder folder;
  const std::string mark = (folder / "mark").string();
  CHECK(takes_less_than(8, [&] {
    const auto set = rows_of("(sleep 2; touch " + mark + ") & sleep 30", 300 * millisecond);
    REQUIRE_FALSE(set);
    CHECK(set.error().what == "the command said nothing within 300ms");
  }));
  // What it had left running would have made the file by now.
  CHECK(shell("sleep 2.5; test ! -e " + mark).code == 0);
}

TEST_CASE("a command gets each event as a line, and its end is awaited",
          "[connect][command][drive]") {
  const TempFolder folder;
  const std::string file = (folder / "got").string();
  const auto target =
      make_command_target("cat > " + file + ".part && mv " + file + ".part " + file, 10 * second)
          .value();
  CHECK(send(*target, R"({"batch":[{"a":1},{"a":2}]})").receipt == Receipt::accepted);
  CHECK(send(*target, R"({"batch":[{"a":3}]})", Strike::during_body).receipt == Receipt::unknown);
  CHECK(send(*target, R"({"batch":[{"a":4}]})", Strike::after_commit).receipt == Receipt::unknown);
  CHECK(target->close());
  CHECK(read_file(file) == "{\"a\":1}\n{\"a\":2}\n{\"a\":4}\n");
}

TEST_CASE("more than a pipe holds goes through", "[connect][command][drive]") {
  const TempFolder folder;
  const std::string file = (folder / "count").string();
  const auto target = make_command_target("sleep 0.3; wc -c > " + file, 10 * second).value();
  const std::string body = R"({"batch":[{"a":")" + std::string(1'000'000, 'x') + "\"}]}";
  CHECK(send(*target, body).receipt == Receipt::accepted);
  CHECK(target->close());
  CHECK(read_file(file) == "1000009\n");
}

TEST_CASE("a command that stops reading makes outcomes unknown, and does not end us",
          "[connect][command][drive]") {
  const auto target = make_command_target("echo full >&2; exit 4", 2 * second).value();
  const std::string body = R"({"batch":[{"a":")" + std::string(1'000'000, 'x') + "\"}]}";
  const SendResult result = send(*target, body);
  CHECK(result.receipt == Receipt::unknown);
  CHECK(result.error.find("the command reads no more") != std::string::npos);
  const Result<void> closed = target->close();
  REQUIRE_FALSE(closed);
  CHECK(closed.error().what == "ended with 4: full");
}

TEST_CASE("a run through commands is judged, and inconclusive where the command fails",
          "[connect][command]") {
  const TempFolder folder;
  const std::string file = (folder / "events").string();
  const auto target = [&](const std::string& tail) {
    return R"({"send": {"kind": "command", "command": "cat > )" + file + tail +
           R"("}, "read": {"kind": "command", "command": "cat )" + file + R"("},
           "settle": {"quiet": "10ms", "limit": "2s"}})";
  };
  const RunReport report = play_on(target(""), one_camera(folder));
  INFO(failures(report));
  CHECK(report.verdict == Verdict::pass);
  CHECK(report.target.find("command cat > ") == 0);
  const RunReport failed = play_on(target("; exit 9"), one_camera(folder));
  CHECK(failed.verdict == Verdict::unknown);
  CHECK(failed.because.find("ended with 9") != std::string::npos);
}

TEST_CASE("a target is settled when its signal comes, and never without it",
          "[connect][command][settle]") {
  const TempFolder folder;
  const std::string file = (folder / "events").string();
  const auto target = [&](const std::string& settle) {
    return R"({"send": {"kind": "file", "path": ")" + file +
           R"("}, "read": {"kind": "command", "command": "cat )" + file + R"("}, "settle": )" +
           settle + "}";
  };
  const auto played = [&](const std::string& settle) {
    std::filesystem::remove(file);
    return play_on(target(settle), one_camera(folder));
  };
  const std::string count = (folder / "count").string();
  const RunReport third = played(R"({"quiet": "20ms", "limit": "20s", "command": "echo >> )" +
                                 count + "; test $(wc -l < " + count + R"() -ge 3"})");
  CHECK(third.because.empty());
  CHECK(read_file(count) == "\n\n\n");
  CHECK(third.timing.settle >= 40 * millisecond);
  const RunReport never = played(R"({"quiet": "20ms", "limit": "300ms", "command": "false"})");
  CHECK(never.because.find("its signal did not come") != std::string::npos);
  CHECK(never.verdict == Verdict::unknown);
  const RunReport url =
      played(R"({"quiet": "20ms", "limit": "300ms", "url": "http://127.0.0.1:1/"})");
  CHECK(url.because.find("its signal did not come") != std::string::npos);
  const RunReport few = played(R"({"quiet": "20ms", "limit": "300ms", "rows": 1000000})");
  CHECK(few.because.find("of 1000000 rows came") != std::string::npos);
  CHECK(played(R"({"quiet": "2s", "limit": "5s", "rows": 1})").timing.settle < 2 * second);
  const RunReport marked = played(R"({"quiet": "2s", "limit": "5s", "watermark": true})");
  INFO(marked.because);
  CHECK(marked.verdict == Verdict::pass);
  CHECK(marked.rows_foreign == 1);
  CHECK(marked.timing.settle < 2 * second);
}

}  // namespace parallax::test
