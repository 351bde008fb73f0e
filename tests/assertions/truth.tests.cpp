// SPDX-License-Identifier: Apache-2.0
// What the app itself says wrong: the judge compares with what was sent, and passes; `fields`
// against the truth finds it, and names the fault.
#include <functional>

#include "assertions/blame.h"
#include "sim/scenario/verdict_words.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr std::size_t email = 3;  ///< A field of purchases that nobody may send.
constexpr std::size_t liar = 4;   ///< The action about which something wrong is said.

FaultPlan fault_of(std::string kind, std::string field = {}) {
  FaultPlan plan;
  plan.fault = plan.name = std::move(kind);
  if (!field.empty()) {
    ParamValue param;
    param.name = "field";
    param.text = std::move(field);
    plan.params.push_back(param);
  }
  return plan;
}

/// Ten purchases of a shop with these faults, both sides delivered.
LedgerBuilder shop_of(std::vector<FaultPlan> faults) {
  LedgerBuilder built;
  built.scenario.faults = std::move(faults);
  ActionPlan& plan = built.scenario.plan.actions[purchase];
  plan.other_name = "order_completed";
  plan.fields[order_id].cut_to = 8;
  FieldPlan address = text_field("email", "mail-", TextForm::Kind::numbered);
  address.on_client = address.on_server = false;
  plan.fields.push_back(address);
  for (std::uint32_t i = 0; i < 10; ++i) built.deliver(action(i, lane_count * (i + 1)));
  return built;
}

Emission& said_by(LedgerBuilder& built, Source side) {
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.seen.id == built.ledger.actions[liar].id && record.emission.source == side)
      return record.emission;
  FAIL("no such emission");
  return built.ledger.emissions[0].emission;
}

AssertionPlan truth() {
  AssertionPlan plan = that("fields");
  plan.against_truth = true;
  return plan;
}

struct Lie {
  const char* kind;
  ActionVerdict verdict;
  std::function<void(Emission&)> tell;
};

const std::vector<Lie>& lies() {
  const auto form = [](std::size_t field, FieldForm to) {
    return [=](Emission& e) { e.forms[field] = to; };
  };
  const auto user = [](UserForm to) { return [=](Emission& e) { e.user_form = to; }; };
  static const std::vector<Lie> all{
      {"rounding", ActionVerdict::distorted, [](Emission& e) { e.seen.values[revenue] = 1'500; }},
      {"minor_units", ActionVerdict::distorted, form(revenue, FieldForm::minor_units)},
      {"truncated_field", ActionVerdict::distorted, form(order_id, FieldForm::truncated)},
      {"missing_field", ActionVerdict::distorted, form(order_id, FieldForm::undefined)},
      {"flag_differs", ActionVerdict::distorted, [](Emission& e) { e.seen.values[tax] = 1; }},
      {"personal_data", ActionVerdict::distorted, form(email, FieldForm::present)},
      {"renamed_event", ActionVerdict::distorted, [](Emission& e) { e.other_name = true; }},
      {"wrong_version", ActionVerdict::distorted, [](Emission& e) { e.schema_version = 2; }},
      {"user_not_passed", ActionVerdict::misattributed, user(UserForm::minted)},
      {"user_format", ActionVerdict::misattributed, user(UserForm::digits)},
      {"no_alias", ActionVerdict::misattributed, user(UserForm::anonymous)},
      {"previous_user", ActionVerdict::misattributed, [](Emission& e) { e.seen.user = 99; }},
      {"clock_skew", ActionVerdict::mistimed,
       [](Emission& e) { e.server_ts = e.server_ts + -hour; }},
      {"local_time", ActionVerdict::mistimed,
       [](Emission& e) { e.server_ts = e.server_ts + 9 * hour; }},
  };
  return all;
}

}  // namespace

TEST_CASE("what really happened passes against the truth", "[assertions][truth]") {
  const LedgerBuilder built = shop_of({});
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), truth());
  CHECK(report.found == Verdict::pass);
  CHECK(report.sample == 10);
  CHECK(report.rule == "each row says what really happened");
}

TEST_CASE("what the app says wrong passes as sent and fails against the truth, by its fault's name",
          "[assertions][truth]") {
  for (const Lie& lie : lies()) {
    CAPTURE(lie.kind);
    LedgerBuilder built = shop_of({fault_of("drop"), fault_of(lie.kind)});
    Emission& server = said_by(built, Source::server);
    lie.tell(server);
    server.struck = 2;
    const Judged judged(built, RightPipeline{built}.rows());
    CHECK(judged.count(ActionVerdict::ok) == 10);
    CHECK(check(judged, that("exactly_once")).found == Verdict::pass);
    CHECK(check(judged, that("fields")).found == Verdict::pass);
    const AssertionReport report = check(judged, truth());
    CHECK(report.found == Verdict::fail);
    REQUIRE(report.causes.size() == 1);
    CHECK(report.causes[0].verdict == lie.verdict);
    CHECK(name_of(report.causes[0].cause) == lie.kind);
    CHECK(report.causes[0].actions == 1);
    CHECK(report.causes[0].examples == std::vector<ActionId>{built.ledger.actions[liar].id});
    REQUIRE(report.causes[0].faults.size() == 1);
    CHECK(report.causes[0].faults[0].first == 1);
  }
}

TEST_CASE("a field that both sides leave out or rename is missing in truth",
          "[assertions][truth]") {
  const auto [kind, form] = GENERATE(table<std::string, FieldForm>({
      {"missing_field", FieldForm::absent},
      {"missing_field", FieldForm::null},
      {"renamed_field", FieldForm::renamed},
  }));
  LedgerBuilder built = shop_of({fault_of(kind, "tax")});
  for (const Source side : both_sources) {
    said_by(built, side).forms[tax] = form;
    said_by(built, side).struck = 1;
  }
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(check(judged, that("fields")).found == Verdict::pass);
  const AssertionReport report = check(judged, truth());
  REQUIRE(report.causes.size() == 1);
  CHECK(name_of(report.causes[0].cause) == kind);
  REQUIRE(report.lines.size() == 1);
  CHECK(report.lines[0].bucket == "purchase.tax (owner: server)");
}

TEST_CASE("a gap that the other side fills is no wrong row", "[assertions][truth]") {
  LedgerBuilder built = shop_of({fault_of("missing_field", "tax")});
  said_by(built, Source::server).forms[tax] = FieldForm::absent;
  said_by(built, Source::server).struck = 1;
  CHECK(check(Judged(built, RightPipeline{built}.rows()), truth()).found == Verdict::pass);
}

TEST_CASE("a field whose side did not arrive is lost coverage, not a wrong row",
          "[assertions][truth]") {
  LedgerBuilder built = shop_of({});
  built.scenario.plan.actions[purchase].fields[order_id].on_server = false;
  Emission lone = emission(built.act(action(70, lane_count * 20)), Source::server);
  lone.forms[order_id] = FieldForm::absent;
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.source == Source::server)
      record.emission.forms[order_id] = FieldForm::absent;
  built.send({built.queue(lone)});
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), truth());
  CHECK(report.found == Verdict::pass);
  CHECK(report.sample == 11);
}

TEST_CASE("both versions of a migration are right", "[assertions][truth]") {
  LedgerBuilder built = shop_of({fault_of("dual_write")});
  Emission second = said_by(built, Source::server);
  second.copy = 1;
  second.schema_version = 2;
  second.struck = 1;
  built.send({built.queue(second)});
  RowSet rows = RightPipeline{built}.rows();
  CHECK(check(Judged(built, rows), truth()).found == Verdict::pass);
  row_at(built, rows, liar).schema_version = 2;
  CHECK(check(Judged(built, rows), truth()).found == Verdict::pass);
}

TEST_CASE("the event time may be off by what the assertion says", "[assertions][truth]") {
  LedgerBuilder built = shop_of({fault_of("clock_skew")});
  Emission& server = said_by(built, Source::server);
  server.server_ts = server.server_ts + 3 * second;
  server.struck = 1;
  const Judged judged(built, RightPipeline{built}.rows());
  AssertionPlan plan = truth();
  CHECK(check(judged, plan).found == Verdict::fail);
  plan.within_time = 5 * second;
  CHECK(check(judged, plan).found == Verdict::pass);
}

TEST_CASE("what no known fault explains is said wrong", "[assertions][truth]") {
  LedgerBuilder built = shop_of({fault_of("drop")});
  said_by(built, Source::server).seen.values[tax] = 1;
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), truth());
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::said_wrong);
}

TEST_CASE("what the target makes wrong stays the target's", "[assertions][truth]") {
  LedgerBuilder built = shop_of({fault_of("rounding")});
  Emission& server = said_by(built, Source::server);
  server.seen.values[tax] = 1;
  server.struck = 1;
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, liar).values[revenue] = 7;
  row_at(built, rows, 2).values[revenue] = 7;
  const AssertionReport report = check(Judged(built, rows), truth());
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::value_changed);
  CHECK(report.causes[0].actions == 2);
}

TEST_CASE("the fault that is about the field is blamed before one about all of them",
          "[assertions][truth]") {
  LedgerBuilder built = shop_of(
      {fault_of("minor_units", "tax"), fault_of("rounding"), fault_of("flag_differs", "revenue")});
  Emission said = said_by(built, Source::server);
  const Blame blame(built.scenario);
  said.struck = 7;
  CHECK(blame.of(said, Aspect::field, "tax") == Cause::minor_units);
  CHECK(blame.of(said, Aspect::field, "revenue") == Cause::flag_differs);
  CHECK(blame.of(said, Aspect::field, "order_id") == Cause::rounding);
  CHECK(blame.of(said, Aspect::user) == Cause::said_wrong);
  said.struck = 4;
  CHECK(blame.of(said, Aspect::field, "tax") == Cause::said_wrong);
}

TEST_CASE("of an event under two names that both stand the names are told",
          "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("renamed_event")});
  said_by(built, Source::server).other_name = true;
  RowSet rows = RightPipeline{built}.rows();
  const Emission& client = said_by(built, Source::client);
  rows.rows.push_back(row_of(built.scenario.plan, &client, nullptr));
  row_at(built, rows, liar).client_ts = no_time;
  row_at(built, rows, liar).client_rows = 0;
  const Judged judged(built, rows);
  CHECK(judged[liar].verdict == ActionVerdict::duplicated);
  CHECK(judged[liar].cause == Cause::two_names);
}

TEST_CASE("of two versions that both stand the dual write is told",
          "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("dual_write")});
  Emission second = said_by(built, Source::server);
  second.copy = 1;
  second.schema_version = 2;
  second.struck = 1;
  built.send({built.queue(second)});
  RowSet rows = RightPipeline{built}.rows();
  CanonicalRow again = row_of(built.scenario.plan, nullptr, &second);
  rows.rows.push_back(again);
  const Judged judged(built, rows);
  CHECK(judged[liar].verdict == ActionVerdict::duplicated);
  CHECK(judged[liar].cause == Cause::dual_write);
}

TEST_CASE("an event of another project is excused, and a row of it is none",
          "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("wrong_project")});
  for (const Source side : both_sources) {
    said_by(built, side).other_project = true;
    said_by(built, side).struck = 1;
  }
  RowSet rows = RightPipeline{built}.rows();
  REQUIRE(rows.rows.size() == 9);
  {
    const Judged judged(built, rows);
    CHECK(judged[liar].verdict == ActionVerdict::excused);
    CHECK(judged[liar].cause == Cause::other_project);
  }
  rows.rows.push_back(row_of(built.scenario.plan, nullptr, &said_by(built, Source::server)));
  CHECK(Judged(built, rows)[liar].verdict == ActionVerdict::leaked);
}

TEST_CASE("one side in another project leaves the other side's row",
          "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("wrong_project")});
  said_by(built, Source::server).other_project = true;
  said_by(built, Source::server).struck = 1;
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(judged.count(ActionVerdict::ok) == 10);
  CHECK(check(judged, that("exactly_once")).found == Verdict::pass);
}

TEST_CASE("what a side holds back by itself is excused", "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("consent_overdrop")});
  Emission held = emission(built.act(action(70, lane_count * 20, page_view)), Source::client);
  held.withheld = Withheld::consent;
  held.struck = 1;
  built.queue(held, Fate::withheld);
  const Judged judged(built, RightPipeline{built}.rows());
  const JudgedAction& action = judged[10];
  CHECK(action.verdict == ActionVerdict::excused);
  CHECK(action.cause == Cause::held_back);
}

TEST_CASE("an event that names no user may be set aside", "[assertions][truth][verdict]") {
  LedgerBuilder built = shop_of({fault_of("user_not_passed")});
  for (const Source side : both_sources) {
    said_by(built, side).user_form = UserForm::absent;
    said_by(built, side).struck = 1;
  }
  RowSet rows = RightPipeline{built}.rows();
  CHECK(Judged(built, rows)[liar].verdict == ActionVerdict::recovered);
  const RowSet fewer = without(built, rows, liar);
  const Judged judged(built, fewer);
  CHECK(judged[liar].verdict == ActionVerdict::excused);
  CHECK(judged[liar].cause == Cause::set_aside);
}

TEST_CASE("the words of a scenario are the causes of the judge", "[assertions][truth]") {
  REQUIRE(cause_words.size() == static_cast<std::size_t>(Cause::wrong_reason));
  for (std::size_t i = 0; i < cause_words.size(); ++i)
    CHECK(cause_words[i] == name_of(static_cast<Cause>(i + 1)));
}

}  // namespace parallax::test
