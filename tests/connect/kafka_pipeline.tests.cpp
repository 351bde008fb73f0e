// SPDX-License-Identifier: Apache-2.0
// Through a topic: the built-in pipeline behind Kafka is judged as any other, also after a crash.
#include <httplib.h>
#include <signal.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "sim/pipeline/pipeline.h"
#include "sim/read/reader.h"
#include "tests/connect/kafka_cluster.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

std::string target_of(const KafkaCluster& cluster, const std::string& topic) {
  return R"({"send": {"kind": "kafka", "brokers": ")" + cluster.brokers() + R"(", "topic": ")" +
         topic + R"(", "pipeline": "reference"}})";
}

/// A pipeline on a folder, consuming a topic; what it has stored.
struct Consuming {
  std::unique_ptr<Pipeline> pipeline;

  Consuming(const std::filesystem::path& folder, const KafkaCluster& cluster,
            const std::string& topic, const std::vector<std::string>& bugs = {}) {
    PipelineOptions options;
    options.data = folder;
    options.source = KafkaSource{cluster.cluster(), topic, "g"};
    for (const std::string& bug : bugs)
      if (!bug.empty()) options.bugs.push_back(*parse_bug(bug));
    auto started = Pipeline::start(options);
    if (!started) FAIL(started.error().text());
    pipeline = std::move(*started);
  }
  std::size_t rows(const std::string& table) const {
    static const TrackingPlan plan;
    HttpReaderOptions options;
    options.url = pipeline->url() + "/v1/" + table;
    const auto rows = make_http_reader(options, plan).value()->read("r");
    if (!rows) FAIL(rows.error().text());
    REQUIRE(rows->complete);
    return rows->rows.size();
  }
};

/// `parallax pipeline` as a process of its own, to be killed.
class Killable {
 public:
  Killable(const TempFolder& folder, const KafkaCluster& cluster, const std::string& topic) {
    const Output started =
        shell("\"$PARALLAX\" pipeline --listen 127.0.0.1:0 --data p --group g --from-kafka " +
                  cluster.brokers() + "/" + topic +
                  " >out 2>&1 & echo $!; for i in $(seq 200); do grep -q consuming out && break; "
                  "sleep 0.05; done; sed -n 's/.*listening on \\([^,]*\\),.*/\\1/p' out",
              folder.path());
    INFO(started.out << started.err);
    std::istringstream words(started.out);
    REQUIRE((words >> pid_ >> url_));
    REQUIRE(pid_ > 1);
  }
  ~Killable() { kill(); }
  Killable(const Killable&) = delete;
  Killable& operator=(const Killable&) = delete;

  void await_stored(int rows) const {
    httplib::Client client(url_);
    const std::string wanted = "\"stored_rows\":" + std::to_string(rows) + ",";
    for (int i = 0; i < 4'000; ++i) {
      const auto stats = client.Get("/v1/stats");
      if (stats && stats->body.find(wanted) != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL("the events were not stored");
  }
  void kill() const {
    ::kill(pid_, SIGKILL);
    // Not our child: it is gone when its port is.
    for (int i = 0; i < 1'000 && httplib::Client(url_).Get("/healthz"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

 private:
  pid_t pid_ = 0;
  std::string url_;
};

std::vector<std::string> events(int from, int to) {
  std::vector<std::string> out;
  for (int i = from; i < to; ++i)
    out.push_back(R"({"event_name":"purchase","event_id":"00000000-0000-4000-8000-)" +
                  std::to_string(100'000'000'000 + i) +
                  R"(","user_id":"u-1","session_id":"s-1","sequence_id":)" + std::to_string(i) +
                  R"(,"source":"server","server_ts":"2026-03-02T00:00:00.000Z","run_id":"r"})");
  return out;
}

}  // namespace

TEST_CASE("a day of the shop passes through a topic, and its bugs are found there",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster;
  const std::vector<std::pair<std::string, std::string>> small{{"/population/users", "300"}};
  const RunReport clean = play_on(target_of(cluster, cluster.new_topic(8)),
                                  "scenarios/fault/both-cameras.json", {}, small);
  INFO(failures(clean));
  CHECK(clean.verdict == Verdict::pass);
  CHECK(clean.target.find("embedded reference pipeline behind kafka topic") == 0);
  const RunReport caught = play_on(target_of(cluster, cluster.new_topic(8)),
                                   "scenarios/fault/both-cameras.json", {"no_dedupe"}, small);
  CHECK(caught.verdict == Verdict::fail);
  REQUIRE_FALSE(caught.causes.empty());
  CHECK(caught.causes.front().verdict == ActionVerdict::duplicated);
}

TEST_CASE("a shop's week with fifteen faults passes through a topic",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster(3);
  const RunReport report =
      play_on(target_of(cluster, cluster.new_topic(32)), "scenarios/examples/shop.json");
  INFO(failures(report));
  CHECK(report.verdict == Verdict::pass);
}

TEST_CASE("offsets are committed after the events are stored, and a stop commits all",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster;
  const std::string topic = cluster.new_topic(4);
  const TempFolder folder;
  produce(cluster, topic, events(0, 100));
  {
    const Consuming first(folder.path(), cluster, topic);
    CHECK(first.rows("clean_events") == 100);
  }
  CHECK(uncommitted(cluster, topic, "g") == 0);
  produce(cluster, topic, events(100, 110));
  const Consuming second(folder.path(), cluster, topic);
  CHECK(second.rows("raw_events") == 110);
}

TEST_CASE("what a crash leaves uncommitted comes again, and one row of it is kept",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster;
  for (const std::string bug : {"", "no_dedupe"}) {
    // The kill has to come within the second after which offsets are committed.
    for (int attempt = 0; attempt < 5; ++attempt) {
      const std::string topic = cluster.new_topic(4);
      const TempFolder folder;
      const Killable first(folder, cluster, topic);
      produce(cluster, topic, events(0, 200));
      first.await_stored(200);
      first.kill();
      const std::int64_t behind = uncommitted(cluster, topic, "g");
      if (behind == 0 && attempt < 4) continue;
      REQUIRE(behind > 0);
      const Consuming again(folder / "p", cluster, topic, {bug});
      CHECK(again.rows("raw_events") == 200 + static_cast<std::size_t>(behind));
      CHECK(again.rows("clean_events") ==
            (bug.empty() ? 200 : 200 + static_cast<std::size_t>(behind)));
      break;
    }
  }
}

TEST_CASE("what is no event is counted and passed over, and takes no other with it",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster;
  const std::string topic = cluster.new_topic(1);
  const TempFolder folder;
  std::vector<std::string> mixed = events(0, 3);
  mixed.insert(mixed.begin() + 1, "no json");
  mixed.insert(mixed.begin() + 2, "");
  // One arrival for all: they are one batch.
  produce(cluster, topic, mixed, {{"Parallax-Sim-Time", "2026-03-02T00:00:00.000Z"}});
  const Consuming consuming(folder.path(), cluster, topic);
  CHECK(consuming.rows("clean_events") == 3);
  httplib::Client client(consuming.pipeline->url());
  CHECK(client.Get("/v1/stats")->body.find("\"rejected_malformed\":") != std::string::npos);
}

TEST_CASE("a read waits until what the topic has is stored, and says why it cannot",
          "[connect][kafka][pipeline]") {
  KafkaCluster cluster;
  const std::string topic = cluster.new_topic(2);
  const TempFolder folder;
  const Consuming consuming(folder.path(), cluster, topic);
  for (int i = 0; i < 10; ++i) {
    produce(cluster, topic, events(i * 50, i * 50 + 50));
    CHECK(consuming.rows("raw_events") == static_cast<std::size_t>(i) * 50 + 50);
  }
}

TEST_CASE("a topic cannot answer in HTTP, so such faults are refused", "[connect][kafka]") {
  const TempFolder folder;
  write_file(folder / "t.json", R"({"send": {"kind": "kafka", "brokers": "127.0.0.1:1",
    "topic": "t", "pipeline": "reference"}})");
  const Output refused = parallax({"run", source("scenarios/smoke/status.json").string(),
                                   "--target", (folder / "t.json").string()},
                                  folder.path());
  INFO(refused.out << refused.err);
  CHECK(refused.code == 4);
  CHECK(refused.err.find("/faults/0: the fault status answers in HTTP") != std::string::npos);
}

TEST_CASE("the starter for Kafka passes through a topic into parallax pipeline, and is checked",
          "[connect][kafka][init]") {
  KafkaCluster cluster;
  const std::string topic = cluster.new_topic(4);
  const TempFolder folder;
  const Consuming consuming(folder / "data", cluster, topic);
  const std::string host = consuming.pipeline->url().substr(std::string("http://").size());
  const Output run =
      shell("\"$PARALLAX\" init --target kafka first && sed -i 's/127.0.0.1:8100/" + host +
                "/; s/127.0.0.1:9092/" + cluster.brokers() + "/; s/\"raw-events\"/\"" + topic +
                "\"/' first/target.json && \"$PARALLAX\" check first/target.json && "
                "\"$PARALLAX\" run first/scenario.json --target first/target.json",
            folder.path());
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(run.out.find("The target works.") != std::string::npos);
  CHECK(run.out.find("against kafka topic " + topic) != std::string::npos);
}

TEST_CASE("a topic of rows is read back: of this run, without tombstones, as often as one asks",
          "[connect][kafka][read]") {
  KafkaCluster cluster;
  const std::string topic = cluster.new_topic(3);
  produce(cluster, topic, events(0, 50), {{"run_id", "r"}});
  produce(cluster, topic, events(50, 60), {{"run_id", "another"}});
  produce(cluster, topic, {"{\n\"user_id\":\n\"u-9\"}"});
  static const TrackingPlan plan;
  KafkaReaderOptions options;
  options.cluster = cluster.cluster();
  options.topic = topic;
  const auto reader = make_kafka_reader(options, plan).value();
  const auto rows = reader->read("r");
  REQUIRE(rows);
  CHECK(rows->complete);
  REQUIRE(rows->rows.size() == 51);
  // New rows do not move the numbers of those that were read.
  produce(cluster, topic, events(60, 90), {{"run_id", "r"}});
  std::vector<std::uint64_t> numbers;
  for (const CanonicalRow& row : rows->rows)
    if (row.user == user_key_of("u-9")) numbers.push_back(row.number);
  REQUIRE(numbers.size() == 1);
  const auto texts = reader->texts("r", numbers);
  REQUIRE(texts);
  REQUIRE(texts->size() == 1);
  CHECK(texts->front().find("u-9") != std::string::npos);
  CHECK(reader->read("r")->rows.size() == 81);
  options.timeout = 500 * millisecond;
  const auto late = make_kafka_reader(options, plan).value();
  cluster.set_down(true);
  CHECK_FALSE(late->read("r"));
}

TEST_CASE("no secret of a broker or of ClickHouse is in anything that is printed or left behind",
          "[connect][kafka][secrets]") {
  const std::string secret = "5w0rdf1sh-token";
  const TempFolder folder;
  write_file(folder / "t.json", R"({
    "send": {"kind": "kafka", "brokers": "127.0.0.1:1", "topic": "t", "timeout": "100ms",
             "settings": {"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN",
                          "sasl.username": "u", "sasl.password": "${env:TOKEN}"}},
    "read": {"kind": "clickhouse", "url": "http://127.0.0.1:1", "query": "select 1", "user": "u",
             "password": "${env:TOKEN}"},
    "settle": {"quiet": "10ms", "limit": "200ms"}})");
  const Output output =
      shell("export TOKEN=" + secret + "; \"$PARALLAX\" check t.json; \"$PARALLAX\" run " +
                source("scenarios/smoke/plain.json").string() +
                " --set /population/users=1 --target t.json --out run; echo ended with $?",
            folder.path());
  INFO(output.out << output.err);
  CHECK(output.out.find("ended with 2") != std::string::npos);
  CHECK((output.out + output.err).find(secret) == std::string::npos);
  CHECK(shell("grep -rl " + secret + " run", folder.path()).out.empty());
  CHECK(std::filesystem::exists(folder / "run/report.json"));
}

TEST_CASE("pipeline --from-kafka says what it expects, and asks before it leaves this machine",
          "[connect][kafka]") {
  const TempFolder folder;
  const auto tried = [&](const std::string& from) {
    return parallax({"pipeline", "--listen", "127.0.0.1:0", "--data", "p", "--from-kafka", from},
                    folder.path());
  };
  const Output no_topic = tried("127.0.0.1:9092");
  CHECK(no_topic.code == 4);
  CHECK(no_topic.err.find("expected HOST:PORT/TOPIC") != std::string::npos);
  const Output far = tried("kafka.example:9092/raw-events");
  CHECK(far.code == 4);
  CHECK(far.err.find("add --allow-host kafka.example") != std::string::npos);
}

}  // namespace parallax::test
