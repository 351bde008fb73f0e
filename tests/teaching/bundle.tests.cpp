// SPDX-License-Identifier: Apache-2.0
// Bundles and grades as people make them: with the built program.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/core/duckdb.h"
#include "sim/run/grade.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Said {
  int code = -1;
  std::string text;
};

/// A folder to work in, and the program in it.
class Desk {
 public:
  Desk() : folder_(ScratchFolder::make()) { REQUIRE(folder_); }
  fs::path operator/(const std::string& name) const { return folder_->path() / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name, std::ios::binary) << text;
  }
  Said say(const std::string& words) const {
    const std::string line = "cd '" + folder_->path().string() + "' && timeout 300 '" +
                             std::string(PARALLAX_BINARY) + "' " + words + " >said 2>&1";
    const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    return {status / 256, read(*this / "said")};
  }

 private:
  Result<ScratchFolder> folder_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Paths below `root`, sorted.
std::vector<std::string> files_below(const fs::path& root) {
  std::vector<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file()) out.push_back(entry.path().lexically_relative(root).string());
  std::sort(out.begin(), out.end());
  return out;
}

/// What students get must not tell what teachers keep.
void check_apart(const fs::path& root) {
  CHECK_FALSE(fs::exists(root / "student" / "answers"));
  for (const std::string& file : files_below(root / "student")) {
    INFO(file);
    CHECK_FALSE(has(file, "truth"));
    CHECK_FALSE(has(file, "scenario"));
    if (!file.ends_with(".md") && !file.ends_with(".json")) continue;
    const std::string text = read(root / "student" / file);
    for (const char* secret : {"## Why", "Wrong:", "discount_deploy", "union by event"})
      CHECK_FALSE(has(text, secret));
  }
}

void check_manifest(const fs::path& half) {
  const auto manifest = nlohmann::json::parse(read(half / "MANIFEST.json"));
  std::vector<std::string> told{"MANIFEST.json"};
  auto database = duckdb::Database::open({});
  auto sql = database->connect();
  for (const auto& file : manifest.at("files")) {
    told.push_back(file.at("path"));
    if (!file.contains("sha256")) continue;
    auto rows = sql->query("select sha256(content) from read_blob(" +
                           duckdb::quote_literal((half / told.back()).string()) + ")");
    REQUIRE(rows);
    CHECK(rows->texts().at(0).at(0) == file.at("sha256").get<std::string>());
  }
  std::sort(told.begin(), told.end());
  CHECK(told == files_below(half));
}

}  // namespace

TEST_CASE("a bundle is made twice alike, with answers and truth apart", "[teaching][bundle]") {
  const Desk desk;
  const Said made = desk.say("dataset make incident --out a");
  INFO(made.text);
  REQUIRE(made.code == 0);
  CHECK_FALSE(has(made.text, "left out"));
  REQUIRE(desk.say("dataset make incident --out b").code == 0);
  REQUIRE(desk.say("dataset make incident --out b").code == 0);  // Replaces its own.
  REQUIRE(files_below(desk / "a") == files_below(desk / "b"));
  for (const std::string& file : files_below(desk / "a")) {
    if (file.ends_with(".duckdb")) continue;
    INFO(file);
    CHECK(read(desk / "a/" / file) == read(desk / "b/" / file));
  }
  check_apart(desk / "a");
  check_manifest(desk / "a/student");
  check_manifest(desk / "a/teacher");
  std::uintmax_t bytes = 0;
  for (const std::string& file : files_below(desk / "a/student"))
    bytes += fs::file_size(desk / "a/student" / file);
  CHECK(bytes < 5'000'000);
}

TEST_CASE("the bundle's tables agree with each other and with what the collector was sent",
          "[teaching][bundle]") {
  const Desk desk;
  REQUIRE(desk.say("dataset make incident --out a --seed 5").code == 0);
  const Said generated = desk.say("generate a/teacher/scenario.json --out g --format csv -q");
  INFO(generated.text);
  REQUIRE(generated.code == 0);
  auto database = duckdb::Database::open({});
  auto sql = database->connect();
  const auto count = [&](const std::string& from) {
    const auto n = sql->integer("select count(*) from " + from);
    REQUIRE(n);
    return *n;
  };
  const std::string data = (desk / "a/student/data/").string();
  const auto rows = count("'" + data + "raw_events.csv'");
  CHECK(rows > 1'000);
  CHECK(rows == count("'" + data + "raw_events.parquet'"));
  CHECK(rows == count("'" + (desk / "g/events.csv").string() + "'"));
  REQUIRE(sql->run("attach '" + data + "incident.duckdb' as d (read_only)"));
  CHECK(rows == count("d.raw_events"));
  CHECK(count("(select event_id::varchar, source, retry_count from '" + data +
              "raw_events.csv' except all select event_id::varchar, source, retry_count from '" +
              (desk / "g/events.csv").string() + "')") == 0);
}

TEST_CASE("a folder with anything else in it is refused, and so are wrong words",
          "[teaching][bundle]") {
  const Desk desk;
  fs::create_directories(desk / "mine");
  desk.write("mine/precious.txt", "keep me");
  const Said refused = desk.say("dataset make incident --out mine");
  CHECK(refused.code == 3);
  CHECK(has(refused.text, "choose another --out"));
  CHECK(read(desk / "mine/precious.txt") == "keep me");
  CHECK(desk.say("dataset make incidnt --out x").text ==
        "parallax: incidnt: no such data set, did you mean incident?\n");
  CHECK(desk.say("dataset make incident --out x --size smal").code == 4);
  CHECK(desk.say("dataset").code == 4);
  CHECK(desk.say("grade safe-metric nothing.sql").code == 4);
  desk.write("a.txt", "select 1");
  CHECK(has(desk.say("grade safe-metric a.txt").text, "a .sql or a .csv file"));
  desk.write("a.sql", "select 1");
  CHECK(has(desk.say("grade idempotency-plan a.sql").text, "answered by a .csv file"));
  for (const char* words :
       {"dataset --help", "dataset list --help", "dataset make --help", "grade --help"})
    CHECK(has(desk.say(words).text, "Example"));
}

TEST_CASE("grading says right, wrong where, and by which mistake", "[teaching][grade]") {
  const Desk desk;
  const Task task = [] {
    Result<TaskPlace> place = find_task("safe-metric");
    REQUIRE(place);
    return place->dataset.tasks[place->task];
  }();
  desk.write("right.sql", task.answer);
  const Said right = desk.say("grade safe-metric right.sql --hidden-seed 1 --hidden-seed 2");
  INFO(right.text);
  CHECK(right.code == 0);
  CHECK(has(right.text, "PASS  A metric that is safe to report (safe-metric, incident)"));
  CHECK(has(right.text, "right  hidden data, seed 1: 6 rows"));
  CHECK(has(right.text, "right  hidden data, seed 2: 6 rows"));

  desk.write("mean.sql", task.wrong[2].sql);
  const Said wrong = desk.say("grade safe-metric mean.sql");
  CHECK(wrong.code == 1);
  CHECK(has(wrong.text, "wrong  public data, seed 118"));
  CHECK(has(wrong.text, "mistake    Half of an error is an error"));
  CHECK_FALSE(has(wrong.text, "hidden data"));
}

TEST_CASE("an answer that is written down passes as a file of rows, and not as a query",
          "[teaching][grade]") {
  const Desk desk;
  REQUIRE(desk.say("dataset make incident --out a").code == 0);
  const fs::path rows = desk / "a/teacher/answers/safe-metric.csv";
  const Said file = desk.say("grade safe-metric a/teacher/answers/safe-metric.csv");
  INFO(file.text);
  CHECK(file.code == 0);
  CHECK(has(file.text, "compared with the public data alone"));
  // The same rows as constants: right by chance.
  std::string sql = "select * from (values ", line;
  std::istringstream in(read(rows));
  std::getline(in, line);
  for (bool first = true; std::getline(in, line); first = false) {
    const std::size_t one = line.find(','), two = line.rfind(',');
    sql += std::string(first ? "" : ", ") + "(date '" + line.substr(0, one) + "', " +
           line.substr(one + 1, two - one - 1) + ", " + line.substr(two + 1) + ")";
  }
  desk.write("constant.sql", sql + ") t(day, purchases, revenue)");
  const Said query = desk.say("grade safe-metric constant.sql");
  INFO(query.text);
  CHECK(query.code == 1);
  CHECK(has(query.text, "right  public data, seed 118: 6 rows"));
  CHECK(has(query.text, "wrong  hidden data, seed 8037"));
  CHECK(has(query.text, "Right on the data you see and wrong on others"));
}

}  // namespace parallax::test
