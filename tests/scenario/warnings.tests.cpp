// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

TEST_CASE("what works but cannot be seen is a warning", "[scenario][errors]") {
  check_problems(
      {
          {R"({"actions": {"idle": {"emits": ["client"]}}})",
           "/actions/idle: warning: found an action that nobody does, expected a journey's state "
           "with "
           "\"does\": \"idle\""},
          {R"({"actions": {"look": {"fields": {"size": {"owner": "server"}}}}})",
           "/actions/look/fields/size/owner: warning: found a field of the server, expected an "
           "owner "
           "that "
           "emits look"},
          {R"({"actions": {"buy": {"fields": {"size": {"on": "client"}}}}})",
           "/actions/buy/fields/size/on: warning: found \"client\", expected a field that its "
           "owner, "
           "the "
           "server, sends"},
          {R"({"actions": {"look": {"server_after": "1s"}}})",
           "/actions/look/server_after: warning: found \"1s\", expected an action that the server "
           "emits: "
           "it has no effect here"},
          {R"({"identity": {"event_id": "derived:coupon"}})",
           "/actions/buy: warning: found a field coupon that can repeat, expected \"unique\": ids "
           "derive "
           "from it, so two actions would share one"},
          {R"({"actions": {"look": {"emits": ["client", "server"]}},
           "identity": {"event_id": "derived:order_id"}})",
           "/actions/look: warning: found no field order_id, expected field order_id on every "
           "action "
           "that both sides emit: ids derive from it"},
          {R"({"faults": [{"fault": "drop", "when": "2d.."}]})",
           "/faults/0/when: warning: found \"2d..\", expected a span that begins within the run's "
           "1d: "
           "it "
           "never strikes"},
          {R"({"actions": {"buy": {"emits": ["client"]}},
           "faults": [{"fault": "drop", "side": "server"}]})",
           "/faults/0: warning: found a fault of the server, expected an action that the server "
           "emits: "
           "it never strikes"},
          {R"({"sdk": {"client": {"queue_max": 5}}})",
           "/sdk/client/queue_max: warning: found queue_max below flush_at, expected a queue that "
           "can "
           "hold 20 events: flush_at is never reached"},
          {R"({"target": {"send": {"kind": "http", "url": "http://127.0.0.1/e"}},
           "faults": [{"fault": "delay", "by": "1m"}]})",
           "/faults/0: warning: found delay, which this target cannot see, expected \"pace\": "
           "\"real\", "
           "or \"clock\": \"simulated\" at the target: arrival is measured on its own clock"},
          {R"({"target": {"send": {"kind": "http", "url": "http://127.0.0.1/e"}}, "sent_at": "wall",
           "faults": [{"fault": "clock_skew"}]})",
           "/faults/0: warning: found clock_skew, which cannot be seen, expected \"sent_at\": "
           "\"simulated\" or \"pace\": \"real\": a target that corrects clocks by sent_at moves "
           "every "
           "event to now"},
          {R"({"target": {"send": {"kind": "http", "url": "http://127.0.0.1/e"}}, "sent_at": "wall",
           "assert": [{"that": "count", "by": "day"}]})",
           "/assert/0/by: warning: found buckets that cannot be seen, expected \"sent_at\": "
           "\"simulated\" or \"pace\": \"real\": a target that corrects clocks by sent_at moves "
           "every "
           "event to now"},
      },
      true);
}

TEST_CASE("at real time, or told the simulated time, nothing is out of sight",
          "[scenario][errors]") {
  CHECK(texts_of(load_patched(R"({"time": {"pace": "real"}, "sent_at": "wall",
      "target": {"send": {"kind": "http", "url": "http://127.0.0.1/e"}},
      "faults": [{"fault": "clock_skew"}, {"fault": "delay"}]})")
                     .problems) == "");
  CHECK(texts_of(load_patched(R"({"sent_at": "wall",
      "target": {"send": {"kind": "http", "url": "http://127.0.0.1/e", "clock": "simulated"}},
      "faults": [{"fault": "clock_skew"}, {"fault": "delay"}]})")
                     .problems) == "");
}
