// SPDX-License-Identifier: Apache-2.0
// An assertion that throws, or that cannot be made, is unknown: never a pass, and never a failure
// of the others.
#include <stdexcept>

#include "sim/scenario/verdict_words.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

enum class Where { nowhere, tally, add, merge, report };

/// Passes, but for throwing where it is told to.
class Fragile final : public Assertion {
 public:
  explicit Fragile(Where where) : where_(where) {}
  std::unique_ptr<Tally> tally() const override {
    throw_at(where_, Where::tally);
    return std::make_unique<Count>(where_);
  }

 private:
  static void throw_at(Where where, Where here) {
    if (where == here) throw std::runtime_error("no evidence");
  }
  class Count final : public Tally {
   public:
    explicit Count(Where where) : where_(where) {}
    void add(const Evidence&) override { throw_at(where_, Where::add); }
    void merge(const Tally&) override { throw_at(where_, Where::merge); }
    AssertionReport report(const Verdicts&) const override {
      throw_at(where_, Where::report);
      AssertionReport report;
      report.found = Verdict::pass;
      report.sample = 1;
      return report;
    }

   private:
    Where where_;
  };

  Where where_;
};

/// The reports of ten right purchases: exactly_once, then the fragile one.
std::vector<AssertionReport> reports_with(const AssertionPlan& plan, Where where) {
  LedgerBuilder built = plain_purchases(10);
  built.scenario.assertions = {that("exactly_once")};
  const Judged judged(built, RightPipeline{built}.rows());
  AssertionSet set(built.scenario);
  set.add(plan, std::make_unique<Fragile>(where));
  const LedgerView view(built.scenario, built.ledger);
  std::vector<JudgedAction> actions;
  for (std::size_t i = 0; i < 10; ++i) actions.push_back(judged[i]);
  const std::vector<Arrival> arrived = arrivals(built.scenario, built.ledger);
  const std::vector<CanonicalRow> rows(10);
  const std::vector<std::uint32_t> order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  AssertionSet::Counted whole = set.count(), part = set.count();
  part.add({built.scenario, built.ledger, view, rows, order, actions, arrived, 0});
  whole.merge(part);
  const Judgement judgement{actions, {}};
  return set.report(whole, {{&judgement}, true});
}

}  // namespace

TEST_CASE("an assertion that throws is unknown, wherever it does", "[assertions][breaking]") {
  CHECK(reports_with(that("fragile"), Where::nowhere).back().verdict == Verdict::pass);
  for (const Where where : {Where::tally, Where::add, Where::merge, Where::report}) {
    CAPTURE(static_cast<int>(where));
    const std::vector<AssertionReport> reports = reports_with(that("fragile"), where);
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].verdict == Verdict::pass);
    CHECK(reports[1].verdict == Verdict::unknown);
    CHECK(reports[1].why == "the assertion broke down: no evidence");
    CHECK(reports[1].sample == 0);
  }
}

TEST_CASE("breaking down is no failure that was expected", "[assertions][breaking]") {
  AssertionPlan plan = that("fragile");
  plan.expect_verdict = "fail";
  CHECK(reports_with(plan, Where::add).back().verdict == Verdict::unknown);
}

TEST_CASE("an assertion that cannot be made is unknown and says why", "[assertions][breaking]") {
  const LedgerBuilder built = plain_purchases(10);
  const Judged judged(built, RightPipeline{built}.rows());
  for (const char* kind : {"latency", "distinct", "drift", "sum", "no_such"}) {
    const AssertionReport report = check(judged, that(kind));
    INFO(kind);
    CHECK(report.verdict == Verdict::unknown);
    CHECK_FALSE(report.why.empty());
  }
}

TEST_CASE("every kind that a scenario can name is made, and measures nothing in an empty run",
          "[assertions][breaking]") {
  const LedgerBuilder nothing;
  const Judged judged(nothing, {{}, true});
  for (const std::string_view kind : assertion_words) {
    AssertionPlan plan = that(std::string(kind));
    plan.of = purchase;
    if (kind == "sum") plan.field = revenue;
    if (kind == "distinct") plan.id = OwnerId::user;
    if (kind == "latency") plan.at_most = {{*parse_ratio("50%"), second}};
    if (kind == "ratio") plan.between_millionths = {900'000, 1'100'000};
    const AssertionReport report = check(judged, plan);
    INFO(kind << ": " << report.why);
    CHECK(report.verdict == Verdict::unknown);
    CHECK(report.why.find("nothing was measured") == 0);
  }
}

}  // namespace parallax::test
