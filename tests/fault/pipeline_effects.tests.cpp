// SPDX-License-Identifier: Apache-2.0
// What breaks in the pipeline: who is struck when, exactly.
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

FaultPlan within(FaultPlan plan, Micros from, Micros until) {
  plan.selector.from = from;
  plan.selector.until = until;
  return plan;
}

/// A run's attempts before one fault, at offsets from time.start.
class Sender {
 public:
  explicit Sender(FaultPlan plan) : chain_(chain_of(shop_with({std::move(plan)}))), lane_(chain_) {}

  WireFate at(Micros offset, const Emission& first) {
    std::uint64_t struck = 0, skipped = 0;
    WireFate fate;
    lane_.send({first, 1, 10, TimePlan{}.start + offset}, AttemptId{make_lane_id(1, sent_++)}, fate,
               struck, skipped);
    bits_ = {struck, skipped};
    return fate;
  }
  WireFate at(Micros offset) { return at(offset, client_emission(1)); }
  /// Of the last one: struck and skipped.
  std::pair<std::uint64_t, std::uint64_t> bits() const { return bits_; }

 private:
  FaultChain chain_;
  LaneFaults lane_;
  std::uint64_t sent_ = 0;
  std::pair<std::uint64_t, std::uint64_t> bits_;
};

}  // namespace

TEST_CASE("an outage keeps everybody out for its span, and nobody before or behind it",
          "[fault][pipeline]") {
  const bool answered = GENERATE(false, true);
  Sender sender(
      within(fault("outage", {word("answers", answered ? "503" : "nothing")}), 2 * hour, 3 * hour));
  const Emission first = GENERATE(client_emission(1), server_emission(1));
  CHECK(sender.at(2 * hour - 1, first).strike == Strike::none);
  const WireFate inside = sender.at(2 * hour, first);
  CHECK(inside.strike == (answered ? Strike::answered : Strike::before_send));
  CHECK(inside.answer == (answered ? 503 : 0));
  CHECK(sender.bits() == std::pair<std::uint64_t, std::uint64_t>{1, 0});
  CHECK(sender.at(3 * hour, first).strike == Strike::none);
}

TEST_CASE("a restart takes the answers of what was just stored, then every connection",
          "[fault][pipeline]") {
  Sender sender(
      fault("restart", {number("at", hour), number("down", minute), number("unanswered", second)}));
  CHECK(sender.at(hour - second - 1).strike == Strike::none);
  CHECK(sender.at(hour - second).strike == Strike::after_commit);
  CHECK(sender.at(hour).strike == Strike::before_send);
  CHECK(sender.at(hour + minute - 1).strike == Strike::before_send);
  CHECK(sender.at(hour + minute).strike == Strike::none);
}

TEST_CASE("a replay lets each request of its window come again at one instant",
          "[fault][pipeline]") {
  Sender sender(within(fault("window_replay", {number("at", 5 * hour)}), hour, 2 * hour));
  CHECK_FALSE(sender.at(hour - 1).again);
  CHECK(sender.at(hour).again == 4 * hour);
  CHECK(sender.at(2 * hour - 1).again == 3 * hour + 1);
  CHECK_FALSE(sender.at(2 * hour).again);
}

TEST_CASE("a rate limit turns away what a device sends beyond it, until the next minute",
          "[fault][pipeline]") {
  Sender sender(fault("rate_limit", {number("requests", 2)}));
  const Micros noon = 12 * hour;
  CHECK(sender.at(noon).strike == Strike::none);
  CHECK(sender.bits() == std::pair<std::uint64_t, std::uint64_t>{0, 1});
  CHECK(sender.at(noon + 10 * second).strike == Strike::none);
  const WireFate third = sender.at(noon + 20 * second + 1);
  CHECK(third.strike == Strike::answered);
  CHECK(third.answer == 429);
  CHECK(third.retry_after == 40 * second);  // Whole seconds, and the minute is over by then.
  CHECK(sender.bits() == std::pair<std::uint64_t, std::uint64_t>{1, 0});
  SECTION("another device has a limit of its own") {
    Emission other = client_emission(2);
    other.seen.device = client_emission(1).seen.device + 1;
    CHECK(sender.at(noon + 30 * second, other).strike == Strike::none);
  }
  SECTION("the next minute begins anew") { CHECK(sender.at(noon + minute).strike == Strike::none); }
}

TEST_CASE("a slow store's line grows while it lasts and is gone as long again behind it",
          "[fault][pipeline]") {
  // Half of what comes is stored for 100 minutes: then 50 minutes of it wait, and go at twice the
  // rate at which more comes.
  Sender sender(fault("slow_store",
                      {number("at", hour), number("lasts", 100 * minute), number("keeps_up", 50)}));
  CHECK(sender.at(hour).answer_delay == 0);
  CHECK(sender.bits() == std::pair<std::uint64_t, std::uint64_t>{0, 0});  // Nothing to strike.
  // Ten minutes in, five wait; they are stored at half speed: ten minutes.
  CHECK(sender.at(hour + 10 * minute).answer_delay == 10 * minute);
  // 80 minutes in, 40 wait: ten of them at half speed in what is left, the others at twice.
  CHECK(sender.at(hour + 80 * minute).answer_delay == 35 * minute);
  CHECK(sender.at(hour + 100 * minute).answer_delay == 25 * minute);
  CHECK(sender.at(hour + 120 * minute).answer_delay == 15 * minute);
  CHECK(sender.at(hour + 150 * minute).answer_delay == 0);
  CHECK(sender.at(hour + 10 * minute).strike == Strike::none);  // It is stored all the same.
}

TEST_CASE("a pipeline's faults strike by no chance, and have the times that they need",
          "[fault][pipeline]") {
  const std::string kind = GENERATE("outage", "restart", "rate_limit", "slow_store");
  CAPTURE(kind);
  FaultPlan plan = within(fault(kind, {number("at", hour)}), 0, hour);
  if (kind == "rate_limit") plan.params = {number("requests", 2)};
  if (kind == "outage") plan.params.clear();
  CHECK(complaint(plan).empty());
  CHECK(complaint(with_rate(plan, 500)) == "/faults/0/rate");
  plan.selector.choice = SelectorPlan::Choice::nth;
  CHECK(complaint(plan) == "/faults/0/nth");
  CHECK(complaint(fault("outage")) == "/faults/0/when");
  CHECK(complaint(fault("restart")) == "/faults/0/at");
  CHECK(complaint(fault("rate_limit")) == "/faults/0/requests");
  CHECK(complaint(within(fault("window_replay", {number("at", hour)}), hour, 2 * hour)) ==
        "/faults/0/at");
  CHECK(complaint(fault("slow_store", {number("at", hour), number("keeps_up", 100)})) ==
        "/faults/0/keeps_up");
  CHECK(complaint(fault("rate_limit", {number("requests", 0)})) == "/faults/0/requests");
}
