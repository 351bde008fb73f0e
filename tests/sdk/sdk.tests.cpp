// SPDX-License-Identifier: Apache-2.0
#include "sim/sdk/sdk.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace parallax {
namespace {

SimTime at(Micros t) { return {t}; }

SdkPlan small_plan() {
  SdkPlan plan;
  plan.flush_at = 3;
  plan.batch_max = 4;
  plan.flush_interval = 10 * second;
  plan.queue_max = 5;
  plan.retries_max = 2;
  plan.backoff_base = second;
  plan.backoff_jitter = Ratio::zero();
  return plan;
}

struct Player {
  explicit Player(const SdkPlan& plan) : sdk(plan, Prng(1)) {}
  Sdk sdk;
  std::vector<Released> released;

  void put(Held held, Micros t) { sdk.enqueue(held, at(t), released); }
  std::vector<Held> begin(Micros t) {
    const auto batch = sdk.begin(at(t));
    std::vector<Held> held;
    for (const Queued& queued : batch) held.push_back(queued.held);
    return held;
  }
  void finish(SdkOutcome outcome, Micros t) { sdk.finish(outcome, at(t), released); }
};

}  // namespace

TEST_CASE("an SDK with nothing to send wants nothing", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  CHECK(player.sdk.wants() == end_of_time);
  CHECK(player.sdk.idle());
}

TEST_CASE("the flush interval runs from the oldest event", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 5 * second);
  player.put(2, 9 * second);
  CHECK(player.sdk.wants() == at(15 * second));
}

TEST_CASE("the count that triggers a send makes it due at once", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (const Held held : {1U, 2U, 3U}) player.put(held, held * second);
  CHECK(player.sdk.wants() == at(3 * second));
  CHECK(player.begin(3 * second) == std::vector<Held>{1, 2, 3});
  CHECK(player.sdk.wants() == end_of_time);  // One attempt at a time.
}

TEST_CASE("a batch never exceeds its bound, and the rest stays queued", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (Held held = 1; held <= 5; ++held) player.put(held, 0);
  CHECK(player.begin(0) == std::vector<Held>{1, 2, 3, 4});
  player.finish(SdkOutcome::success, second);
  CHECK(player.released.empty());
  CHECK(player.sdk.wants() == at(10 * second));
}

TEST_CASE("above its bound the queue drops the oldest event", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (Held held = 1; held <= 6; ++held) player.put(held, 0);
  REQUIRE(player.released.size() == 1);
  CHECK(player.released[0].held == 1);
  CHECK(player.released[0].why == AbandonRecord::Why::overflow);
}

TEST_CASE("what the bound drops is never of the batch under way", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (Held held = 1; held <= 3; ++held) player.put(held, 0);
  CHECK(player.begin(0) == std::vector<Held>{1, 2, 3});
  for (Held held = 4; held <= 10; ++held) player.put(held, 0);
  REQUIRE(player.released.size() == 2);
  CHECK(player.released[0].held == 4);
  CHECK(player.released[1].held == 5);
  player.finish(SdkOutcome::retryable, 0);
  CHECK(player.begin(second) == std::vector<Held>{1, 2, 3});
  player.finish(SdkOutcome::success, second);
  CHECK(player.begin(second) == std::vector<Held>{6, 7, 8, 9});
}

TEST_CASE("a retry repeats the batch after a doubling backoff, then gives up", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 0);
  CHECK(player.begin(10 * second) == std::vector<Held>{1});
  CHECK(player.sdk.number() == 1);
  player.finish(SdkOutcome::retryable, 11 * second);
  CHECK(player.sdk.wants() == at(12 * second));
  player.put(2, 11 * second);  // New events wait behind the batch.
  CHECK(player.begin(12 * second) == std::vector<Held>{1});
  CHECK(player.sdk.number() == 2);
  player.finish(SdkOutcome::retryable, 13 * second);
  CHECK(player.sdk.wants() == at(15 * second));
  CHECK(player.begin(15 * second) == std::vector<Held>{1});
  player.finish(SdkOutcome::retryable, 16 * second);
  REQUIRE(player.released.size() == 1);
  CHECK(player.released[0].why == AbandonRecord::Why::exhausted);
  CHECK(player.sdk.wants() == at(21 * second));  // The event that waited.
}

TEST_CASE("jitter stays within its share and differs between instances", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.backoff_jitter = Ratio{250'000'000};
  std::vector<Micros> waits;
  for (std::uint64_t i = 0; i < 50; ++i) {
    Sdk sdk(plan, Prng(7).keyed(i));
    std::vector<Released> released;
    sdk.enqueue(1, at(0), released);
    (void)sdk.begin(at(10 * second));
    sdk.finish(SdkOutcome::retryable, at(10 * second), released);
    const Micros wait = sdk.wants() - at(10 * second);
    CHECK(wait >= 750 * millisecond);
    CHECK(wait <= 1'250 * millisecond);
    waits.push_back(wait);
  }
  std::sort(waits.begin(), waits.end());
  CHECK(waits.front() < waits.back());
}

TEST_CASE("a refused batch is dropped without another try", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 0);
  (void)player.begin(10 * second);
  player.finish(SdkOutcome::refused, 11 * second);
  REQUIRE(player.released.size() == 1);
  CHECK(player.released[0].why == AbandonRecord::Why::refused);
  CHECK(player.sdk.idle());
}

TEST_CASE("unload by beacon sends once, at once, and never again", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 0);
  player.sdk.unload(at(second), player.released);
  CHECK(player.sdk.wants() == at(second));
  (void)player.begin(second);
  player.finish(SdkOutcome::retryable, 2 * second);
  REQUIRE(player.released.size() == 1);
  CHECK(player.released[0].why == AbandonRecord::Why::unload);
  CHECK(player.sdk.idle());
}

TEST_CASE("unload with persistence keeps the queue and the waiting batch, oldest first", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.unload = SdkPlan::Unload::persist;
  Player player(plan);
  player.put(1, 0);
  (void)player.begin(10 * second);
  player.finish(SdkOutcome::retryable, 11 * second);
  player.put(2, 11 * second);
  player.sdk.unload(at(11 * second), player.released);
  CHECK(player.released.empty());
  CHECK(player.sdk.take_persisted() == std::vector<Held>{1, 2});
  CHECK(player.sdk.idle());
}

TEST_CASE("unload that loses abandons everything not under way", "[sdk]") {
  SdkPlan plan = small_plan();
  plan.unload = SdkPlan::Unload::lose;
  Player player(plan);
  player.put(1, 0);
  player.put(2, 0);
  player.sdk.unload(at(second), player.released);
  CHECK(player.released.size() == 2);
  CHECK(player.sdk.idle());
}

TEST_CASE("flush makes a waiting retry and the queue due now", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 0);
  (void)player.begin(10 * second);
  player.finish(SdkOutcome::retryable, 10 * second);
  player.put(2, 10 * second);
  player.sdk.flush(at(10 * second));
  CHECK(player.sdk.wants() == at(10 * second));
  CHECK(player.begin(10 * second) == std::vector<Held>{1});
  player.finish(SdkOutcome::success, 11 * second);
  CHECK(player.sdk.wants() == at(10 * second));
  CHECK(player.begin(11 * second) == std::vector<Held>{2});
}

TEST_CASE("an answer decides between success, another try and giving up", "[sdk]") {
  CHECK(sdk_outcome(Receipt::accepted, 200) == SdkOutcome::success);
  CHECK(sdk_outcome(Receipt::unknown, 0) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::unknown, 500) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::unknown, 408) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::rejected, 429) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::rejected, 503) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::rejected, 0) == SdkOutcome::retryable);
  CHECK(sdk_outcome(Receipt::rejected, 400) == SdkOutcome::refused);
  CHECK(sdk_outcome(Receipt::rejected, 301) == SdkOutcome::refused);
}

}  // namespace parallax
