// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// The last field of "buy" after putting `spec` there as "extra".
struct Extra {
  FieldPlan plan;
  FieldChoice choice;
};
Extra extra(const std::string& spec, const std::string& name = "extra") {
  const Loaded loaded =
      load_patched(R"({"actions": {"buy": {"fields": {")" + name + "\": " + spec + "}}}}");
  CAPTURE(spec);
  CHECK(texts_of(loaded.problems) == "");
  return {loaded.scenario.plan.actions[1].fields.back(), loaded.scenario.actions[1].fields.back()};
}

std::string problem(const std::string& spec) {
  const Loaded loaded =
      load_patched(R"({"actions": {"buy": {"fields": {"extra": )" + spec + "}}}}");
  CHECK_FALSE(loaded.ok());
  const std::string head = "shop.json: /actions/buy/fields/extra";
  const std::string text = texts_of(loaded.problems);
  CHECK(text.substr(0, head.size()) == head);
  return text.substr(head.size());
}

using Kind = FieldChoice::Kind;

}  // namespace

TEST_CASE("each way to make a value is read in the field's own unit", "[scenario][fields]") {
  CHECK(extra(R"({"type": "money", "value": "9.90"})").choice.low == 990);
  CHECK(extra(R"({"type": "number", "value": -1.5})").choice.low == -1'500'000);
  CHECK(extra(R"({"type": "boolean", "value": true})").choice.low == 1);
  CHECK(extra(R"({"value": "always"})").plan.form.text(0) == "always");
  const Extra uniform = extra(R"({"type": "money", "uniform": ["0.10", 9.99]})");
  CHECK(uniform.choice.kind == Kind::uniform);
  CHECK((uniform.choice.low == 10 && uniform.choice.high == 999));
  const Extra spread = extra(R"({"type": "integer", "log_normal": [30, 0.25]})");
  CHECK(spread.choice.kind == Kind::log_normal);
  CHECK((spread.choice.low == 30 && spread.choice.sigma == 0.25));
  const Extra popular = extra(R"({"zipf": 50, "theta": 0.5})");
  CHECK((popular.choice.items == 50 && popular.choice.theta == 0.5));
  CHECK(popular.plan.form.text(3) == "extra-3");
  CHECK(extra(R"({"unique": "ord-"})").plan.form.prefix == "ord-");
  CHECK(extra(R"({"unique": true})").plan.form.prefix == "extra-");
}

TEST_CASE("a pick of numbers keeps their values, a pick of texts their words",
          "[scenario][fields]") {
  const Extra amounts = extra(R"({"type": "money", "pick": {"0": 7, "4.99": 3}})");
  CHECK(amounts.choice.pick_values == std::vector<std::int64_t>{0, 499});
  CHECK(amounts.choice.pick[1].weight == 3);
  CHECK(extra(R"({"type": "boolean", "pick": {"true": 1, "false": 3}})").choice.pick_values ==
        std::vector<std::int64_t>{1, 0});
  const Extra words = extra(R"({"pick": {"card": 3, "cash": 1}})");
  CHECK(words.plan.form.texts == std::vector<std::string>{"card", "cash"});
  CHECK(words.choice.pick_values.empty());
}

TEST_CASE("percent_of takes one rate, weighted ones, or one by trait", "[scenario][fields]") {
  const Extra one = extra(R"({"type": "money", "percent_of": "revenue", "rate": "8.5%"})");
  CHECK(one.choice.base == 1);
  CHECK(one.choice.shares == std::vector<Ratio>{Ratio{85'000'000}});
  const Extra some =
      extra(R"({"type": "money", "percent_of": "revenue", "rate": {"pick": {"0": 7, "10%": 3}}})");
  CHECK(some.choice.shares == std::vector<Ratio>{Ratio{0}, Ratio{100'000'000}});
  CHECK(some.choice.pick[0].weight == 7);
  const Extra by_trait = extra(R"({"type": "money", "percent_of": "revenue",
                                   "rate": {"by": "country", "US": 0.07, "else": 0.19}})");
  CHECK(by_trait.choice.by_trait == 0);
  CHECK(by_trait.choice.shares == std::vector<Ratio>{Ratio{70'000'000}, Ratio{190'000'000}});
}

TEST_CASE("sum adds earlier fields with their signs", "[scenario][fields]") {
  const Loaded loaded = load_patched(R"({"actions": {"buy": {"fields": {
    "discount": {"type": "money", "value": 1},
    "paid": {"type": "money", "sum": ["revenue", "-discount"]}}}}})");
  CHECK(texts_of(loaded.problems) == "");
  const auto& terms = loaded.scenario.actions[1].fields.back().terms;
  REQUIRE(terms.size() == 2);
  CHECK((terms[0].field == 1 && terms[0].sign == 1));
  CHECK((terms[1].field == 3 && terms[1].sign == -1));
}

TEST_CASE("a field without a generator gets a sensible one", "[scenario][fields]") {
  CHECK(extra(R"({})").choice.kind == Kind::zipf);
  CHECK(extra(R"({})", "session_key_id").choice.kind == Kind::unique);
  CHECK(extra(R"({"type": "integer"})").choice.high == 3);
  CHECK(extra(R"({"type": "number"})").choice.high == 1'000'000);
  CHECK(extra(R"({"type": "boolean"})").choice.pick_values == std::vector<std::int64_t>{0, 1});
  CHECK(extra(R"({"type": "money"})").choice.kind == Kind::log_normal);
  const Extra tax = extra(R"({"type": "money"})", "tax");
  CHECK(tax.choice.kind == Kind::percent_of);
  CHECK(tax.choice.base == 1);
  CHECK(extra(R"({"type": "money"})", "discount").choice.pick.size() == 2);
}

TEST_CASE("owner, sides and required are read, with the server as owner where it emits",
          "[scenario][fields]") {
  const Extra plain = extra("{}");
  CHECK(plain.plan.owner == Source::server);
  CHECK_FALSE(plain.plan.required);
  CHECK((plain.plan.on_client && plain.plan.on_server));
  const Extra own = extra(R"({"owner": "client", "on": "client", "required": true})");
  CHECK(own.plan.owner == Source::client);
  CHECK(own.plan.required);
  CHECK((own.plan.on_client && !own.plan.on_server));
}

TEST_CASE("a field that makes no sense says why", "[scenario][fields][errors]") {
  CHECK(problem(R"({"value": "a", "zipf": 3})") ==
        ": found both value and zipf, expected one way to make the value");
  CHECK(problem(R"({"theta": 0.5})") ==
        "/theta: found \"theta\" without \"zipf\", expected \"zipf\" beside it");
  CHECK(problem(R"({"rate": 0.5})") ==
        "/rate: found \"rate\" without \"percent_of\", expected \"percent_of\" beside it");
  CHECK(problem(R"({"uniform": [1, 2]})") ==
        "/uniform: found \"uniform\" for a string, expected another way to make such a value");
  CHECK(problem(R"({"type": "money", "value": 9.999})") ==
        "/value: found \"9.999\", expected an amount with at most 2 decimals");
  CHECK(problem(R"({"type": "integer", "pick": {"1.5": 1}})") ==
        "/pick/1.5: found \"1.5\", expected a whole number");
  CHECK(problem(R"({"type": "boolean", "value": "yes"})") ==
        "/value: found \"yes\", expected true or false");
  CHECK(problem(R"({"value": 3})") == "/value: found 3, expected a text");
  CHECK(problem(R"({"type": "integer", "uniform": [3, 1]})") ==
        "/uniform: found [3, 1], expected the lower end first");
  CHECK(problem(R"({"type": "money", "log_normal": [0, 0.5]})") ==
        "/log_normal: found [0, 0.5], expected a median above 0 and a sigma 0 .. 5");
  CHECK(problem(R"({"type": "money", "percent_of": "revenue"})") ==
        ": found \"percent_of\" without \"rate\", expected \"rate\" beside it");
  CHECK(problem(R"({"type": "money", "percent_of": "revenu", "rate": 0.1})") ==
        "/percent_of: found \"revenu\", expected an earlier money field of buy (the only one is "
        "revenue) (did you mean revenue?)");
  CHECK(
      problem(R"({"type": "money", "sum": ["extra"]})") ==
      "/sum/0: found \"extra\", expected an earlier money field of buy (the only one is revenue)");
  CHECK(problem(R"({"type": "money", "percent_of": "revenue", "rate": {"pick": {"half": 1}}})") ==
        "/rate/pick/half: found \"half\", expected a share such as \"10%\", 0 .. 1");
}
