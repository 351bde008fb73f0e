// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/result.h"
#include "sim/pipeline/durable_log.h"
#include "sim/pipeline/pipeline.h"

namespace parallax::pipeline {

/// The step between a checked batch and its acknowledgement: whoever gets success from `store` is
/// told 2xx. Right, it is the durable log itself; the two collector bugs live here.
///
/// - loses_tail (segmentio/analytics-next #1365): the newest batch is held back in memory until the
///   next one comes; nobody flushes it at the end.
/// - ack_before_store (apache/pulsar #5218): batches are acknowledged while they are in memory
/// only,
///   and crashes of the process take three of twenty with them. Which ones a hash of the batch
///   decides: the order in which connections come in differs from run to run.
///
/// A bug with a share strikes the batches whose hash falls into it; the others are stored rightly.
/// Thread-safe. `log` must outlive it.
class Intake {
 public:
  Intake(DurableLog& log, const std::vector<BugSwitch>& bugs);

  /// Errors: those of DurableLog::append.
  Result<void> store(const std::string& payload);

 private:
  Result<void> hold_tail(const std::string& payload);

  DurableLog& log_;
  std::vector<BugSwitch> bugs_;
  const BugSwitch* loses_tail_ = nullptr;
  const BugSwitch* ack_before_store_ = nullptr;
  std::mutex mutex_;  ///< Guards what follows; only loses_tail takes it.
  std::string tail_;
};

}  // namespace parallax::pipeline
