// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

constexpr std::string_view with_parcels = R"({
  "actions": {"parcel": {"emits": ["server"], "fields": {"order_id": {"unique": "ord-"}}}},
  "journeys": {"parcels": {"follows": "buy", "states": {
    "packed": {"wait": "1d", "next": {"sent": 9, "leave": 1}}, "sent": {"does": "parcel"}}}}})";

/// The one problem of the scenario above with another patch on top.
std::string problem_of(std::string_view patch) {
  const Loaded loaded = load_text(std::string(load_patched(with_parcels).scenario.effective_json),
                                  {{"/journeys", std::string(patch)}});
  return texts_of(loaded.problems);
}

}  // namespace

TEST_CASE("a journey can follow an action, and wait exactly", "[scenario][processes]") {
  const Loaded loaded = load_patched(with_parcels);
  CHECK(texts_of(loaded.problems) == "");
  const JourneyPlan& parcels = loaded.scenario.journeys.at(1);
  CHECK(parcels.follows == loaded.scenario.plan.action_index("buy"));
  CHECK(parcels.states.at(0).wait == day);
  CHECK_FALSE(parcels.states.at(1).wait);
}

TEST_CASE("what follows an action has no client and no share of the sessions",
          "[scenario][processes]") {
  CHECK(problem_of(R"({"main": {"states": {"a": {"does": "look", "next": {"b": 1}},
                                           "b": {"does": "buy"}}},
                       "parcels": {"follows": "buy", "states": {"s": {"does": "look"}}}})") ==
        "--set: /journeys/parcels/states/s/does: found \"look\", which the client emits, expected "
        "an action that only the server emits: no client is there");
  CHECK(problem_of(R"({"main": {"states": {"a": {"does": "look", "next": {"b": 1}},
                                           "b": {"does": "buy"}}},
                       "parcels": {"follows": "buy", "weight": 2,
                                   "states": {"s": {"does": "parcel"}}}})") ==
        "--set: /journeys/parcels/weight: found \"weight\" beside \"follows\", expected one of "
        "them: a process of the server is no share of the sessions");
  CHECK(problem_of(R"({"parcels": {"follows": "buy", "states": {"s": {"does": "parcel"}}}})")
            .find("/journeys: found only journeys that follow an action, expected a journey that "
                  "users begin") != std::string::npos);
}

TEST_CASE("a process that brings itself about is refused, through another one too",
          "[scenario][processes]") {
  const std::string own = problem_of(
      R"({"main": {"states": {"a": {"does": "look", "next": {"b": 1}}, "b": {"does": "buy"}}},
          "parcels": {"follows": "parcel", "states": {"s": {"does": "parcel"}}}})");
  CHECK(own.find("/journeys/parcels/follows: found \"parcel\", expected an action that does not "
                 "come of this journey again") != std::string::npos);
  Loaded two = load_patched(R"({"actions": {"x": {"emits": ["server"]}, "y": {"emits": ["server"]}},
      "journeys": {"p": {"follows": "x", "states": {"s": {"does": "y"}}},
                   "q": {"follows": "y", "states": {"s": {"does": "x"}}}}})");
  CHECK(two.problems.size() == 2);
}

TEST_CASE("a value that is taken over has one type and one form", "[scenario][processes]") {
  const auto problem = [](std::string_view field) {
    return texts_of(load_patched(R"({"actions": {"parcel": {"emits": ["server"], "fields": {)" +
                                 std::string(field) + R"(}}},
        "journeys": {"parcels": {"follows": "buy", "states": {"s": {"does": "parcel"}}}}})")
                        .problems);
  };
  CHECK(problem(R"("coupon": {"pick": {"none": 8, "TEN": 2}}, "weight": {"type": "integer"})") ==
        "");
  const std::string differs =
      "shop.json: /journeys/parcels/states/s/does: found \"parcel\", whose ";
  CHECK(problem(R"("order_id": {"unique": "parcel-"})").find(differs + "order_id differs") == 0);
  CHECK(problem(R"("revenue": {"type": "integer"})").find(differs + "revenue differs") == 0);
  CHECK(problem(R"("coupon": {"pick": {"TEN": 2, "none": 8}})").find(differs + "coupon") == 0);
}

TEST_CASE("a state thinks or waits, not both", "[scenario][processes]") {
  CHECK(
      texts_of(load_patched(
                   R"({"journeys": {"main": {"states": {"cart": {"wait": "1s", "think": "2s"}}}}})")
                   .problems) ==
      "shop.json: /journeys/main/states/cart: found both wait and think, expected one of them");
}

TEST_CASE("a journey that follows no known action names the nearest", "[scenario][processes]") {
  CHECK(texts_of(load_patched(R"({"journeys": {"p": {"follows": "bye", "states": {"s": {}}}}})")
                     .problems) ==
        "shop.json: /journeys/p/follows: found \"bye\", expected an action of the tracking plan "
        "(one of look, buy) (did you mean buy?)");
}
