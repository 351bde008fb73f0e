// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_meter.h"

#include <sys/resource.h>

#include <algorithm>

namespace parallax {
namespace {

constexpr Nanos gauge_interval = 1'000'000'000;

Micros to_micros(Nanos span) { return std::max<Nanos>(span, 0) / 1'000; }

Micros thread_cpu() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  const auto micros = [](const timeval& t) { return Micros{t.tv_sec} * second + t.tv_usec; };
  return micros(used.ru_utime) + micros(used.ru_stime);
}

/// One writer: no read-modify-write is needed.
void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace

void LoadMeter::planned(Nanos planned, std::uint32_t events) {
  if (counts(planned)) tally_.planned.add(events);
}

void LoadMeter::sent(const Sent& sent) {
  bump(gauge_.sent_events, sent.events);
  if (!counts(sent.planned)) return;
  tally_.sent.add(sent.events);
  tally_.bytes_out += sent.bytes;
  tally_.lag.record(to_micros(sent.written - sent.could_leave));
}

void LoadMeter::struck_unsent(Nanos planned, std::uint32_t events) {
  if (!counts(planned)) return;
  tally_.sent.add(events);
  tally_.struck.add(events);
}

void LoadMeter::finished(const LoadRequest& request, const Outcome& outcome) {
  const bool accepted = outcome.receipt == Receipt::accepted;
  bump(accepted ? gauge_.accepted_requests : gauge_.failed_requests, 1);
  if (accepted) bump(gauge_.accepted_events, request.events);
  const Micros latency = to_micros(outcome.at - outcome.planned);
  interval_.record(latency);
  if (!counts(outcome.planned)) return;
  tally_.bytes_in += outcome.bytes;
  if (request.strike != Strike::none) return tally_.struck.add(request.events);
  LoadTally::Share& share = accepted                               ? tally_.accepted
                            : outcome.receipt == Receipt::rejected ? tally_.rejected
                                                                   : tally_.unknown;
  share.add(request.events);
  tally_.latency.record(latency);
  if (outcome.status != 0) {
    ++tally_.statuses[outcome.status];
    tally_.service.record(to_micros(outcome.at - outcome.written));
  } else {
    ++tally_.censored;
  }
  if (!accepted)
    ++tally_.errors[outcome.status != 0 ? "HTTP " + std::to_string(outcome.status) : outcome.error];
}

void LoadMeter::cut_off(const LoadRequest& request, Nanos planned, Nanos at) {
  if (!counts(planned)) return;
  ++tally_.censored;
  tally_.unknown.add(request.events);
  tally_.latency.record(to_micros(at - planned));
  ++tally_.errors["no answer when the run ended"];
}

void LoadMeter::overflowed(Nanos planned, std::uint32_t events) {
  bump(gauge_.not_sent_events, events);
  if (!counts(planned)) return;
  tally_.not_sent.add(events);
  tally_.overflowed.add(events);
}

void LoadMeter::left_over(Nanos planned, Nanos at, std::uint32_t events) {
  if (!counts(planned)) return;
  tally_.not_sent.add(events);
  ++tally_.censored;
  tally_.latency.record(to_micros(at - planned));
}

void LoadMeter::not_connected(const std::string& error) { ++tally_.errors[error]; }

void LoadMeter::reconnected(Nanos at) {
  if (begun_ && counts(at)) ++tally_.reconnects;
}

void LoadMeter::begin_main(Nanos waited, Nanos starved) {
  begun_ = true;
  waited_before_ = waited;
  starved_before_ = starved;
  cpu_before_ = thread_cpu();
}

void LoadMeter::end_main(Nanos at, Nanos waited, Nanos starved) {
  if (!begun_) return;
  tally_.length = to_micros(std::min(at, main_end_) - main_begin_);
  tally_.threads = tally_.length;
  tally_.cpu = thread_cpu() - cpu_before_;
  tally_.busy = std::max<Micros>(tally_.length - to_micros(waited - waited_before_), 0);
  tally_.starved = std::min(to_micros(starved - starved_before_), tally_.length);
}

void LoadMeter::show(Nanos at, std::size_t in_flight) {
  gauge_.now.store(at, std::memory_order_relaxed);
  gauge_.in_flight.store(in_flight, std::memory_order_relaxed);
  if (at - interval_begin_ < gauge_interval) return;
  interval_begin_ = at;
  gauge_.latency_p99.store(interval_.percentile(Ratio{990'000'000}), std::memory_order_relaxed);
  interval_ = Histogram();
}

}  // namespace parallax
