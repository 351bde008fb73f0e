// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// What the fault makes of one emission.
std::vector<Captures::Item> effect(const FaultPlan& plan, const Emission& in) {
  return capture({plan}, {in}).items;
}

/// The emission withheld for a reason, as the instrumentation marks it.
Emission withheld(Emission e, Withheld why) {
  e.withheld = why;
  if (why == Withheld::consent) e.seen.consent = Consent::denied;
  if (why == Withheld::sampling) e.seen.sampled = false;
  if (why == Withheld::refused) e.seen.refused = true;
  return e;
}

}  // namespace

TEST_CASE("ad_block takes all of a user's client emissions and no server's", "[fault][ad_block]") {
  std::vector<Emission> in = traffic(1'000, 5, Source::client);
  for (const Emission& e : traffic(1'000, 5, Source::server)) in.push_back(e);
  const Outcome out = capture({with_rate(fault("ad_block"), 150)}, in);
  std::set<std::uint32_t> blocked;
  for (const Emission& e : out.destroyed) {
    CHECK(e.source == Source::client);
    blocked.insert(e.seen.user);
  }
  CAPTURE(blocked.size());
  CHECK(out.destroyed.size() == 5 * blocked.size());
  CHECK(blocked.size() > 93);  // Binomial(1'000, 0.15): 150 +- 5 deviations of 11.3.
  CHECK(blocked.size() < 207);
}

TEST_CASE("ad_block follows the population unless it has a choice of its own",
          "[fault][ad_block]") {
  Scenario scenario = shop_with({fault("ad_block")});
  const auto on_web = Predicate::parse("platform = web", scenario.plan, scenario.time.start);
  REQUIRE(on_web);
  scenario.population.ad_blocker = {{500'000'000}, *on_web};
  const Outcome out = capture(chain_of(scenario), traffic(900, 2));
  for (const Emission& e : out.destroyed) CHECK(e.seen.traits[platform] == 0);
  CHECK(out.destroyed.size() > 212);  // Twice Binomial(300, 0.5): 150 +- 5 x 8.7.
  CHECK(out.destroyed.size() < 388);
  CHECK(out.counts[0].struck + out.counts[0].skipped == 600);  // The others are not reached.
  scenario.faults[0] = with_rate(fault("ad_block"), 1'000);
  CHECK(capture(chain_of(scenario), traffic(900, 2)).destroyed.size() == 1'800);
}

TEST_CASE("ad_block refuses what would not be a blocker", "[fault][ad_block]") {
  FaultPlan plan = fault("ad_block");
  plan.selector.side = Source::server;
  CHECK(complaint(plan) == "/faults/0/side");
  plan = fault("ad_block");
  plan.selector.scope = SelectorPlan::Scope::session;
  CHECK(complaint(plan) == "/faults/0/per");
  plan = fault("ad_block");
  plan.selector.choice = SelectorPlan::Choice::nth;
  CHECK(complaint(plan) == "/faults/0/nth");
  Scenario scenario = shop_with({fault("ad_block")});
  const auto page = Predicate::parse("page = home", scenario.plan, scenario.time.start);
  REQUIRE(page);
  scenario.faults[0].selector.where = *page;
  CHECK(complaint(scenario) == "/faults/0/where");
}

TEST_CASE("drop destroys emissions of either side", "[fault][drop]") {
  CHECK(effect(fault("drop"), client_emission(1)).empty());
  CHECK(effect(fault("drop"), server_emission(1)).empty());
}

TEST_CASE("double_fire repeats the emission a moment later, with its id and sequence",
          "[fault][double_fire]") {
  const Emission in = client_emission(1);
  const auto items = effect(fault("double_fire"), in);
  REQUIRE(items.size() == 2);
  CHECK(same(items[0].emission, struck(in)));
  CHECK(items[0].later == 0);
  Emission copy = struck(in);
  copy.copy = 1;
  copy.captured = in.captured + 300 * millisecond;
  copy.client_ts = in.client_ts + 300 * millisecond;
  CHECK(same(items[1].emission, copy));
  CHECK(items[1].later == 300 * millisecond);
}

TEST_CASE("double_fire with new ids changes the ids of the copies alone", "[fault][double_fire]") {
  const Emission in = client_emission(1);
  const auto items = effect(fault("double_fire", {word("id", "new"), number("times", 3)}), in);
  REQUIRE(items.size() == 4);
  std::set<Uuid> ids;
  for (const Captures::Item& item : items) ids.insert(item.emission.event_id);
  CHECK(ids.size() == 4);
  CHECK(items[0].emission.event_id == in.event_id);
  CHECK(items[3].emission.event_id.text()[14] == '4');  // A version-4 id.
  CHECK(items[3].later == 900 * millisecond);
}

TEST_CASE("double_fire draws the gap anew for each copy", "[fault][double_fire]") {
  const auto items = effect(
      fault("double_fire", {drawn("after", "uniform", {second, minute}), number("times", 2)}),
      client_emission(1));
  REQUIRE(items.size() == 3);
  const Micros first = items[1].later;
  const Micros second_gap = items[2].later - first;
  CHECK(first != second_gap);
  CHECK(first >= second);
  CHECK(second_gap <= minute);
  CHECK(items[2].emission.client_ts == items[2].emission.client_ts.to_millisecond());
}

TEST_CASE("new ids follow the event id, and with it the run", "[fault][double_fire]") {
  const std::string kind = GENERATE("regenerated_id", "double_fire");
  Emission in = server_emission(1);
  if (kind == "double_fire") in = client_emission(1);
  const FaultPlan plan = kind == "double_fire" ? fault(kind, {word("id", "new")}) : fault(kind);
  const Uuid first = effect(plan, in).back().emission.event_id;
  CHECK(effect(plan, in).back().emission.event_id == first);
  in.event_id = Uuid::from_bits(1, 2);
  CHECK(effect(plan, in).back().emission.event_id != first);
}

TEST_CASE("consent_drift lets the server's emission out and leaves the refusal in it",
          "[fault][consent_drift]") {
  const Emission in = withheld(server_emission(1), Withheld::consent);
  const auto items = effect(fault("consent_drift"), in);
  REQUIRE(items.size() == 1);
  Emission expected = struck(in);
  expected.withheld = Withheld::no;
  CHECK(same(items[0].emission, expected));
  CHECK(items[0].emission.seen.consent == Consent::denied);
}

TEST_CASE("consent_drift strikes nothing that consent does not withhold",
          "[fault][consent_drift]") {
  const Emission in = GENERATE(server_emission(1), withheld(server_emission(1), Withheld::sampling),
                               withheld(client_emission(1), Withheld::consent));
  const auto items = effect(fault("consent_drift"), in);
  REQUIRE(items.size() == 1);
  CHECK(same(items[0].emission, in));
}

TEST_CASE("consent_drift ends one reason to withhold, not the others", "[fault][consent_drift]") {
  Emission in = withheld(server_emission(1), Withheld::consent);
  in.seen.refused = true;
  CHECK(effect(fault("consent_drift"), in)[0].emission.withheld == Withheld::refused);
  in.seen.sampled = false;
  CHECK(effect(fault("consent_drift"), in)[0].emission.withheld == Withheld::sampling);
}

TEST_CASE("early_success lets the client report what the backend refuses",
          "[fault][early_success]") {
  const Emission in = withheld(client_emission(1), Withheld::refused);
  const auto items = effect(fault("early_success"), in);
  REQUIRE(items.size() == 1);
  Emission expected = struck(in);
  expected.withheld = Withheld::no;
  CHECK(same(items[0].emission, expected));
}

TEST_CASE("early_success strikes nothing else", "[fault][early_success]") {
  const Emission in = GENERATE(client_emission(1), withheld(client_emission(1), Withheld::consent),
                               withheld(server_emission(1), Withheld::refused));
  CHECK(same(effect(fault("early_success"), in)[0].emission, in));
  FaultPlan on_server = fault("early_success");
  on_server.selector.side = Source::server;
  CHECK(complaint(on_server) == "/faults/0/side");
}

TEST_CASE("missing_id changes how the id stands on the wire and nothing else",
          "[fault][missing_id]") {
  const auto [text, form] = GENERATE(table<std::string, IdForm>({
      {"", IdForm::absent},
      {"absent", IdForm::absent},
      {"empty", IdForm::empty},
      {"placeholder", IdForm::placeholder},
  }));
  FaultPlan plan = fault("missing_id");
  if (!text.empty()) plan.params = {word("form", text)};
  const Emission in = GENERATE(client_emission(1), server_emission(1));
  Emission expected = struck(in);
  expected.id_form = form;
  CHECK(same(effect(plan, in)[0].emission, expected));
}

TEST_CASE("regenerated_id gives the server's emission an id of its own",
          "[fault][regenerated_id]") {
  const Emission in = server_emission(1);
  const auto items = effect(fault("regenerated_id"), in);
  REQUIRE(items.size() == 1);
  CHECK(items[0].emission.event_id != in.event_id);
  Emission expected = struck(in);
  expected.event_id = items[0].emission.event_id;
  CHECK(same(items[0].emission, expected));
  CHECK(same(effect(fault("regenerated_id"), client_emission(1))[0].emission, client_emission(1)));
}

TEST_CASE("regenerated ids differ even where the draw is a user's", "[fault][regenerated_id]") {
  FaultPlan plan = fault("regenerated_id");
  plan.selector.scope = SelectorPlan::Scope::user;
  std::set<Uuid> ids;
  for (const Captures::Item& item : capture({plan}, traffic(3, 100, Source::server)).items)
    ids.insert(item.emission.event_id);
  CHECK(ids.size() == 300);
}

TEST_CASE("rounding takes money half up to the step", "[fault][rounding]") {
  const auto [before, after] = GENERATE(table<std::int64_t, std::int64_t>(
      {{1'049, 1'000}, {1'050, 1'100}, {1'100, 1'100}, {0, 0}, {49, 0}, {-1'050, -1'100}}));
  Emission in = client_emission(1);
  in.seen.values[revenue] = before;
  in.seen.values[tax] = before;
  Emission expected = struck(in);
  expected.seen.values[revenue] = expected.seen.values[tax] = after;
  CHECK(same(effect(fault("rounding"), in)[0].emission, expected));
}

TEST_CASE("rounding of one field leaves the others", "[fault][rounding]") {
  Emission in = client_emission(1);
  in.seen.values[revenue] = 1'238;
  in.seen.values[tax] = 123;
  Emission expected = struck(in);
  expected.seen.values[tax] = 125;
  const auto items = effect(fault("rounding", {number("to", 5), word("field", "tax")}), in);
  CHECK(same(items[0].emission, expected));
}

TEST_CASE("rounding reaches no event without money", "[fault][rounding]") {
  const Emission in = emission(action(1, 1, add_to_cart), Source::client);
  CHECK(same(effect(fault("rounding"), in)[0].emission, in));
  Emission without = client_emission(1);
  without.forms[revenue] = without.forms[tax] = FieldForm::absent;
  CHECK(same(effect(fault("rounding"), without)[0].emission, without));
}

TEST_CASE("rounding needs a money field", "[fault][rounding]") {
  CHECK(complaint(fault("rounding", {word("field", "sku")})) == "/faults/0/field");
  Scenario scenario = shop_with({fault("rounding")});
  scenario.plan.actions.resize(2);
  CHECK(complaint(scenario) == "/faults/0/fault");
}
