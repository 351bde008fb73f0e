// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

TEST_CASE("the scenario of the design loads as written", "[scenario]") {
  const Loaded loaded = load_text(shop_json());
  CHECK(texts_of(loaded.problems) == "");
  REQUIRE(loaded.ok());
  const Scenario& shop = loaded.scenario;
  CHECK(shop.name == "shop");
  CHECK(shop.about == "A shop for a week: browse, cart, checkout, purchase, login.");
  CHECK(shop.seed == 7);
  CHECK(shop.time.length == 7 * day);
  CHECK(shop.time.pace == 0);
  CHECK(to_rfc3339(shop.time.start) == "2026-03-02T00:00:00.000Z");
  CHECK(shop.target_json.empty());
}

TEST_CASE("the design's population becomes exact shares and weights", "[scenario]") {
  const Scenario shop = load_text(shop_json()).scenario;
  const PopulationPlan& population = shop.population;
  CHECK(population.users == 10'000);
  CHECK(population.sessions.per_user_day_millionths == 350'000);
  CHECK(population.sessions.curve == Curve::retail_week);
  REQUIRE(shop.plan.traits.size() == 2);
  CHECK(shop.plan.traits[1].name == "platform");
  CHECK(shop.plan.traits[1].values == std::vector<std::string>{"web", "ios", "android"});
  REQUIRE(population.traits.size() == 2);
  CHECK(population.traits[0].pick[1].weight == 2);
  CHECK_FALSE(population.traits[0].per_session);
  CHECK(population.ad_blocker.share.parts == 150'000'000);
  CHECK(population.ad_blocker.where.text() == "platform = web");
  CHECK(population.consent.denied.parts == 100'000'000);
  CHECK(population.consent.withdrawn_later.parts == 20'000'000);
  CHECK(population.sampling == Ratio::whole());
  REQUIRE(population.devices.size() == 1);
  CHECK(population.devices[0].index == 0);
  REQUIRE(shop.plan.currencies.size() == 1);
  CHECK(shop.plan.currencies[0].code == "USD");
}

TEST_CASE("the design's tracking plan keeps order, sides and owners", "[scenario]") {
  const Scenario shop = load_text(shop_json()).scenario;
  REQUIRE(shop.plan.actions.size() == 3);
  const ActionPlan& cart = shop.plan.actions[1];
  CHECK(cart.name == "add_to_cart");
  CHECK((cart.client && cart.server));
  CHECK_FALSE(shop.plan.actions[0].server);
  CHECK(cart.fields[0].form.text(17) == "sku-17");
  CHECK(shop.actions[1].fields[0].items == 500);
  const ActionPlan& purchase = shop.plan.actions[2];
  CHECK(shop.actions[2].succeeds.parts == 970'000'000);
  REQUIRE(purchase.fields.size() == 2);
  CHECK(purchase.fields[0].type == FieldType::money);
  CHECK(purchase.fields[0].owner == Source::server);
  CHECK(shop.actions[2].fields[0].kind == FieldChoice::Kind::log_normal);
  CHECK(shop.actions[2].fields[0].low == 4'000);
  CHECK(shop.actions[2].fields[1].kind == FieldChoice::Kind::percent_of);
  CHECK(shop.actions[2].fields[1].base == 0);
  CHECK(shop.actions[2].fields[1].shares[0].parts == 80'000'000);
  CHECK(shop.plan.identity.kind == IdentityPlan::Kind::shared);
}

TEST_CASE("the design's journey is a state machine over indices", "[scenario]") {
  const Scenario shop = load_text(shop_json()).scenario;
  REQUIRE(shop.journeys.size() == 1);
  const JourneyPlan& buy = shop.journeys[0];
  CHECK(buy.name == "buy");
  CHECK(buy.start == 0);
  REQUIRE(buy.states.size() == 3);
  CHECK(buy.states[1].think == 20 * second);
  CHECK(buy.states[1].does == 1);
  REQUIRE(buy.states[1].next.size() == 3);
  CHECK(buy.states[1].next[0].index == 2);
  CHECK(buy.states[1].next[2].index == StatePlan::leaves);
  CHECK(buy.states[1].next[2].weight == 5);
  CHECK(shop.plan.pages == std::vector<std::string>{"home", "product", "checkout"});
}

TEST_CASE("the design's faults have their selectors and parameters", "[scenario]") {
  const Scenario shop = load_text(shop_json()).scenario;
  REQUIRE(shop.faults.size() == 4);
  CHECK(shop.faults[0].selector.scope == SelectorPlan::Scope::user);
  CHECK(shop.faults[0].selector.choice == SelectorPlan::Choice::all);
  const ParamValue* offset = shop.faults[1].param("offset");
  REQUIRE(offset != nullptr);
  CHECK(offset->distribution == "normal");
  CHECK(offset->numbers == std::vector<std::int64_t>{0, 3 * minute});
  CHECK(shop.faults[1].param("drift_ppm") == nullptr);
  CHECK(shop.faults[2].selector.rate.parts == 10'000'000);
  const SelectorPlan& twice = shop.faults[3].selector;
  CHECK(twice.choice == SelectorPlan::Choice::rate);
  CHECK(twice.from == 2 * day);
  CHECK(twice.until == 4 * day);
  CHECK(twice.where.text() == "action = add_to_cart and platform = web");
  CHECK(shop.faults[3].param("id")->text == "same");
}

TEST_CASE("the design's assertions have names, bands and allowances", "[scenario]") {
  const Scenario shop = load_text(shop_json()).scenario;
  REQUIRE(shop.assertions.size() == 3);
  CHECK(shop.assertions[0].name == "exactly_once");
  const AssertionPlan& ratio = shop.assertions[1];
  CHECK(ratio.name == "ratio purchase");
  CHECK(ratio.of == 2);
  CHECK(ratio.by == day);
  REQUIRE(ratio.between_millionths);
  CHECK(ratio.between_millionths->first == 800'000);
  CHECK(ratio.between_millionths->second == 1'050'000);
  const AssertionPlan& sum = shop.assertions[2];
  CHECK(sum.name == "sum purchase.revenue");
  CHECK(sum.field == 0);
  CHECK(sum.within.parts == 1'000'000);
}

TEST_CASE("a named SDK brings its measured numbers", "[scenario][sdk]") {
  const Scenario shop = load_text(shop_json()).scenario;
  CHECK(shop.client_sdk.profile == "posthog-js@1.449");
  CHECK(shop.client_sdk.batch_max == 10'000);
  CHECK(shop.client_sdk.timeout == minute);
  CHECK(shop.server_sdk.flush_interval == 5 * second);
  CHECK(shop.server_sdk.keeps_sent_at);
  CHECK(shop.server_sdk.backoff_jitter == Ratio::zero());
}

TEST_CASE("--set changes a value, makes missing members and appends to lists", "[scenario][set]") {
  const Loaded loaded = load_text(small_json(), {{"/population/users", "100"},
                                                 {"/time/length", "2h"},
                                                 {"/faults", R"([{"fault": "drop"}])"},
                                                 {"/faults/-", R"({"fault": "ad_block"})"},
                                                 {"/faults/0/rate", "5%"},
                                                 {"/about", "a plain text"}});
  CHECK(texts_of(loaded.problems) == "");
  CHECK(loaded.scenario.population.users == 100);
  CHECK(loaded.scenario.time.length == 2 * hour);
  REQUIRE(loaded.scenario.faults.size() == 2);
  CHECK(loaded.scenario.faults[0].selector.rate.parts == 50'000'000);
  CHECK(loaded.scenario.about == "a plain text");
}

TEST_CASE("an illegal --set pointer is told with what was wrong", "[scenario][set]") {
  const auto problem_of = [](const std::string& pointer) {
    return texts_of(load_text(small_json(), {{pointer, "1"}}).problems);
  };
  CHECK(problem_of("users") ==
        "--set: users: found \"users\", expected a JSON pointer that starts with /");
  CHECK(problem_of("/name/first") ==
        "--set: /name/first: found \"/name/first\", expected an object or a list before \"first\"");
  CHECK(problem_of("/actions/look/emits/7") ==
        "--set: /actions/look/emits/7: found \"/actions/look/emits/7\", expected an element 0 .. 1 "
        "(exclusive) or - to append");
  CHECK(problem_of("/a~2b") ==
        "--set: /a~2b: found \"/a~2b\", expected ~0 or ~1 after each ~ of a JSON pointer");
}

TEST_CASE("a wrong value from --set is blamed on --set, not on the file", "[scenario][set]") {
  const Loaded loaded = load_text(small_json(), {{"/population/users", "many"}});
  CHECK(texts_of(loaded.problems) ==
        "--set: /population/users: found \"many\", expected a whole number 1 .. 100000000");
  CHECK_FALSE(loaded.ok());
}

TEST_CASE("a relative start is cut to the hour, resolved once and recorded", "[scenario]") {
  const Loaded loaded = load_patched(R"({"time": {"start": "now-7d"}})");
  CHECK(texts_of(loaded.problems) == "");
  CHECK(to_rfc3339(loaded.scenario.time.start) == "2026-03-03T12:00:00.000Z");
  CHECK(loaded.scenario.effective_json.find(R"("start": "2026-03-03T12:00:00.000Z")") !=
        std::string::npos);
}

TEST_CASE("the effective scenario loads again into the same text", "[scenario]") {
  for (const std::string_view json : {shop_json(), small_json()}) {
    const std::string once = load_text(json).scenario.effective_json;
    CHECK(once == load_text(once).scenario.effective_json);
    CHECK(once.find("$schema") == std::string::npos);
    CHECK(once.find("2026-03-02T00:00:00") != std::string::npos);
  }
}

TEST_CASE("the curves of a week have a mean of exactly 1000 and their shape", "[scenario]") {
  for (const Curve curve : {Curve::flat, Curve::retail_week, Curve::office_week}) {
    std::uint64_t sum = 0;
    for (const std::uint32_t weight : curve_weights(curve)) sum += weight;
    CHECK(sum == 168'000);
  }
  const auto& retail = curve_weights(Curve::retail_week);
  CHECK(retail[20] > 2 * retail[4]);        // Monday evening against Monday night.
  CHECK(retail[6 * 24 + 15] > retail[15]);  // Sunday against Monday afternoon.
  const auto& office = curve_weights(Curve::office_week);
  CHECK(office[10] > 5 * office[5 * 24 + 10]);  // Monday against Saturday.
  CHECK(office[10] > 10 * office[3]);
}
