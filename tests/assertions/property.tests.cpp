// SPDX-License-Identifier: Apache-2.0
// A right pipeline under random faults is never accused, and a random defect never goes unseen.
#include "sim/core/prng.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Purchases, carts and page views of a few users with everything that faults do to them.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : draw_(Prng(seed).stream("random-world")) {
    for (std::uint64_t i = 0; i < 120; ++i) {
      const auto user = static_cast<std::uint32_t>(draw_.below(12));
      Action acted = action(i, lane_count * user, static_cast<std::uint16_t>(draw_.below(3)));
      acted.session = 1000 + user;
      acted.sequence = ++sequences_[user];
      if (hits(10)) acted.consent = Consent::denied;
      if (hits(5)) acted.refused = true;
      built.act(acted);
      film(acted, Source::client);
      if (acted.type != page_view) film(acted, Source::server);
    }
  }

  RowSet rows() const { return RightPipeline{built, committed_}.rows(); }

  LedgerBuilder built;

 private:
  bool hits(std::uint64_t percent) { return draw_.below(100) < percent; }

  void film(const Action& acted, Source side) {
    Emission taken = emission(acted, side);
    const bool forbidden = acted.consent == Consent::denied || acted.refused;
    if (forbidden && (acted.refused || !hits(30))) {
      taken.withheld = acted.refused ? Withheld::refused : Withheld::consent;
      built.queue(taken, Fate::withheld);
      return;
    }
    if (hits(10)) {
      built.queue(taken, Fate::destroyed);
      return;
    }
    if (side == Source::client && hits(20)) {
      taken.client_ts = taken.client_ts + draw_.between(-hour, hour) / millisecond * millisecond;
      taken.seen.values[revenue] = taken.seen.values[revenue] / 100 * 100;
    }
    if (hits(8)) taken.id_form = hits(50) ? IdForm::absent : IdForm::empty;
    std::vector<EmissionKey> keys{built.queue(taken)};
    if (hits(10)) {
      taken.copy = 1;
      if (taken.client_ts != no_time) taken.client_ts = taken.client_ts + 300 * millisecond;
      keys.push_back(built.queue(taken));
    }
    for (const EmissionKey& key : keys) deliver(key);
  }

  /// Up to three attempts, each with its own fate.
  void deliver(const EmissionKey& key) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (hits(70)) {
        Sending sending;
        if (hits(5)) sending.later = 2 * hour;
        built.send({key}, sending);
        return;
      }
      const bool lost = hits(50);
      const AttemptId id = built.send({key}, lost ? lost_answer() : refused_connection());
      if (lost && hits(50)) committed_.push_back(id);
    }
    built.abandon(key, AbandonRecord::Why::exhausted);
  }

  Prng draw_;
  std::uint32_t sequences_[12] = {};
  std::vector<AttemptId> committed_;
};

std::vector<AssertionPlan> all_kinds() {
  AssertionPlan count = that("count");
  count.by = hour;
  AssertionPlan sum = that("sum");
  sum.of = purchase;
  sum.field = revenue;
  sum.by = hour;
  AssertionPlan ratio = that("ratio");
  ratio.of = purchase;
  ratio.between_millionths = {100'000, 9'000'000};
  return {that("exactly_once"), that("fields"), count, sum, ratio};
}

}  // namespace

TEST_CASE("a right pipeline is never accused", "[assertions][property]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomWorld world(seed);
    const Judged judged(world.built, world.rows());
    CAPTURE(seed);
    for (const AssertionPlan& plan : all_kinds()) {
      const AssertionReport report = check(judged, plan);
      INFO(plan.that << ": " << report.why);
      CHECK(report.found == Verdict::pass);
    }
    REQUIRE(judged.trial().causes().empty());
    REQUIRE(judged.count(ActionVerdict::unevaluated) == 0);
  }
}

TEST_CASE("one row changed anywhere never goes unseen", "[assertions][property]") {
  std::uint64_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomWorld world(seed);
    RowSet rows = world.rows();
    Prng draw = Prng(seed).stream("defect");
    const std::uint64_t victim = draw.below(rows.rows.size());
    CanonicalRow& row = rows.rows[victim];
    const std::uint64_t defect = draw.below(6);
    const Judged before(world.built, world.rows());
    switch (defect) {
      case 0:
        rows.rows.push_back(row);
        break;
      case 1:
        row.event_ts = row.event_ts + 7 * minute;
        break;
      case 2:
        row.user ^= 1;
        break;
      case 3:
        row.event_name ^= 1;
        break;
      case 4:
        row.sequence += 1'000;
        break;
      default:
        rows.rows.erase(rows.rows.begin() + static_cast<std::ptrdiff_t>(victim));
        break;
    }
    const Judged after(world.built, rows);
    CAPTURE(seed, defect);
    const std::uint64_t findings = after.trial().causes().size() + after.trial().phantoms().size();
    if (defect < 5) {
      CHECK(findings > 0);
    } else {  // What may or may not be there, may be gone.
      const bool was_open =
          before.count(ActionVerdict::recovered) > after.count(ActionVerdict::recovered);
      CHECK((findings > 0 || was_open));
    }
    seen += findings > 0 ? 1 : 0;
  }
  CHECK(seen > 280);
}

}  // namespace parallax::test
