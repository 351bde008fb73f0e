// SPDX-License-Identifier: Apache-2.0
// What a program outside of Parallax writes: a fault and an assertion of its own. Ends with 0 when
// both do their work.
#include <cstdio>
#include <memory>

#include "assertions/assertion.h"
#include "fault/fault.h"
#include "sim/core/ratio.h"

namespace {

using namespace parallax;

/// Sends every struck emission twice: a careless event bus.
class Echo final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    Emission again = in;
    ++again.copy;
    out.items.push_back({again, static_cast<Micros>(draw.below(1'000))});
  }
};

/// No more rows than actions.
class NoSurplus final : public Assertion {
 public:
  AssertionReport judge(const Evidence& evidence) const override {
    AssertionReport report;
    report.name = report.kind = "no_surplus";
    report.sample = evidence.ledger.actions.size();
    const bool surplus = evidence.rows.rows.size() > evidence.ledger.actions.size();
    report.found = report.verdict = surplus ? Verdict::fail : Verdict::pass;
    return report;
  }
};

bool echo_sends_twice() {
  const std::unique_ptr<EmissionEffect> echo = std::make_unique<Echo>();
  Captures captures;
  echo->apply(Emission{}, Prng(7), captures);
  return captures.items.size() == 2 && captures.items.back().emission.copy == 1;
}

bool surplus_is_judged() {
  const Scenario scenario;
  const std::vector<Arrival> arrivals;
  const Judgement judgement;
  const Ledger ledger;
  RowSet rows;
  const NoSurplus assertion;
  const Verdict before = assertion.judge({scenario, ledger, rows, judgement, arrivals}).verdict;
  rows.rows.emplace_back();
  const Verdict after = assertion.judge({scenario, ledger, rows, judgement, arrivals}).verdict;
  return before == Verdict::pass && after == Verdict::fail;
}

/// A function out of an installed library, and a table of the fault library.
bool libraries_are_linked() {
  const auto half = parse_ratio("50%");
  return half && half->value() == 0.5 && !fault_kinds().empty();
}

}  // namespace

int main() {
  if (echo_sends_twice() && surplus_is_judged() && libraries_are_linked()) return 0;
  std::puts("the installed Parallax does not do what its headers say");
  return 1;
}
