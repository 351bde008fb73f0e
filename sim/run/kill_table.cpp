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

}  // namespace

const std::vector<Kill>& kill_table() {
  using enum Cause;
  static const std::vector<Kill> table{
      {"no_dedupe", "fault/both-cameras", as(duplicated, {not_merged})},
      {"null_id_partition", "fault/ids-missing", as(collapsed, {null_id})},
      {"blank_id", "fault/blank-ids", as(collapsed, {null_id})},
      {"client_wins", "fault/both-cameras", as(distorted, {wrong_side, flag_wrong})},
      {"any_row_wins", "fault/both-cameras", as(distorted, {wrong_side, flag_wrong})},
      {"payload_hash_key", "fault/both-cameras", as(duplicated, {not_merged, payload_changed})},
      {"timestamp_payload_dedupe", "fault/honest-repeats", as(collapsed, {same_payload})},
      {"minute_bucket_key", "fault/ids-missing", as(duplicated, {id_missing})},
      {"short_window", "fault/late-copies", as(duplicated, {window_expired})},
      {"loses_tail", "examples/double-fired-cart", as(lost, {last_batch}), true},
      {"ack_before_store", "examples/double-fired-cart", as(lost, {after_acknowledgement}), true},
      {"key_has_client_ts", "fault/both-cameras", as(duplicated, {not_merged})},
      {"retry_changes_winner", "fault/late-copies", as(distorted, {wrong_side, flag_wrong})},
      {"eventual_dedupe", "fault/both-cameras", as(duplicated, {not_merged})},
      {"poison_blocks", "fault/poison", as(lost, {after_acknowledgement})},
      {"silent_reject", "fault/one-camera", as(lost, {after_acknowledgement})},
      {"lateness_cutoff", "fault/very-late", as(lost, {after_acknowledgement})},
      {"watermark_max", "fault/very-late", as(lost, {after_acknowledgement})},
      {"null_watermark", "fault/one-camera", as(lost, {after_acknowledgement})},
      {"null_merge_key", "fault/ids-missing", as(duplicated, {id_missing})},
      {"local_day", "fault/one-camera", as(mistimed, {wrong_time})},
      {"client_ts_hourly", "fault/both-cameras", as(mistimed, {wrong_clock})},
      {"skew_correction_eats_delay", "fault/very-late", as(mistimed, {wrong_time})},
      {"dual_write_counted", "smoke/dual_write", as(duplicated, {dual_write})},
      {"renamed_property", "fault/both-cameras", as(distorted, {field_missing})},
      {"float_money", "smoke/plain", as(distorted, {value_changed})},
      {"line_rounding", "smoke/plain", as(distorted, {value_changed})},
      {"id_from_last_user", "fault/one-camera", as(misattributed, {wrong_user})},
      {"stitch_not_back_applied", "smoke/plain", as(misattributed, {wrong_user})},
      {"session_trim", "smoke/plain", as(misattributed, {wrong_session})},
      {"consent_overdrop", "smoke/consent_drift", as(lost, {after_acknowledgement})},
      {"sample_one_side", "fault/both-cameras", as(distorted, {after_acknowledgement})},
      {"consent_ignored_server", "smoke/consent_drift", as(leaked, {consent_ignored})},
      {"cents_major", "fault/both-cameras", as(distorted, {wrong_unit})},
      {"totals_local_day", "fault/daily-totals", {}, false, "rollup"},
      {"totals_skip_late", "fault/daily-totals", {}, false, "rollup"},
      {"totals_add_twice", "fault/daily-totals", {}, false, "rollup"},
      {"coarse_key", "fault/busy-hour", as(distorted, {after_acknowledgement})},
      {"version_unread", "fault/next-version", as(distorted, {after_acknowledgement})},
  };
  return table;
}

}  // namespace parallax
