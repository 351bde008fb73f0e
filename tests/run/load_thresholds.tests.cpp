// SPDX-License-Identifier: Apache-2.0
#include "sim/run/load_thresholds.h"

#include "sim/drive/load_engine.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// 1'000 requests of 10 events over 10 s, answered after 1 .. 1'000 ms; nothing wrong.
LoadReport healthy() {
  LoadReport report;
  report.spec.rate = 1'000;
  report.spec.length = 10 * second;
  report.spec.stages = {{10 * second, 1'000}};
  LoadTally& tally = report.tally;
  tally.planned = tally.sent = tally.accepted = {1'000, 10'000};
  for (Micros i = 1; i <= 1'000; ++i) {
    tally.latency.record(i * millisecond);
    tally.service.record(i * 100);
    tally.lag.record(50);
  }
  tally.length = tally.threads = 10 * second;
  tally.busy = tally.cpu = second;
  return report;
}

AssertionReport check(const std::string& text, const LoadReport& report) {
  const Result<LoadThreshold> threshold = parse_threshold(text);
  if (!threshold) FAIL(threshold.error().text());
  return check_threshold(*threshold, report);
}
Verdict verdict(const std::string& text, const LoadReport& report) {
  return check(text, report).verdict;
}

}  // namespace

TEST_CASE("thresholds hold or fail by what was measured", "[run][load]") {
  const LoadReport report = healthy();
  CHECK(verdict("latency.p50 < 502ms", report) == Verdict::pass);
  CHECK(verdict("latency.p50 < 499ms", report) == Verdict::fail);
  CHECK(verdict("latency.p99 >= 990ms", report) == Verdict::pass);
  CHECK(verdict("latency.max <= 1s", report) == Verdict::pass);
  CHECK(verdict("latency.max < 1s", report) == Verdict::fail);
  CHECK(verdict("latency.min > 1ms", report) == Verdict::fail);
  CHECK(verdict("latency.mean<501ms", report) == Verdict::pass);
  CHECK(verdict("service.p99.9 < 100ms", report) == Verdict::pass);
  CHECK(verdict("lag.max < 1ms", report) == Verdict::pass);
  CHECK(verdict("achieved >= 100%", report) == Verdict::pass);
  CHECK(verdict("errors <= 0", report) == Verdict::pass);
  CHECK(verdict("events >= 1k", report) == Verdict::pass);
  CHECK(verdict("requests > 100", report) == Verdict::fail);
}

TEST_CASE("a load that sent too little has not achieved its rate", "[run][load]") {
  LoadReport report = healthy();
  report.tally.sent = {980, 9'800};
  report.tally.accepted = {970, 9'700};
  report.tally.not_sent = {20, 200};
  const AssertionReport achieved = check("achieved >= 99%", report);
  CHECK(achieved.verdict == Verdict::fail);
  CHECK(achieved.actual == "98%");
  CHECK(verdict("delivered >= 97%", report) == Verdict::pass);
  CHECK(verdict("not_sent <= 1%", report) == Verdict::fail);
  CHECK(verdict("errors < 1%", report) == Verdict::fail);
}

TEST_CASE("an empty series is never a pass", "[run][load]") {
  LoadReport report = healthy();
  report.tally.latency = report.tally.service = Histogram();
  CHECK(verdict("latency.p99 < 50ms", report) == Verdict::unknown);
  CHECK(verdict("service.max < 50ms", report) == Verdict::unknown);
  report.tally = LoadTally();
  for (const char* text : {"achieved >= 0%", "errors < 100%", "not_sent < 100%", "lag.max < 1h",
                           "events < 1M", "delivered <= 100%"})
    CHECK(verdict(text, report) == Verdict::unknown);
}

TEST_CASE("a percentile needs the answers that can tell it", "[run][load]") {
  const LoadReport report = healthy();
  CHECK(verdict("latency.p99.9 < 2s", report) == Verdict::pass);
  const AssertionReport rare = check("latency.p99.99 < 2s", report);
  CHECK(rare.verdict == Verdict::unknown);
  CHECK(rare.sample_needed == 10'000);
}

TEST_CASE("where the generator was the bottleneck, its failures accuse nobody", "[run][load]") {
  LoadReport report = healthy();
  CHECK(generator_limit(report).empty());
  report.tally.sent = report.tally.accepted = {500, 5'000};
  report.tally.busy = 9'900 * millisecond;
  CHECK(generator_limit(report).find("the generator was the bottleneck") == 0);
  CHECK(verdict("achieved >= 99%", report) == Verdict::unknown);
  CHECK(verdict("latency.p50 < 1ms", report) == Verdict::unknown);
  CHECK(verdict("latency.p50 < 1h", report) == Verdict::pass);
  CHECK(verdict("errors > 1%", report) == Verdict::fail);
  report = healthy();
  for (int i = 0; i < 100; ++i) report.tally.lag.record(900 * millisecond);
  CHECK_FALSE(generator_limit(report).empty());
}

TEST_CASE("a load that found no rate closed has no rate to miss", "[run][load]") {
  LoadSpec spec;
  REQUIRE(default_thresholds(spec).size() == 1);
  CHECK(default_thresholds(spec).front().text == "achieved >= 99%");
  spec.closed = true;
  CHECK(default_thresholds(spec).empty());
}

TEST_CASE("thresholds take part in a report's verdict", "[run][load]") {
  RunReport report;
  report.verdict = Verdict::pass;
  report.load = healthy();
  add_thresholds({*parse_threshold("achieved >= 99%")}, report);
  CHECK(report.verdict == Verdict::pass);
  CHECK(report.assertions.size() == 1);
  add_thresholds({*parse_threshold("latency.max < 1ms")}, report);
  CHECK(report.verdict == Verdict::fail);
  CHECK(report.because.find("latency.max < 1ms: latency.max is 1.00 s") == 0);
}

TEST_CASE("a load's report comes back from its file, and damaged files do not", "[run][load]") {
  LoadReport report = healthy();
  report.spec.shard = {1, 3};
  report.tally.statuses = {{200, 990}, {503, 10}};
  report.tally.errors = {{"HTTP 503", 10}};
  report.thresholds = {"achieved >= 99%"};
  const Result<LoadReport> back = parse_load_json(load_json(report));
  REQUIRE(back);
  CHECK(back->tally == report.tally);
  CHECK(back->thresholds == report.thresholds);
  CHECK(back->spec.shard == Shard{1, 3});
  CHECK(back->spec.stages.front().rate == 1'000);
  CHECK(load_json(*back) == load_json(report));
  CHECK_FALSE(parse_load_json("{}"));
  CHECK_FALSE(parse_load_json("x"));
  std::string wrong = load_json(report);
  wrong.replace(wrong.find("\"max_us\": "), 10, "\"max_us\":-");
  CHECK_FALSE(parse_load_json(wrong));
}

TEST_CASE("merged loads are the sum, in any order", "[run][load]") {
  LoadReport one = healthy(), other = healthy(), third = healthy();
  other.tally.latency.record(7 * second);
  third.tally.errors = {{"HTTP 500", 3}};
  const LoadReport left = merge_loads({one, other, third});
  const LoadReport right = merge_loads({third, one, other});
  CHECK(left.tally == right.tally);
  CHECK(left.tally.planned.events == 30'000);
  CHECK(left.tally.latency.count() == 3'001);
  CHECK(left.tally.latency.max() == 7 * second);
  CHECK(left.shards_merged == 3);
  CHECK(left.tally.length == 10 * second);
}

}  // namespace parallax::test
