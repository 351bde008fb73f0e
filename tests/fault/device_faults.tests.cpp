// SPDX-License-Identifier: Apache-2.0
// Faults of devices, networks and processes: what each does to an emission, an attempt, a page.
#include <cmath>
#include <map>
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

const SimTime start = TimePlan{}.start;

/// What the wire does to one try of a batch of ten.
WireFate sent(LaneFaults& lane, const Emission& first, SimTime at, std::uint64_t attempt,
              std::uint16_t size = 10) {
  std::uint64_t struck = 0, skipped = 0;
  WireFate fate;
  lane.send({first, 1, size, at}, AttemptId{make_lane_id(1, attempt)}, fate, struck, skipped);
  return fate;
}
WireFate sent(std::vector<FaultPlan> faults, std::uint16_t size = 10) {
  const FaultChain chain = chain_of(shop_with(std::move(faults)));
  LaneFaults lane(chain);
  return sent(lane, client_emission(1), start, 1, size);
}

HostFate page(LaneFaults& lane, const Action& who, SimTime at = start) {
  return lane.begin(who, Source::client, who.session, at);
}

FaultPlan on(FaultPlan plan, Source side) {
  plan.selector.side = side;
  return plan;
}

Emission one(const FaultPlan& plan, const Emission& in) {
  const Outcome outcome = capture({plan}, {in});
  REQUIRE(outcome.items.size() == 1);
  return outcome.items[0].emission;
}

}  // namespace

TEST_CASE("offline strikes in one spell a period, as long as it was told", "[fault][offline]") {
  const FaultChain chain = chain_of(
      shop_with({fault("offline", {number("every", hour), number("lasts", 15 * minute)})}));
  for (std::uint32_t user = 1; user < 6; ++user) {
    LaneFaults lane(chain);
    int off = 0, begins = 0;
    bool before = false;
    for (std::uint64_t i = 0; i < 7 * 24 * 60; ++i) {
      const SimTime at = start + static_cast<Micros>(i) * minute;
      const bool now = sent(lane, client_emission(1, user), at, i).strike == Strike::before_send;
      off += now ? 1 : 0;
      begins += now && !before ? 1 : 0;
      before = now;
    }
    CAPTURE(user, off, begins);
    CHECK(off >= 168 * 14);  // A spell of 15 minutes holds 15 or, at its edges, 14 or 16 of them.
    CHECK(off <= 168 * 16);
    CHECK(begins <= 168);
    CHECK(begins > 120);  // Some run into the next.
    CHECK(lane.counts()[0].struck == static_cast<std::uint64_t>(off));
    CHECK(lane.counts()[0].skipped == 0);  // Online is not passed over, it is not reached.
  }
}

TEST_CASE("offline needs who stays offline, and spells within a period", "[fault][offline]") {
  FaultPlan each = fault("offline");
  each.selector.scope = SelectorPlan::Scope::emission;
  CHECK(complaint(each) == "/faults/0/per");
  CHECK(complaint(fault("offline", {number("every", second)})) == "/faults/0/every");
  CHECK(complaint(fault("offline", {number("lasts", 25 * hour)})) == "/faults/0/lasts");
}

TEST_CASE("cookies_cut gives each visit a device and changes nothing else", "[fault][cookies]") {
  const Outcome outcome = capture({fault("cookies_cut")}, traffic(20, 30));
  std::map<std::uint64_t, std::uint64_t> device_of;  // by session
  std::set<std::uint64_t> devices;
  for (const Captures::Item& item : outcome.items) {
    const Emission& e = item.emission;
    Emission back = e;
    back.seen.device = mix64(0xde00'0000ULL + e.seen.user);
    const auto known = device_of.emplace(e.seen.session, e.seen.device).first->second;
    CHECK(known == e.seen.device);
    devices.insert(e.seen.device);
    CHECK(e.seen.device != back.seen.device);
    const std::uint64_t ordinal = e.seen.id.value & ((std::uint64_t{1} << lane_shift) - 1);
    CHECK(same(back, struck(client_emission(ordinal, e.seen.user))));
  }
  CHECK(devices.size() == device_of.size());
  FaultPlan each = fault("cookies_cut");
  each.selector.scope = SelectorPlan::Scope::user;
  CHECK(complaint(each) == "/faults/0/per");
}

TEST_CASE("no_script takes all of a user's client emissions or none", "[fault][no_script]") {
  const Outcome outcome = capture({with_rate(fault("no_script"), 300)}, traffic(400, 5));
  std::map<std::uint32_t, int> left;
  for (const Captures::Item& item : outcome.items) ++left[item.emission.seen.user];
  for (const auto& [user, count] : left) CHECK(count == 5);
  CHECK(left.size() > 234);  // Binomial(400, 0.7): 280 +- 5 deviations of 9.2.
  CHECK(left.size() < 326);
  CHECK(capture({fault("no_script")}, {server_emission(1)}).items.size() == 1);
}

TEST_CASE("worker_replay emits what came before once more, at its instant and as it was",
          "[fault][worker_replay]") {
  const FaultPlan plan = fault("worker_replay", {number("at", hour)});
  const Emission in = server_emission(7);
  const Outcome outcome = capture({plan}, {in});
  REQUIRE(outcome.items.size() == 2);
  CHECK(same(outcome.items[0].emission, struck(in)));
  CHECK(outcome.items[1].later == start + hour - in.captured);
  Emission copy = outcome.items[1].emission;
  CHECK(copy.captured == start + hour);
  copy.captured = in.captured;
  copy.copy = 0;
  CHECK(same(copy, struck(in)));
  CHECK(capture({plan}, {server_emission(7'200)}).items.size() == 1);  // Two hours in: not reached.
  const Outcome fresh =
      capture({fault("worker_replay", {number("at", hour), word("id", "new")})}, {in});
  CHECK(fresh.items[1].emission.event_id != in.event_id);
  CHECK(complaint(fault("worker_replay")) == "/faults/0/at");
}

TEST_CASE("clock_skew in whole hours is another time zone, never the right one",
          "[fault][clock_skew]") {
  const FaultPlan plan = fault(
      "clock_skew", {drawn("offset", "uniform", {-12 * hour, 14 * hour}), word("whole", "hours")});
  std::set<Micros> zones;
  for (std::uint32_t user = 0; user < 300; ++user) {
    const Micros error = one(plan, client_emission(1, user)).clock_error;
    CHECK(error % hour == 0);
    CHECK(error != 0);
    zones.insert(error / hour);
  }
  CHECK(zones.size() > 20);
  CHECK(*zones.begin() >= -12);
  CHECK(*zones.rbegin() <= 14);
  CHECK(complaint(fault("clock_skew", {number("drift_ppm", 5), word("whole", "hours")})) ==
        "/faults/0/whole");
}

TEST_CASE("per host, all users of a server host share what was drawn", "[fault][selector]") {
  FaultPlan plan = fault("clock_skew", {drawn("offset", "normal", {0, minute})});
  plan.selector.scope = SelectorPlan::Scope::host;
  CHECK(complaint(plan) == "/faults/0/per");  // A client is no host of many.
  plan = on(plan, Source::server);
  std::map<std::uint64_t, Micros> error_of;  // by lane
  for (std::uint32_t user = 0; user < 500; ++user) {
    const Emission e = one(plan, server_emission(3, user));
    const auto known = error_of.emplace(lane_of(e.seen.id.value), e.clock_error).first->second;
    CHECK(known == e.clock_error);
  }
  std::set<Micros> errors;
  for (const auto& [lane, error] : error_of) errors.insert(error);
  CHECK(errors.size() == lane_count);
}

TEST_CASE("a wiped storage means a new device from then on, until the next time",
          "[fault][storage_wiped]") {
  const FaultChain chain = chain_of(shop_with({fault("storage_wiped", {number("every", day)})}));
  LaneFaults lane(chain);
  std::vector<std::uint64_t> devices;
  std::vector<SimTime> wiped;
  for (std::uint64_t i = 0; i < 7 * 24; ++i) {
    Emission in = client_emission(i * 3'600);
    Captures captures;
    std::vector<Destroyed> destroyed;
    lane.capture(in, captures, destroyed);
    const Emission& out = captures.items.at(0).emission;
    const HostFate fate = page(lane, in.seen, in.seen.at);
    CHECK((out.struck != 0) == (fate.wiped != no_time));  // Both know of the same wipes.
    CHECK((out.struck != 0) == (out.seen.device != in.seen.device));
    if (devices.empty() || devices.back() != out.seen.device) devices.push_back(out.seen.device);
    if (fate.wiped == no_time) continue;
    CHECK(fate.wiped <= in.seen.at);
    CHECK(in.seen.at - fate.wiped < day);
    CHECK(fate.struck_at(HostPoint::storage) == 1);
    if (wiped.empty() || wiped.back() != fate.wiped) wiped.push_back(fate.wiped);
  }
  CHECK((devices.size() == 7 || devices.size() == 8));
  CHECK(wiped.size() + 1 == devices.size());
  for (std::size_t i = 1; i < wiped.size(); ++i) CHECK(wiped[i] - wiped[i - 1] == day);
}

TEST_CASE("faults of a page strike visits at their rate, each at its own point", "[fault][host]") {
  const auto [kind, point] =
      GENERATE(table<std::string, HostPoint>({{"slow_load", HostPoint::start},
                                              {"tab_closed", HostPoint::end},
                                              {"app_killed", HostPoint::end}}));
  CAPTURE(kind);
  const FaultChain chain = chain_of(shop_with({with_rate(fault(kind), 250)}));
  LaneFaults lane(chain);
  CHECK(lane.strikes_hosts());
  int hit = 0;
  for (std::uint64_t i = 0; i < 4'000; ++i) {
    const Action who = action(i * 10);
    const HostFate fate = page(lane, who);
    hit += fate.struck_at(point) != 0 ? 1 : 0;
    CHECK((fate.ready_after > 0) == (kind == "slow_load" && fate.struck_at(point) != 0));
    CHECK((fate.loses_last > 0) == (point == HostPoint::end && fate.struck_at(point) != 0));
    CHECK(page(lane, who).struck == fate.struck);  // The same visit, the same answer.
  }
  CHECK(hit > 863);  // Binomial(4'000, 0.25): 1'000 +- 5 deviations of 27.4.
  CHECK(hit < 1'137);
  CHECK(lane.begin(action(1), Source::server, 1, start).struck == HostFate{}.struck);
  lane.lift();
  CHECK_FALSE(lane.strikes_hosts());
  CHECK(page(lane, action(1)).struck == HostFate{}.struck);
}

TEST_CASE("a page's fault asks who opens it, and nothing that is not known yet", "[fault][host]") {
  CHECK(complaint(on(fault("slow_load"), Source::server)) == "/faults/0/side");
  CHECK(complaint(on(fault("app_killed"), Source::server)) == "/faults/0/side");
  CHECK(complaint(on(fault("not_flushed"), Source::client)) == "/faults/0/side");
  CHECK(complaint(fault("tab_closed", {number("within", 0)})) == "/faults/0/within");
  CHECK(complaint(with_rate(fault("not_flushed"), 10)) == "/faults/0/fault");
  CHECK(complaint(fault("storage_wiped", {number("every", second)})) == "/faults/0/every");
}

TEST_CASE("processes end one after the other, each as long as it lives", "[fault][not_flushed]") {
  FaultPlan plan = fault("not_flushed", {drawn("lives", "uniform", {hour, 2 * hour})});
  plan.selector.until = 3 * day;
  const FaultChain chain = chain_of(shop_with({plan}));
  LaneFaults lane(chain);
  SimTime at = start;
  int ends = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const HostFate fate = lane.begin(Action{}, Source::server, make_lane_id(1, i), at);
    if (fate.ends == end_of_time) break;
    CHECK(fate.ends - at >= hour);
    CHECK(fate.ends - at <= 2 * hour);
    CHECK(fate.struck_at(HostPoint::end) == 1);
    at = fate.ends;
    ++ends;
  }
  CHECK(at < start + 3 * day);  // `when` is when they end.
  CHECK(at > start + 3 * day - 2 * hour);
  CHECK(ends >= 36);
  CHECK(ends <= 72);
}

TEST_CASE("connections that do not come about never leave", "[fault][wire]") {
  CHECK(sent({fault("tls_failure")}).strike == Strike::before_send);
  CHECK(sent({fault("cors")}).strike == Strike::before_send);
  CHECK(sent({fault("cors", {word("at", "after_commit")})}).strike == Strike::after_commit);
  CHECK(complaint(on(fault("cors"), Source::server)) == "/faults/0/side");
}

TEST_CASE("a late answer and a late status leave the attempt itself alone", "[fault][wire]") {
  const WireFate late = sent({fault("delay", {word("at", "answer"), number("by", minute)})});
  CHECK(late.delay == 0);
  CHECK(late.answer_delay == minute);
  const WireFate wrong = sent({fault("status", {word("at", "answer"), number("code", 504)})});
  CHECK(wrong.strike == Strike::none);
  CHECK(wrong.odd_status == 504);
}

TEST_CASE("duplicate repeats what left, and says whose request the repeat is",
          "[fault][duplicate]") {
  const WireFate bytes = sent({fault("duplicate")});
  CHECK(bytes.again == 30 * millisecond);
  CHECK_FALSE(bytes.again_states_time);
  CHECK(bytes.again_by == 1);
  CHECK(bytes.strike == Strike::none);
  CHECK(sent({fault("duplicate", {word("at", "queue")})}).again_states_time);
  const WireFate refused = sent({fault("duplicate"), fault("refused")});
  CHECK_FALSE(refused.again);
  CHECK(refused.again_by == 0);
  CHECK(sent({fault("duplicate"), fault("answer_lost")}).again);
}

TEST_CASE("partial leaves out its share of a batch, one at least and never all",
          "[fault][partial]") {
  const auto left = [](std::uint16_t size, std::vector<ParamValue> params) {
    return sent({fault("partial", std::move(params))}, size).left_out;
  };
  CHECK(left(10, {}) == 5);
  CHECK(left(2, {number("share", Ratio::one)}) == 1);
  CHECK(left(10, {number("share", Ratio::one)}) == 9);
  CHECK(left(10, {number("share", 1)}) == 1);
  CHECK(left(1, {}) == 0);  // There is nothing to part.
  const WireFate fate = sent({fault("partial", {word("rest", "dropped"), number("status", 413)})});
  CHECK(fate.left_status == 413);
  CHECK_FALSE(fate.left_again);
  CHECK(sent({fault("partial"), fault("cut_body")}).left_out == 0);
  CHECK(complaint(fault("partial", {number("share", 0)})) == "/faults/0/share");
}

TEST_CASE("a burst strikes its shares inside and outside", "[fault][selector]") {
  FaultPlan plan = fault("drop");
  plan.selector.choice = SelectorPlan::Choice::burst;
  plan.selector.rate = {300'000'000};
  plan.selector.burst_length = 10;
  plan.selector.inside = {800'000'000};
  plan.selector.outside = {50'000'000};
  const Outcome outcome = capture({plan}, traffic(2'000, 20));
  // 40'000 emissions; the long-run share is 0.3 * 0.8 + 0.7 * 0.05 = 0.275. Of 2'000 independent
  // chains the mean has a deviation of at most 0.75 * sqrt(0.21 / 2'000) = 0.0077.
  const double share = static_cast<double>(outcome.counts[0].struck) / 40'000;
  CAPTURE(share);
  CHECK(std::abs(share - 0.275) < 5 * 0.0077);
  FaultPlan all = plan;
  all.selector.inside = Ratio::whole();
  all.selector.outside = Ratio::zero();
  const double inside = static_cast<double>(capture({all}, traffic(2'000, 20)).counts[0].struck);
  CHECK(std::abs(inside / 40'000 - 0.3) < 5 * 0.0103);
}

TEST_CASE("with strikes only what its companions struck too", "[fault][selector]") {
  FaultPlan skew = with_rate(fault("clock_skew", {number("offset", day)}), 300);
  FaultPlan drop = fault("drop");
  drop.selector.with = 1;
  const Outcome outcome = capture({skew, drop}, traffic(500, 1));
  CHECK(outcome.destroyed.size() == outcome.counts[0].struck);
  CHECK(outcome.counts[1].skipped == 0);
  for (const Captures::Item& item : outcome.items) CHECK(item.emission.clock_error == 0);
  FaultPlan tls = fault("tls_failure");
  tls.selector.with = 1;
  const FaultChain chain = chain_of(shop_with({skew, tls}));
  LaneFaults lane(chain);
  Emission early = client_emission(1);
  CHECK(sent(lane, early, start, 1).strike == Strike::none);
  early.struck = 1;
  CHECK(sent(lane, early, start, 2).strike == Strike::before_send);
}
