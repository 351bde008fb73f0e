// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/sdk/sdk.h"

namespace parallax::test {

/// An emission in these tests: what a handle stands for.
using Number = std::uint32_t;
Held handle_of(Number number);
Number number_of(Held held);

/// A request as the scripted server saw it.
struct Seen {
  Micros at = 0;  ///< After the SDK's start.
  std::uint16_t number = 0;
  std::optional<std::uint32_t> marker;
  std::vector<Number> events;
};

/// An emission that the SDK gave up.
struct GivenUp {
  Number number = 0;
  AbandonRecord::Why why = AbandonRecord::Why::unload;
};

/// What the server answers to its n-th request (0 = first), given the batch.
using Script = std::function<SdkAnswer(std::size_t nth, const Seen& request)>;
/// These statuses in turn, the last one for ever.
Script statuses(std::vector<std::uint16_t> list);

/// An SDK in virtual time against a server that answers by script, each after `answers_after`.
/// Its page starts at 0.
class Play {
 public:
  Play(SdkPlan plan, std::uint64_t seed, Script script);

  /// Captures an event at an instant.
  void put(Number number, Micros at, bool immediate = false);
  /// Plays on until nothing is due before `until`.
  void run(Micros until);
  void unload(Micros at);

  std::vector<Micros> times() const;
  std::vector<std::size_t> sizes() const;
  std::vector<std::uint32_t> markers() const;  ///< Of the requests that have one.
  const std::vector<Seen>& requests() const { return seen_; }
  /// Given up, with their reasons, in order.
  std::vector<GivenUp> released() const;
  const std::vector<Number>& delivered() const { return delivered_; }
  std::vector<Number> doubled() const;
  Sdk& sdk() { return sdk_; }
  SimTime now() const { return now_; }

  Micros answers_after = 10 * millisecond;

 private:
  struct Open {
    RequestId request;
    SimTime ends;
    SdkAnswer answer;
  };
  void step(SimTime at);

  std::shared_ptr<const SdkPlan> plan_;  ///< Where the SDK looks, also after a move.
  Script script_;
  Sdk sdk_;
  SimTime now_;
  std::vector<Open> open_;
  std::vector<Seen> seen_;
  std::vector<Released> released_;
  std::vector<Number> delivered_;
  std::vector<Held> doubled_;
};

/// The plan of an embedded profile.
SdkPlan profile_plan(std::string_view name);

}  // namespace parallax::test
