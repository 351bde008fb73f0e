// SPDX-License-Identifier: Apache-2.0
// A run judged in parts says exactly what it says when it is judged as a whole.
#include <sstream>

#include "sim/core/prng.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// The n-th action of the user's lane.
Action lane_action(std::uint32_t user, std::uint64_t n, std::uint16_t type) {
  Action acted = action(n, user, type);
  acted.id = {make_lane_id(lane_of_user(user), n)};
  return acted;
}

/// Users of many lanes with faults, and a target that makes every kind of mistake.
class LaneWorld {
 public:
  explicit LaneWorld(std::uint64_t seed) : draw_(Prng(seed).stream("lane-world")) {
    std::array<std::uint64_t, lane_count> ordinals{};
    for (std::uint32_t user = 0; user < 40; ++user) {
      const LaneIndex lane = lane_of_user(user * 7);
      for (std::uint32_t i = 1; i <= 4; ++i) {
        Action acted =
            lane_action(user * 7, ordinals[lane]++, static_cast<std::uint16_t>(draw_.below(3)));
        acted.session = 1'000 + user;
        acted.sequence = i;
        if (hits(5)) acted.consent = Consent::denied;
        built.act(acted);
        film(acted, Source::client);
        if (acted.type != page_view) film(acted, Source::server);
      }
    }
    in_ledger_order();
    damage();
  }

  LedgerBuilder built;
  RowSet rows;

 private:
  bool hits(std::uint64_t percent) { return draw_.below(100) < percent; }

  void film(const Action& acted, Source side) {
    Emission taken = emission(acted, side);
    if (hits(8)) taken.id_form = IdForm::absent;
    // An id that other actions, of other lanes too, carry as well.
    if (hits(6)) taken.event_id = Uuid::from_bits(1 + draw_.below(3), 99);
    const EmissionKey key = built.queue(taken, hits(8) ? Fate::destroyed : Fate::queued);
    if (hits(85)) built.send({key}, hits(10) ? lost_answer() : Sending{});
    if (hits(15)) built.send({key});
  }

  void in_ledger_order() {
    Ledger ordered;
    for (const Ledger& lane : split(built.ledger, lane_count)) {
      const auto append = [&](auto list) {
        (ordered.*list).insert((ordered.*list).end(), (lane.*list).begin(), (lane.*list).end());
      };
      append(&Ledger::actions);
      append(&Ledger::emissions);
      append(&Ledger::attempts);
      append(&Ledger::deliveries);
      append(&Ledger::receipts);
      append(&Ledger::abandons);
    }
    built.ledger = ordered;
  }

  void damage() {
    rows = RightPipeline{built}.rows();
    std::vector<CanonicalRow> out;
    for (CanonicalRow row : rows.rows) {
      if (hits(6)) continue;
      if (hits(3)) row.user = user_key_of("u-" + std::to_string(draw_.below(40) * 7));
      if (hits(3)) row.id_form = IdForm::absent;
      if (hits(3)) row.event_id = Uuid::from_bits(draw_.next(), 5);
      if (hits(2)) row.sequence += 100;
      if (hits(2)) row.run = hash_text("other-run");
      if (hits(3)) row.values[revenue] += 1;
      if (hits(3)) row.event_ts = row.event_ts + minute;
      row.ingestion_ts = row.event_ts + static_cast<Micros>(draw_.below(200)) * millisecond;
      row.schema_version = static_cast<std::int16_t>(hits(4) ? 2 : 1);
      out.push_back(row);
      if (hits(4)) out.push_back(row);
    }
    rows.rows = out;
    know_users();
  }

  /// Readers tell the lane of a user that is one of ours.
  void know_users() {
    for (CanonicalRow& row : rows.rows)
      for (std::uint32_t user = 0; user < 40 && hits(90); ++user)
        if (row.user == user_key_of("u-" + std::to_string(user * 7)))
          row.lane = static_cast<std::uint8_t>(lane_of_user(user * 7));
  }

  Prng draw_;
};

std::vector<AssertionPlan> plans() {
  AssertionPlan count = that("count");
  count.by = hour;
  AssertionPlan sum = sum_of(revenue);
  sum.by = hour;
  AssertionPlan per = ratio_between(100'000, 9'000'000);
  per.per = add_to_cart;
  AssertionPlan narrow = ratio_between(999'000, 1'001'000);
  narrow.by = hour;
  std::vector<AssertionPlan> all{that("exactly_once"), that("fields"), count, sum, per, narrow};
  for (const char* kind :
       {"order", "consent", "identity", "sampling", "contract", "schema_version"})
    all.push_back(that(kind));
  AssertionPlan buyers = that("distinct");
  buyers.id = OwnerId::user;
  buyers.by_attribute = Attribute{Attribute::Kind::trait, country, "country"};
  AssertionPlan latency = that("latency");
  latency.at_most = {{*parse_ratio("50%"), millisecond}};
  AssertionPlan drift = that("drift");
  drift.of = purchase;
  AssertionPlan slo = that("slo");
  slo.objective = *parse_ratio("90%");
  AssertionPlan fresh = that("freshness");
  fresh.seen_within = 100 * millisecond;
  all.insert(all.end(), {buyers, latency, drift, slo, fresh});
  return all;
}

void tell(const std::vector<CauseCount>& causes, std::ostream& out) {
  for (const CauseCount& cause : causes) {
    out << "  " << name_of(cause.verdict) << '/' << name_of(cause.cause) << ' ' << cause.actions;
    for (const ActionId id : cause.examples) out << " a-" << id.value;
    for (const auto& [fault, count] : cause.faults) out << " fault " << fault << ": " << count;
    out << '\n';
  }
}

/// Everything that can be said of the run.
std::string told(const LaneWorld& world, std::uint8_t parts) {
  const Judged judged(world.built, world.rows, {}, parts);
  std::ostringstream out;
  for (std::size_t i = 0; i < world.built.ledger.actions.size(); ++i) {
    const JudgedAction& action = judged[i];
    out << action.id.value << ' ' << name_of(action.verdict) << ' ' << name_of(action.cause) << ' '
        << name_of(action.row_cause) << ' ' << action.findings << ' ' << action.fields << ' '
        << action.rows << '\n';
  }
  for (const CanonicalRow& row : judged.trial().phantoms()) out << "phantom " << row.number << '\n';
  for (const AssertionReport& report : judged.trial().reports()) {
    out << report.kind << ' ' << name_of(report.found) << ' ' << report.expected << ' '
        << report.actual << ' ' << report.delta << ' ' << report.why << ' ' << report.sample
        << '\n';
    for (const auto& line : report.lines)
      out << "  " << line.bucket << ' ' << line.expected << ' ' << line.actual << '\n';
    tell(report.causes, out);
  }
  tell(judged.trial().causes(), out);
  return out.str();
}

}  // namespace

TEST_CASE("no report depends on how the run is parted", "[assertions][parting][property]") {
  std::uint64_t phantoms = 0, collapsed = 0, misattributed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    LaneWorld world(seed);
    world.built.scenario.assertions = plans();
    CAPTURE(seed);
    const std::string whole = told(world, 1);
    CHECK(told(world, 3) == whole);
    CHECK(told(world, lane_count) == whole);
    const Judged judged(world.built, world.rows);
    phantoms += judged.trial().phantoms().size();
    collapsed += judged.count(ActionVerdict::collapsed);
    misattributed += judged.count(ActionVerdict::misattributed);
  }
  // The worlds hold what parts can get wrong.
  CHECK(phantoms > 0);
  CHECK(collapsed > 20);
  CHECK(misattributed > 20);
}

TEST_CASE("a row of an id that two lanes carry goes to the action it resembles",
          "[assertions][parting]") {
  for (const std::uint8_t parts : {std::uint8_t{1}, std::uint8_t{64}}) {
    LedgerBuilder built;
    const Uuid shared = Uuid::from_bits(4, 4);
    for (std::uint32_t user = 1; user <= 2; ++user) {
      const Action acted = lane_action(user, 0, page_view);
      built.act(acted);
      Emission taken = emission(acted, Source::client);
      taken.event_id = shared;
      built.send({built.queue(taken)});
    }
    RowSet rows;
    rows.complete = true;
    rows.rows = {row_of(built.scenario.plan, &built.ledger.emissions[1].emission, nullptr)};
    const Judged judged(built, rows, {}, parts);
    CHECK(judged[0].verdict == ActionVerdict::collapsed);
    CHECK(judged[0].cause == Cause::id_reused);
    CHECK(judged[1].verdict == ActionVerdict::ok);
    CHECK(judged[1].rows == 1);
  }
}

TEST_CASE("a row without an id under a user of another lane is found by its session",
          "[assertions][parting]") {
  LedgerBuilder built;
  const Action acted = lane_action(1, 0, purchase);
  built.act(acted);
  built.send({built.queue(emission(acted, Source::server))});
  RowSet rows = RightPipeline{built}.rows();
  rows.rows[0].id_form = IdForm::absent;
  rows.rows[0].user = user_key_of("u-2");
  rows.rows[0].lane = 2;
  const Judged judged(built, rows, {}, lane_count);
  CHECK(judged[0].verdict == ActionVerdict::misattributed);
  CHECK(judged.trial().phantoms().empty());
}

}  // namespace parallax::test
