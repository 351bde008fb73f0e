// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/time.h"
#include "sim/core/tracking_plan.h"
#include "sim/scenario/checks.h"
#include "sim/scenario/predicate.h"
#include "sim/scenario/sdk_plan.h"

/// The scenario as plain structs: the reference of the file format. Each member says its JSON key
/// where that differs from its name, its unit, its range and its default; "faults" and "assert" are
/// in checks.h. `load.h` makes it from JSON, scenarios/schema.json describes the same for editors
/// (a test holds the three together).
namespace parallax {

/// One branch of a weighted choice. Weights are integers 1 .. 1'000'000.
struct Weighted {
  std::uint32_t index = 0;  ///< What is chosen: a value, a state; its meaning is the owner's.
  std::uint32_t weight = 1;
};

/// "time": when the story plays.
struct TimePlan {
  /// "start": RFC 3339 or relative ("now-7d", cut to the whole hour and resolved once; the
  /// effective scenario of the run folder has the instant). Default 2026-03-02T00:00:00Z, a Monday.
  SimTime start{1'772'409'600'000'000};
  Micros length = day;  ///< 1s .. 366d.
  /// "pace": 0 = as fast as possible ("max", the default); 1 = real time ("real"); n = n times real
  /// time ("60x"), 1 .. 1'000'000.
  std::uint32_t pace = 0;
};

/// The rhythm of session starts over a week.
enum class Curve : std::uint8_t {
  flat,         ///< The same at every hour. Default.
  retail_week,  ///< "retail-week": evenings and weekends strong, nights weak.
  office_week,  ///< "office-week": working hours, quiet weekends.
};
/// Relative intensity of each UTC hour of the week (Monday 00:00 first); the mean is exactly 1'000.
const std::array<std::uint32_t, 168>& curve_weights(Curve c);

struct SessionPlan {
  /// "per_user_day": mean sessions a user and day, 0 < x <= 100, in millionths. Default 0.35.
  std::uint64_t per_user_day_millionths = 350'000;
  Curve curve = Curve::flat;
};

/// A user trait ("traits", one value a user for ever) or a session's attribute ("context", one
/// value a session). Values stand in TrackingPlan::traits at the same index.
struct TraitChoice {
  bool per_session = false;
  std::vector<Weighted> pick;
  /// "then": {"at": "3d", "pick": {...}}, of context only: sessions that start at or after so long
  /// from time.start pick by other weights. The same values. Empty: no change.
  Micros then_at = 0;
  std::vector<Weighted> then_pick = {};
};

/// Blocks the client's emissions of the users it strikes, through the fault `ad_block`.
struct AdBlockerPlan {
  Ratio share;      ///< Of the users that `where` selects. Default 0.
  Predicate where;  ///< Over user traits. Default: everybody.
};

struct ConsentPlan {
  Ratio denied;           ///< Users who refuse from the start. Default 0.
  Ratio withdrawn_later;  ///< Users who opt out at a uniform instant of the run. Default 0.
};

struct PopulationPlan {
  std::uint32_t users = 1'000;  ///< 1 .. 100'000'000.
  SessionPlan sessions;
  std::vector<TraitChoice> traits;  ///< Parallel to TrackingPlan::traits.
  /// "devices": weights for a user to own 1, 2, 3 ... 16 devices (index 0 = one device). Default
  /// {"1": 1}. A session picks one
  /// uniformly.
  std::vector<Weighted> devices;
  AdBlockerPlan ad_blocker;
  ConsentPlan consent;
  Ratio sampling = Ratio::whole();  ///< "sampling": share of users whose events are sent at all.
  /// "currency": one code, or {"by": TRAIT, VALUE: CODE, ..., "else": CODE}. Index into
  /// TrackingPlan::currencies by trait value; `currency_trait` empty: always index 0. Default USD.
  std::optional<std::size_t> currency_trait;
  std::vector<std::uint8_t> currency_by_value;
};

/// How a field of an action gets its value: one key of those below. Without any: a string whose
/// name ends in _id is `unique`, another is "zipf": 100; an integer is "uniform": [1, 3]; a number
/// is "uniform": [0, 1]; a boolean is even; money is "log_normal": [40.00, 0.6], but behind another
/// money field "tax" is 8 % of the first one and "discount" 10 % of it for 3 of 10.
struct FieldChoice {
  enum class Kind : std::uint8_t {
    constant,    ///< "value": always `low`.
    pick,        ///< "pick": a weighted choice; the code is the choice's index.
    uniform,     ///< "uniform": [low, high], both included.
    log_normal,  ///< "log_normal": [median, sigma]; `low` the median, `sigma` the deviation of ln.
    zipf,        ///< "zipf": popularity of n items; the code is 1 .. n.
    unique,      ///< "unique": a fresh key for each action ("unique": "ord-").
    percent_of,  ///< "percent_of": another money field times a share, rounded half up.
    sum,         ///< "sum": other fields of the action with signs: ["subtotal", "-discount"].
  };
  Kind kind = Kind::constant;
  std::int64_t low = 0;  ///< In the field's own unit (money: minor units at exponent 2).
  std::int64_t high = 0;
  double sigma = 0;                       ///< 0 .. 5.
  std::uint32_t items = 1;                ///< 1 .. 10'000'000.
  double theta = 0.99;                    ///< Zipf slope, 0 .. 3 (YCSB's default).
  std::vector<Weighted> pick;             ///< Also the shares of percent_of (index into `shares`).
  std::vector<std::int64_t> pick_values;  ///< pick on numbers and money: value by index.
  std::size_t base = 0;                   ///< percent_of: field index, an earlier one.
  /// percent_of: "rate": 0.08, or {"pick": {"0": 7, "10%": 3}}, or {"by": "country", "US": 0.07,
  /// "else": 0.19}: then `by_trait` says which trait's value picks from `shares`.
  std::vector<Ratio> shares;
  std::optional<std::size_t> by_trait;
  struct Term {
    std::size_t field = 0;
    int sign = 1;
  };
  std::vector<Term> terms;  ///< sum.
};

/// What the journey needs to know about an action type; parallel to TrackingPlan::actions.
struct ActionChoice {
  Ratio succeeds = Ratio::whole();  ///< "succeeds": the backend's yes. Default always.
  /// "result": the action that follows at once when this attempt succeeded (login_attempt ->
  /// login_success); refused results are played as refused actions. Fields of the same name are
  /// copied from the attempt.
  std::optional<std::uint16_t> result;
  /// "server_after": client click to server emission, and to the result.
  Micros server_after = 40 * millisecond;
  std::vector<FieldChoice> fields;  ///< Parallel to ActionPlan::fields.
};

/// The network between a side and the target, without faults.
struct NetworkPlan {
  Micros round_trip_client =
      80 * millisecond;  ///< Median, 0s .. 1m; each attempt varies by +-50 %.
  Micros round_trip_server = 4 * millisecond;
};

/// A state of a journey: do something, think, go on.
struct StatePlan {
  std::string name;
  std::optional<std::uint16_t> does;  ///< "does": action type; none = only thinking.
  std::uint16_t page = 0;             ///< "page", default the state's name.
  Micros think = 7 * second;          ///< "think": mean of a negative exponential after the action.
  /// "wait": exactly so long instead, 0s .. 366d: a job of every 30 days, a ping of every 30 s.
  std::optional<Micros> wait;
  /// "next": state index; `leaves` ends the session. Weights as written. Default {"leave": 1}.
  std::vector<Weighted> next;
  static constexpr std::uint32_t leaves = 0xffff'ffff;  ///< Written "leave".
};

/// What a user does in a session; with "follows", what the server does by itself afterwards: a
/// subscription that renews, a parcel, a refund.
struct JourneyPlan {
  std::string name;
  /// Share of the sessions, among the journeys that follow nothing (at least one).
  std::uint32_t weight = 1;
  /// "follows": the journey is a process of the server. One begins with each such action that is
  /// not refused, once the server has it, and goes on after the session, to the end of the run. Its
  /// actions are the user's but only the server emits them, under a session id of their own. Fields
  /// of the same name have the value that they have in the action it follows.
  std::optional<std::uint16_t> follows;
  std::uint32_t start = 0;        ///< Default the first state.
  std::vector<StatePlan> states;  ///< Each can be reached, and can leave.
  std::uint32_t steps_max = 200;  ///< A session ends after so many states, 1 .. 100'000.
};

/// One entry of "deploys": a release that everybody knows of, as a change log or a deploy tool has
/// it. It changes nothing by itself; reports draw it, and an explanation holds against it when a
/// number moved.
struct DeployPlan {
  Micros at = 0;      ///< "at": offset from time.start, within the run.
  std::string label;  ///< "label": what people call it.
};

/// A scenario, complete: `plan` and the parallel lists are consistent, every index is in range,
/// every state is reachable. Immutable after `load_scenario`.
struct Scenario {
  std::string name;   ///< [a-z0-9-]+, the run folder's name.
  std::string about;  ///< One sentence, shown by `parallax scenarios`.
  std::uint64_t seed = 1;
  TimePlan time;
  PopulationPlan population;
  TrackingPlan plan;                  ///< "actions", "identity", pages, traits, currencies.
  std::vector<ActionChoice> actions;  ///< Parallel to plan.actions.
  SdkPlan client_sdk;                 ///< "sdk": {"client": ...}
  SdkPlan server_sdk;
  NetworkPlan network;
  std::vector<JourneyPlan> journeys;
  std::vector<FaultPlan> faults;  ///< At most max_faults; index = bit in Emission::struck.
  std::vector<AssertionPlan> assertions;
  std::vector<DeployPlan> deploys;  ///< "deploys", in the order of time.
  /// "sent_at": what the batch states: the sender's simulated clock (default), the wall clock at
  /// sending, or nothing.
  enum class SentAt : std::uint8_t { simulated, wall, omitted } sent_at = SentAt::simulated;
  /// "target": an inline target as in a target file; empty text: the embedded pipeline. JSON text.
  std::string target_json;
  /// The scenario after extends, --set and defaults of "start", as JSON text with 2-space indent:
  /// written to the run folder, and hashed for report.json's scenario_hash.
  std::string effective_json;
};

}  // namespace parallax
