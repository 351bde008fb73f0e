// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"

/// A thin C++ face over librdkafka, the client library of Apache Kafka. Built without it, whatever
/// needs a broker answers Error::Kind::unsupported and says what to install.
namespace parallax::kafka {

/// librdkafka's properties by their own names ("linger.ms").
using Settings = std::vector<std::pair<std::string, std::string>>;

/// How a cluster is reached.
struct Cluster {
  /// "host:port,host:port". Brokers that the cluster names beside them are connected to only where
  /// they are this machine: what may be reached is what the user has named.
  std::string brokers;
  Settings settings;             ///< The user's: see `may_be_set`. They win over ours.
  Micros timeout = 10 * second;  ///< For each answer of a broker, and for a message's delivery.
};

/// The hosts of a list of brokers. Errors (invalid_input): one that cannot be read.
Result<std::vector<std::string>> hosts_of(const std::string& brokers);

/// Whether a broker of that name is connected to: one of `named`, or this machine.
bool may_be_reached(const std::vector<std::string>& named, std::string_view host);

/// Whether a target file may set a property: security, compression, sizes and times. Not what
/// decides where we connect, what is run or loaded, or whether a certificate is verified.
bool may_be_set(std::string_view property);
/// Whether it holds a password or a key.
bool holds_secret(std::string_view property);

/// One message to be produced. Borrows everything: `put` copies.
struct Message {
  std::optional<std::string_view> key;  ///< Without one the partition is any.
  std::string_view value;
  const Settings* headers = nullptr;  ///< Names and values; may be null.
  std::uint64_t ticket = 0;           ///< The caller's; comes back in the outcome.
};

/// What became of a message. `perhaps`: no broker has answered, and one may have it.
struct Outcome {
  enum class Kept : std::uint8_t { yes, no, perhaps };
  std::uint64_t ticket = 0;
  Kept kept = Kept::no;
  std::string error;  ///< Empty where it was kept.
};

/// Sends messages to one topic. Everything that waits is bounded: 64 MiB of messages, each for the
/// cluster's timeout. Threads of librdkafka do the I/O; all calls are of one thread.
class Producer {
 public:
  /// `settings`: ours. Asks no broker. Errors: invalid_input, a setting that librdkafka refuses.
  static Result<Producer> open(const Cluster& cluster, const std::string& topic,
                               const Settings& settings);
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  ~Producer();  ///< What has no outcome yet is given up.

  /// Errors: timeout, too much waits; protocol, it can never be sent (too long, no such topic).
  Result<void> put(const Message& message);
  /// Outcomes that have come; waits at most `wait` for one. Valid until the next call.
  const std::vector<Outcome>& poll(Micros wait);

 private:
  struct State;
  explicit Producer(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// A place in a partition: of the next message that is wanted.
struct Position {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend bool operator==(Position, Position) = default;
};

/// What a partition holds: offsets from `begin` up to, not including, `end`.
struct Span {
  std::int32_t partition = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// What a poll brought. `value` is valid until the next poll.
struct Received {
  enum class Kind : std::uint8_t { nothing, message, end_of_partition };
  Kind kind = Kind::nothing;
  Position next;  ///< After it.
  bool has_value = false;
  std::string_view value;
};

/// Reads partitions of one topic that it is assigned, without taking part in its group's balancing:
/// the group only names the committed offsets. All calls are of one thread.
class Consumer {
 public:
  /// Errors: invalid_input, a setting that librdkafka refuses.
  static Result<Consumer> open(const Cluster& cluster, const std::string& topic,
                               const std::string& group);
  Consumer(Consumer&&) noexcept;
  Consumer& operator=(Consumer&&) noexcept;
  ~Consumer();

  /// All partitions, by number. Errors: protocol, no such topic; timeout or io, no broker answers.
  Result<std::vector<Span>> spans();
  /// Where the group has come to in these partitions: their beginnings where it committed nothing,
  /// or something that is not there any more.
  Result<std::vector<Position>> committed(const std::vector<Span>& spans);
  /// Reads these partitions and no others from now on.
  Result<void> assign(const std::vector<Position>& from);
  /// Errors: protocol, the broker refuses; a broker that is away is waited for.
  Result<Received> poll(Micros wait);
  /// A header of the message last received.
  std::optional<std::string_view> header(const std::string& name) const;
  /// Waits until the group's offsets are kept. Errors: protocol, timeout.
  Result<void> commit(const std::vector<Position>& positions);
  /// What librdkafka last complained about, such as a broker that is away; empty: nothing.
  const std::string& complaint() const;

 private:
  struct State;
  explicit Consumer(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::kafka
