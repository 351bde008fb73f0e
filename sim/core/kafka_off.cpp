// SPDX-License-Identifier: Apache-2.0
// What stands in for kafka_producer.cpp and kafka_consumer.cpp where librdkafka was not found.
#include "sim/core/kafka.h"

namespace parallax::kafka {
namespace {

Error missing() {
  return {Error::Kind::unsupported,
          "this Parallax was built without Kafka: install librdkafka-dev and build it again",
          "kafka"};
}

}  // namespace

struct Producer::State {
  std::vector<Outcome> outcomes;
};
Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;
Producer::~Producer() = default;
Result<Producer> Producer::open(const Cluster& /*cluster*/, const std::string& /*topic*/,
                                const Settings& /*settings*/) {
  return missing();
}
Result<void> Producer::put(const Message& /*message*/) { return missing(); }
const std::vector<Outcome>& Producer::poll(Micros /*wait*/) { return state_->outcomes; }

struct Consumer::State {
  std::string complaint;
};
Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;
Consumer::~Consumer() = default;
Result<Consumer> Consumer::open(const Cluster& /*cluster*/, const std::string& /*topic*/,
                                const std::string& /*group*/) {
  return missing();
}
Result<std::vector<Span>> Consumer::spans() { return missing(); }
Result<std::vector<Position>> Consumer::committed(const std::vector<Span>& /*spans*/) {
  return missing();
}
Result<void> Consumer::assign(const std::vector<Position>& /*from*/) { return missing(); }
Result<Received> Consumer::poll(Micros /*wait*/) { return missing(); }
std::optional<std::string_view> Consumer::header(const std::string& /*name*/) const { return {}; }
Result<void> Consumer::commit(const std::vector<Position>& /*positions*/) { return missing(); }
const std::string& Consumer::complaint() const { return state_->complaint; }

}  // namespace parallax::kafka
