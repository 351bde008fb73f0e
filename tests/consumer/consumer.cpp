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
  class Count final : public Tally {
   public:
    void add(const Evidence& block) override {
      actions_ += block.judged.size();
      for (const JudgedAction& action : block.judged) rows_ += action.rows;
      rows_ += block.phantoms.size();
    }
    void merge(const Tally& later) override {
      actions_ += static_cast<const Count&>(later).actions_;
      rows_ += static_cast<const Count&>(later).rows_;
    }
    AssertionReport report(const Verdicts&) const override {
      AssertionReport report;
      report.sample = actions_;
      report.found = rows_ > actions_ ? Verdict::fail : Verdict::pass;
      return report;
    }

   private:
    std::size_t actions_ = 0, rows_ = 0;
  };
  std::unique_ptr<Tally> tally() const override { return std::make_unique<Count>(); }
};

bool echo_sends_twice() {
  const std::unique_ptr<EmissionEffect> echo = std::make_unique<Echo>();
  Captures captures;
  echo->apply(Emission{}, Prng(7), captures);
  return captures.items.size() == 2 && captures.items.back().emission.copy == 1;
}

bool surplus_is_judged() {
  const Scenario scenario;
  const Ledger ledger;
  const LedgerView view(scenario, ledger);
  const std::vector<CanonicalRow> rows;
  std::vector<CanonicalRow> phantoms;
  const auto found = [&] {
    const auto tally = NoSurplus().tally();
    tally->add({scenario, ledger, view, rows, {}, {}, {}, 0, phantoms});
    const std::vector<const Judgement*> parts;
    return tally->report({parts, true}).found;
  };
  const Verdict before = found();
  phantoms.emplace_back();
  return before == Verdict::pass && found() == Verdict::fail;
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
