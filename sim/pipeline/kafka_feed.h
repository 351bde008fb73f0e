// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "sim/core/result.h"
#include "sim/pipeline/collector.h"
#include "sim/pipeline/pipeline.h"

namespace parallax::pipeline {

/// Consumes a topic of events into the collector, at least once: offsets are committed after what
/// they cover is on the disk, once a second and at an orderly stop. So after a crash up to a second
/// of messages comes again, and making one row of two is the models' work.
///
/// One message is one event of the shared format. Its arrival is the header `Parallax-Sim-Time`, or
/// the wall clock. A message that is no event is counted as malformed and passed over; while the
/// log takes nothing more, the topic waits. It owns its thread; brokers that are away are waited
/// for.
class KafkaFeed {
 public:
  /// Errors (invalid_input): settings that librdkafka refuses. `collector` must outlive it.
  static Result<std::unique_ptr<KafkaFeed>> start(const KafkaSource& source, Collector& collector);
  ~KafkaFeed();  ///< Stops.
  /// Ends the consuming in order. Idempotent.
  void stop();
  /// Waits until everything that the topic has when it is asked is stored. Errors: timeout; io, the
  /// log or the broker ended the consuming. Thread-safe.
  Result<void> catch_up(Micros limit);
  /// Messages stored since the start.
  std::uint64_t stored() const;

 private:
  struct State;
  explicit KafkaFeed(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::pipeline
