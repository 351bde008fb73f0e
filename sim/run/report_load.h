// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/run/load_report.h"

/// What the reports for people say of a load: the same numbers in a terminal and on a page.
namespace parallax::report_load {

/// "20k events/s for 30s after 5s of warm-up, 50 events a request, 16 connections, 1 thread".
std::string headline(const LoadReport& report);

/// A table: its first row names the columns, the first cell of every other row its line.
using Table = std::vector<std::vector<std::string>>;
/// planned, sent, accepted, and what else there was: events, requests, rates, bytes.
Table rates(const LoadReport& report);
/// latency, service time and the generator's own lateness: min, mean, percentiles, max.
Table latencies(const LoadReport& report);

/// A label and a sentence each: censored answers, the generator's health, connections, populations.
struct Remark {
  std::string label, text;
  bool loud = false;  ///< Something is not as it should be.
};
std::vector<Remark> remarks(const LoadReport& report);

}  // namespace parallax::report_load
