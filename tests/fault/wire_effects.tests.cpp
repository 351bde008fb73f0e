// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

struct Sent {
  std::vector<WireFate> fates;
  std::vector<std::uint64_t> struck, skipped;
  std::vector<FaultCounts> counts;
};

/// `count` attempts of the emission's side, one a second, each try the first.
Sent send(std::vector<FaultPlan> faults, std::uint64_t count, const Emission& first) {
  const FaultChain chain = chain_of(shop_with(std::move(faults)));
  LaneFaults lane(chain);
  Sent sent;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t hit = 0;
    std::uint64_t spared = 0;
    lane.send({first, 1, 10, TimePlan{}.start + static_cast<Micros>(i) * second},
              AttemptId{make_lane_id(1, i)}, sent.fates.emplace_back(), hit, spared);
    sent.struck.push_back(hit);
    sent.skipped.push_back(spared);
  }
  sent.counts = lane.counts();
  return sent;
}
WireFate fate_of(FaultPlan plan) { return send({std::move(plan)}, 1, client_emission(1)).fates[0]; }

std::size_t hits(const Sent& sent) {
  std::size_t count = 0;
  for (const WireFate& fate : sent.fates) count += fate.strike != Strike::none ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("each strike breaks the attempt at its own point and does nothing else",
          "[fault][wire]") {
  const auto [kind, strike, answer] = GENERATE(table<std::string, Strike, std::uint16_t>({
      {"answer_lost", Strike::after_commit, 0},
      {"cut_body", Strike::during_body, 0},
      {"refused", Strike::before_send, 0},
      {"status", Strike::answered, 503},
  }));
  CAPTURE(kind);
  const WireFate fate = fate_of(fault(kind));
  CHECK(fate.strike == strike);
  CHECK(fate.answer == answer);
  CHECK(fate.delay == 0);
}

TEST_CASE("status answers with the code it was given, an error", "[fault][status]") {
  CHECK(fate_of(fault("status", {number("code", 429)})).answer == 429);
  CHECK(complaint(fault("status", {number("code", 299)})) == "/faults/0/code");
  CHECK(complaint(fault("status", {number("code", 600)})) == "/faults/0/code");
}

TEST_CASE("status states a Retry-After where it is given one", "[fault][status]") {
  CHECK(fate_of(fault("status")).retry_after == 0);
  CHECK(fate_of(fault("status", {number("retry_after", 7 * second)})).retry_after == 7 * second);
  CHECK(complaint(fault("status", {number("retry_after", 2 * day)})) == "/faults/0/retry_after");
  const ParamValue vague = drawn("retry_after", "uniform", {0, second});
  CHECK(complaint(fault("status", {vague})) == "/faults/0/retry_after");
}

TEST_CASE("odd_success strikes nothing and changes what the sender sees", "[fault][odd_success]") {
  const WireFate fate = fate_of(fault("odd_success"));
  CHECK(fate.strike == Strike::none);
  CHECK(fate.answer == 0);
  CHECK(fate.odd_status == 204);
  CHECK(fate.odd_body);
  const WireFate plain =
      fate_of(fault("odd_success", {number("status", 202), word("body", "expected")}));
  CHECK(plain.odd_status == 202);
  CHECK_FALSE(plain.odd_body);
  CHECK(complaint(fault("odd_success", {number("status", 199)})) == "/faults/0/status");
  CHECK(complaint(fault("odd_success", {number("status", 400)})) == "/faults/0/status");
}

TEST_CASE("delay is exponential around half a minute by default", "[fault][delay]") {
  const Sent sent = send({fault("delay")}, 10'000, client_emission(1));
  double sum = 0;
  std::size_t above = 0;
  for (const WireFate& fate : sent.fates) {
    CHECK(fate.strike == Strike::none);
    CHECK(fate.delay >= 0);
    sum += static_cast<double>(fate.delay);
    above += fate.delay > 30 * second ? 1U : 0U;
  }
  const double mean = sum / 10'000 / static_cast<double>(second);
  CAPTURE(mean, above);
  CHECK(std::abs(mean - 30) < 5 * 0.3);  // Deviation 30 / sqrt(10'000).
  CHECK(above > 3'437);                  // Binomial(10'000, 1/e): 3'679 +- 5 deviations of 48.2.
  CHECK(above < 3'921);
}

TEST_CASE("delay never makes an attempt arrive before it left", "[fault][delay]") {
  const FaultPlan plan = fault("delay", {drawn("by", "normal", {second, minute})});
  std::set<Micros> delays;
  for (const WireFate& fate : send({plan}, 1'000, client_emission(1)).fates)
    delays.insert(fate.delay);
  CHECK(*delays.begin() == 0);
  CHECK(delays.size() > 100);
  CHECK(complaint(fault("delay", {number("by", -1)})) == "/faults/0/by");
}

TEST_CASE("reorder swaps neighbours within its window", "[fault][reorder]") {
  const Sent sent = send({fault("reorder")}, 10'000, client_emission(1));
  std::size_t swapped = 0;
  for (std::size_t i = 0; i < sent.fates.size(); ++i) {
    CHECK(sent.fates[i].delay >= 0);
    CHECK(sent.fates[i].delay <= 5 * second);
    if (i > 0) swapped += sent.fates[i].delay + second < sent.fates[i - 1].delay ? 1U : 0U;
  }
  CAPTURE(swapped);
  // P(x + 1 < y) for x, y uniform in 0 .. 5 is 16 / 50 = 0.32; neighbouring pairs share a draw, so
  // 5 deviations of a binomial (46.6) are generous on both sides.
  CHECK(swapped > 2'967);
  CHECK(swapped < 3'433);
  CHECK(complaint(fault("reorder", {number("window", 0)})) == "/faults/0/window");
  const ParamValue vague = drawn("window", "uniform", {0, second});
  CHECK(complaint(fault("reorder", {vague})) == "/faults/0/window");
}

TEST_CASE("delays add up, also on an attempt that is struck", "[fault][wire]") {
  const Sent sent = send({fault("delay", {number("by", second)}), fault("answer_lost"),
                          fault("delay", {number("by", minute)})},
                         1, client_emission(1));
  CHECK(sent.fates[0].strike == Strike::after_commit);
  CHECK(sent.fates[0].delay == second + minute);
  CHECK(sent.struck[0] == 7);
}

TEST_CASE("an attempt is struck once: later strikes do not reach it", "[fault][wire]") {
  const Sent sent =
      send({with_rate(fault("refused"), 500), fault("status")}, 1'000, client_emission(1));
  std::size_t refused = 0;
  for (std::size_t i = 0; i < sent.fates.size(); ++i) {
    refused += sent.fates[i].strike == Strike::before_send ? 1U : 0U;
    CHECK(sent.struck[i] == (sent.fates[i].strike == Strike::before_send ? 1U : 2U));
    CHECK(sent.skipped[i] == (sent.fates[i].strike == Strike::before_send ? 0U : 1U));
  }
  CHECK(sent.counts[0].struck == refused);
  CHECK(sent.counts[1].struck == 1'000 - refused);
  CHECK(refused > 421);  // Binomial(1'000, 0.5): 500 +- 5 deviations of 15.8.
  CHECK(refused < 579);
}

TEST_CASE("an attempt's fate does not depend on the faults before it", "[fault][wire]") {
  const FaultPlan watched = with_rate(fault("answer_lost"), 300);
  const Sent alone = send({watched}, 2'000, client_emission(1));
  const Sent among = send({with_rate(fault("delay"), 500), watched}, 2'000, client_emission(1));
  for (std::size_t i = 0; i < alone.fates.size(); ++i)
    CHECK(alone.fates[i].strike == among.fates[i].strike);
}

TEST_CASE("wire faults know side and time, and per user they are sticky", "[fault][wire]") {
  FaultPlan plan = fault("refused");
  plan.selector.side = Source::server;
  CHECK(hits(send({plan}, 100, client_emission(1))) == 0);
  CHECK(hits(send({plan}, 100, server_emission(1))) == 100);
  plan.selector.until = 30 * second;
  CHECK(hits(send({plan}, 100, server_emission(1))) == 30);
  FaultPlan sticky = with_rate(fault("refused"), 500);
  sticky.selector.scope = SelectorPlan::Scope::user;
  std::size_t users = 0;
  for (std::uint32_t user = 0; user < 100; ++user) {
    const std::size_t hit = hits(send({sticky}, 5, client_emission(1, user)));
    CHECK((hit == 0 || hit == 5));
    users += hit / 5;
  }
  CHECK(users > 25);  // Binomial(100, 0.5): 50 +- 5 deviations of 5.
  CHECK(users < 75);
}

TEST_CASE("nth counts a client's attempts per user and a server host's together", "[fault][wire]") {
  FaultPlan plan = fault("refused");
  plan.selector.choice = SelectorPlan::Choice::nth;
  plan.selector.nth = 2;
  const FaultChain chain = chain_of(shop_with({plan}));
  const Source source = GENERATE(Source::client, Source::server);
  LaneFaults lane(chain);
  std::size_t count = 0;
  for (std::uint32_t user = 0; user < 10; ++user) {
    std::uint64_t hit = 0;
    std::uint64_t spared = 0;
    WireFate fate;
    lane.send({emission(action(1, user), source), 1, 1, TimePlan{}.start},
              AttemptId{make_lane_id(3, user)}, fate, hit, spared);
    count += hit;
  }
  CHECK(count == (source == Source::client ? 0U : 5U));
}
