// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/drive/load_engine.h"
#include "tests/support/catch.h"

namespace parallax::drive_tests {

/// A source of numbered requests that checks how the engine treats it.
class NumberedSource : public LoadSource {
 public:
  std::uint64_t last = ~std::uint64_t{0};  ///< So many requests before `drain`.
  std::uint64_t leftovers = 0;             ///< So many after it.
  std::vector<Strike> strikes;             ///< Of the first requests.
  std::uint64_t prepared = 0, departed = 0, flushed = 0, concluded = 0, abandoned = 0;
  std::vector<std::pair<Receipt, std::uint16_t>> receipts;  ///< By request number.
  bool draining = false;

  bool prepare(std::uint32_t slot, LoadRequest& out) override {
    if (draining ? leftovers == 0 : prepared >= last) return false;
    if (draining) --leftovers;
    if (slots_.size() <= slot) slots_.resize(slot + 1);
    slots_[slot] = {prepared, State::ready};
    out.body.assign("{\"n\":" + std::to_string(prepared) + "}");
    out.events = 1;
    out.strike = prepared < strikes.size() ? strikes[prepared] : Strike::none;
    out.answer = 418;
    ++prepared;
    return true;
  }
  void depart(std::uint32_t slot, LoadRequest&) override {
    move(slot, State::ready, State::departed);
    ++departed;
  }
  Result<void> flush() override {
    flushed = departed;
    return {};
  }
  void conclude(std::uint32_t slot, Receipt receipt, std::uint16_t status, bool) override {
    const std::uint64_t number = slots_[slot].number;
    move(slot, State::departed, State::done);
    if (receipts.size() <= number) receipts.resize(number + 1);
    receipts[number] = {receipt, status};
    ++concluded;
  }
  void abandon(std::uint32_t slot) override {
    move(slot, State::ready, State::done);
    ++abandoned;
  }
  void drain() override { draining = true; }

 private:
  enum class State { ready, departed, done };
  struct Slot {
    std::uint64_t number = 0;
    State state = State::done;
  };
  void move(std::uint32_t slot, State from, State to) {
    REQUIRE(slots_.at(slot).state == from);
    slots_[slot].state = to;
  }
  std::vector<Slot> slots_;
};

struct LoadSettings {
  double rate = 0;  ///< 0: closed.
  Micros length = 200 * millisecond;
  std::uint32_t connections = 4;
  std::size_t in_flight_max = 100'000;
  Micros timeout = 5 * second, drain_max = 2 * second;
  Micros warmup = 0;
  const std::atomic<int>* interrupted = nullptr;
};

/// Runs one engine against `url` to its end.
inline LoadTally run_load(const std::string& url, NumberedSource& source,
                          const LoadSettings& settings) {
  const Result<LoadEndpoint> endpoint = LoadEndpoint::reach(url, second);
  if (!endpoint) FAIL(endpoint.error().text());
  const Schedule schedule(settings.rate, {{settings.warmup + settings.length, settings.rate}});
  LoadPlan plan;
  plan.http.url = url;
  plan.http.connections = settings.connections;
  plan.http.timeout = settings.timeout;
  plan.schedule = settings.rate > 0 ? &schedule : nullptr;
  plan.batch = 1;
  plan.warmup = settings.warmup;
  plan.length = settings.length;
  plan.in_flight_max = settings.in_flight_max;
  plan.drain_max = settings.drain_max;
  plan.interrupted = settings.interrupted;
  LoadGauge gauge;
  auto engine = LoadEngine::make(*endpoint, plan, source, gauge);
  REQUIRE(engine);
  (*engine)->warm();
  Result<LoadTally> tally = (*engine)->run(std::chrono::steady_clock::now());
  REQUIRE(tally);
  return std::move(*tally);
}

}  // namespace parallax::drive_tests
