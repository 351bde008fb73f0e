// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include "sim/core/prng.h"
#include "sim/pipeline/durable_log.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::pipeline;
using parallax::test::TempFolder;

namespace {

/// A record of `events` events; the user of each is its position.
std::string record_from(std::int64_t position, int events) {
  SharedEvent event;
  event.is_object = true;
  event.tokens[static_cast<std::size_t>(SharedKey::event_name)] = {TokenKind::string, "click"};
  RecordWriter writer;
  writer.start(SimTime{7});
  for (int i = 0; i < events; ++i) {
    const std::string user = std::to_string(position + i);
    event.tokens[static_cast<std::size_t>(SharedKey::user_id)] = {TokenKind::string, user};
    writer.add(event);
  }
  std::string record;
  writer.finish(record);
  return record;
}

std::string user_at(LogCursor& cursor, std::int64_t position) {
  if (!cursor.seek(position)) return "-";
  const RecordView& record = cursor.record();
  const StoredEvent& event =
      record.events()[static_cast<std::size_t>(position - cursor.position())];
  const Slice user = event.texts[static_cast<std::size_t>(TextKey::user_id)];
  return std::string(record.texts().substr(user.offset, user.length));
}

LogOptions short_segments() {
  LogOptions options;
  options.segment_length = 16U << 10;
  return options;
}

constexpr std::int64_t many = 2'000;

void fill(const std::filesystem::path& folder) {
  auto log = DurableLog::open(folder, 0, short_segments());
  REQUIRE(log);
  Prng draw = Prng(1).stream("records");
  while ((*log)->end() < many) {
    const int events = static_cast<int>(draw.between(1, 9));
    REQUIRE((*log)->append(record_from((*log)->end(), events)));
  }
}

}  // namespace

TEST_CASE("every entry is found by its position, in whichever segment", "[pipeline][log]") {
  TempFolder folder;
  fill(folder.path());
  CHECK(std::filesystem::exists(folder.path() / "events-000010.log"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    CHECK(entry.file_size() <= 16U << 10);
  auto log = DurableLog::open(folder.path(), 0, short_segments());
  REQUIRE(log);
  LogCursor forward(**log);
  LogCursor jumping(**log);
  Prng draw = Prng(2).stream("jumps");
  std::size_t wrong = 0;
  for (std::int64_t position = 0; position < (*log)->end(); ++position) {
    wrong += user_at(forward, position) != std::to_string(position) ? 1U : 0U;
    const std::int64_t anywhere = draw.between(0, (*log)->end() - 1);
    wrong += user_at(jumping, anywhere) != std::to_string(anywhere) ? 1U : 0U;
  }
  CHECK(wrong == 0);
  CHECK_FALSE(forward.seek((*log)->end()));
}

TEST_CASE("a damaged segment in the middle of the log is an error, not a gap", "[pipeline][log]") {
  TempFolder folder;
  fill(folder.path());
  const auto file = folder.path() / "events-000003.log";
  SECTION("a bit is wrong") {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(1'000);
    stream.put('\x55');
  }
  SECTION("it is gone") { std::filesystem::remove(file); }
  SECTION("it is short") { std::filesystem::resize_file(file, 5'000); }
  CHECK_FALSE(DurableLog::open(folder.path(), 0, short_segments()));
}

TEST_CASE("a segment that a crash left unborn is made anew", "[pipeline][log]") {
  TempFolder folder;
  fill(folder.path());
  std::size_t number = 0;
  const auto name = [](std::size_t n) {
    char text[32];
    std::snprintf(text, sizeof text, "events-%06zu.log", n);
    return std::string(text);
  };
  while (std::filesystem::exists(folder.path() / name(number))) ++number;
  std::ofstream(folder.path() / name(number), std::ios::binary) << "PLX";
  auto log = DurableLog::open(folder.path(), 0, short_segments());
  REQUIRE(log);
  const std::int64_t end = (*log)->end();
  REQUIRE((*log)->append(record_from(end, 3)));
  LogCursor cursor(**log);
  CHECK(user_at(cursor, end + 2) == std::to_string(end + 2));
}

TEST_CASE("a record that no segment can hold is refused for ever", "[pipeline][log]") {
  TempFolder folder;
  auto log = DurableLog::open(folder.path(), 0);
  REQUIRE(log);
  std::string record = record_from(0, 1);
  record.resize(LogSegment::record_max + 8);
  const auto stored = (*log)->append(record);
  REQUIRE_FALSE(stored);
  CHECK(stored.error().kind == Error::Kind::invalid_input);
  CHECK((*log)->end() == 0);
}
