// SPDX-License-Identifier: Apache-2.0
// Events produced into a mock cluster, and strikes that leave in it what their receipts say.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <set>

#include "tests/connect/kafka_cluster.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using parallax::drive_tests::send;

namespace parallax::test {
namespace {

const char* const four = R"({"batch":[{"run_id":"r","user_id":"u-1","n":1},{"run_id":"r",)"
                         R"("user_id":"u-2","n":2},{"run_id":"r","user_id":"u-1","n":3},)"
                         R"({"run_id":"r","user_id":null,"n":4}],"sent_at":"x"})";

struct Topic {
  KafkaCluster cluster;
  std::string name;
  KafkaTargetOptions options;

  explicit Topic(int partitions = 4) : name(cluster.new_topic(partitions)) {
    options.cluster = cluster.cluster();
    options.topic = name;
  }
  std::unique_ptr<Target> target() const {
    auto made = make_kafka_target(options);
    if (!made) FAIL(made.error().text());
    return std::move(*made);
  }
  std::vector<std::string> values() const {
    std::vector<std::string> out;
    for (const Kept& kept : messages_of(cluster, name)) out.push_back(kept.value);
    std::sort(out.begin(), out.end());
    return out;
  }
};

}  // namespace

TEST_CASE("each event of a batch is a message with its run and its type in headers",
          "[connect][kafka][drive]") {
  Topic topic;
  topic.options.clock_header = true;
  topic.options.headers = {{"team", "shop"}};
  const auto target = topic.target();
  SendRequest request;
  request.arrives = *parse_rfc3339("2026-03-02T00:00:01.500Z");
  request.body = four;
  target->start(std::move(request));
  CHECK(target->wait().receipt == Receipt::accepted);
  const std::vector<Kept> kept = messages_of(topic.cluster, topic.name);
  REQUIRE(kept.size() == 4);
  CHECK(topic.values().front() == R"({"run_id":"r","user_id":"u-1","n":1})");
  const kafka::Settings expected{{"run_id", "r"},
                                 {"content-type", "application/json"},
                                 {"Parallax-Sim-Time", "2026-03-02T00:00:01.500Z"}};
  for (const Kept& message : kept) CHECK(message.headers == expected);
}

TEST_CASE("messages of one key lie in one partition, in the order they were sent",
          "[connect][kafka][drive]") {
  const Topic topic(16);
  const auto target = topic.target();
  for (int i = 0; i < 20; ++i)
    CHECK(send(*target, R"({"batch":[{"user_id":"u-)" + std::to_string(i % 2) + R"(","n":)" +
                            std::to_string(10 + i) + "}]}")
              .receipt == Receipt::accepted);
  std::vector<std::string> of_one;
  for (const Kept& kept : messages_of(topic.cluster, topic.name))
    if (kept.value.find("u-1") != std::string::npos) of_one.push_back(kept.value);
  CHECK(of_one.size() == 10);
  CHECK(std::is_sorted(of_one.begin(), of_one.end()));
}

TEST_CASE("what a strike leaves in the topic is what its receipt says", "[connect][kafka][drive]") {
  const Topic topic;
  const auto target = topic.target();
  CHECK(send(*target, four, Strike::before_send).receipt == Receipt::rejected);
  CHECK(topic.values().empty());
  // The producer died in the middle: half of the batch is there, and nobody heard of it.
  CHECK(send(*target, four, Strike::during_body).receipt == Receipt::unknown);
  CHECK(topic.values().size() == 2);
  CHECK(send(*target, four, Strike::after_commit).receipt == Receipt::unknown);
  CHECK(topic.values().size() == 6);
  CHECK(send(*target, four).receipt == Receipt::accepted);
  CHECK(topic.values().size() == 10);
}

TEST_CASE("no broker is rejected after the timeout, and nothing was sent",
          "[connect][kafka][drive]") {
  Topic topic;
  topic.options.cluster.timeout = second;
  const auto target = topic.target();
  topic.cluster.set_down(true);
  const SendResult gone = send(*target, four);
  CHECK(gone.receipt == Receipt::rejected);
  INFO(gone.error);
  CHECK(gone.error.find("not delivered in time: ") == 0);
  CHECK(gone.took >= second);
  CHECK(gone.took < 4 * second);
  topic.cluster.set_down(false);
  CHECK(send(*target, four).receipt == Receipt::accepted);
  CHECK(topic.values().size() == 4);
}

TEST_CASE("an acknowledgement that does not come in time is an unknown outcome",
          "[connect][kafka][drive]") {
  Topic topic(1);
  topic.options.cluster.timeout = second;
  topic.options.idempotence = false;
  const auto target = topic.target();
  CHECK(send(*target, four).receipt == Receipt::accepted);
  topic.cluster.set_round_trip(3 * second);
  const SendResult slow = send(*target, four);
  INFO(slow.error);
  CHECK(slow.receipt == Receipt::unknown);
  topic.cluster.set_round_trip(0);
  // Once: without idempotence librdkafka repeats nothing by itself.
  CHECK(topic.values().size() == 8);
}

TEST_CASE("a broker's refusal is a rejection with its reason", "[connect][kafka][drive]") {
  Topic topic(1);
  const auto target = topic.target();
  CHECK(send(*target, four).receipt == Receipt::accepted);
  topic.cluster.refuse_produce({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const SendResult refused = send(*target, four);
  CHECK(refused.receipt == Receipt::rejected);
  CHECK(refused.error.find("Topic authorization failed") != std::string::npos);
  CHECK(send(*target, "{}").receipt == Receipt::rejected);
  CHECK(topic.values().size() == 4);
}

TEST_CASE("many batches are under way at a time, each with its own outcome",
          "[connect][kafka][drive]") {
  const Topic topic(8);
  const auto target = topic.target();
  REQUIRE(target->capacity() == 16);
  std::set<std::uint64_t> done;
  for (std::uint64_t i = 0; i < 500; ++i) {
    SendRequest request;
    request.ticket = i;
    request.body = four;
    target->start(std::move(request));
    if (target->in_flight() < target->capacity()) continue;
    const SendResult result = target->wait();
    CHECK(result.receipt == Receipt::accepted);
    done.insert(result.ticket);
  }
  while (target->in_flight() > 0) done.insert(target->wait().ticket);
  CHECK(done.size() == 500);
  CHECK(topic.values().size() == 2'000);
}

TEST_CASE("only brokers that were named, or this machine's, are connected to",
          "[connect][kafka][drive]") {
  const auto hosts = kafka::hosts_of("a.example:9092, [::1]:9093,127.0.0.1:1");
  REQUIRE(hosts);
  CHECK(*hosts == std::vector<std::string>{"a.example", "::1", "127.0.0.1"});
  CHECK(kafka::may_be_reached(*hosts, "a.example"));
  CHECK(kafka::may_be_reached(*hosts, "127.0.0.2"));
  CHECK_FALSE(kafka::may_be_reached(*hosts, "b.example"));
  CHECK_FALSE(kafka::may_be_reached(*hosts, "10.127.0.1"));
  for (const char* const bad : {"", "a", "a:", ":1", "a:b", "a:1,", "http://a:1"})
    CHECK_FALSE(kafka::hosts_of(bad));
}

TEST_CASE("a setting that librdkafka does not know is an error that names it",
          "[connect][kafka][drive]") {
  Topic topic;
  topic.options.cluster.settings = {{"sasl.user", "x"}};
  const auto made = make_kafka_target(topic.options);
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == Error::Kind::invalid_input);
  CHECK(made.error().what.find("sasl.user") != std::string::npos);
}

}  // namespace parallax::test
