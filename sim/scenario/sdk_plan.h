// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bitset>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/time.h"

namespace parallax {

/// A set of HTTP statuses. Written as a list of numbers and ranges: [408, 429, "500..599"].
struct StatusSet {
  static constexpr std::uint16_t end = 600;  ///< Statuses are below it.
  std::bitset<end> bits;

  /// Adds a written element; false when it is no status 100 .. 599 and no range of them.
  bool add(std::string_view element);
  void add(std::uint16_t low, std::uint16_t high);
  bool has(std::uint16_t status) const { return status < end && bits[status]; }
  /// "408 429 500..599", for people.
  std::string text() const;
  friend bool operator==(const StatusSet&, const StatusSet&) = default;

  static StatusSet of(std::uint16_t low, std::uint16_t high);
  static StatusSet usual_retries();  ///< 408, 429, 500 .. 599.
};

/// One SDK as a model driven by virtual time: a profile's name, or an object of keys over those of
/// its "profile" where it names one. A member is written under its own name. The defaults are those
/// of "browser"; sim/sdk/profiles has all profiles with their sources; sdk_keys.h is the table
/// through which all of them are read.
struct SdkPlan {
  /// A duration that no run reaches, written "never"; it can be added to any instant of a run.
  static constexpr Micros never = 36'500 * day;
  /// A count that no run reaches, written "unlimited".
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  std::string profile;  ///< "posthog-js@1.449", or empty: own numbers only.

  // What makes it send.
  std::uint32_t flush_at = 20;  ///< Events that trigger a send, 1 .. 10'000, or "unlimited": none.
  std::uint32_t batch_max = 100;         ///< Events a request, 1 .. 10'000, and within batch_bytes.
  Micros flush_interval = 3 * second;    ///< 1ms .. 1h, or "never".
  std::uint32_t queue_max = 1'000;       ///< Events that may wait, 1 .. 1'000'000.
  std::uint32_t requests_max = 1;        ///< Open at one time, 1 .. 1'000, or "unlimited".
  std::uint32_t rate_limit = unlimited;  ///< Events a second it accepts (token bucket), 1 .. 1e6.
  std::uint32_t rate_burst = 100;        ///< Events the bucket holds, 1 .. 1e6.
  enum class IntervalFrom : std::uint8_t {
    oldest,  ///< From the oldest event that waits.
    start,   ///< A timer that ticks from the start of the page or process.
  } interval_from = IntervalFrom::oldest;
  bool first_alone = false;  ///< The very first event is sent at once, by itself.
  /// Names of actions whose events skip the queue, compared without case, "$" and "_": "$pageview"
  /// is page_view. By index in `immediate_actions`.
  std::vector<std::string> immediate;
  std::vector<bool> immediate_actions;    ///< By action type; empty: none is immediate.
  std::uint32_t batch_bytes = unlimited;  ///< Bytes a request, 1'000 .. 1e9, or "unlimited".
  /// Bytes that the limits above take each event for, 1 .. 1e6: the model weighs no event.
  std::uint32_t event_bytes = 500;
  /// What a full queue does. `miscounts` drops the oldest, also of those under way, and when these
  /// succeed as many that were never sent leave the queue with them (Snowplow).
  enum class Overflow : std::uint8_t { drop_oldest, drop_new, miscounts } overflow{};

  // What it takes an answer for.
  StatusSet success = StatusSet::of(200, 299);
  /// What a success is told by: the status alone, or a 2xx with a body as the vendor's collector
  /// answers it. An answer of another body is then a failure to be retried.
  enum class SuccessBy : std::uint8_t { status, body } success_by{};
  StatusSet retry_on = StatusSet::usual_retries();  ///< Neither success nor this: dropped.
  /// An answer 413: another request with half the events at once, or as retry_on says.
  enum class TooLarge : std::uint8_t { as_status, halve } too_large{};
  /// 301, 302, 303: a failure like others, or followed by a GET without body, whose 200 it takes
  /// for a success.
  enum class Redirects : std::uint8_t { as_status, followed } redirects{};
  /// No connection came about: retried as other failures, or dropped.
  enum class Unreachable : std::uint8_t { retry, drop } unreachable{};
  bool per_event = false;        ///< Understands results for single events of a batch.
  Micros timeout = 10 * second;  ///< Without an answer by then a try failed, 1ms .. 1h, or "never".

  // Its retries.
  std::uint32_t retries_max = 10;  ///< Tries after the first, 0 .. 1'000, or "unlimited".
  std::uint32_t retries_unanswered = unlimited;  ///< The same where there was no HTTP answer.
  enum class Backoff : std::uint8_t {
    exponential,  ///< backoff * backoff_factor^n, n = 0, 1, ...
    linear,       ///< backoff * n, n = 1, 2, ...
    next_event,   ///< No timer: back in the queue, together with the next event or a flush.
  } backoff_kind{};
  Micros backoff = 3 * second;         ///< Before the first retry, 1ms .. 1h.
  std::uint32_t backoff_factor = 200;  ///< Growth of the wait in per cent, written 1 .. 10.
  Micros backoff_max = 30 * minute;    ///< Longest wait, 1ms .. 1d.
  Ratio backoff_jitter{250'000'000};   ///< Random share of a wait.
  enum class Jitter : std::uint8_t {
    around,  ///< +- the share, around the capped wait.
    on_top,  ///< 0 .. the share more; the sum is capped.
  } jitter{};
  /// The first retry's own wait, drawn from low .. high; then the backoff begins with the second.
  /// Written ["100ms", "600ms"], or "flush_interval". Both 0: none.
  Micros first_retry_low = 0;
  Micros first_retry_high = 0;
  bool first_retry_is_interval = false;
  Micros retry_grid = 0;      ///< Retries only at multiples of it from the start, 1ms .. 1h, or 0s.
  Micros throttled_wait = 0;  ///< After a 429 in place of the backoff, 1ms .. 1h, or 0s: none.
  enum class RetryAfter : std::uint8_t {
    ignored,
    honoured,  ///< Waits as told, at most retry_after_max.
    floor,     ///< The backoff, and no less than told; jitter comes on top.
  } retry_after{};
  Micros retry_after_max = 5 * minute;  ///< 1s .. 1d.
  /// Retries that a Retry-After asked for and that do not count for retries_max, 0 .. 1'000.
  std::uint32_t retry_after_uncounted = 0;
  bool retry_blocks = true;  ///< What is behind waits until a retry has ended.
  /// After the last retry: dropped, or kept for later sends where no answer came.
  enum class Exhausted : std::uint8_t { drop, keep_unanswered } exhausted{};
  bool keeps_sent_at = false;  ///< A retry repeats the first sent_at.
  bool moves_time = false;     ///< A retry states the event's time later, by its own delay.
  std::string retry_marker;    ///< Where a retry names its number on the wire; empty: nowhere.
  std::uint32_t retry_marker_first = 1;  ///< What the first retry states there, 0 .. 10.

  // The end of a page or process.
  enum class Unload : std::uint8_t {
    beacon,   ///< Queue and retries leave at once, and are never tried again.
    persist,  ///< Kept on the device, for its next page.
    lose,
    flush,  ///< Sent and tried again until shutdown_timeout is over.
  } unload{};
  bool unload_in_flight = false;  ///< Requests under way are torn down and treated as the queue is.
  std::uint32_t beacon_bytes = 65'536;  ///< A beacon's most, 1'000 .. 1e9, or "unlimited".
  bool beacon_keeps = false;            ///< What a beacon took is also kept as `persist` keeps it.
  Micros shutdown_timeout = never;      ///< Of `flush`, 0s .. 1h, or "never". 0s: one try.
  /// When what was kept is sent again: after resend_after on the next page, not before resend_age
  /// since it was kept; or with the next event.
  enum class Resend : std::uint8_t { load, next_event } resend{};
  Micros resend_after = 0;   ///< 0s .. 1h.
  Micros resend_age = 0;     ///< 0s .. 1h.
  bool visits_again = true;  ///< Each device comes back once after the run and sends what it kept.
  /// At an opt-out, what waits: is sent all the same, or dropped.
  enum class OptOut : std::uint8_t { sends, drops } opt_out{};

  /// Events a request, by count and bytes.
  std::uint32_t batch_limit() const;
  /// Events a beacon.
  std::uint32_t beacon_limit() const;
  bool is_immediate(std::uint16_t action) const {
    return action < immediate_actions.size() && immediate_actions[action];
  }
  friend bool operator==(const SdkPlan&, const SdkPlan&) = default;
};

}  // namespace parallax
