// SPDX-License-Identifier: Apache-2.0
#include "sim/run/kill_matrix.h"

namespace parallax {
namespace {

using enum ActionVerdict;

/// Findings of one verdict.
std::vector<Blame> as(ActionVerdict verdict, std::initializer_list<Cause> causes) {
  std::vector<Blame> blames;
  for (const Cause cause : causes) blames.emplace_back(verdict, cause);
  return blames;
}

constexpr Cases by_user{"users", "select count(distinct user_id) from failed"};
constexpr Cases by_user_and_event{"users' events",
                                  "select count(distinct (user_id, event_name)) from failed"};
constexpr Cases by_device{"devices", "select count(distinct device_id) from failed"};
constexpr Cases by_session{"sessions", "select count(distinct session_id) from failed"};
/// A batch that is lost shows in the actions that nothing else told of.
constexpr Cases by_lost_batch{
    "batches",
    "select count(distinct attempt_id) from deliveries join failed using (action_id) "
    "join attempts using (attempt_id) where receipt = 'accepted'"};
/// Whichever batches are held back, the last of them is lost.
constexpr Cases last_batch_alone{"last batch of a stop",
                                 "select count(distinct attempt_id) from deliveries join failed "
                                 "using (action_id)",
                                 0};
/// One that is struck alone has none to be merged with.
constexpr Cases by_pair{"actions", "select count(*) from failed", 2};
constexpr Cases by_late_copy{
    "actions", "select count(*) from failed", 1, {Cause::not_merged, Cause::retransmit}};
/// The totals are wrong and the rows right: which rows a bug can strike, its own condition says.
constexpr Cases by_early_row{"rows", "select count(*) from rows where hour(event_ts) < 8"};
constexpr Cases by_late_row{
    "rows",
    "select count(*) from rows where ingestion_ts >= date_trunc('day', event_ts) + interval 1 day"};
constexpr Cases by_last_hour{"rows", "select count(*) from rows where hour(ingestion_ts) = 23"};

}  // namespace

const std::vector<Kill>& kill_table() {
  using enum Cause;
  static const std::vector<Kill> table{
      {"no_dedupe", "fault/both-cameras", as(duplicated, {not_merged})},
      {"null_id_partition", "fault/ids-missing", as(collapsed, {null_id}), by_pair},
      {"blank_id", "fault/blank-ids", as(collapsed, {null_id}), by_pair},
      {"client_wins", "fault/both-cameras", as(distorted, {wrong_side, flag_wrong})},
      {"any_row_wins", "fault/both-cameras", as(distorted, {wrong_side, flag_wrong})},
      {"payload_hash_key", "fault/both-cameras", as(duplicated, {not_merged, payload_changed})},
      {"timestamp_payload_dedupe", "fault/honest-repeats", as(collapsed, {same_payload}),
       by_user_and_event},
      {"minute_bucket_key", "fault/ids-missing", as(duplicated, {id_missing})},
      {"short_window", "fault/late-copies", as(duplicated, {window_expired}), by_late_copy},
      {"loses_tail", "examples/double-fired-cart", as(lost, {last_batch}), last_batch_alone, true},
      {"ack_before_store", "examples/double-fired-cart", as(lost, {after_acknowledgement}),
       by_lost_batch, true},
      {"key_has_client_ts", "fault/both-cameras", as(duplicated, {not_merged})},
      {"retry_changes_winner", "fault/late-copies", as(distorted, {wrong_side, flag_wrong})},
      {"eventual_dedupe", "fault/both-cameras", as(duplicated, {not_merged})},
      {"poison_blocks", "fault/poison", as(lost, {after_acknowledgement}), by_user},
      {"silent_reject", "fault/one-camera", as(lost, {after_acknowledgement}), by_device},
      {"lateness_cutoff", "fault/very-late", as(lost, {after_acknowledgement})},
      {"watermark_max", "fault/very-late", as(lost, {after_acknowledgement})},
      {"null_watermark", "fault/one-camera", as(lost, {after_acknowledgement}), by_user},
      {"null_merge_key", "fault/ids-missing", as(duplicated, {id_missing})},
      {"local_day", "fault/one-camera", as(mistimed, {zone_shifted})},
      {"client_ts_hourly", "fault/both-cameras", as(mistimed, {wrong_clock})},
      {"skew_correction_eats_delay", "fault/very-late", as(mistimed, {wrong_time})},
      {"dual_write_counted", "smoke/dual_write", as(duplicated, {dual_write})},
      {"renamed_property", "fault/both-cameras", as(distorted, {field_missing})},
      {"float_money", "smoke/plain", as(distorted, {rounded})},
      {"line_rounding", "smoke/plain", as(distorted, {rounded})},
      {"id_from_last_user", "fault/one-camera", as(misattributed, {wrong_user})},
      {"stitch_not_back_applied", "smoke/plain", as(misattributed, {wrong_user})},
      {"session_trim", "smoke/plain", as(misattributed, {wrong_session}), by_session},
      {"consent_overdrop", "smoke/consent_drift", as(lost, {after_acknowledgement}), by_user},
      {"sample_one_side", "fault/both-cameras", as(distorted, {after_acknowledgement}), by_user},
      {"consent_ignored_server", "smoke/consent_drift", as(leaked, {consent_ignored}), by_user},
      {"cents_major", "fault/both-cameras", as(distorted, {wrong_unit})},
      {"totals_local_day", "fault/daily-totals", {}, by_early_row, false, "rollup"},
      {"totals_skip_late", "fault/daily-totals", {}, by_late_row, false, "rollup"},
      {"totals_add_twice", "fault/daily-totals", {}, by_last_hour, false, "rollup"},
      {"coarse_key", "fault/busy-hour", as(distorted, {after_acknowledgement})},
      {"version_unread", "fault/next-version", as(distorted, {after_acknowledgement})},
  };
  return table;
}

}  // namespace parallax
