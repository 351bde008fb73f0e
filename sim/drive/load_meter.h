// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "sim/drive/load_source.h"
#include "sim/drive/load_tally.h"
#include "sim/drive/schedule.h"

namespace parallax {

/// How far a thread of a load is, for the live line; written by it, read by another.
struct LoadGauge {
  std::atomic<std::uint64_t> sent_events{0};
  std::atomic<std::uint64_t> accepted_events{0};
  std::atomic<std::uint64_t> accepted_requests{0};
  std::atomic<std::uint64_t> failed_requests{0};
  std::atomic<std::uint64_t> not_sent_events{0};
  std::atomic<std::uint64_t> in_flight{0};
  std::atomic<Micros> latency_p99{0};  ///< Over the last second.
  std::atomic<Nanos> now{0};           ///< Of the plan.
};

/// Keeps the books of one engine: the tally of what was planned in the measured phase, and the
/// gauge of all. All instants are nanoseconds of the plan.
class LoadMeter {
 public:
  LoadMeter(LoadGauge& gauge, Nanos main_begin, Nanos main_end)
      : gauge_(gauge), main_begin_(main_begin), main_end_(main_end) {}

  struct Sent {
    Nanos planned, could_leave, written;  ///< `could_leave`: planned, and a connection was free.
    std::size_t bytes;
    std::uint32_t events;
  };
  struct Outcome {
    Nanos planned, written, at;
    Receipt receipt;
    std::uint16_t status;
    std::uint64_t bytes;
    const std::string& error;
  };

  void planned(Nanos planned, std::uint32_t events);
  void sent(const Sent& sent);
  void struck_unsent(Nanos planned, std::uint32_t events);
  void finished(const LoadRequest& request, const Outcome& outcome);
  /// In flight when the run stopped.
  void cut_off(const LoadRequest& request, Nanos planned, Nanos at);
  void overflowed(Nanos planned, std::uint32_t events);
  /// Was due, and never found a connection.
  void left_over(Nanos planned, Nanos at, std::uint32_t events);
  void not_connected(const std::string& error);  ///< Also before the measured phase.
  void reconnected(Nanos at);

  void begin_main(Nanos waited, Nanos starved);
  void end_main(Nanos at, Nanos waited, Nanos starved);
  bool begun() const { return begun_; }
  void show(Nanos at, std::size_t in_flight);
  LoadTally take() { return std::move(tally_); }

 private:
  bool counts(Nanos planned) const { return planned >= main_begin_ && planned < main_end_; }

  LoadGauge& gauge_;
  Nanos main_begin_, main_end_;
  bool begun_ = false;
  Nanos waited_before_ = 0, starved_before_ = 0;
  Micros cpu_before_ = 0;
  LoadTally tally_;
  Histogram interval_;  ///< Since `interval_begin_`.
  Nanos interval_begin_ = 0;
};

}  // namespace parallax
