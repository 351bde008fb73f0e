// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/ratio.h"
#include "sim/core/time.h"
#include "sim/core/tracking_plan.h"
#include "sim/scenario/predicate.h"

/// The scenario's "faults" and "assert": what goes wrong, and what must hold all the same. Part of
/// scenario.h, whose conventions it follows.
namespace parallax {

/// Who is hit, and when: the selector half of a fault.
struct SelectorPlan {
  /// What one decision covers. "emission" (for wire faults: the attempt) decides anew each time;
  /// the others are sticky. Written "per"; the default is the fault's own.
  enum class Scope : std::uint8_t { emission, session, device, user, host };
  Scope scope = Scope::emission;
  Predicate where;             ///< Default: everything the fault can strike.
  std::optional<Source> side;  ///< "side": default the fault's own.
  Micros from = 0;             ///< "when": "2d..4d", offsets from time.start.
  Micros until = end_of_time.since_epoch;
  /// Exactly one of the following chooses among what is left; none of them = everything.
  enum class Choice : std::uint8_t { all, rate, burst, nth, ids } choice = Choice::all;
  Ratio rate;  ///< "rate"; for "burst": long-run share inside one.
  /// "burst": {"rate": 0.02, "length": 8}: runs with a geometric length of this mean, per device
  /// (two-state Markov chain: Gilbert 1960).
  std::uint32_t burst_length = 1;
  /// "burst": {.., "inside": 0.8, "outside": 0.001}: shares struck in a burst and between two
  /// (Elliott 1963).
  Ratio inside = Ratio::whole();
  Ratio outside;
  std::uint32_t nth = 1;         ///< "nth": every n-th of each user's eligible ones.
  std::vector<std::string> ids;  ///< "ids": event ids, "u-..." users or action ids, sorted.
  /// "with": only what these faults before it in the scenario struck too; a bit each.
  std::uint64_t with = 0;
};

/// One entry of "faults". `params` are the keys that belong to the effect, already checked against
/// the fault's parameter list (fault/fault.h), by name.
struct ParamValue {
  std::string name;
  std::string text;                   ///< For words ("id": "new") and texts.
  std::int64_t number = 0;            ///< Durations in us, ratios in parts per billion, integers.
  std::vector<std::int64_t> numbers;  ///< For lists and {"normal": [mean, deviation]}: in order.
  std::string distribution;           ///< "", "normal", "uniform", "exponential".
};
struct FaultPlan {
  std::string fault;  ///< Kind: "clock_skew".
  /// "name": default the kind, and "kind-2", "kind-3" for the second, third of a kind. Keys its
  /// random streams.
  std::string name;
  SelectorPlan selector;
  std::vector<ParamValue> params;
  /// "may_miss": true lets a run in which it never struck pass; default false: `unknown`.
  bool may_miss = false;

  const ParamValue* param(std::string_view key) const;
};

/// Something that each action has exactly one of, with so few values that numbers can be told apart
/// by it: the action itself, page, consent, currency, a trait, or a field with listed values.
struct Attribute {
  enum class Kind : std::uint8_t { action, page, consent, currency, trait, field };
  Kind kind = Kind::action;
  std::size_t index = 0;  ///< Of the trait or the field.
  std::string name;       ///< As written.

  std::size_t value_of(const Action& action) const;
  /// `of`: the action type of a field. A value that the plan does not know is "other".
  std::string text(const TrackingPlan& plan, std::optional<std::uint16_t> of,
                   std::size_t value) const;
};

/// The clocks of a canonical row.
enum class RowClock : std::uint8_t { client, server, event, ingestion };
std::string_view name_of(RowClock c);  ///< "client_ts", ...

/// The ids that say whose an action is.
enum class OwnerId : std::uint8_t { user, device, session };
std::string_view name_of(OwnerId id);  ///< "user", ...

/// One entry of "assert". Members that are of one kind alone say which.
struct AssertionPlan {
  std::string that;  ///< Kind, by its name in assertions/assertions.inc: "exactly_once".
  /// "name": default made from kind and "of": "sum purchase.revenue", "sum purchase.revenue 2".
  std::string name;
  std::optional<std::uint16_t> of;   ///< Action type; none = all.
  std::optional<std::size_t> field;  ///< For "purchase.revenue".
  /// "per": the other action of a ratio of two counts (success per attempt). Index, or none.
  std::optional<std::uint16_t> per;
  Predicate where;                        ///< Over actions.
  std::optional<Micros> by;               ///< "by": "hour" or "day".
  std::optional<Attribute> by_attribute;  ///< "by" of count, sum, distinct: anything else.
  Ratio within;                           ///< "within": allowance on top of the interval.
  /// "against" of fields: "sent" (default), what the app said, or "truth", what really happened;
  /// then "within" is how far the event time may be from it, 0s .. 366d, default 1s.
  bool against_truth = false;
  Micros within_time = second;
  /// "client_per_server" / "between": [low, high] of a ratio, in millionths, 0 .. 1000.
  std::optional<std::pair<std::int64_t, std::int64_t>> between_millionths;
  /// "baseline" of a ratio of two counts: "0d..3d", offsets from time.start; the band is then of
  /// the rate divided by the baseline's.
  std::optional<std::pair<Micros, Micros>> baseline;
  /// "allow": [{"verdict": "duplicated", "cause": "double_fire_new_id", "share": "0.2%"}]: named
  /// allowances of exactly_once; `cause` empty = any.
  struct Allowance {
    std::string verdict;
    std::string cause;
    Ratio share;
  };
  std::vector<Allowance> allow;
  RowClock from = RowClock::client, to = RowClock::server;  ///< latency: "from", "to".
  /// latency: "at_most": {"p50": "1s", "p99": "2m"}, ascending by percentile.
  std::vector<std::pair<Ratio, Micros>> at_most;
  std::optional<OwnerId>
      id;  ///< "id": which id. identity: default user; distinct: instead of FIELD.
  std::optional<Ratio> rate;  ///< sampling: "rate", default the population's.
  bool each_side = false;     ///< consent: "each_side": no side may even send what is forbidden.
  std::vector<std::uint16_t> versions;  ///< schema_version: "versions", default the plan's own.
  /// drift: "against": what the rows are compared with: the rows of the baseline, or, for
  /// `sides`, the client's emissions with the server's.
  enum class Against : std::uint8_t { baseline, sides } against = Against::sides;
  /// freshness: "seen_within": longest time from arrival at the target to its ingestion_ts.
  Micros seen_within = 0;
  std::uint32_t reads = 2;  ///< freshness: "reads": how often more the target is read, 1 .. 10.
  Ratio objective;          ///< slo: "at_least", the share of actions that must be right.
  /// "expect": "fail" or {"verdict": "fail", "with": ["duplicated"]}: this assertion is to end so;
  /// then that is what passes. "with" names verdicts or causes of actions, or phantom; empty =
  /// whichever.
  std::optional<std::string> expect_verdict;
  std::vector<std::string> expect_with;
};

}  // namespace parallax
