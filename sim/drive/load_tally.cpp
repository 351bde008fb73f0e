// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_tally.h"

#include <algorithm>

namespace parallax {
namespace {

void merge(LoadTally::Share& into, const LoadTally::Share& other) {
  into.requests += other.requests;
  into.events += other.events;
}

}  // namespace

void LoadTally::merge(const LoadTally& other) {
  parallax::merge(planned, other.planned);
  parallax::merge(sent, other.sent);
  parallax::merge(accepted, other.accepted);
  parallax::merge(rejected, other.rejected);
  parallax::merge(unknown, other.unknown);
  parallax::merge(not_sent, other.not_sent);
  parallax::merge(overflowed, other.overflowed);
  parallax::merge(struck, other.struck);
  censored += other.censored;
  bytes_out += other.bytes_out;
  bytes_in += other.bytes_in;
  reconnects += other.reconnects;
  for (const auto& [status, requests] : other.statuses) statuses[status] += requests;
  for (const auto& [error, requests] : other.errors) errors[error] += requests;
  latency.merge(other.latency);
  service.merge(other.service);
  lag.merge(other.lag);
  length = std::max(length, other.length);
  threads += other.threads;
  cpu += other.cpu;
  busy += other.busy;
  starved += other.starved;
}

}  // namespace parallax
