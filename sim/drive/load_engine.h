// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "sim/drive/load_connection.h"
#include "sim/drive/load_meter.h"
#include "sim/drive/load_source.h"
#include "sim/drive/schedule.h"
#include "sim/drive/target.h"

namespace parallax {

/// What a thread of a load is to do.
struct LoadPlan {
  HttpTargetOptions http;  ///< Its `connections` are this engine's.
  /// Planned times of events; the first `warmup` of it is not measured. Null: closed model, every
  /// connection sends its next request as soon as it has the answer to the last.
  const Schedule* schedule = nullptr;
  std::uint32_t batch = 50;  ///< Events a request.
  /// Of the requests 0, 1, 2, ... of the schedule this engine sends part, part + parts, ...
  std::uint32_t part = 0, parts = 1;
  Micros warmup = 0;
  Micros length = 0;  ///< Of the measured phase.
  /// Requests that wait for an answer or a connection; what falls due beyond is not sent.
  std::size_t in_flight_max = 100'000;
  Micros drain_max = 10 * second;
  const std::atomic<int>* interrupted = nullptr;

  /// Requests kept ready ahead of their time: some milliseconds of work.
  std::uint32_t ahead() const { return std::clamp(2'048 / batch, 8U, 512U); }
  std::uint32_t slots() const { return http.connections + ahead(); }
};

/// One thread of a load: an event loop over its connections. Nothing on the way of a request
/// allocates, locks or formats. A turn of the loop: outcomes are read, what has fallen due meets
/// free connections, all of it is written ahead in one flush, then the bytes go out; requests for
/// the coming milliseconds are made while there is nothing else to do.
///
/// After the measured phase the engine drains: answers are awaited and what the source still holds
/// is sent, both bounded by `drain_max`.
class LoadEngine {
 public:
  /// `endpoint`, `plan` and `source` outlive it. Errors: an illegal header; no epoll.
  static Result<std::unique_ptr<LoadEngine>> make(const LoadEndpoint& endpoint,
                                                  const LoadPlan& plan, LoadSource& source,
                                                  LoadGauge& gauge);
  virtual ~LoadEngine() = default;
  /// Opens the connections, as far as that takes at most a second.
  virtual void warm() = 0;
  /// Runs the whole load; its clock starts at `start`. Errors: the ledger cannot be written.
  virtual Result<LoadTally> run(std::chrono::steady_clock::time_point start) = 0;
};

}  // namespace parallax
