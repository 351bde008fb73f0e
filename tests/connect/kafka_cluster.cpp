// SPDX-License-Identifier: Apache-2.0
#include "tests/connect/kafka_cluster.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr std::int16_t produce_api = 0;

rd_kafka_t* new_handle() {
  std::array<char, 512> refused{};
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* const made = rd_kafka_new(RD_KAFKA_PRODUCER, conf, refused.data(), refused.size());
  INFO(refused.data());
  REQUIRE(made != nullptr);
  return made;
}

}  // namespace

KafkaCluster::KafkaCluster(int brokers)
    : handle_(new_handle()), mock_(rd_kafka_mock_cluster_new(handle_, brokers)), brokers_(brokers) {
  REQUIRE(mock_ != nullptr);
}

KafkaCluster::~KafkaCluster() {
  rd_kafka_mock_cluster_destroy(mock_);
  rd_kafka_destroy(handle_);
}

std::string KafkaCluster::brokers() const { return rd_kafka_mock_cluster_bootstraps(mock_); }

std::string KafkaCluster::new_topic(int partitions) {
  std::string name = "raw-events-" + std::to_string(++topics_);
  REQUIRE(rd_kafka_mock_topic_create(mock_, name.c_str(), partitions, brokers_) == 0);
  return name;
}

void KafkaCluster::set_down(bool down) {
  for (int broker = 1; broker <= brokers_; ++broker)
    REQUIRE((down ? rd_kafka_mock_broker_set_down(mock_, broker)
                  : rd_kafka_mock_broker_set_up(mock_, broker)) == 0);
}

void KafkaCluster::refuse_produce(std::vector<int> errors) {
  std::vector<rd_kafka_resp_err_t> codes;
  for (const int error : errors) codes.push_back(static_cast<rd_kafka_resp_err_t>(error));
  rd_kafka_mock_push_request_errors_array(mock_, produce_api, codes.size(), codes.data());
}

void KafkaCluster::set_round_trip(Micros delay) {
  for (int broker = 1; broker <= brokers_; ++broker)
    rd_kafka_mock_broker_set_rtt(mock_, broker, static_cast<int>(delay / millisecond));
}

std::vector<Kept> messages_of(const KafkaCluster& cluster, const std::string& topic) {
  std::vector<Kept> out;
  auto consumer = kafka::Consumer::open(cluster.cluster(), topic, "look").value();
  const std::vector<kafka::Span> spans = consumer.spans().value();
  for (const kafka::Span& span : spans) {
    kafka::Position next{span.partition, span.begin};
    REQUIRE(consumer.assign({next}));
    while (next.offset < span.end) {
      const kafka::Received received = consumer.poll(second).value();
      if (received.kind == kafka::Received::Kind::nothing) continue;
      next = received.next;
      if (received.kind != kafka::Received::Kind::message) break;
      Kept& kept = out.emplace_back();
      kept.value = received.value;
      for (const char* const name : {"run_id", "content-type", "Parallax-Sim-Time"})
        if (const auto value = consumer.header(name)) kept.headers.emplace_back(name, *value);
    }
  }
  return out;
}

void produce(const KafkaCluster& cluster, const std::string& topic,
             const std::vector<std::string>& values, const kafka::Settings& headers) {
  auto producer = kafka::Producer::open(cluster.cluster(), topic, {}).value();
  for (const std::string& value : values) REQUIRE(producer.put({std::nullopt, value, &headers, 1}));
  for (std::size_t kept = 0; kept < values.size();)
    for (const kafka::Outcome& outcome : producer.poll(second)) {
      REQUIRE(outcome.kept == kafka::Outcome::Kept::yes);
      ++kept;
    }
}

std::int64_t uncommitted(const KafkaCluster& cluster, const std::string& topic,
                         const std::string& group) {
  auto consumer = kafka::Consumer::open(cluster.cluster(), topic, group).value();
  const std::vector<kafka::Span> spans = consumer.spans().value();
  const std::vector<kafka::Position> at = consumer.committed(spans).value();
  std::int64_t behind = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) behind += spans[i].end - at[i].offset;
  return behind;
}

}  // namespace parallax::test
