// SPDX-License-Identifier: Apache-2.0
// What an SDK makes of answers, and when it tries again.
#include <algorithm>
#include <set>

#include "tests/sdk/server.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr Micros forever = 100 * day;
constexpr Micros answer_time = 10 * millisecond;

/// Each event at once, one a request; retries after 1 s, 2 s, 4 s ... exactly.
SdkPlan plain_plan() {
  SdkPlan plan;
  plan.flush_at = plan.batch_max = 1;
  plan.backoff = second;
  plan.backoff_jitter = Ratio::zero();
  return plan;
}

SdkAnswer with_retry_after(std::uint16_t status, Micros told) {
  SdkAnswer answer = SdkAnswer::of(status);
  answer.retry_after = told;
  return answer;
}

/// One event against a server that answers `answer` to all requests but the last.
std::vector<Micros> waits(const SdkPlan& plan, const SdkAnswer& answer, std::size_t failures,
                          std::uint64_t seed = 1) {
  Play play(plan, seed, [&](std::size_t nth, const Seen&) {
    return nth < failures ? answer : SdkAnswer::of(200);
  });
  play.put(1, 0);
  play.run(forever);
  std::vector<Micros> list;
  for (std::size_t i = 1; i < play.times().size(); ++i)
    list.push_back(play.times()[i] - play.times()[i - 1] - answer_time);
  return list;
}

Play failing(const SdkPlan& plan, const SdkAnswer& answer) {
  Play play(plan, 1, [=](std::size_t, const Seen&) { return answer; });
  play.put(1, 0);
  play.run(forever);
  return play;
}

const SdkAnswer broken = SdkAnswer::none(SdkAnswer::Failure::broken);
const SdkAnswer unreachable = SdkAnswer::none(SdkAnswer::Failure::unreachable);

}  // namespace

TEST_CASE("the usual reading of answers", "[sdk][answers]") {
  const SdkPlan plan;
  for (const std::uint16_t status : std::vector<std::uint16_t>{200, 201, 204, 299})
    CHECK(read_answer(plan, SdkAnswer::of(status)) == Reading::delivered);
  for (const std::uint16_t status : std::vector<std::uint16_t>{408, 429, 500, 503, 599})
    CHECK(read_answer(plan, SdkAnswer::of(status)) == Reading::retry);
  for (const std::uint16_t status : std::vector<std::uint16_t>{300, 301, 400, 404, 413, 499})
    CHECK(read_answer(plan, SdkAnswer::of(status)) == Reading::refused);
  CHECK(read_answer(plan, broken) == Reading::retry);
  CHECK(read_answer(plan, unreachable) == Reading::retry);
}

TEST_CASE("the sets of statuses are the plan's", "[sdk][answers]") {
  SdkPlan plan;
  plan.success = StatusSet::of(200, 200);
  plan.retry_on = StatusSet::of(201, 204);
  CHECK(read_answer(plan, SdkAnswer::of(200)) == Reading::delivered);
  CHECK(read_answer(plan, SdkAnswer::of(202)) == Reading::retry);
  CHECK(read_answer(plan, SdkAnswer::of(500)) == Reading::refused);
  plan.success = StatusSet::of(200, 399);
  CHECK(read_answer(plan, SdkAnswer::of(304)) == Reading::misread);
}

TEST_CASE("a body of another kind is a failure where bodies decide", "[sdk][answers]") {
  SdkPlan plan;
  SdkAnswer odd = SdkAnswer::of(200);
  odd.other_body = true;
  CHECK(read_answer(plan, odd) == Reading::delivered);
  plan.success_by = SdkPlan::SuccessBy::body;
  CHECK(read_answer(plan, odd) == Reading::retry);
  CHECK(read_answer(plan, SdkAnswer::of(200)) == Reading::delivered);
}

TEST_CASE("a followed redirect is taken for a success that it is not", "[sdk][answers]") {
  SdkPlan plan = plain_plan();
  CHECK(read_answer(plan, SdkAnswer::of(302)) == Reading::refused);
  plan.redirects = SdkPlan::Redirects::followed;
  CHECK(read_answer(plan, SdkAnswer::of(307)) == Reading::refused);
  const Play play = failing(plan, SdkAnswer::of(302));
  CHECK(play.delivered().empty());
  REQUIRE(play.released().size() == 1);
  CHECK(play.released()[0].why == AbandonRecord::Why::misread);
}

TEST_CASE("no connection can mean that the batch is dropped", "[sdk][answers]") {
  SdkPlan plan = plain_plan();
  CHECK(waits(plan, unreachable, 1).size() == 1);
  plan.unreachable = SdkPlan::Unreachable::drop;
  CHECK(failing(plan, unreachable).released().at(0).why == AbandonRecord::Why::refused);
  CHECK(waits(plan, broken, 1).size() == 1);
}

TEST_CASE("a refused batch is dropped without another try", "[sdk][answers]") {
  const Play play = failing(plain_plan(), SdkAnswer::of(400));
  CHECK(play.requests().size() == 1);
  CHECK(play.released().at(0).why == AbandonRecord::Why::refused);
}

TEST_CASE("a single event that is too large is dropped at last", "[sdk][answers]") {
  SdkPlan plan = plain_plan();
  plan.too_large = SdkPlan::TooLarge::halve;
  CHECK(failing(plan, SdkAnswer::of(413)).released().at(0).why == AbandonRecord::Why::refused);
  plan.too_large = SdkPlan::TooLarge::as_status;
  plan.retry_on.add(413, 413);
  plan.retries_max = 2;
  CHECK(failing(plan, SdkAnswer::of(413)).requests().size() == 3);
}

TEST_CASE("results for single events are understood only where the plan says so",
          "[sdk][answers]") {
  SdkPlan plan = plain_plan();
  plan.flush_at = plan.batch_max = 2;
  const std::vector<EventResult> results{EventResult::again, EventResult::dropped};
  SdkAnswer answer = SdkAnswer::of(400);
  answer.events = results;
  for (const bool per_event : {false, true}) {
    plan.per_event = per_event;
    Play play(plan, 1,
              [&](std::size_t nth, const Seen&) { return nth == 0 ? answer : SdkAnswer::of(200); });
    play.put(1, 0);
    play.put(2, 0);
    play.run(forever);
    CHECK(play.requests().size() == (per_event ? 2U : 1U));
    CHECK(play.released().size() == (per_event ? 1U : 2U));
    CHECK(play.delivered() == (per_event ? std::vector<Number>{1} : std::vector<Number>{}));
  }
}

TEST_CASE("a try without an answer fails at the timeout", "[sdk][answers]") {
  SdkPlan plan = plain_plan();
  plan.timeout = 5 * second;
  CHECK(waits(plan, SdkAnswer{}, 1) == std::vector<Micros>{6 * second - answer_time});
}

TEST_CASE("waits grow by the factor up to the cap", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.backoff_max = 5 * second;
  CHECK(waits(plan, SdkAnswer::of(500), 4) ==
        std::vector<Micros>{second, 2 * second, 4 * second, 5 * second});
  plan.backoff_factor = 150;
  CHECK(waits(plan, SdkAnswer::of(500), 3) ==
        std::vector<Micros>{second, 1'500 * millisecond, 2'250 * millisecond});
  plan.backoff_factor = 100;
  CHECK(waits(plan, SdkAnswer::of(500), 3) == std::vector<Micros>{second, second, second});
}

TEST_CASE("linear waits grow by a summand", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.backoff_kind = SdkPlan::Backoff::linear;
  CHECK(waits(plan, SdkAnswer::of(500), 3) == std::vector<Micros>{second, 2 * second, 3 * second});
}

TEST_CASE("the first retry may have a wait of its own, before the backoff begins",
          "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.first_retry_low = plan.first_retry_high = 300 * millisecond;
  CHECK(waits(plan, SdkAnswer::of(500), 3) ==
        std::vector<Micros>{300 * millisecond, second, 2 * second});
  plan.first_retry_high = 600 * millisecond;
  std::set<Micros> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    seen.insert(waits(plan, SdkAnswer::of(500), 1, seed)[0]);
  CHECK(*seen.begin() >= 300 * millisecond);
  CHECK(*seen.rbegin() <= 600 * millisecond);
  CHECK(seen.size() > 40);
}

TEST_CASE("jitter lies around a wait or on top of it, and differs between instances",
          "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.backoff_jitter = Ratio{250'000'000};
  const auto extremes = [&] {
    std::vector<Micros> all;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      all.push_back(waits(plan, SdkAnswer::of(500), 1, seed)[0]);
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    return std::pair{*low, *high};
  };
  CHECK(extremes().first >= 750 * millisecond);
  CHECK(extremes().first < 800 * millisecond);
  CHECK(extremes().second <= 1'250 * millisecond);
  CHECK(extremes().second > 1'200 * millisecond);
  plan.jitter = SdkPlan::Jitter::on_top;
  CHECK(extremes().first >= second);
  CHECK(extremes().second > 1'200 * millisecond);
  plan.backoff_max = second;
  CHECK(extremes() == std::pair{second, second});
}

TEST_CASE("retries on a grid leave at its ticks from the start", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.retry_grid = 3 * second;
  Play play(plan, 1, statuses({500, 200}));
  play.put(1, second);
  play.run(forever);
  CHECK(play.times() == std::vector<Micros>{second, 3 * second});
}

TEST_CASE("a 429 may have its own wait", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.throttled_wait = 30 * second;
  CHECK(waits(plan, SdkAnswer::of(429), 1) == std::vector<Micros>{30 * second});
  CHECK(waits(plan, SdkAnswer::of(503), 1) == std::vector<Micros>{second});
}

TEST_CASE("Retry-After is ignored, honoured up to a cap, or a floor", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  const SdkAnswer told = with_retry_after(503, 7 * second);
  CHECK(waits(plan, told, 1) == std::vector<Micros>{second});
  plan.retry_after = SdkPlan::RetryAfter::honoured;
  CHECK(waits(plan, told, 1) == std::vector<Micros>{7 * second});
  plan.retry_after_max = 5 * second;
  CHECK(waits(plan, told, 1) == std::vector<Micros>{5 * second});
  CHECK(waits(plan, with_retry_after(503, 500 * millisecond), 1)[0] == 500 * millisecond);
  plan.retry_after = SdkPlan::RetryAfter::floor;
  CHECK(waits(plan, told, 1) == std::vector<Micros>{5 * second});
  CHECK(waits(plan, with_retry_after(503, 500 * millisecond), 1)[0] == second);
}

TEST_CASE("so many retries that Retry-After asks for do not count", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.retries_max = 2;
  plan.retry_after = SdkPlan::RetryAfter::honoured;
  const SdkAnswer told = with_retry_after(429, second);
  CHECK(failing(plan, told).requests().size() == 3);
  plan.retry_after_uncounted = 4;
  CHECK(failing(plan, told).requests().size() == 7);
  CHECK(failing(plan, SdkAnswer::of(429)).requests().size() == 3);
}

TEST_CASE("retries end at their number, which no answer may lower", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.retries_max = 4;
  plan.retries_unanswered = 1;
  CHECK(failing(plan, SdkAnswer::of(500)).requests().size() == 5);
  CHECK(failing(plan, SdkAnswer::of(500)).released().at(0).why == AbandonRecord::Why::exhausted);
  CHECK(failing(plan, broken).requests().size() == 2);
}

TEST_CASE("exhausted without an answer, a batch may wait for the next event", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.retries_max = 0;
  plan.batch_max = 10;
  plan.exhausted = SdkPlan::Exhausted::keep_unanswered;
  CHECK(failing(plan, SdkAnswer::of(500)).released().size() == 1);
  Play play = failing(plan, broken);
  CHECK(play.released().empty());
  CHECK(play.requests().size() == 1);
  play.put(2, play.now().since_epoch + second);
  play.run(forever);
  CHECK(play.requests().at(1).events == std::vector<Number>{1, 2});
}

TEST_CASE("what is behind a retry waits for it, or passes", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  for (const bool blocks : {true, false}) {
    plan.retry_blocks = blocks;
    Play play(plan, 1, statuses({500, 200}));
    play.put(1, 0);
    play.put(2, 100 * millisecond);
    play.run(forever);
    CHECK(play.delivered() == (blocks ? std::vector<Number>{1, 2} : std::vector<Number>{2, 1}));
  }
}

TEST_CASE("a batch for the next event joins it, and wakes with nothing else", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.batch_max = 10;
  plan.backoff_kind = SdkPlan::Backoff::next_event;
  Play play(plan, 1, statuses({500, 200}));
  play.put(1, 0);
  play.run(day);
  CHECK(play.requests().size() == 1);
  play.put(2, day);
  play.run(forever);
  REQUIRE(play.requests().size() == 2);
  CHECK(play.requests()[1].at == day);
  CHECK(play.requests()[1].number == 2);
  CHECK(play.delivered() == std::vector<Number>{1, 2});
}

TEST_CASE("a flush wakes what waits for the next event, once", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.backoff_kind = SdkPlan::Backoff::next_event;
  Play play(plan, 1, statuses({500}));
  play.put(1, 0);
  play.run(second);
  play.sdk().flush(SimTime{second});
  play.run(day);
  CHECK(play.times() == std::vector<Micros>{0, second});
}

TEST_CASE("after a flush nothing is tried without end or kept for later", "[sdk][backoff]") {
  SdkPlan plan = plain_plan();
  plan.backoff_factor = 100;
  plan.retries_max = SdkPlan::unlimited;
  Play play(plan, 1, statuses({500}));
  play.put(1, 0);
  play.sdk().flush(SimTime{0});
  play.run(forever);
  CHECK(play.requests().size() == 1'001);
  CHECK(play.released().size() == 1);
  plan.retries_max = 0;
  plan.exhausted = SdkPlan::Exhausted::keep_unanswered;
  Play gone(plan, 1, [](std::size_t, const Seen&) { return broken; });
  gone.put(1, 0);
  gone.sdk().flush(SimTime{0});
  gone.run(forever);
  CHECK(gone.released().size() == 1);
}

TEST_CASE("a retry names its number where and how the plan says", "[sdk][answers]") {
  SdkPlan plan;
  CHECK_FALSE(retry_marker(plan, 2));
  plan.retry_marker = "X-Retry-Count";
  CHECK_FALSE(retry_marker(plan, 1));
  CHECK(retry_marker(plan, 2) == 1U);
  plan.retry_marker_first = 2;
  CHECK(retry_marker(plan, 4) == 4U);
}

}  // namespace parallax::test
