// SPDX-License-Identifier: Apache-2.0
// The end of a page or process, and what it leaves on the device.
#include "tests/sdk/server.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr Micros forever = 10 * day;

SdkPlan plan_with(SdkPlan::Unload unload) {
  SdkPlan plan;
  plan.flush_interval = 10 * second;
  plan.backoff = second;
  plan.backoff_jitter = Ratio::zero();
  plan.unload = unload;
  return plan;
}

std::vector<Number> numbers_of(const std::vector<Kept>& kept) {
  std::vector<Number> list;
  for (const Kept& one : kept) list.push_back(number_of(one.held));
  return list;
}

/// Answers so late that requests are under way when the page closes.
Play slow(const SdkPlan& plan, std::vector<std::uint16_t> answers) {
  Play play(plan, 1, statuses(std::move(answers)));
  play.answers_after = minute;
  return play;
}

}  // namespace

TEST_CASE("unload by beacon sends once, at once, and never again", "[sdk][unload]") {
  Play play(plan_with(SdkPlan::Unload::beacon), 1, statuses({500}));
  play.put(1, 0);
  play.unload(second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{second});
  REQUIRE(play.released().size() == 1);
  CHECK(play.released()[0].why == AbandonRecord::Why::unload);
  CHECK(play.sdk().idle());
}

TEST_CASE("a beacon takes the waiting retries along", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  plan.backoff = hour;
  Play play(plan, 1, statuses({500, 200}));
  play.put(1, 0);
  play.run(11 * second);
  play.put(2, 11 * second);
  play.unload(12 * second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{10 * second, 12 * second, 12 * second});
  CHECK(play.requests()[1].number == 2);
  CHECK(play.delivered() == std::vector<Number>{1, 2});
}

TEST_CASE("a queue beyond a beacon's bytes leaves in several", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  plan.event_bytes = 30'000;
  Play play(plan, 1, statuses({200}));
  for (Number number = 1; number <= 5; ++number) play.put(number, 0);
  play.unload(second);
  play.run(forever);
  CHECK(play.sizes() == std::vector<std::size_t>{2, 2, 1});
  CHECK(play.times().back() == second);
}

TEST_CASE("a request under way is repeated by the beacon where the page tears it down",
          "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  for (const bool torn : {false, true}) {
    plan.unload_in_flight = torn;
    plan.timeout = hour;
    Play play = slow(plan, {200});
    play.put(1, 0);
    play.unload(11 * second);
    play.run(forever);
    CHECK(play.requests().size() == (torn ? 2U : 1U));
    CHECK(play.doubled() == (torn ? std::vector<Number>{1} : std::vector<Number>{}));
    CHECK(play.delivered() == (torn ? std::vector<Number>{1, 1} : std::vector<Number>{1}));
    CHECK(play.sdk().idle());
    if (torn) CHECK(play.requests()[1].number == 2);
  }
}

TEST_CASE("nobody reads the answer of a torn request", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  plan.unload_in_flight = true;
  Play play = slow(plan, {500, 200});
  play.put(1, 0);
  play.unload(11 * second);
  play.run(forever);
  CHECK(play.requests().size() == 2);
  CHECK(play.released().empty());
  CHECK(play.delivered().size() == 2);
}

TEST_CASE("what a beacon took may be kept as well", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  plan.beacon_keeps = true;
  Play play(plan, 1, statuses({200}));
  play.put(1, 0);
  play.unload(second);
  play.run(forever);
  CHECK(play.delivered() == std::vector<Number>{1});
  CHECK(play.doubled() == std::vector<Number>{1});
  CHECK(numbers_of(play.sdk().take_kept()) == std::vector<Number>{1});
  CHECK_FALSE(play.sdk().keeps());
}

TEST_CASE("unload with persistence keeps the waiting retry and the queue, oldest first",
          "[sdk][unload]") {
  Play play(plan_with(SdkPlan::Unload::persist), 1, statuses({500}));
  play.put(1, 0);
  play.run(10 * second + 20 * millisecond);
  play.put(2, 10'100 * millisecond);
  play.unload(10'200 * millisecond);
  CHECK(play.released().empty());
  CHECK(play.sdk().idle());
  const std::vector<Kept> kept = play.sdk().take_kept();
  CHECK(numbers_of(kept) == std::vector<Number>{1, 2});
  CHECK(kept[0].tries == 1);
  CHECK(kept[1].tries == 0);
  CHECK(kept[1].since == SimTime{10'200 * millisecond});
}

TEST_CASE("what fails after the page has closed is kept then", "[sdk][unload]") {
  Play play = slow(plan_with(SdkPlan::Unload::persist), {500});
  play.put(1, 0);
  play.unload(11 * second);
  CHECK_FALSE(play.sdk().keeps());
  play.run(forever);
  CHECK(numbers_of(play.sdk().take_kept()) == std::vector<Number>{1});
  CHECK(play.sdk().idle());
}

TEST_CASE("a request under way is kept where the page tears it down", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::persist);
  plan.unload_in_flight = true;
  Play play = slow(plan, {200});
  play.put(1, 0);
  play.unload(11 * second);
  CHECK_FALSE(play.sdk().idle());  // The request is still on its way.
  CHECK(play.doubled() == std::vector<Number>{1});
  const std::vector<Kept> kept = play.sdk().take_kept();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].tries == 1);
  play.run(forever);
  CHECK(play.sdk().idle());
}

TEST_CASE("what was kept leaves after the next load, at its age, as a retry", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::persist);
  plan.resend_after = second;
  const std::vector<Kept> kept{{handle_of(7), SimTime{-20 * second}, 1},
                               {handle_of(8), SimTime{-20 * second}, 0}};
  const auto sent = [&](Micros age) {
    plan.resend_age = age;
    Play play(plan, 1, statuses({200}));
    play.sdk().restore(kept, SimTime{0});
    play.run(forever);
    CHECK(play.delivered() == std::vector<Number>{7, 8});
    CHECK(play.requests()[0].number == 2);
    CHECK(play.requests()[1].number == 1);
    return play.times()[0];
  };
  CHECK(sent(0) == second);
  CHECK(sent(10 * second) == second);
  CHECK(sent(25 * second) == 5 * second);
}

TEST_CASE("what was kept may wait for the next event", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::persist);
  plan.flush_at = 1;
  plan.resend = SdkPlan::Resend::next_event;
  Play play(plan, 1, statuses({200}));
  play.sdk().restore(std::vector<Kept>{{handle_of(7), SimTime{-second}, 1}}, SimTime{0});
  play.run(hour);
  CHECK(play.requests().empty());
  play.put(1, hour);
  play.run(forever);
  REQUIRE(play.requests().size() == 1);
  CHECK(play.requests()[0].at == hour);
  CHECK(play.delivered() == std::vector<Number>{7, 1});
}

TEST_CASE("unload that loses abandons everything not under way", "[sdk][unload]") {
  Play play = slow(plan_with(SdkPlan::Unload::lose), {500});
  play.put(1, 0);
  play.put(2, 11 * second);
  play.unload(12 * second);
  REQUIRE(play.released().size() == 1);
  CHECK(play.released()[0].number == 2);
  play.run(forever);
  CHECK(play.requests().size() == 1);
  CHECK(play.released().size() == 2);
  CHECK(play.released()[1].why == AbandonRecord::Why::unload);
}

TEST_CASE("unload by flush tries until its time is over", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::flush);
  plan.retries_max = 5;
  const auto tries = [&](Micros timeout) {
    plan.shutdown_timeout = timeout;
    Play play(plan, 1, statuses({500}));
    play.put(1, 0);
    play.unload(second);
    play.run(forever);
    REQUIRE(play.released().size() == 1);
    CHECK(play.released()[0].why ==
          (timeout == SdkPlan::never ? AbandonRecord::Why::exhausted : AbandonRecord::Why::unload));
    return play.requests().size();
  };
  CHECK(tries(0) == 1);
  CHECK(tries(4 * second) == 3);  // At 0 s, 1 s and 3 s; the next would be at 7 s.
  CHECK(tries(SdkPlan::never) == 6);
}

TEST_CASE("what waits behind a shutdown that is over is lost with it", "[sdk][unload]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::flush);
  plan.shutdown_timeout = 0;
  plan.batch_max = 1;
  Play play(plan, 1, statuses({500}));
  play.put(1, 0);
  play.put(2, 0);
  play.unload(second);
  play.run(forever);
  CHECK(play.requests().size() == 1);
  CHECK(play.released().size() == 2);
}

TEST_CASE("at an opt-out what waits is sent, or dropped", "[sdk][consent]") {
  SdkPlan plan = plan_with(SdkPlan::Unload::beacon);
  for (const bool drops : {false, true}) {
    plan.opt_out = drops ? SdkPlan::OptOut::drops : SdkPlan::OptOut::sends;
    Play play(plan, 1, statuses({200}));
    play.put(1, 0);
    std::vector<Released> released;
    play.sdk().opt_out(released);
    play.run(forever);
    CHECK(play.delivered().size() == (drops ? 0U : 1U));
    CHECK(released.size() == (drops ? 1U : 0U));
    if (drops) CHECK(released[0].why == AbandonRecord::Why::opted_out);
  }
}

}  // namespace parallax::test
