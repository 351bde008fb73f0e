// SPDX-License-Identifier: Apache-2.0
// consent -- While a user refuses no row stands for what they did, and while they agree no row is
// missing: neither by the target nor because a side kept back what it might have sent. With
// "each_side" no side may even send what was refused, however well the target mends it.
#include <fmt/format.h>

#include "assertions/causes.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class ConsentTally final : public Tally {
 public:
  ConsentTally(const AssertionPlan& plan, const Scenario&)
      : plan_(plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (!selection_.holds(action) || action.refused || !action.sampled) continue;
      action.consent == Consent::denied ? add_refused(block, judged) : add_agreed(block, judged);
    }
    for (const CanonicalRow& row : block.phantoms)
      if (selection_.holds(row, nullptr) && row.consent == Consent::denied) ++phantoms_;
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const ConsentTally&>(later);
    refused_ += other.refused_;
    agreed_ += other.agreed_;
    phantoms_ += other.phantoms_;
    leaked_.merge(other.leaked_);
    sent_.merge(other.sent_);
    withheld_.merge(other.withheld_);
    append(other.absent_, absent_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    Findings missing;
    for (const CaseRef ref : absent_)
      if (verdicts[ref].verdict == ActionVerdict::lost)
        missing.note(ref, ActionVerdict::lost, verdicts[ref].cause);
    AssertionReport report;
    report.rule = "no row stands against consent, and none is missing with it";
    report.sample = refused_ + agreed_;
    report.phantoms = phantoms_;
    report.expected = "0 leaked; 0 missing";
    report.actual = fmt::format("{} leaked; {} missing (of {} refused and {} agreed actions)",
                                leaked_.size() + phantoms_, missing.size(), refused_, agreed_);
    const auto line = [&](const char* name, const char* expected, std::uint64_t n, bool counts) {
      const bool bad = counts && n > 0;
      report.lines.push_back({name, expected, fmt::format("{}", n),
                              bad ? fmt::format("+{}", n) : "",
                              bad ? Verdict::fail : Verdict::pass});
      report.found = parallax::merge(report.found, report.lines.back().verdict);
    };
    report.found = Verdict::pass;
    line("leaked", "0", leaked_.size() + phantoms_, true);
    line("missing", "0", missing.size(), true);
    line("kept back", "0", withheld_.size(), true);
    line("sent anyway", plan_.each_side ? "0" : "any", sent_.size(), plan_.each_side);
    conclude(verdicts, missing, report);
    return report;
  }

 private:
  void add_refused(const Evidence& block, const JudgedAction& judged) {
    ++refused_;
    if (judged.rows > 0) leaked_.note(block, judged, ActionVerdict::leaked, Cause::consent_ignored);
    for (const std::uint32_t i : block.view.emissions_of(judged.index))
      if (block.view.facts(i).attempted())
        sent_.note(block, judged, ActionVerdict::leaked, Cause::sent_anyway);
  }

  void add_agreed(const Evidence& block, const JudgedAction& judged) {
    ++agreed_;
    if (judged.rows == 0 && judged.expectation == Expectation::must)
      absent_.push_back({block.part, judged.index});
    for (const std::uint32_t i : block.view.emissions_of(judged.index))
      if (block.ledger.emissions[i].emission.withheld == Withheld::consent)
        withheld_.note(block, judged, ActionVerdict::excused, Cause::abandoned_by_sdk);
  }

  void conclude(const Verdicts& verdicts, const Findings& missing, AssertionReport& report) const {
    Findings all = leaked_;
    all.merge(missing);
    all.merge(withheld_);
    if (plan_.each_side) all.merge(sent_);
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::fail) {
      report.why = fmt::format("{} rows stand against consent, {} are missing with it",
                               leaked_.size() + phantoms_, missing.size());
      if (withheld_.size() > 0)
        report.why +=
            fmt::format(", {} emissions were kept back in spite of consent", withheld_.size());
      if (plan_.each_side && sent_.size() > 0)
        report.why += fmt::format(", {} emissions were sent against consent", sent_.size());
    } else if (refused_ == 0 || agreed_ == 0) {
      report.found = Verdict::unknown;
      report.why = fmt::format("nothing was measured: nobody {} while acting",
                               refused_ == 0 ? "refused" : "agreed");
    } else if (!verdicts.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial: it proves presence, never absence";
    }
  }

  const AssertionPlan& plan_;
  Selection selection_;
  std::uint64_t refused_ = 0, agreed_ = 0, phantoms_ = 0;
  Findings leaked_;    ///< Refused, and a row stands.
  Findings sent_;      ///< Refused, and an emission was sent: one each.
  Findings withheld_;  ///< Agreed, and an emission was kept back: one each.
  std::vector<CaseRef> absent_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_consent(const AssertionPlan& plan,
                                                const Scenario& scenario) {
  return make_tally_of<ConsentTally>(plan, scenario);
}

}  // namespace parallax
