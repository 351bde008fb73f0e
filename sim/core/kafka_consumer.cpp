// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/core/kafka_handle.h"

namespace parallax::kafka {
namespace {

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;
struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* data) const { rd_kafka_metadata_destroy(data); }
};
struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

/// What is fetched ahead of the reader, in KiB; and the group's offsets are only ours to move.
const Settings& consumer_settings() {
  static const Settings settings{{"enable.auto.commit", "false"},
                                 {"enable.auto.offset.store", "false"},
                                 {"enable.partition.eof", "true"},
                                 {"auto.offset.reset", "earliest"},
                                 {"queued.max.messages.kbytes", "16384"},
                                 {"fetch.wait.max.ms", "100"},
                                 {"check.crcs", "true"}};
  return settings;
}

}  // namespace

struct Consumer::State {
  std::string topic;
  std::string name;
  int wait_ms = 0;
  Callbacks callbacks;
  Handle handle;
  std::unique_ptr<rd_kafka_message_t, MessageDeleter> message;
  ~State() {
    message.reset();
    if (handle) rd_kafka_consumer_close(handle.get());
  }

  List list_of(const std::vector<Position>& positions) const {
    List list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
    for (const Position& at : positions)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), at.partition)->offset =
          at.offset;
    return list;
  }
  Error error(rd_kafka_resp_err_t code) const { return error_of(code, callbacks.complaint, name); }
};

Consumer::Consumer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;
Consumer::~Consumer() = default;

Result<Consumer> Consumer::open(const Cluster& cluster, const std::string& topic,
                                const std::string& group) {
  auto state = std::make_unique<State>();
  state->topic = topic;
  state->name = name_of(cluster, topic);
  state->wait_ms = milliseconds(cluster.timeout);
  Settings ours = consumer_settings();
  ours.emplace_back("group.id", group);
  Result<Handle> handle = open_handle(RD_KAFKA_CONSUMER, cluster, ours, state->callbacks);
  if (!handle) return handle.error();
  state->handle = std::move(*handle);
  // Events of the cluster come with the messages, so that there is one thing to poll.
  rd_kafka_poll_set_consumer(state->handle.get());
  return Consumer(std::move(state));
}

Result<std::vector<Span>> Consumer::spans() {
  rd_kafka_t* const handle = state_->handle.get();
  const std::unique_ptr<rd_kafka_topic_t, TopicDeleter> topic(
      rd_kafka_topic_new(handle, state_->topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto asked = rd_kafka_metadata(handle, 0, topic.get(), &found, state_->wait_ms);
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return state_->error(asked);
  const std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter> metadata(found);
  if (found->topic_cnt != 1) return state_->error(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
  const rd_kafka_metadata_topic_t& one = found->topics[0];
  if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) return state_->error(one.err);
  std::vector<Span> spans;
  for (int i = 0; i < one.partition_cnt; ++i) {
    Span span{one.partitions[i].id, 0, 0};
    const auto code = rd_kafka_query_watermark_offsets(
        handle, state_->topic.c_str(), span.partition, &span.begin, &span.end, state_->wait_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return state_->error(code);
    spans.push_back(span);
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.partition < b.partition; });
  return spans;
}

Result<std::vector<Position>> Consumer::committed(const std::vector<Span>& spans) {
  std::vector<Position> positions;
  for (const Span& span : spans) positions.push_back({span.partition, span.begin});
  const List list = state_->list_of(positions);
  const auto code = rd_kafka_committed(state_->handle.get(), list.get(), state_->wait_ms);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return state_->error(code);
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& at = list->elems[i];
    if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR) return state_->error(at.err);
    // Beyond what is there: of a topic that was made anew, or what its retention took.
    const Span& span = spans[static_cast<std::size_t>(i)];
    if (at.offset >= span.begin && at.offset <= span.end)
      positions[static_cast<std::size_t>(i)].offset = at.offset;
  }
  return positions;
}

Result<void> Consumer::assign(const std::vector<Position>& from) {
  const List list = state_->list_of(from);
  const auto code = rd_kafka_assign(state_->handle.get(), list.get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>() : state_->error(code);
}

Result<Received> Consumer::poll(Micros wait) {
  Received received;
  state_->message.reset(
      rd_kafka_consumer_poll(state_->handle.get(), wait == 0 ? 0 : milliseconds(wait)));
  const rd_kafka_message_t* const message = state_->message.get();
  if (message == nullptr) return received;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    received.kind = Received::Kind::end_of_partition;
    received.next = {message->partition, message->offset};
    return received;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Error error = state_->error(message->err);
    if (error.kind == Error::Kind::protocol) return error;
    return received;
  }
  received.kind = Received::Kind::message;
  received.next = {message->partition, message->offset + 1};
  received.has_value = message->payload != nullptr;
  received.value = {static_cast<const char*>(message->payload), message->len};
  return received;
}

std::optional<std::string_view> Consumer::header(const std::string& name) const {
  rd_kafka_headers_t* headers = nullptr;
  if (!state_->message ||
      rd_kafka_message_headers(state_->message.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name.c_str(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return std::string_view(static_cast<const char*>(value), size);
}

Result<void> Consumer::commit(const std::vector<Position>& positions) {
  const List list = state_->list_of(positions);
  const auto code = rd_kafka_commit(state_->handle.get(), list.get(), 0);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>() : state_->error(code);
}

const std::string& Consumer::complaint() const { return state_->callbacks.complaint; }

}  // namespace parallax::kafka
