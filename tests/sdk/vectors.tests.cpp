// SPDX-License-Identifier: Apache-2.0
// What was measured on the wire, replayed: each wait between requests lies in the model's range and
// the model's range is the formula's. A measurement may be off by 100 ms; a server here answers in
// 10 ms.
#include <algorithm>

#include "tests/sdk/server.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr Micros measured_within = 100 * millisecond;
constexpr Micros answer_time = 10 * millisecond;
constexpr std::uint64_t seeds = 300;

struct Wait {
  Micros measured;  ///< ms
  Micros low;       ///< ms, of the formula
  Micros high;
};

struct Vector {
  const char* name;
  const char* profile;
  Script script;
  std::vector<Wait> waits;
  std::vector<std::uint32_t> markers;
  bool lost = false;  ///< After the last of them the event is given up.
  Micros captured = 0;
  void (*change)(SdkPlan&) = nullptr;
};

SdkAnswer throttled(Micros retry_after) {
  SdkAnswer answer = SdkAnswer::of(429);
  answer.retry_after = retry_after;
  return answer;
}

std::vector<Vector> server_vectors() {
  const auto told_to_wait = [](std::size_t nth, const Seen&) {
    return nth == 3 ? SdkAnswer::of(200) : throttled(nth == 0 ? 4 * second : 0);
  };
  const auto told_seven = [](std::size_t nth, const Seen&) {
    return nth == 1 ? SdkAnswer::of(200) : throttled(7 * second);
  };
  return {{"posthog-node, 500 500 200",
           "posthog-node@5.70",
           statuses({500, 500, 200}),
           {{3041, 3000, 3000}, {3003, 3000, 3000}},
           {}},
          {"posthog-node, 503 for ever",
           "posthog-node@5.70",
           statuses({503}),
           {{3024, 3000, 3000}, {3005, 3000, 3000}, {3005, 3000, 3000}},
           {},
           true},
          {"posthog-node, 429 Retry-After 7",
           "posthog-node@5.70",
           told_seven,
           {{3026, 3000, 3000}},
           {}},
          {"segment-node, 500 x5",
           "segment-node@3.1",
           statuses({500, 500, 500, 500, 500, 200}),
           {{1874, 1000, 2000},
            {3397, 2000, 4000},
            {4380, 4000, 8000},
            {8538, 8000, 16000},
            {19083, 16000, 32000}},
           {1, 2, 3, 4, 5}},
          {"segment-node, 429 Retry-After 4, 429, 429, 200",
           "segment-node@3.1",
           told_to_wait,
           {{4024, 4000, 4000}, {1825, 1000, 2000}, {3084, 2000, 4000}},
           {1, 2, 3}},
          {"rudder-node, 503 x4",
           "rudder-node@3.0",
           statuses({503}),
           {{238, 200, 240}, {439, 400, 480}, {923, 800, 960}},
           {},
           true},
          {"amplitude-node (flush 500 ms), 500 x3",
           "amplitude-node@1.5",
           statuses({500, 500, 500, 200}),
           {{504, 500, 500}, {1004, 1000, 1000}, {2004, 2000, 2000}},
           {},
           false,
           0,
           [](SdkPlan& plan) {
             plan.flush_interval = plan.first_retry_low = plan.first_retry_high = 500 * millisecond;
           }},
          {"amplitude-node, 429 with throttled_events",
           "amplitude-node@1.5",
           statuses({429, 200}),
           {{30005, 30000, 30000}},
           {}}};
}

std::vector<Vector> client_vectors() {
  const auto broken = [](std::size_t, const Seen&) {
    return SdkAnswer::none(SdkAnswer::Failure::broken);
  };
  return {
      // Its retries lie on a grid of 3 s from the page's start; this page's phase is the measured
      // one.
      {"posthog-js, 500 500 200",
       "posthog-js@1.449",
       statuses({500, 500, 200}),
       {{6224, 3224, 6224}, {9017, 6000, 9000}},
       {1, 2},
       false,
       2776 * millisecond},
      {"posthog-js, connection closed",
       "posthog-js@1.449",
       broken,
       {{6000, 3000, 6000}, {9000, 6000, 9000}, {15000, 12000, 15000}},
       {1, 2, 3},
       true},
      {"segment-js, 500 x3",
       "segment-js@1.84",
       statuses({500, 500, 500, 200}),
       {{176, 100, 600}, {1589, 1000, 2000}, {3057, 2000, 4000}},
       {2, 3, 4}},
      {"rudder-js, 500 x3",
       "rudder-js@3.34",
       statuses({500, 500, 500, 200}),
       {{2013, 2000, 2000}, {4009, 4000, 4000}, {8017, 8000, 8000}},
       {1, 2, 3}},
      {"amplitude-js, 500 x3",
       "amplitude-js@2.48",
       statuses({500, 500, 500, 200}),
       {{1008, 1000, 1000}, {1008, 1000, 1000}, {2005, 2000, 2000}},
       {}},
      {"mixpanel-js, 500 500 200",
       "mixpanel-js@2.83",
       statuses({500, 500, 200}),
       {{10011, 10000, 10000}, {20016, 20000, 20000}},
       {}}};
}

std::vector<Vector> vectors() {
  std::vector<Vector> all = server_vectors();
  for (Vector& vector : client_vectors()) all.push_back(std::move(vector));
  return all;
}

Play played(const Vector& vector, std::uint64_t seed) {
  SdkPlan plan = profile_plan(vector.profile);
  if (vector.change != nullptr) vector.change(plan);
  Play play(plan, seed, vector.script);
  play.put(1, vector.captured);
  play.run(day);
  return play;
}

}  // namespace

TEST_CASE("the measured waits between retries are the model's", "[sdk][vectors]") {
  for (const Vector& vector : vectors()) {
    INFO(vector.name);
    std::vector<std::pair<Micros, Micros>> range(vector.waits.size(), {day, 0});
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const Play play = played(vector, seed);
      const std::vector<Micros> times = play.times();
      REQUIRE(times.size() == vector.waits.size() + 1);
      for (std::size_t i = 0; i < range.size(); ++i) {
        const Micros wait = times[i + 1] - times[i];
        range[i] = {std::min(range[i].first, wait), std::max(range[i].second, wait)};
      }
      CHECK(play.markers() == vector.markers);
      CHECK(play.delivered().size() == (vector.lost ? 0U : 1U));
      CHECK(play.released().size() == (vector.lost ? 1U : 0U));
    }
    for (std::size_t i = 0; i < range.size(); ++i) {
      const auto [low, high] = range[i];
      const Wait& wait = vector.waits[i];
      CAPTURE(i, low, high, wait.measured);
      CHECK(wait.measured * millisecond >= low - measured_within);
      CHECK(wait.measured * millisecond <= high + measured_within);
      // The formula's ends, of which 300 draws come within a twentieth.
      const Micros near = (wait.high - wait.low) * millisecond / 20 + 2 * answer_time;
      CHECK(low >= wait.low * millisecond);
      CHECK(low <= wait.low * millisecond + near);
      CHECK(high <= wait.high * millisecond + 2 * answer_time);
      CHECK(high >= wait.high * millisecond - near);
    }
  }
}

TEST_CASE("posthog-node drops what four 503 met, and the next flush has the next event only",
          "[sdk][vectors]") {
  Play play(profile_plan("posthog-node@5.70"), 1, statuses({503, 503, 503, 503, 200}));
  play.put(1, 0);
  play.put(2, 20 * second);
  play.run(day);
  REQUIRE(play.requests().size() == 5);
  CHECK(play.requests()[3].at - play.requests()[0].at == 3 * (3 * second + answer_time));
  CHECK(play.requests()[4].at == 25 * second);
  CHECK(play.requests()[4].events == std::vector<Number>{2});
  REQUIRE(play.released().size() == 1);
  CHECK(play.released()[0].number == 1);
  CHECK(play.released()[0].why == AbandonRecord::Why::exhausted);
}

TEST_CASE("posthog-node halves what is too large, without delay: 20, 10, 5, 5, 5, 5",
          "[sdk][vectors]") {
  Play play(profile_plan("posthog-node@5.70"), 1, [](std::size_t, const Seen& seen) {
    return SdkAnswer::of(seen.events.size() > 5 ? 413 : 200);
  });
  for (Number number = 1; number <= 20; ++number) play.put(number, 0);
  play.run(day);
  CHECK(play.sizes() == std::vector<std::size_t>{20, 10, 5, 5, 5, 5});
  CHECK(play.times().back() == 5 * answer_time);
  CHECK(play.requests()[2].events == std::vector<Number>{1, 2, 3, 4, 5});
  CHECK(play.delivered().size() == 20);
}

TEST_CASE("posthog-node v1 sends again what the server asks for, alone", "[sdk][vectors]") {
  const std::vector<EventResult> partial{EventResult::taken, EventResult::again,
                                         EventResult::dropped};
  Play play(profile_plan("posthog-node-v1@5.70"), 1, [&](std::size_t nth, const Seen&) {
    SdkAnswer answer = SdkAnswer::of(nth == 0 ? 503 : 200);
    if (nth == 0) answer.retry_after = second;
    if (nth == 1) answer.events = partial;
    return answer;
  });
  for (const Number number : {1U, 2U, 3U}) play.put(number, 0);
  play.run(day);
  const std::vector<Micros> times = play.times();  // Measured: 0, 3020, 9026.
  REQUIRE(times.size() == 3);
  CHECK(times[1] - times[0] == 3 * second + answer_time);
  CHECK(times[2] - times[0] == 9 * second + 2 * answer_time);
  CHECK(play.requests()[1].events == std::vector<Number>{1, 2, 3});
  CHECK(play.requests()[2].events == std::vector<Number>{2});
  CHECK(play.markers() == std::vector<std::uint32_t>{2, 3});
  CHECK(play.delivered() == std::vector<Number>{1, 2});
  REQUIRE(play.released().size() == 1);
  CHECK(play.released()[0].number == 3);
}

TEST_CASE("snowplow-node sends a failed batch with the next event, and only then",
          "[sdk][vectors]") {
  SdkPlan plan = profile_plan("snowplow-node@4.8");
  plan.flush_at = 1;
  Play play(plan, 1, statuses({500, 500, 200}));
  play.put(1, 0);
  play.put(2, 1910 * millisecond);
  play.put(3, 2412 * millisecond);
  play.run(day);
  CHECK(play.times() == std::vector<Micros>{0, 1910 * millisecond, 2412 * millisecond});
  CHECK(play.sizes() == std::vector<std::size_t>{1, 2, 3});
  CHECK(play.requests()[2].events == std::vector<Number>{1, 2, 3});
}

}  // namespace parallax::test
