// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// A plan with two traits, three currencies and two actions that share a field name.
struct World {
  Scenario scenario;
  Action action;
  World() {
    const Loaded loaded = load_patched(R"({
      "population": {"currency": {"by": "country", "US": "USD", "DE": "JPY"}},
      "actions": {"buy": {"fields": {"pieces": {"type": "integer"}, "paid": {"type": "boolean"},
                                     "weight": {"type": "number"}, "sku": {"zipf": 9}}}}})");
    REQUIRE(texts_of(loaded.problems) == "");
    scenario = loaded.scenario;
    action.type = 1;
    action.user = 17;
    action.sequence = 3;
    action.page = 1;
    action.at = scenario.time.start + (day + 13 * hour);  // Tuesday.
    action.traits = {1, 0};                               // DE, none.
    action.values = {0x2a, 999, 1, 2, 1, 1'500'000, 7};
    action.currency = 0;
  }
  bool matches(std::string_view text, Source side = Source::client) const {
    CAPTURE(text);
    const auto predicate = Predicate::parse(text, scenario.plan, scenario.time.start);
    INFO((predicate ? std::string() : predicate.error().what));
    REQUIRE(predicate);
    return predicate->matches(action, side);
  }
  bool may_match(std::string_view text, Source side = Source::client) const {
    CAPTURE(text);
    const auto predicate = Predicate::parse(text, scenario.plan, scenario.time.start);
    REQUIRE(predicate);
    return !predicate->narrow(action.type, side, scenario.plan).never();
  }
  std::string error(std::string_view text, bool allows_source = true) const {
    const auto predicate =
        Predicate::parse(text, scenario.plan, scenario.time.start, allows_source);
    return predicate ? "none" : predicate.error().what;
  }
};

}  // namespace

TEST_CASE("every name of a condition is read from the action", "[scenario][predicate]") {
  const World world;
  for (const std::string_view text : {"action = buy",
                                      "source = client",
                                      "user = 17",
                                      "user = u-17",
                                      "user < 18",
                                      "page = cart",
                                      "consent = granted",
                                      "currency = USD",
                                      "sequence >= 3",
                                      "time >= 1d",
                                      "time < 1d13h1m",
                                      "hour = 13",
                                      "weekday = tue",
                                      "weekday in (mon, tue)",
                                      "country = DE",
                                      "campaign = none",
                                      "revenue = 9.99",
                                      "coupon = TEN",
                                      "pieces > 1",
                                      "paid = true",
                                      "weight = 1.5",
                                      "sku = sku-7",
                                      "order_id = ord-000000000000002a"})
    CHECK(world.matches(text));
  for (const std::string_view text :
       {"action = look", "source = server", "user > 17", "page = home", "consent = denied",
        "currency = JPY", "sequence != 3", "time > 2d", "hour < 13", "weekday >= wed",
        "country = US", "campaign != none", "coupon in (none)", "sku = sku-8", "paid = false"})
    CHECK_FALSE(world.matches(text));
  CHECK(world.matches("source = server", Source::server));
}

TEST_CASE("what no action of a type can match is known from the type and the side",
          "[scenario][predicate]") {
  const World world;  // The action is a buy.
  for (const std::string_view text :
       {"action = look", "not action = buy", "action = look and user = 17",
        "user = 17 and action = look", "source = server", "action = look or source = server",
        "not (action = buy or user = 1)", "not (not action = look)"})
    CHECK_FALSE(world.may_match(text));
  for (const std::string_view text :
       {"action = buy", "user = 1", "not user = 17", "action = look or user = 1",
        "action = buy and user = 1", "not (action = buy and user = 1)", "source = client"})
    CHECK(world.may_match(text));
  CHECK(world.may_match("source = server", Source::server));
}

TEST_CASE("what is left of a condition says the same of every action of the type",
          "[scenario][predicate]") {
  World world;
  for (const std::string_view text :
       {"country = DE", "not country = US", "action = buy and country in (US, DE)",
        "action = look or country = DE", "country = DE and campaign = none", "user = 17",
        "country = DE or user = 17", "action = buy", "source = client and not country = DE",
        "revenue > 5 and country = DE", "weekday = tue"}) {
    CAPTURE(text);
    const auto whole = Predicate::parse(text, world.scenario.plan, world.scenario.time.start);
    REQUIRE(whole);
    for (const Source side : both_sources) {
      const NarrowPredicate left = whole->narrow(world.action.type, side, world.scenario.plan);
      for (std::uint16_t country = 0; country < 2; ++country)
        for (const std::uint32_t user : {16U, 17U}) {
          world.action.traits[0] = country;
          world.action.user = user;
          CHECK(left.matches(world.action, side) == whole->matches(world.action, side));
        }
    }
  }
}

TEST_CASE("and binds tighter than or, not tighter than and", "[scenario][predicate]") {
  const World world;
  CHECK(world.matches("user = 17 or user = 1 and user = 2"));
  CHECK_FALSE(world.matches("(user = 17 or user = 1) and user = 2"));
  CHECK_FALSE(world.matches("not user = 17 and user = 17"));
  CHECK(world.matches("not (user = 17 and user = 1)"));
  CHECK(world.matches("not not user=17"));
  CHECK(world.matches("user = 1 and user = 2 or not user = 3"));
}

TEST_CASE("money is compared exactly, in the action's own currency", "[scenario][predicate]") {
  World world;
  CHECK(world.matches("revenue >= 9.99"));
  CHECK_FALSE(world.matches("revenue > 9.99"));
  CHECK(world.matches("revenue > 9.985"));
  CHECK(world.matches("revenue < 9.995"));
  CHECK_FALSE(world.matches("revenue = 9.995"));
  CHECK(world.matches("revenue != 9.995"));
  CHECK(world.matches("revenue > -0.001"));
  world.action.currency = 1;  // The same 999 minor units are 999 yen.
  CHECK(world.matches("revenue = 999"));
  CHECK(world.matches("revenue > 998.5"));
  CHECK_FALSE(world.matches("revenue >= 999.5"));
  CHECK(world.matches("revenue <= 999.5"));
  world.action.values[1] = -1;
  CHECK(world.matches("revenue < -0.5"));
  CHECK_FALSE(world.matches("revenue < -1.5"));
}

TEST_CASE("an action without the field never matches, whatever is asked", "[scenario][predicate]") {
  World world;
  world.action.type = 0;
  CHECK_FALSE(world.matches("revenue = 9.99"));
  CHECK_FALSE(world.matches("revenue != 9.99"));
  CHECK_FALSE(world.matches("revenue < 1000"));
  CHECK(world.matches("not revenue = 9.99"));
}

TEST_CASE("a wrong condition names the place and the nearest right word",
          "[scenario][predicate][errors]") {
  const World world;
  CHECK(world.error("action = bu") ==
        "at character 10: found \"bu\", expected an action (one of look, buy) (did you mean buy?)");
  CHECK(world.error("contry = DE").find("at character 1: found \"contry\", expected a name") == 0);
  CHECK(world.error("contry = DE").find("(did you mean country?)") != std::string::npos);
  CHECK(world.error("country == DE") ==
        "at character 9: found \"==\", expected one of = != < <= > >= in");
  CHECK(world.error("country < DE") ==
        "at character 11: found \"country\", expected = or != here: it has no order");
  CHECK(world.error("coupon > TEN") ==
        "at character 10: found \"coupon\", expected = or != here: it has no order");
  CHECK(world.error("country =") == "at character 10: found the end, expected a value");
  CHECK(world.error("country = 'DE") ==
        "at character 11: found a quote that is never closed, expected its end");
  CHECK(world.error("(user = 1") == "at character 10: found the end, expected and, or, or )");
  CHECK(world.error("user = 1 user = 2") ==
        "at character 10: found \"user\", expected and, or, or the end");
  CHECK(world.error("user in 1") == "at character 9: found \"1\", expected ( and a list of values");
  CHECK(world.error("user in (1") == "at character 11: found the end, expected , or )");
  CHECK(world.error("") == "at character 1: found the end, expected a name, not, or (");
  CHECK(world.error("and = 1") == "at character 1: found \"and\", expected a name, not, or (");
  CHECK(world.error("hour = 24") == "at character 8: found \"24\", expected an hour 0 .. 23");
  CHECK(world.error("user = you") ==
        "at character 8: found \"you\", expected a user number such as 17 or u-17");
  CHECK(world.error("time > soon") ==
        "at character 8: found \"soon\", expected an offset from the start such as 2d");
  CHECK(world.error("revenue > much") ==
        "at character 11: found \"much\", expected an amount such as 9.99");
  CHECK(world.error("sku = 7") ==
        "at character 7: found \"7\", expected a value of sku such as sku-1");
  CHECK(world.error("order_id = 7") ==
        "at character 12: found \"7\", expected a value of order_id such as ord-000000000000002a");
  CHECK(world.error("sequence = x") ==
        "at character 12: found \"x\", expected a position 1, 2, ...");
  CHECK(world.error("source = client", false) ==
        "at character 1: found \"source\", expected a name of actions: an action has no source");
}

TEST_CASE("nesting is bounded by the stack of the evaluation", "[scenario][predicate]") {
  const World world;
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "user = 1 or user = 17 and (";
    return text + "user = 17" + std::string(depth, ')');
  };
  CHECK(world.matches(nested(29)));
  CHECK(world.error(nested(30)).find("found nesting deeper than 30") != std::string::npos);
}

TEST_CASE("a condition over user traits alone is told from others", "[scenario][predicate]") {
  const World world;
  const auto on_user = [&](std::string_view text) {
    const std::uint32_t campaign = 1U << 1;
    return Predicate::parse(text, world.scenario.plan, {})->depends_on_user_only(campaign);
  };
  CHECK(on_user("country = DE and user < 100"));
  CHECK_FALSE(on_user("country = DE and hour < 12"));
  CHECK_FALSE(on_user("campaign = none"));
  CHECK(Predicate().depends_on_user_only());
  CHECK(Predicate().matches_everything());
  CHECK(Predicate().matches(world.action, Source::client));
}
