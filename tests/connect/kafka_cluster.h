// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/core/kafka.h"

struct rd_kafka_s;
struct rd_kafka_mock_cluster_s;

namespace parallax::test {

/// librdkafka's mock of a Kafka cluster, in this process: brokers on free ports of 127.0.0.1, which
/// other processes reach too. It keeps about 5 MB a partition and drops what is older; it does not
/// enforce idempotence: a producer's own repetition stays.
class KafkaCluster {
 public:
  explicit KafkaCluster(int brokers = 1);
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  std::string brokers() const;
  kafka::Cluster cluster(Micros timeout = 10 * second) const { return {brokers(), {}, timeout}; }
  /// A fresh topic, by name.
  std::string new_topic(int partitions);
  void set_down(bool down);
  /// The next answers to Produce requests say this instead of storing anything.
  void refuse_produce(std::vector<int> errors);
  /// Each answer comes so much later.
  void set_round_trip(Micros delay);

 private:
  rd_kafka_s* handle_;
  rd_kafka_mock_cluster_s* mock_;
  int brokers_;
  int topics_ = 0;
};

/// A message as it lies in a topic.
struct Kept {
  std::string value;
  kafka::Settings headers;  ///< run_id, content-type and Parallax-Sim-Time, where they are there.
};
/// All that a topic holds, partition by partition.
std::vector<Kept> messages_of(const KafkaCluster& cluster, const std::string& topic);
/// Puts texts into a topic, each with these headers, and waits until they are there.
void produce(const KafkaCluster& cluster, const std::string& topic,
             const std::vector<std::string>& values, const kafka::Settings& headers = {});
/// What lies behind a group's committed offsets: messages that it would get again.
std::int64_t uncommitted(const KafkaCluster& cluster, const std::string& topic,
                         const std::string& group);

}  // namespace parallax::test
