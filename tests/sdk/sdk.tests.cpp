// SPDX-License-Identifier: Apache-2.0
#include "sim/sdk/sdk.h"

#include <algorithm>
#include <array>

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

using Numbers = std::vector<std::ptrdiff_t>;

/// Emissions 0, 1, ... to hold.
std::array<EmissionRecord, 16> emissions;
Held numbered(std::ptrdiff_t number) { return &emissions[static_cast<std::size_t>(number)]; }
std::ptrdiff_t number_of(Held held) { return held - emissions.data(); }

struct Player {
  explicit Player(const SdkPlan& plan) : sdk(plan, Prng(1)) {}
  Sdk sdk;
  std::vector<Released> released;

  void put(std::ptrdiff_t number, Micros t) { sdk.enqueue(numbered(number), at(t), released); }
  Numbers begin() {
    Numbers numbers;
    for (const Queued& queued : sdk.begin()) numbers.push_back(number_of(queued.held));
    return numbers;
  }
  Numbers persisted() {
    Numbers numbers;
    for (const Held held : sdk.take_persisted()) numbers.push_back(number_of(held));
    return numbers;
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
  for (const std::ptrdiff_t number : {1, 2, 3}) player.put(number, number * second);
  CHECK(player.sdk.wants() == at(3 * second));
  CHECK(player.begin() == Numbers{1, 2, 3});
  CHECK(player.sdk.wants() == end_of_time);  // One attempt at a time.
}

TEST_CASE("a batch never exceeds its bound, and the rest stays queued", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (std::ptrdiff_t number = 1; number <= 5; ++number) player.put(number, 0);
  CHECK(player.begin() == Numbers{1, 2, 3, 4});
  player.finish(SdkOutcome::success, second);
  CHECK(player.released.empty());
  CHECK(player.sdk.wants() == at(10 * second));
}

TEST_CASE("above its bound the queue drops the oldest event", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (std::ptrdiff_t number = 1; number <= 6; ++number) player.put(number, 0);
  REQUIRE(player.released.size() == 1);
  CHECK(number_of(player.released[0].held) == 1);
  CHECK(player.released[0].why == AbandonRecord::Why::overflow);
}

TEST_CASE("what the bound drops is never of the batch under way", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  for (std::ptrdiff_t number = 1; number <= 3; ++number) player.put(number, 0);
  CHECK(player.begin() == Numbers{1, 2, 3});
  for (std::ptrdiff_t number = 4; number <= 10; ++number) player.put(number, 0);
  REQUIRE(player.released.size() == 2);
  CHECK(number_of(player.released[0].held) == 4);
  CHECK(number_of(player.released[1].held) == 5);
  player.finish(SdkOutcome::retryable, 0);
  CHECK(player.begin() == Numbers{1, 2, 3});
  player.finish(SdkOutcome::success, second);
  CHECK(player.begin() == Numbers{6, 7, 8, 9});
}

TEST_CASE("a retry repeats the batch after a doubling backoff, then gives up", "[sdk]") {
  const SdkPlan plan = small_plan();
  Player player(plan);
  player.put(1, 0);
  CHECK(player.begin() == Numbers{1});
  CHECK(player.sdk.number() == 1);
  player.finish(SdkOutcome::retryable, 11 * second);
  CHECK(player.sdk.wants() == at(12 * second));
  player.put(2, 11 * second);  // New events wait behind the batch.
  CHECK(player.begin() == Numbers{1});
  CHECK(player.sdk.number() == 2);
  player.finish(SdkOutcome::retryable, 13 * second);
  CHECK(player.sdk.wants() == at(15 * second));
  CHECK(player.begin() == Numbers{1});
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
    sdk.enqueue(numbered(1), at(0), released);
    (void)sdk.begin();
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
  (void)player.begin();
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
  (void)player.begin();
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
  (void)player.begin();
  player.finish(SdkOutcome::retryable, 11 * second);
  player.put(2, 11 * second);
  player.sdk.unload(at(11 * second), player.released);
  CHECK(player.released.empty());
  CHECK(player.persisted() == Numbers{1, 2});
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
  (void)player.begin();
  player.finish(SdkOutcome::retryable, 10 * second);
  player.put(2, 10 * second);
  player.sdk.flush(at(10 * second));
  CHECK(player.sdk.wants() == at(10 * second));
  CHECK(player.begin() == Numbers{1});
  player.finish(SdkOutcome::success, 11 * second);
  CHECK(player.sdk.wants() == at(10 * second));
  CHECK(player.begin() == Numbers{2});
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
