// SPDX-License-Identifier: Apache-2.0
// distinct, drift, slo, a rate against its baseline, and numbers by attribute.
#include "assertions/ratio_band.h"
#include "assertions/two_samples.h"
#include "assertions/value_set.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

void check_others_pass(const Judged& judged) {
  for (const AssertionPlan& plan : {that("exactly_once"), that("fields"), count_of(purchase)}) {
    const AssertionReport report = check(judged, plan);
    INFO(plan.that << ": " << report.why);
    CHECK(report.found == Verdict::pass);
  }
}

AssertionPlan distinct_of(std::size_t field) {
  AssertionPlan plan = that("distinct");
  plan.of = purchase;
  plan.field = field;
  return plan;
}

AssertionPlan slo(std::string_view objective) {
  AssertionPlan plan = that("slo");
  plan.objective = *parse_ratio(objective);
  return plan;
}

/// A purchase every five minutes.
LedgerBuilder steady(std::uint32_t n) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < n; ++i) {
    Action bought = action(i, lane_count * (i % 50'000 + 1));
    bought.at = TimePlan{}.start + static_cast<Micros>(i) * 5 * minute;
    built.deliver(bought);
  }
  return built;
}

AssertionPlan drift_of(std::size_t field) {
  AssertionPlan plan = that("drift");
  plan.of = purchase;
  plan.field = field;
  return plan;
}

/// Carts of n users; each side's sku is what `sku_of(i, side)` says.
template <class Sku>
LedgerBuilder carts(std::uint32_t n, Sku sku_of) {
  LedgerBuilder built;
  built.scenario.plan.actions[add_to_cart].fields[sku].form = {
      TextForm::Kind::list, "", {"a", "b", "c", "d"}};
  for (std::uint32_t i = 0; i < n; ++i) {
    const Action put = action(i, lane_count * (i + 1), add_to_cart);
    built.act(put);
    for (const Source side : both_sources) {
      Emission sent = emission(put, side);
      sent.seen.values[sku] = sku_of(i, side);
      built.send({built.queue(sent)});
    }
  }
  return built;
}

}  // namespace

TEST_CASE("only distinct sees that two buyers became one within what is allowed",
          "[assertions][distinct]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = RightPipeline{built}.rows();
  AssertionPlan users = that("distinct");
  users.id = OwnerId::user;
  CHECK(check(Judged(built, rows), users).found == Verdict::pass);
  row_at(built, rows, 3).user = row_at(built, rows, 4).user;
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, users);
  CHECK(report.found == Verdict::fail);
  CHECK(report.expected == "100");
  CHECK(report.actual == "99");
  CHECK(report.why == "1 values are missing, 0 are of nothing that arrived");
  for (const AssertionPlan& plan : {that("exactly_once"), count_of(purchase), sum_of(revenue)})
    CHECK(check(judged, plan).found == Verdict::pass);
}

TEST_CASE("distinct values of a field are those that arrived", "[assertions][distinct]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = RightPipeline{built}.rows();
  CHECK(check(Judged(built, rows), distinct_of(order_id)).found == Verdict::pass);
  CHECK(check(Judged(built, rows), distinct_of(tax)).actual == "1");
  row_at(built, rows, 3).values[order_id] = row_at(built, rows, 4).values[order_id];
  CHECK(check(Judged(built, rows), distinct_of(order_id)).found == Verdict::fail);
  AssertionPlan loose = distinct_of(order_id);
  loose.within = *parse_ratio("1%");
  CHECK(check(Judged(built, rows), loose).found == Verdict::pass);
  const LedgerBuilder nothing;
  CHECK(check(Judged(nothing, {{}, true}), distinct_of(tax)).found == Verdict::unknown);
}

TEST_CASE("an open outcome may bring a new value and need not", "[assertions][distinct]") {
  LedgerBuilder built = plain_purchases(9);
  built.act(action(9, 640));
  const AttemptId open = built.send({built.queue(client_emission(9, 640))}, lost_answer());
  const AssertionReport without_it =
      check(Judged(built, RightPipeline{built}.rows()), distinct_of(order_id));
  CHECK(without_it.expected == "9 .. 10");
  CHECK(without_it.found == Verdict::pass);
  const RowSet with_it = RightPipeline{built, {open}}.rows();
  CHECK(check(Judged(built, with_it), distinct_of(order_id)).actual == "10");
}

TEST_CASE("a set of values counts each once however often it is merged", "[assertions][distinct]") {
  ValueSet whole, halves[2];
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    const std::uint64_t value = mix64(i % 10'000);
    const auto mark = i % 3 == 0 ? ValueSet::must : ValueSet::stands;
    whole.add(value, mark);
    halves[i % 2].add(value, mark);
  }
  whole.add(mix64(77'777), ValueSet::may);
  halves[0].add(mix64(77'777), ValueSet::may);
  halves[1].merge(halves[0]);
  for (const ValueSet* set : {&whole, &halves[1]}) {
    const ValueSet::Counts counts = set->counts();
    CHECK(counts.must == 10'000);
    CHECK(counts.allowed == 10'001);
    CHECK(counts.there == 10'000);
    CHECK(counts.missing == 0);
    CHECK(counts.strange == 0);
  }
}

TEST_CASE("counts by country see rows that the totals hide", "[assertions][count]") {
  const LedgerBuilder built = plain_purchases(30);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows[row_index(built, rows, 3)] = row_at(built, rows, 4);
  AssertionPlan plan = count_of(purchase);
  CHECK(check(Judged(built, rows), plan).found == Verdict::pass);
  plan.by_attribute = Attribute{Attribute::Kind::trait, country, "country"};
  const AssertionReport report = check(Judged(built, rows), plan);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 3);
  CHECK(report.lines[0].bucket == "country US");
  CHECK(report.lines[1].bucket == "country DE");
  CHECK(report.lines[1].delta == "-1");
  CHECK(report.lines[2].delta == "1");
}

TEST_CASE("phantoms have no attribute, and count by action goes by the row's owner",
          "[assertions][count]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(rows.rows[0]);
  rows.rows.back().event_id = Uuid::from_bits(1, 1);
  rows.rows.back().session = 9;
  AssertionPlan plan = that("count");
  plan.by_attribute = Attribute{Attribute::Kind::action, 0, "action"};
  const AssertionReport report = check(Judged(built, rows), plan);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 2);
  CHECK(report.lines[0].bucket == "action purchase");
  CHECK(report.lines[0].verdict == Verdict::pass);
  CHECK(report.lines[1].bucket == "no action");
}

TEST_CASE("only drift sees sides that fill a field from different lists", "[assertions][drift]") {
  const auto even = [](std::uint32_t i, Source) { return static_cast<std::int64_t>(i % 4); };
  const auto skewed = [](std::uint32_t i, Source side) {
    return static_cast<std::int64_t>(side == Source::client && i % 2 == 0 ? 3 : i % 4);
  };
  AssertionPlan plan = that("drift");
  plan.of = add_to_cart;
  const LedgerBuilder right = carts(1'500, even);
  CHECK(check(Judged(right, RightPipeline{right}.rows()), plan).found == Verdict::pass);
  const LedgerBuilder built = carts(1'500, skewed);
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, plan);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 3);  // sku, country, platform
  CHECK(report.lines[0].bucket == "sku");
  CHECK(report.lines[0].verdict == Verdict::fail);
  CHECK(report.lines[0].delta == "d 25.0% -> 75.0%");
  CHECK(report.lines[1].verdict == Verdict::pass);
  for (const AssertionPlan& other : {that("exactly_once"), that("fields"), count_of(add_to_cart)})
    CHECK(check(judged, other).found == Verdict::pass);
}

TEST_CASE("a drift needs a sample whose noise is below the tolerance", "[assertions][drift]") {
  const LedgerBuilder built =
      carts(40, [](std::uint32_t i, Source) { return static_cast<std::int64_t>(i % 4); });
  AssertionPlan plan = that("drift");
  plan.of = add_to_cart;
  plan.field = sku;
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), plan);
  CHECK(report.found == Verdict::unknown);
  CHECK(report.sample_needed > 80);
  const LedgerBuilder nothing;
  CHECK(check(Judged(nothing, {{}, true}), plan).found == Verdict::unknown);
}

TEST_CASE("rows of a span drift from those of the baseline", "[assertions][drift]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    Action bought = action(i, lane_count * (i + 1));
    bought.values[revenue] = i % 1'000 * 101 + 1'099;
    bought.at = TimePlan{}.start + (i < 1'000 ? hour : 25 * hour);
    if (i >= 1'000 && i % 2 == 0) bought.values[revenue] += 2'000'00;
    built.deliver(bought);
  }
  AssertionPlan plan = drift_of(revenue);
  plan.against = AssertionPlan::Against::baseline;
  plan.baseline = {0, day};
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, plan);
  CHECK(report.found == Verdict::fail);
  CHECK(report.sample == 2'000);
  CHECK(report.actual == "50.0% (revenue)");
  CHECK(check(judged,
              [&] {
                AssertionPlan other = plan;
                other.field = tax;
                return other;
              }())
            .found == Verdict::pass);
  check_others_pass(judged);
}

TEST_CASE("two-sample tests keep their false alarm rate", "[assertions][drift]") {
  constexpr int runs = 2'000;
  constexpr double alarm = 0.05;
  int ks = 0, chi = 0, beyond = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    Spread numbers[2];
    std::vector<std::uint64_t> cells[2];
    for (std::uint64_t s = 0; s < 2; ++s) {
      cells[s].resize(8);
      const Prng draws = Prng(run).stream("sample").keyed(s);
      for (std::uint64_t i = 0; i < 300; ++i) {
        const std::uint64_t draw = draws.at(i).bits();
        numbers[s].add(static_cast<std::int64_t>(draw >> 20U));
        ++cells[s][draw % 8];
      }
    }
    ks += kolmogorov_smirnov(numbers[0], numbers[1], alarm).p < alarm ? 1 : 0;
    const SampleTest test = chi_square(cells[0], cells[1], alarm);
    chi += test.p < alarm ? 1 : 0;
    beyond += test.distance > test.floor ? 1 : 0;
  }
  CAPTURE(ks, chi, beyond);
  CHECK(ks <= 149);  // Binomial(2'000, 0.05): 100 + 5 standard deviations.
  CHECK(chi <= 149);
  CHECK(chi >= 51);
  CHECK(beyond <= chi);
}

TEST_CASE("an slo passes, fails and asks for more by its objective", "[assertions][slo]") {
  const LedgerBuilder built = plain_purchases(1'000);
  const RowSet right = RightPipeline{built}.rows();
  CHECK(check(Judged(built, right), slo("99%")).found == Verdict::pass);
  const AssertionReport few = check(Judged(built, right), slo("99.9%"));
  CHECK(few.found == Verdict::unknown);
  CHECK(few.sample_needed == 9'000);
  RowSet rows = right;
  for (std::size_t i = 0; i < 50; ++i) rows = without(built, std::move(rows), i);
  const AssertionReport report = check(Judged(built, rows), slo("99%"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.actual == "95.000% (950 of 1000, 500% of the error budget)");
  const LedgerBuilder nothing;
  CHECK(check(Judged(nothing, {{}, true}), slo("99%")).found == Verdict::unknown);
}

TEST_CASE("only slo sees that the allowed losses came all at once", "[assertions][slo]") {
  const LedgerBuilder built = steady(3'000);
  RowSet even = RightPipeline{built}.rows(), burst = even;
  for (std::size_t i = 0; i < 60; ++i) even = without(built, std::move(even), i * 50);
  for (std::size_t i = 0; i < 60; ++i) burst = without(built, std::move(burst), 1'000 + i);
  CHECK(check(Judged(built, even), slo("97%")).found == Verdict::pass);
  const Judged judged(built, burst);
  const AssertionReport report = check(judged, slo("97%"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 4);
  CHECK(report.lines[1].bucket == "page 6h/30m");
  CHECK(report.lines[1].verdict == Verdict::fail);
  CHECK(check(judged, loose_exactly_once()).found == Verdict::pass);
  AssertionPlan loose = count_of(purchase);
  loose.within = *parse_ratio("5%");
  CHECK(check(judged, loose).found == Verdict::pass);
}

TEST_CASE("success per attempt is judged against its baseline", "[assertions][ratio]") {
  const auto attempts = [](std::uint32_t later_of_ten) {
    LedgerBuilder built;
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      const bool later = i >= 1'000;
      for (const std::uint16_t type : {add_to_cart, purchase}) {
        if (type == purchase && i % 10 >= (later ? later_of_ten : 9)) continue;
        Action done = action(i, lane_count * (i + 1), type);
        done.id = {make_lane_id(0, 2 * i + (type == purchase ? 1 : 0))};
        done.values[order_id] = type == purchase ? i : done.values[order_id];
        done.at = TimePlan{}.start + (later ? 25 * hour : hour);
        built.deliver(done);
      }
    }
    return built;
  };
  AssertionPlan plan = ratio_between(900'000, 1'100'000);
  plan.per = add_to_cart;
  plan.baseline = {0, day};
  const LedgerBuilder same = attempts(9), worse = attempts(7);
  const AssertionReport holds = check(Judged(same, RightPipeline{same}.rows()), plan);
  INFO(holds.why);
  CHECK(holds.found == Verdict::pass);
  const AssertionReport fails = check(Judged(worse, RightPipeline{worse}.rows()), plan);
  CHECK(fails.found == Verdict::fail);
  CHECK(fails.why.find("below the band: 0.778") != std::string::npos);
  plan.baseline = {3 * day, 4 * day};
  CHECK(check(Judged(same, RightPipeline{same}.rows()), plan).found == Verdict::unknown);
}

TEST_CASE("a change is held against the edge of its band, not against itself",
          "[assertions][ratio]") {
  const Rate before{1'000, 2'000};
  const auto judged = [&](std::uint64_t now) {
    return judge_change({now, 2'000}, before, 1'000'000, 1'200'000).verdict;
  };
  CHECK(judged(900) == Verdict::fail);
  // The doubt of the quotient, which is smaller below the band, would make a failure of this.
  CHECK(judged(908) == Verdict::unknown);
}

}  // namespace parallax::test
