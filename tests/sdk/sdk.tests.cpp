// SPDX-License-Identifier: Apache-2.0
// What makes an SDK send, and what its queue does.
#include "sim/sdk/sdk.h"

#include <numeric>

#include "tests/sdk/server.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr Micros forever = 10 * day;

SdkPlan small_plan() {
  SdkPlan plan;
  plan.flush_at = 3;
  plan.batch_max = 4;
  plan.flush_interval = 10 * second;
  plan.queue_max = 5;
  plan.retries_max = 2;
  plan.backoff = second;
  plan.backoff_jitter = Ratio::zero();
  return plan;
}

std::vector<Number> given_up(const Play& play, AbandonRecord::Why why) {
  std::vector<Number> out;
  for (const GivenUp& released : play.released()) {
    CHECK(released.why == why);
    out.push_back(released.number);
  }
  return out;
}

/// Never answered within the test.
SdkAnswer silence(std::size_t, const Seen&) { return {}; }

}  // namespace

TEST_CASE("an SDK with nothing to send wants nothing", "[sdk]") {
  Play play(small_plan(), 1, statuses({200}));
  CHECK(play.sdk().wants() == end_of_time);
  CHECK(play.sdk().idle());
}

TEST_CASE("the flush interval runs from the oldest event", "[sdk]") {
  Play play(small_plan(), 1, statuses({200}));
  play.put(1, 5 * second);
  play.put(2, 9 * second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{15 * second});
}

TEST_CASE("an interval from the start ticks whenever the events come", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.interval_from = SdkPlan::IntervalFrom::start;
  Play play(plan, 1, statuses({200}));
  play.put(1, 9 * second);
  play.put(2, 11 * second);
  play.put(3, 30 * second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{10 * second, 20 * second, 30 * second});
}

TEST_CASE("without an interval only the count or a flush sends", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_interval = SdkPlan::never;
  Play play(plan, 1, statuses({200}));
  play.put(1, 0);
  play.run(forever);
  CHECK(play.requests().empty());
  play.put(2, second);
  play.put(3, 2 * second);
  play.run(3 * second);
  CHECK(play.times() == std::vector<Micros>{2 * second});
  play.put(4, 4 * second);
  play.sdk().flush(SimTime{5 * second});
  play.run(forever);
  CHECK(play.requests().size() == 2);
}

TEST_CASE("without a count only the interval sends", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_at = SdkPlan::unlimited;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 4; ++number) play.put(number, number * second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{11 * second});
}

TEST_CASE("the count that triggers a send makes it due at once", "[sdk]") {
  Play play(small_plan(), 1, statuses({200}));
  for (const Number number : {1U, 2U, 3U}) play.put(number, number * second);
  play.run(3 * second + 1);
  CHECK(play.times() == std::vector<Micros>{3 * second});
  CHECK(play.sdk().wants() == end_of_time);  // One attempt at a time.
}

TEST_CASE("the first event goes alone where the plan says so", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.first_alone = true;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 4; ++number) play.put(number, second);
  play.run(forever);
  CHECK(play.sizes() == std::vector<std::size_t>{1, 3});
  CHECK(play.times()[0] == second);
}

TEST_CASE("a batch never exceeds its bound, and the rest stays queued", "[sdk]") {
  Play play(small_plan(), 1, statuses({200}));
  for (Number number = 1; number <= 5; ++number) play.put(number, 0);
  play.run(forever);
  CHECK(play.sizes() == std::vector<std::size_t>{4, 1});
  CHECK(play.times() == std::vector<Micros>{0, 10 * second});
}

TEST_CASE("bytes bound a batch by what an event is taken for", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.batch_bytes = 2'500;
  plan.event_bytes = 1'000;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 5; ++number) play.put(number, 0);
  play.run(forever);
  CHECK(play.sizes() == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("an immediate event overtakes what waits in the queue", "[sdk]") {
  Play play(small_plan(), 1, statuses({200}));
  play.put(1, 0);
  play.put(2, second, true);
  play.run(forever);
  REQUIRE(play.requests().size() == 2);
  CHECK(play.requests()[0].events == std::vector<Number>{2});
  CHECK(play.times() == std::vector<Micros>{second, 10 * second});
}

TEST_CASE("an immediate event of an SDK at rest leaves as it would past the queue", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.requests_max = 2;
  plan.rate_limit = 1;
  plan.rate_burst = 3;
  const std::uint16_t first_status = GENERATE(as<std::uint16_t>{}, 200, 500, 400);
  const std::uint64_t seed = GENERATE(1u, 2u, 3u);
  Sdk at_once(plan, Prng(seed), SimTime{0}), by_queue(plan, Prng(seed), SimTime{0});
  std::vector<Released> released, expected;
  std::size_t steps = 0, limited = 0, passed = 0;
  const auto exchange = [&](std::span<const Queued> batch, std::span<const Queued> same,
                            SimTime at) {
    REQUIRE(batch.size() == same.size());
    for (std::size_t i = 0; i < batch.size(); ++i) CHECK(batch[i].held == same[i].held);
    CHECK(at_once.request() == by_queue.request());
    CHECK(at_once.number() == by_queue.number());
    CHECK(at_once.first_begun() == by_queue.first_begun());
    const SdkAnswer answer = SdkAnswer::of(at_once.number() == 1 ? first_status : 200);
    (void)at_once.finish(at_once.request(), answer, at, released);
    (void)by_queue.finish(by_queue.request(), answer, at, expected);
  };
  Prng draw(seed);
  SimTime now{0};
  for (Number number = 1; number <= 200; ++number) {
    now = now + draw.between(0, 3 * second);
    while (by_queue.wants() <= now) {
      const SimTime at = by_queue.wants();
      REQUIRE(at_once.wants() == at);
      exchange(at_once.begin(at), by_queue.begin(at), at);
    }
    by_queue.enqueue(handle_of(number), now, expected, true);
    if (!at_once.at_rest()) {
      at_once.enqueue(handle_of(number), now, released, true);
    } else if (!at_once.lets_in(now)) {
      released.push_back({handle_of(number), AbandonRecord::Why::limited});
      ++limited;
    } else if (first_status == 200 && number % 2 == 0) {
      CHECK(at_once.next_serial() == by_queue.next_serial() - 1);
      at_once.pass_alone();
      const auto batch = by_queue.begin(now);
      REQUIRE(batch.size() == 1);
      CHECK(by_queue.serial() == at_once.next_serial() - 1);
      (void)by_queue.finish(by_queue.request(), SdkAnswer::of(200), now, expected);
      ++passed;
    } else {
      exchange(at_once.begin_alone(handle_of(number), now), by_queue.begin(now), now);
      ++steps;
    }
    CHECK(at_once.request() == by_queue.request());
    CHECK(at_once.at_rest() == by_queue.at_rest());
    CHECK(at_once.wants() == by_queue.wants());
  }
  CHECK(steps > 20);
  CHECK((passed > 20) == (first_status == 200));
  CHECK((limited > 0 || first_status == 500));  // Where a retry waits, it is not at rest.
  REQUIRE(released.size() == expected.size());
  for (std::size_t i = 0; i < released.size(); ++i) {
    CHECK(released[i].held == expected[i].held);
    CHECK(released[i].why == expected[i].why);
  }
}

TEST_CASE("the only event of a queue passes as it would by a first try that succeeds", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_interval = 2 * second;
  plan.first_alone = GENERATE(false, true);
  const std::uint64_t seed = GENERATE(1u, 2u, 3u);
  Sdk passing(plan, Prng(seed), SimTime{0}), told(plan, Prng(seed), SimTime{0});
  std::vector<Released> released, expected;
  std::size_t passed = 0, others = 0;
  Prng draw(seed);
  const auto send = [&](SimTime at) {
    REQUIRE(passing.holds_one() == told.holds_one());
    if (passing.holds_one() && draw.below(4) != 0) {
      const Held held = passing.only_one();
      CHECK(passing.next_serial() == told.next_serial());
      const auto batch = told.begin(at);
      REQUIRE(batch.size() == 1);
      CHECK(batch.front().held == held);
      CHECK(told.number() == 1);
      CHECK(told.serial() == passing.next_serial());
      (void)told.finish(told.request(), SdkAnswer::of(200), at, expected);
      passing.pass_only_one();
      ++passed;
    } else {
      const SdkAnswer answer = SdkAnswer::of(draw.below(3) == 0 ? 500 : 200);
      CHECK(passing.begin(at).size() == told.begin(at).size());
      (void)passing.finish(passing.request(), answer, at, released);
      (void)told.finish(told.request(), answer, at, expected);
      ++others;
    }
    CHECK(passing.request() == told.request());
    CHECK(passing.idle() == told.idle());
    CHECK(passing.at_rest() == told.at_rest());
  };
  SimTime now{0};
  for (Number number = 1; number <= 300; ++number) {
    now = now + draw.between(0, 3 * second);
    while (told.wants() <= now) send(told.wants());
    passing.enqueue(handle_of(number), now, released);
    told.enqueue(handle_of(number), now, expected);
    CHECK(passing.wants() == told.wants());
  }
  CHECK(passed > 20);
  CHECK(others > 20);
  CHECK(released.size() == expected.size());
}

TEST_CASE("one request at a time, or as many as the plan allows", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_at = plan.batch_max = 1;
  const auto began_by = [&](std::uint32_t requests_max) {
    plan.requests_max = requests_max;
    Play play(plan, 1, statuses({200}));
    play.answers_after = minute;
    for (Number number = 1; number <= 3; ++number) play.put(number, number * second);
    play.run(forever);
    CHECK(play.delivered().size() == 3);
    return play.times();
  };
  CHECK(began_by(1) == std::vector<Micros>{second, 61 * second, 121 * second});
  CHECK(began_by(2) == std::vector<Micros>{second, 2 * second, 61 * second});
  CHECK(began_by(SdkPlan::unlimited) == std::vector<Micros>{second, 2 * second, 3 * second});
}

TEST_CASE("above its bound the queue drops the oldest, or the new event", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_at = 10;
  for (const auto& [overflow, dropped] :
       {std::pair{SdkPlan::Overflow::drop_oldest, Number{1}}, {SdkPlan::Overflow::drop_new, 6}}) {
    plan.overflow = overflow;
    Play play(plan, 1, statuses({200}));
    for (Number number = 1; number <= 6; ++number) play.put(number, 0);
    CHECK(given_up(play, AbandonRecord::Why::overflow) == std::vector<Number>{dropped});
    play.run(forever);
    CHECK(play.delivered().size() == 5);
  }
}

TEST_CASE("a queue in overflow keeps its memory bounded and its batch untouched", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.timeout = day;
  Play play(plan, 1, silence);
  for (Number number = 1; number <= 3; ++number) play.put(number, second);
  for (Number number = 4; number <= 10'000; ++number) play.put(number, 2 * second);
  REQUIRE(play.requests().size() == 1);
  CHECK(play.released().size() == 10'000 - 3 - 5);
  const auto batch = play.sdk().batch(1);
  REQUIRE(batch.size() == 3);
  CHECK(number_of(batch[0].held) == 1);
  CHECK(number_of(batch[2].held) == 3);
}

TEST_CASE("a queue that miscounts drops events that were never sent", "[sdk]") {
  // As seen of Snowplow with room for five: while the first event is under way, the sixth evicts it
  // and the seventh evicts 2; the success then takes 3 out, which nobody has sent.
  SdkPlan plan = small_plan();
  plan.overflow = SdkPlan::Overflow::miscounts;
  plan.flush_at = 1;
  plan.batch_max = 1;
  Play play(plan, 1, statuses({200}));
  play.answers_after = minute;
  for (Number number = 1; number <= 7; ++number) play.put(number, number * second);
  CHECK(given_up(play, AbandonRecord::Why::overflow) == std::vector<Number>{2});
  play.run(forever);
  CHECK(given_up(play, AbandonRecord::Why::overflow) == std::vector<Number>{2, 3});
  CHECK(play.delivered() == std::vector<Number>{1, 4, 5, 6, 7});
}

TEST_CASE("a queue that miscounts has lost what it evicted when the request fails", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.overflow = SdkPlan::Overflow::miscounts;
  plan.flush_at = 1;
  plan.queue_max = 2;
  Play play(plan, 1, statuses({500, 200}));
  play.answers_after = minute;
  for (Number number = 1; number <= 3; ++number) play.put(number, number * second);
  play.run(forever);
  CHECK(given_up(play, AbandonRecord::Why::overflow) == std::vector<Number>{1});
  CHECK(play.delivered() == std::vector<Number>{2, 3});
}

TEST_CASE("the rate limit lets a burst through and then its rate", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.flush_at = plan.queue_max = 1'000;
  plan.rate_limit = 10;
  plan.rate_burst = 100;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 150; ++number) play.put(number, 0);
  CHECK(given_up(play, AbandonRecord::Why::limited).size() == 50);
  for (Number number = 151; number <= 170; ++number) play.put(number, second);
  CHECK(play.released().size() == 50 + 10);
  CHECK(play.released().back().number == 170);
}

TEST_CASE("a queue that fills and empties many times keeps its order", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.queue_max = 1'000;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 500; ++number) play.put(number, number * 7 * second);
  play.run(forever);
  std::vector<Number> expected(500);
  std::iota(expected.begin(), expected.end(), 1U);
  CHECK(play.delivered() == expected);
  CHECK(play.sdk().idle());
}

TEST_CASE("flush makes a waiting retry and the queue due now", "[sdk]") {
  Play play(small_plan(), 1, statuses({500, 200}));
  play.put(1, 0);
  play.run(10 * second + 20 * millisecond);
  play.put(2, 10 * second + 20 * millisecond);
  play.sdk().flush(SimTime{10'500 * millisecond});
  play.run(forever);
  REQUIRE(play.requests().size() == 3);
  CHECK(play.requests()[1].events == std::vector<Number>{1});
  CHECK(play.requests()[1].at == 10'500 * millisecond);
  CHECK(play.requests()[2].events == std::vector<Number>{2});
  CHECK(play.requests()[2].at == 10'510 * millisecond);
}

TEST_CASE("the time of the first try is kept for the batch's retries", "[sdk]") {
  SdkPlan plan = small_plan();
  Sdk sdk(plan, Prng(1), SimTime{0});
  std::vector<Released> released;
  sdk.enqueue(handle_of(1), SimTime{0}, released);
  (void)sdk.begin(SimTime{10 * second});
  CHECK(sdk.first_begun() == SimTime{10 * second});
  (void)sdk.finish(sdk.request(), SdkAnswer::of(500), SimTime{11 * second}, released);
  (void)sdk.begin(SimTime{12 * second});
  CHECK(sdk.number() == 2);
  CHECK(sdk.first_begun() == SimTime{10 * second});
  (void)sdk.finish(sdk.request(), SdkAnswer::of(200), SimTime{13 * second}, released);
  sdk.enqueue(handle_of(2), SimTime{13 * second}, released);
  (void)sdk.begin(SimTime{23 * second});
  CHECK(sdk.first_begun() == SimTime{23 * second});
}

}  // namespace parallax::test
