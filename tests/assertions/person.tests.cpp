// SPDX-License-Identifier: Apache-2.0
// person: what a login ties, and whom it must not tie.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Visits of users who look around and log in (by a purchase), on devices of their choice.
class Visits {
 public:
  Visits() { built_.scenario.effective_json = R"({"identity": {"login": "purchase"}})"; }

  /// What the client says: of `said`, or of the device where there is nobody.
  void act(std::uint16_t type, std::uint32_t user, std::uint64_t device, bool is_known,
           std::uint64_t goes_by) {
    Action done = action(actions_++, user * lane_count);
    done.type = type;
    done.device = device;
    done.session = 100 + user;
    built_.act(done);
    Emission seen = emission(done, Source::client);
    seen.seen.device = goes_by;
    seen.user_form = is_known ? UserForm::normal : UserForm::anonymous;
    built_.send({built_.queue(seen)});
    known_.push_back(is_known);
  }
  AssertionReport report() const {
    RowSet rows = RightPipeline{built_}.rows();
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      rows.rows[i].lane = known_[i] ? 0 : CanonicalRow::no_lane;
    AssertionPlan plan;
    plan.that = plan.name = "person";
    return Judged(built_, rows).with(plan);
  }

 private:
  LedgerBuilder built_;
  std::uint32_t actions_ = 0;
  std::vector<bool> known_;
};

}  // namespace

TEST_CASE("a login ties what its device did before it", "[assertions][person]") {
  Visits visits;
  visits.act(page_view, 1, 0xa, false, 0xa);
  visits.act(purchase, 1, 0xa, true, 0xa);
  visits.act(page_view, 2, 0xb, false, 0xb);  // Who never logs in is a stranger, and stays one.
  const AssertionReport report = visits.report();
  CAPTURE(report.why);
  CHECK(report.found == Verdict::pass);
  CHECK(report.sample == 3);
}

TEST_CASE("a visit that the login's own id does not tie is found", "[assertions][person]") {
  Visits visits;
  visits.act(page_view, 1, 0xa, false, 0xa);
  visits.act(purchase, 1, 0xa, true, 0xc);
  const AssertionReport report = visits.report();
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::not_linked);
  CHECK(report.causes[0].actions == 1);
}

TEST_CASE("whoever comes after somebody who was not forgotten is taken for that one",
          "[assertions][person]") {
  Visits visits;
  visits.act(purchase, 1, 0xa, true, 0xa);
  visits.act(page_view, 2, 0xa, false, 0xa);
  const AssertionReport report = visits.report();
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::wrong_user);
}

TEST_CASE("without a login in the scenario nothing was measured", "[assertions][person]") {
  const LedgerBuilder built = [] {
    LedgerBuilder made;
    made.deliver(action(0, 1));
    return made;
  }();
  AssertionPlan plan;
  plan.that = plan.name = "person";
  const AssertionReport report = Judged(built, RightPipeline{built}.rows()).with(plan);
  CHECK(report.found == Verdict::unknown);
  CHECK(report.why.find("has no \"login\"") != std::string::npos);
}

}  // namespace parallax::test
