// SPDX-License-Identifier: Apache-2.0
// What faults call events and fields, and where they cut texts, as the plan keeps it.
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// The one problem that these faults make.
std::string problem_of(const std::string& faults) {
  return texts_of(load_patched("{\"faults\": [" + faults + "]}").problems);
}

}  // namespace

TEST_CASE("a fault's other name for an event stands in the plan", "[scenario][appearance]") {
  const Loaded loaded =
      load_patched(R"({"faults": [{"fault": "rename", "what": "buy", "to": "order_completed"}]})");
  CHECK(texts_of(loaded.problems).empty());
  const TrackingPlan& plan = loaded.scenario.plan;
  CHECK(plan.actions[0].other_name.empty());
  CHECK(plan.actions[1].other_name == "order_completed");
  CHECK(plan.action_named("order_completed") == 1);
  CHECK(plan.action_named("buy") == 1);
  CHECK_FALSE(plan.action_named(""));
  CHECK_FALSE(plan.action_index("order_completed"));
}

TEST_CASE("a fault's other name and length for a field stand in the plan",
          "[scenario][appearance]") {
  const Loaded loaded = load_patched(
      R"({"faults": [{"fault": "spoil", "field": "coupon", "to": "code"},
                     {"fault": "spoil", "field": "order_id", "length": 9}]})");
  CHECK(texts_of(loaded.problems).empty());
  const auto& fields = loaded.scenario.plan.actions[1].fields;
  CHECK(fields[2].other_name == "code");
  CHECK(fields[2].cut_to == 0);
  CHECK(fields[0].cut_to == 9);
  CHECK(fields[1].other_name.empty());
}

TEST_CASE("what a fault names must be in the plan", "[scenario][appearance]") {
  CHECK(problem_of(R"({"fault": "rename", "what": "bye", "to": "x"})") ==
        "shop.json: /faults/0/what: found \"bye\", expected an action of the tracking plan (one of "
        "look, buy) (did you mean buy?)");
  CHECK(problem_of(R"({"fault": "spoil", "field": "cupon"})") ==
        "shop.json: /faults/0/field: found \"cupon\", expected a field of the tracking plan (one "
        "of order_id, revenue, coupon) (did you mean coupon?)");
}

TEST_CASE("two faults cannot call or cut one thing differently", "[scenario][appearance]") {
  CHECK(problem_of(R"({"fault": "rename", "what": "buy", "to": "x"},
                      {"fault": "rename", "what": "buy", "to": "y"})") ==
        "shop.json: /faults/1/to: found \"y\", expected \"x\", as another fault calls it");
  CHECK(problem_of(R"({"fault": "spoil", "field": "coupon", "length": 5},
                      {"fault": "spoil", "field": "coupon", "length": 6})") ==
        "shop.json: /faults/1/length: found 6, expected 5, as another fault cuts it");
  CHECK(problem_of(R"({"fault": "rename", "what": "buy", "to": "x"},
                      {"fault": "rename", "what": "buy", "to": "x"})")
            .empty());
}

TEST_CASE("an other name is nobody's own", "[scenario][appearance]") {
  CHECK(problem_of(R"({"fault": "rename", "what": "buy", "to": "look"})") ==
        "shop.json: /faults/0/to: found \"look\", expected a name that no other event has");
  CHECK(problem_of(R"({"fault": "spoil", "field": "coupon", "to": "revenue"})") ==
        "shop.json: /faults/0/to: found \"revenue\", expected a name that no field of buy has");
  CHECK(problem_of(R"({"fault": "rename", "what": "buy", "to": ""})") ==
        "shop.json: /faults/0/to: found an empty name, expected a name");
}

TEST_CASE("a field that nobody may send is on no side", "[scenario][appearance]") {
  const Loaded loaded = load_patched(
      R"({"actions": {"buy": {"fields": {"email": {"unique": "mail-", "on": "nobody"}}}}})");
  CHECK(texts_of(loaded.problems).empty());
  const FieldPlan& email = loaded.scenario.plan.actions[1].fields[3];
  CHECK_FALSE(email.on_client);
  CHECK_FALSE(email.on_server);
  CHECK(texts_of(load_patched(R"({"actions": {"buy": {"fields": {
          "email": {"unique": "mail-", "on": "nobody", "required": true}}}}})")
                     .problems) ==
        "shop.json: /actions/buy/fields/email/required: found true, expected a field that somebody "
        "sends");
}

TEST_CASE("fields is held against what was sent, or against the truth", "[scenario][appearance]") {
  const auto plan = [](std::string_view patch) {
    const Loaded loaded = load_patched(patch);
    CHECK(texts_of(loaded.problems).empty());
    return loaded.scenario.assertions.at(0);
  };
  CHECK_FALSE(plan(R"({"assert": [{"that": "fields"}]})").against_truth);
  CHECK_FALSE(plan(R"({"assert": [{"that": "fields", "against": "sent"}]})").against_truth);
  const AssertionPlan truth = plan(R"({"assert": [{"that": "fields", "against": "truth"}]})");
  CHECK(truth.against_truth);
  CHECK(truth.within_time == second);
  CHECK(
      plan(R"({"assert": [{"that": "fields", "against": "truth", "within": "5m"}]})").within_time ==
      5 * minute);
  CHECK(texts_of(load_patched(R"({"assert": [{"that": "fields", "within": "5m"}]})").problems) ==
        "shop.json: /assert/0/within: found \"within\" of what was sent, expected \"against\": "
        "\"truth\" beside it");
  CHECK(texts_of(load_patched(
                     R"({"assert": [{"that": "fields", "expect":
                         {"verdict": "fail", "with": ["renamed_event"]}}]})")
                     .problems)
            .empty());
}
