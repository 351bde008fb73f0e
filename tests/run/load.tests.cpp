// SPDX-License-Identifier: Apache-2.0
// `parallax load` as people use it, against servers that lose, repeat, dawdle and die.
#include <httplib.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "sim/core/ledger.h"
#include "sim/run/traffic.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Json = nlohmann::json;

/// A collector and warehouse in one: keeps every event, gives the newest of each id as a row, and
/// does to every `fault_every`-th id what the test says.
class Warehouse {
 public:
  enum class Bug { none, loses, repeats };
  explicit Warehouse(Bug bug, std::chrono::milliseconds slow = {}) : bug_(bug), slow_(slow) {
    server_.Post("/v1/events", [this](const httplib::Request& request, httplib::Response& answer) {
      std::this_thread::sleep_for(slow_);
      take(request.body);
      answer.set_content("{}", "application/json");
    });
    server_.Get("/rows", [this](const httplib::Request&, httplib::Response& answer) {
      answer.set_content(rows(), "application/x-ndjson");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    REQUIRE(port_ > 0);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Warehouse() {
    server_.stop();
    thread_.join();
  }

  std::string target() const {
    const std::string url = "http://127.0.0.1:" + std::to_string(port_);
    return R"({"send": {"kind": "http", "url": ")" + url + R"(/v1/events", "timeout": "3s"},
               "read": {"kind": "http", "url": ")" +
           url + R"(/rows"}, "settle": {"quiet": "20ms", "limit": "2s"}})";
  }
  std::set<std::string> ids() {
    const std::lock_guard lock(mutex_);
    std::set<std::string> ids;
    for (const auto& [id, row] : rows_) ids.insert(id);
    return ids;
  }

 private:
  static constexpr std::size_t bug_every = 50;

  void take(const std::string& body) {
    const Json batch = Json::parse(body);
    const std::lock_guard lock(mutex_);
    for (const Json& event : batch.at("batch")) {
      Json& row = rows_[event.at("event_id").get<std::string>()];
      if (row.is_null() || event.at("source") == "server") row = event;
    }
  }
  std::string rows() {
    const std::lock_guard lock(mutex_);
    std::string text;
    std::size_t number = 0;
    for (const auto& [id, row] : rows_) {
      const bool struck = ++number % bug_every == 0;
      if (struck && bug_ == Bug::loses) continue;
      text += row.dump() + "\n";
      if (struck && bug_ == Bug::repeats) text += row.dump() + "\n";
    }
    return text;
  }

  Bug bug_;
  std::chrono::milliseconds slow_;
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::map<std::string, Json> rows_;
  std::thread thread_;
};

const std::string plain = source("scenarios/smoke/plain.json").string();

/// `parallax load` into `folder`/r, against the target file of `warehouse` where there is one.
Output load(const TempFolder& folder, std::vector<std::string> more,
            const Warehouse* warehouse = nullptr) {
  std::vector<std::string> words{"load", plain, "--out", (folder / "r").string()};
  if (warehouse != nullptr) {
    write_file(folder / "t.json", warehouse->target());
    more.insert(more.end(), {"--target", (folder / "t.json").string()});
  }
  words.insert(words.end(), more.begin(), more.end());
  return parallax(words);
}

Json report_of(const TempFolder& folder) {
  return Json::parse(read_file(folder / "r/report.json"));
}

}  // namespace

TEST_CASE("a load that holds exits 0 with latency and correctness in one report", "[run][load]") {
  const TempFolder folder;
  const Output run = load(folder, {"--rate", "2k", "--duration", "1s", "--warmup", "200ms",
                                   "--assert", "latency.p90 < 10s", "--assert", "errors < 0.1%"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  const Json report = report_of(folder);
  const Json& made = report.at("load");
  CHECK(made.at("model") == "open");
  CHECK(made.at("planned").at("events") == 2'000);
  CHECK(made.at("planned").at("requests") == 40);
  CHECK(made.at("accepted").at("requests") == 40);
  CHECK(made.at("latency").at("count") == 40);
  CHECK(made.at("latency").at("p99_us") >= made.at("service").at("p50_us"));
  CHECK(report.at("actions").at("ok") == report.at("actions").at("total"));
  // Warm-up and drain are in the ledger, and not in the numbers.
  CHECK(report.at("delivery").at("attempts") > 48);
  CHECK(run.out.find("from planned time") != std::string::npos);
  CHECK(read_file(folder / "r/summary.md").find("service time") != std::string::npos);
  CHECK(read_file(folder / "r/junit.xml").find("latency.p90") != std::string::npos);
}

TEST_CASE("a target that loses events under load fails with lost", "[run][load]") {
  Warehouse warehouse(Warehouse::Bug::loses);
  const TempFolder folder;
  const Output run = load(folder, {"--rate", "2k", "--duration", "500ms"}, &warehouse);
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(report_of(folder).at("actions").at("lost") > 5);
  CHECK(report_of(folder).at("actions").at("duplicated") == 0);
}

TEST_CASE("a target that repeats rows under load fails with duplicated", "[run][load]") {
  Warehouse warehouse(Warehouse::Bug::repeats);
  const TempFolder folder;
  const Output run = load(folder, {"--rate", "2k", "--duration", "500ms"}, &warehouse);
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(report_of(folder).at("actions").at("duplicated") > 5);
  CHECK(report_of(folder).at("actions").at("lost") == 0);
}

TEST_CASE("a target slower than the rate fails, and the generator is not blamed", "[run][load]") {
  Warehouse warehouse(Warehouse::Bug::none, std::chrono::milliseconds(50));
  const TempFolder folder;
  const Output run = load(folder,
                          {"--rate", "1k", "--duration", "1s", "--batch", "5", "--connections", "1",
                           "--max-in-flight", "20"},
                          &warehouse);
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  const Json report = report_of(folder);
  CHECK(report.at("assertions").at(0).at("name") == "achieved >= 99%");
  CHECK(report.at("assertions").at(0).at("verdict") == "fail");
  CHECK(report.at("load").at("generator").at("bottleneck") == "");
  CHECK(report.at("load").at("not_sent").at("events") > 500);
  // What was not sent is in the ledger, and excused: no fault of the target's.
  CHECK(report.at("delivery").at("abandoned") > 300);
  CHECK(report.at("actions").at("excused") > 0);
  CHECK(report.at("actions").at("lost") == 0);
  CHECK(run.out.find("needs more --connections") != std::string::npos);
}

TEST_CASE("an event that was acknowledged is in the ledger of a killed load", "[run][load]") {
  Warehouse warehouse(Warehouse::Bug::none);
  const TempFolder folder;
  write_file(folder / "t.json", warehouse.target());
  const Output run =
      shell("\"$PARALLAX\" load " + plain +
                " --rate 20k --duration 30s --batch 10 --target t.json --out r & pid=$!;"
                " while [ ! -s r/ledger/journal-0.plx ]; do sleep 0.05; done;"
                " sleep 0.7; kill -9 $pid; wait $pid",
            folder.path());
  const std::set<std::string> seen = warehouse.ids();
  INFO(run.out << run.err);
  REQUIRE(seen.size() > 500);
  const Result<Ledger> ledger = read_ledger(journal_files(folder / "r/ledger"));
  REQUIRE(ledger);
  std::set<EmissionKey> sent;
  for (const DeliveryRecord& delivery : ledger->deliveries) sent.insert(delivery.emission);
  std::set<std::string> known;
  for (const EmissionRecord& record : ledger->emissions)
    if (sent.count(record.emission.key()) > 0) known.insert(record.emission.event_id.text());
  std::size_t missing = 0;
  for (const std::string& id : seen) missing += known.count(id) == 0 ? 1U : 0U;
  CHECK(missing == 0);
}

TEST_CASE("the first Ctrl-C ends a load, which drains, judges and exits 130", "[run][load]") {
  const TempFolder folder;
  const Output run = shell("\"$PARALLAX\" load " + plain +
                               " --rate 1k --duration 60s --out r & pid=$!;"
                               " while [ ! -s r/ledger/journal-0.plx ]; do sleep 0.05; done;"
                               " sleep 0.5; kill -INT $pid; wait $pid",
                           folder.path());
  INFO(run.out << run.err);
  CHECK(run.code == 130);
  const Json report = report_of(folder);
  CHECK(report.at("interrupted") == true);
  CHECK(report.at("verdict") == "unknown");
  CHECK(report.at("actions").at("ok") == report.at("actions").at("total"));
  CHECK(report.at("load").at("censored") == 0);
}

TEST_CASE("two shards of a load are merged to one report of the whole", "[run][load]") {
  const TempFolder folder;
  const auto shard = [&](const std::string& which, const std::string& out,
                         const std::string& seed = "1") {
    const Output run = parallax({"load", plain, "--rate", "2k", "--duration", "500ms", "--shard",
                                 which, "--seed", seed, "--out", (folder / out).string()});
    INFO(run.out << run.err);
    REQUIRE(run.code == 0);
    return Json::parse(read_file(folder / (out + "/report.json")));
  };
  const Json one = shard("1/2", "a1"), other = shard("2/2", "a2");
  std::filesystem::copy(folder / "a1", folder / "copy", std::filesystem::copy_options::recursive);
  const auto merge = [&](std::vector<std::string> names) {
    std::vector<std::string> words{"report", "merge", "--out", (folder / "r").string()};
    for (const std::string& name : names) words.push_back((folder / name).string());
    return parallax(words);
  };
  for (const auto& names :
       {std::vector<std::string>{"a1", "a2"}, std::vector<std::string>{"a2", "a1", "copy", "a2"}}) {
    const Output run = merge(names);
    INFO(run.out << run.err);
    REQUIRE(run.code == 0);
    const Json whole = report_of(folder);
    for (const char* share : {"planned", "accepted"})
      for (const char* of : {"events", "requests"})
        CHECK(whole["load"][share][of].get<int>() ==
              one["load"][share][of].get<int>() + other["load"][share][of].get<int>());
    CHECK(whole["load"]["planned"]["events"] == 1'000);
    CHECK(whole["load"]["latency"]["count"] == 20);
    CHECK(whole["actions"]["ok"].get<int>() ==
          one["actions"]["ok"].get<int>() + other["actions"]["ok"].get<int>());
    CHECK(whole["actions"]["ok"] == whole["actions"]["total"]);
  }
  CHECK(merge({"a2"}).code == 2);  // A shard is missing.
  shard("2/2", "b2", "9");
  const Output mixed = merge({"a1", "b2"});
  CHECK(mixed.code == 4);
  CHECK(mixed.err.find("is of another run") != std::string::npos);
  shard("1/2", "again");
  const Output twice = merge({"a1", "again"});  // The same seed, but another wall clock.
  CHECK((twice.code == 4 || twice.code == 2));
}

TEST_CASE("two shards of a run are merged to the run", "[run][load]") {
  const TempFolder folder;
  const auto run = [&](std::vector<std::string> more, const std::string& out) {
    more.insert(more.begin(), {"run", plain, "--out", (folder / out).string()});
    const Output output = parallax(more);
    INFO(output.out << output.err);
    REQUIRE(output.code == 0);
  };
  run({}, "whole");
  run({"--shard", "1/2"}, "a1");
  run({"--shard", "2/2"}, "a2");
  const Output merged = parallax({"report", "merge", (folder / "a1").string(),
                                  (folder / "a2").string(), "--out", (folder / "r").string()});
  INFO(merged.out << merged.err);
  CHECK(merged.code == 0);
  const Json whole = Json::parse(read_file(folder / "whole/report.json"));
  for (const char* part : {"actions", "rows", "delivery"})
    CHECK(report_of(folder).at(part) == whole.at(part));
}

TEST_CASE("a load that cannot be understood says what is wrong and exits 4", "[run][load]") {
  struct Wrong {
    std::vector<std::string> words;
    std::string says;
  };
  const auto wrong =
      GENERATE(Wrong{{}, "say how many events a second"}, Wrong{{"--rate", "fast"}, "is no rate"},
               Wrong{{"--rate", "1k", "--duration", "3"}, "is not a duration"},
               Wrong{{"--stage", "10s"}, "is not LENGTH:RATE"},
               Wrong{{"--closed", "--rate", "1k"}, "has no rate"},
               Wrong{{"--rate", "1k", "--assert", "latncy.p99 < 5ms"}, "did you mean latency?"},
               Wrong{{"--rate", "1k", "--assert", "latency < 5ms"}, "say which latency"},
               Wrong{{"--rate", "1k", "--assert", "errors < 5ms"}, "is not a share"},
               Wrong{{"--rate", "1k", "--assert", "errors"}, "expected METRIC OP VALUE"},
               Wrong{{"--rate", "1k", "--shard", "3/2"}, "is not I/N"},
               Wrong{{"--rate", "1k", "--connections", "1", "--jobs", "2"}, "needs a connection"},
               Wrong{{"--rate", "1k", "--bug", "no_such_bug"}, "no_such_bug"});
  const TempFolder folder;
  const Output run = load(folder, wrong.words);
  INFO(run.out << run.err);
  CHECK(run.code == 4);
  CHECK(run.err.find(wrong.says) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "r"));
}

TEST_CASE("a load of a target that is not there is inconclusive at once", "[run][load]") {
  const TempFolder folder;
  write_file(folder / "t.json", R"({"send": {"kind": "http", "url": "http://127.0.0.1:9/x"},
                                    "read": {"kind": "http", "url": "http://127.0.0.1:9/y"}})");
  const Output run = load(folder, {"--rate", "1k", "--target", (folder / "t.json").string()});
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.err.find("connection refused") != std::string::npos);
}

TEST_CASE("a load goes to another host only with permission", "[run][load]") {
  const TempFolder folder;
  write_file(folder / "t.json", R"({"send": {"kind": "http", "url": "http://example.org/x"},
                                    "read": {"kind": "http", "url": "http://127.0.0.1:9/y"}})");
  const Output run = load(folder, {"--rate", "1k", "--target", (folder / "t.json").string()});
  CHECK(run.code == 4);
  CHECK(run.err.find("--allow-host example.org") != std::string::npos);
}

}  // namespace parallax::test
