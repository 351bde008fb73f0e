// SPDX-License-Identifier: Apache-2.0
// Which faults belong together, per host, and how a burst is described.
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

Loaded load_faults(const std::string& faults) {
  return load_patched("{\"faults\": [" + faults + "]}");
}

}  // namespace

TEST_CASE("a fault names the ones before it whose victims it shares", "[scenario][selector]") {
  const std::string skew = R"({"fault": "clock_skew", "offset": "1d"}, )";
  const Loaded one = load_faults(skew + R"({"fault": "drop", "with": "clock_skew"})");
  CHECK(texts_of(one.problems).empty());
  CHECK(one.scenario.faults[1].selector.with == 1);
  const Loaded two = load_faults(skew + R"({"fault": "delay", "name": "late"},
      {"fault": "answer_lost", "with": ["late", "clock_skew"]})");
  CHECK(texts_of(two.problems).empty());
  CHECK(two.scenario.faults[2].selector.with == 3);
  CHECK(one.scenario.faults[0].selector.with == 0);
}

TEST_CASE("what cannot have struck before is no companion", "[scenario][selector]") {
  const std::string skew = R"({"fault": "clock_skew", "offset": "1d"})";
  CHECK(texts_of(load_faults(R"({"fault": "drop", "with": "clock_skew"}, )" + skew).problems)
            .find("/faults/0/with: found \"clock_skew\", expected an emission fault before") !=
        std::string::npos);
  CHECK(texts_of(load_faults(skew + R"(, {"fault": "drop", "with": ["clock_skev"]})").problems)
            .find("did you mean clock_skew?") != std::string::npos);
  const std::string late = R"({"fault": "delay"}, {"fault": "drop", "with": "delay"})";
  CHECK(texts_of(load_faults(late).problems).find("an emission fault before") !=
        std::string::npos);  // Attempts come after emissions.
}

TEST_CASE("a fault strikes at the point that is picked, and at no other", "[scenario][selector]") {
  const Loaded loaded = load_faults(R"({"fault": "drop"}, {"fault": "drop", "at": "before_send"})");
  CHECK(texts_of(loaded.problems).empty());
  const FaultKind& drop = fault_table()[3];
  const std::vector<FaultPlan>& plans = loaded.scenario.faults;
  CHECK(places_of(drop, plans[0]).front().point == StrikePoint::capture);
  CHECK(places_of(drop, plans[1]).front().point == StrikePoint::before_send);
  CHECK(texts_of(load_faults(R"({"fault": "drop", "at": "befor_send"})").problems)
            .find("/faults/0/at: found \"befor_send\", expected one of capture, queue, before_send "
                  "(did you mean before_send?)") != std::string::npos);
  CHECK(texts_of(load_faults(R"({"fault": "answer_lost", "at": "capture"})").problems)
            .find("expected \"after_commit\"") != std::string::npos);
}

TEST_CASE("the point decides who can be a companion", "[scenario][selector]") {
  const std::string lost = R"({"fault": "drop", "name": "lost", "at": "before_send"})";
  CHECK(texts_of(load_faults(lost + R"(, {"fault": "delay", "with": "lost"})").problems).empty());
  CHECK(texts_of(load_faults(lost + R"(, {"fault": "drop", "with": "lost"})").problems)
            .find("an emission fault before") != std::string::npos);
  const std::string gone = R"({"fault": "drop", "name": "gone", "at": "queue"})";
  CHECK(
      texts_of(load_faults(gone + R"(, {"fault": "ad_block", "with": "gone"})").problems).empty());
}

TEST_CASE("a burst may strike in part, and a fault a host at a time", "[scenario][selector]") {
  const Loaded loaded = load_faults(R"({"fault": "drop", "per": "host", "side": "server",
      "burst": {"rate": 0.2, "length": 4, "inside": 0.8, "outside": "2%"}}, {"fault": "delay"})");
  CHECK(texts_of(loaded.problems).empty());
  const SelectorPlan& plan = loaded.scenario.faults[0].selector;
  CHECK(plan.scope == SelectorPlan::Scope::host);
  CHECK(plan.inside.parts == 800'000'000);
  CHECK(plan.outside.parts == 20'000'000);
  CHECK(loaded.scenario.faults[1].selector.inside == Ratio::whole());
  CHECK(loaded.scenario.faults[1].selector.outside == Ratio::zero());
}
