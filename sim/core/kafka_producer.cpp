// SPDX-License-Identifier: Apache-2.0
#include "sim/core/kafka_handle.h"

namespace parallax::kafka {
namespace {

constexpr const char* waiting_kib_max = "65536";

}  // namespace

struct Producer::State {
  std::string topic;
  std::string name;
  Callbacks callbacks;
  std::vector<Outcome> taken;
  std::vector<rd_kafka_vu_t> parts;  ///< Reused.
  Handle handle;                     ///< Last: destroying it may still call back.
  ~State() {
    // Destroying waits for what librdkafka still sends, unless it is told to give that up.
    if (handle) rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  }
};

Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;
Producer::~Producer() = default;

Result<Producer> Producer::open(const Cluster& cluster, const std::string& topic,
                                const Settings& settings) {
  auto state = std::make_unique<State>();
  state->topic = topic;
  state->name = name_of(cluster, topic);
  const std::string wait = std::to_string(milliseconds(cluster.timeout));
  Settings ours{{"message.timeout.ms", wait},
                {"request.timeout.ms", wait},
                {"queue.buffering.max.kbytes", waiting_kib_max},
                // As the clients in Java choose the partition of a key.
                {"partitioner", "murmur2_random"},
                {"linger.ms", "1"}};
  ours.insert(ours.end(), settings.begin(), settings.end());
  Result<Handle> handle = open_handle(RD_KAFKA_PRODUCER, cluster, ours, state->callbacks);
  if (!handle) return handle.error();
  state->handle = std::move(*handle);
  return Producer(std::move(state));
}

Result<void> Producer::put(const Message& message) {
  std::vector<rd_kafka_vu_t>& parts = state_->parts;
  parts.clear();
  const auto part = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    rd_kafka_vu_t& added = parts.emplace_back();
    added.vtype = type;
    return added;
  };
  // librdkafka takes pointers to what it only reads; with the flag it copies.
  const auto open = [](const char* bytes) { return const_cast<char*>(bytes); };
  part(RD_KAFKA_VTYPE_TOPIC).u.cstr = state_->topic.c_str();
  part(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  part(RD_KAFKA_VTYPE_OPAQUE).u.ptr = reinterpret_cast<void*>(message.ticket);
  part(RD_KAFKA_VTYPE_VALUE).u.mem = {open(message.value.data()), message.value.size()};
  if (message.key)
    part(RD_KAFKA_VTYPE_KEY).u.mem = {open(message.key->data()), message.key->size()};
  if (message.headers != nullptr)
    for (const auto& [name, value] : *message.headers)
      part(RD_KAFKA_VTYPE_HEADER).u.header = {name.c_str(), value.data(),
                                              static_cast<ssize_t>(value.size())};
  rd_kafka_error_t* const refused =
      rd_kafka_produceva(state_->handle.get(), parts.data(), parts.size());
  if (refused == nullptr) return {};
  const bool full = rd_kafka_error_code(refused) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
  Error error{full ? Error::Kind::timeout : Error::Kind::protocol, rd_kafka_error_string(refused),
              state_->name};
  rd_kafka_error_destroy(refused);
  return error;
}

const std::vector<Outcome>& Producer::poll(Micros wait) {
  state_->callbacks.outcomes.clear();
  rd_kafka_poll(state_->handle.get(), wait == 0 ? 0 : milliseconds(wait));
  state_->taken.swap(state_->callbacks.outcomes);
  return state_->taken;
}

}  // namespace parallax::kafka
