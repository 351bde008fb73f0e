// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "sim/core/histogram.h"

namespace parallax {

/// What a load measured, of the requests planned in its measured phase alone. All of it adds up:
/// the tallies of threads and of shards merge in any order.
struct LoadTally {
  struct Share {  ///< The same of requests and of the events in them.
    std::uint64_t requests = 0, events = 0;
    void add(std::uint64_t more_events) { ++requests, events += more_events; }
    friend bool operator==(const Share&, const Share&) = default;
  };
  Share planned;
  Share sent;      ///< Handed to the network, or struck by a fault in its place.
  Share accepted;  ///< 2xx was read.
  Share rejected;  ///< Another answer, or nothing left the machine.
  Share unknown;   ///< 5xx, or no answer although bytes left.
  /// Never sent: fell due with `in_flight_max` under way, or still waited for a connection at the
  /// end. `overflowed` are those of the first kind; their events are in the ledger as abandoned.
  Share not_sent;
  Share overflowed;
  Share struck;  ///< Sent, and hit by a wire fault: in no latency and no error.
  /// Requests without an answer at the end: waited for `censored_wait` in vain. Their latency is
  /// recorded as the time waited, which is too little.
  std::uint64_t censored = 0;

  std::uint64_t bytes_out = 0, bytes_in = 0;
  std::uint64_t reconnects = 0;
  std::map<int, std::uint64_t> statuses;        ///< HTTP status -> requests.
  std::map<std::string, std::uint64_t> errors;  ///< The target's own, by kind.

  Histogram latency;  ///< Answer minus planned time (wrk2's correction).
  Histogram service;  ///< Answer minus writing.
  /// Writing minus the instant at which planned time and a free connection were both there: what
  /// the generator itself came too late.
  Histogram lag;

  Micros length = 0;   ///< Wall time of the measured phase.
  Micros threads = 0;  ///< Sum of it over threads: the whole for the three below.
  Micros cpu = 0;      ///< Processor time of the generator's threads.
  Micros busy = 0;     ///< Wall time not spent waiting for events.
  Micros starved = 0;  ///< Wall time with work due and every connection taken.

  void merge(const LoadTally& other);
  friend bool operator==(const LoadTally&, const LoadTally&) = default;
};

}  // namespace parallax
