// SPDX-License-Identifier: Apache-2.0
#include "tests/report/sample_reports.h"

namespace parallax::test {
namespace {

std::uint64_t& count(RunReport& report, ActionVerdict verdict) {
  return report.actions[static_cast<std::size_t>(verdict)];
}

AssertionReport assertion(std::string name, std::string kind, Verdict verdict) {
  AssertionReport report;
  report.name = std::move(name);
  report.kind = std::move(kind);
  report.found = report.verdict = verdict;
  report.tolerance = "none";
  report.sample = 52'310;
  return report;
}

}  // namespace

RunReport passing_report() {
  RunReport report;
  report.parallax_version = "0.1.0";
  report.scenario = "shop";
  report.about = "A shop for a week: browse, cart, checkout, purchase, login.";
  report.scenario_hash = "0123456789abcdef";
  report.seed = 7;
  report.run_id = "shop-7-0123456789abcdef";
  report.target = "embedded reference pipeline";
  report.verdict = Verdict::pass;
  report.actions_total = 52'310;
  count(report, ActionVerdict::ok) = 51'200;
  count(report, ActionVerdict::recovered) = 110;
  count(report, ActionVerdict::excused) = 1'000;
  report.rows_total = 51'310;

  AssertionReport once = assertion("exactly_once", "exactly_once", Verdict::pass);
  once.rule = "each action lands exactly once";
  once.expected = "51,200..52,310 rows";
  once.actual = "51,310 rows";
  AssertionReport ratio = assertion("ratio purchase", "ratio", Verdict::pass);
  ratio.expected = "0.80..1.05";
  ratio.actual = "0.994";
  AssertionReport sum = assertion("sum purchase.revenue", "sum", Verdict::pass);
  sum.expected = "1,204,331.20 USD";
  sum.actual = "1,204,331.20 USD";
  sum.delta = "0.00";
  sum.tolerance = "0.1%";
  report.assertions = {once, ratio, sum};

  report.faults = {{"ad_block", "ad_block", 9'120, 30'001, 40'000, false},
                   {"clock_skew", "clock_skew", 2'615, 49'695, 0, false},
                   {"answer_lost", "answer_lost", 31, 2'970, 0, false}};
  report.delivery = {
      79'121, 412, 9'120, 88, 3'001, 31, 2'960, 10, 31, 70'002, {{200, 2'960}, {503, 10}}, {}};
  report.timing = {7 * day, 3'214'000, 402'000, 2'001'000, 118'000, 240'500, 6'050'000};
  report.rerun = "parallax run scenarios/examples/shop.json --seed 7";
  report.folder = "parallax-runs/shop-7";
  return report;
}

RunReport load_report() {
  RunReport report = passing_report();
  LoadReport& load = report.load.emplace();
  load.spec.rate = 20'000;
  load.spec.length = 30 * second;
  load.spec.stages = {{30 * second, 20'000}};
  load.spec.warmup = 5 * second;
  load.users = 10'000;
  load.populations = 3;
  LoadTally& tally = load.tally;
  tally.planned = tally.sent = {12'000, 600'000};
  tally.accepted = {11'997, 599'850};
  tally.unknown = {3, 150};
  tally.censored = 3;
  for (Micros i = 1; i <= 12'000; ++i) {
    tally.latency.record(i);
    tally.service.record(i / 2);
    tally.lag.record(i / 100);
  }
  tally.statuses = {{200, 11'997}};
  tally.errors = {{"no complete answer within 10s", 3}};
  tally.bytes_out = 300'000'000;
  tally.bytes_in = 2'500'000;
  report.delivery.attempts = 12'040;
  tally.length = tally.threads = 30 * second;
  tally.busy = tally.cpu = 6 * second;
  return report;
}

RunReport failing_report() {
  RunReport report = passing_report();
  report.verdict = Verdict::fail;
  report.because = "exactly_once: 1,204 of 52,310 actions have more than one row";
  report.target = "embedded reference pipeline (bugs: no_dedupe)";
  count(report, ActionVerdict::ok) = 49'984;
  count(report, ActionVerdict::duplicated) = 1'204;
  count(report, ActionVerdict::distorted) = 12;
  report.rows_phantom = 3;

  CauseCount again{ActionVerdict::duplicated,
                   Cause::retransmit,
                   1'204,
                   {ActionId{12}, ActionId{281'474'976'710'663}},
                   {{2, 1'204}},
                   {},
                   0,
                   {}};
  CauseCount side{ActionVerdict::distorted, Cause::wrong_side, 12, {ActionId{99}}, {}, {}, 0, {}};
  report.causes = {again, side};

  AssertionReport& once = report.assertions[0];
  once.found = once.verdict = Verdict::fail;
  once.actual = "52,514 rows";
  once.delta = "+1,204";
  once.why = "1,204 of 52,310 actions have more than one row";
  once.causes = report.causes;
  once.examples = again.examples;
  AssertionReport& sum = report.assertions[2];
  sum.found = sum.verdict = Verdict::fail;
  sum.actual = "1,233,901.80 USD";
  sum.delta = "+29,570.60";
  sum.why = "the sum is 2.5% above what the ledger allows";
  sum.lines = {{"2026-03-02", "170,000.00 USD", "170,000.00 USD", "0.00", Verdict::pass},
               {"2026-03-03", "171,000.00 USD", "200,570.60 USD", "+29,570.60", Verdict::fail}};
  AssertionReport& ratio = report.assertions[1];
  ratio.found = ratio.verdict = Verdict::unknown;
  ratio.actual = "1.10";
  ratio.sample = 40;
  ratio.sample_needed = 1'537;
  ratio.why = "the sample is too small for the tolerance";

  report.examples = {
      {"purchase a-12 by u-17",
       ActionVerdict::duplicated,
       Cause::retransmit,
       {"2026-03-02T09:14:07.120Z  action purchase",
        "2026-03-02T09:14:07.121Z  client emission 0b5c11f2-90aa-4c1e-8a53-1de2f6b1c001",
        "2026-03-02T09:14:10.121Z  client sends a batch of 3, try 1, struck by answer_lost",
        "2026-03-02T09:14:20.121Z  receipt unknown",
        "2026-03-02T09:14:23.401Z  client sends a batch of 3, try 2",
        "2026-03-02T09:14:23.482Z  receipt accepted, HTTP 200", "canonical row: 2 of them"}},
      {"purchase a-99 by u-4",
       ActionVerdict::distorted,
       Cause::wrong_side,
       {"2026-03-02T11:00:00.000Z  action purchase"}}};
  report.delivery.errors = {{"the target answers 503: overloaded", 10}};
  return report;
}

RunReport unknown_report() {
  RunReport report;
  report.parallax_version = "0.1.0";
  report.scenario = "smoke";
  report.seed = 1;
  report.because = "no action was played: nothing was measured";
  report.target = "http://localhost:8080/v1/events";
  report.rerun = "parallax run scenarios/smoke/smoke.json --seed 1";
  report.folder = "parallax-runs/smoke-1";
  report.faults = {{"drop", "drop", 0, 0, 0, false}};
  return report;
}

RunReport hostile_report() {
  using namespace std::string_literals;
  const std::string nasty =
      "]]><script>&amp;\"'|`~\x1b[31m\x07\x01\0\xff\xfe\xc0\x80\xed\xa0\x80\xef\xbf\xbe\t\r\n"
      "second line ```` \xc3\xa4 \xf0\x9f\x98\x80 </failure>"s;
  RunReport report = failing_report();
  for (std::string* text :
       {&report.parallax_version, &report.scenario, &report.about, &report.scenario_hash,
        &report.run_id, &report.target, &report.because, &report.rerun, &report.folder})
    *text = nasty;
  for (AssertionReport& a : report.assertions) {
    for (std::string* text :
         {&a.name, &a.kind, &a.rule, &a.expected, &a.actual, &a.delta, &a.tolerance, &a.why})
      *text = nasty;
    for (AssertionReport::Line& line : a.lines)
      for (std::string* text : {&line.bucket, &line.expected, &line.actual, &line.delta})
        *text = nasty;
  }
  for (RunReport::Example& example : report.examples) {
    example.action = nasty;
    for (std::string& line : example.timeline) line = nasty;
  }
  for (RunReport::Fault& fault : report.faults) fault.name = fault.kind = nasty;
  report.causes.front().faults.emplace_back(4'000, 1);  // No fault has this index.
  report.delivery.errors = {{nasty, 1}};
  return report;
}

}  // namespace parallax::test
