// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

namespace parallax {

/// Findings that an assertion may allow or be expected to fail with, as written in a scenario: the
/// verdicts of DESIGN section 7, and the run-level one.
constexpr std::array<std::string_view, 13> finding_words{
    "ok",        "recovered",   "excused",       "lost",     "duplicated",
    "collapsed", "distorted",   "misattributed", "mistimed", "late",
    "leaked",    "unevaluated", "phantom"};

/// Why, as the judge calls it (assertions/judgement.h, without its "none"; a test compares them).
constexpr std::array<std::string_view, 67> cause_words{"retransmit",
                                                       "not_merged",
                                                       "double_fire",
                                                       "double_fire_new_id",
                                                       "id_regenerated",
                                                       "id_missing",
                                                       "window_expired",
                                                       "payload_changed",
                                                       "two_names",
                                                       "dual_write",
                                                       "multiplied",
                                                       "after_acknowledgement",
                                                       "last_batch",
                                                       "refused_by_target",
                                                       "null_id",
                                                       "same_payload",
                                                       "id_reused",
                                                       "wrong_side",
                                                       "wrong_unit",
                                                       "value_changed",
                                                       "field_missing",
                                                       "flag_wrong",
                                                       "consent_ignored",
                                                       "sampling_ignored",
                                                       "refused_counted",
                                                       "unconfirmed",
                                                       "never_sent",
                                                       "wrong_user",
                                                       "wrong_session",
                                                       "wrong_device",
                                                       "wrong_clock",
                                                       "wrong_time",
                                                       "rounding",
                                                       "minor_units",
                                                       "renamed_event",
                                                       "renamed_field",
                                                       "missing_field",
                                                       "retyped_field",
                                                       "truncated_field",
                                                       "flag_differs",
                                                       "personal_data",
                                                       "wrong_version",
                                                       "user_not_passed",
                                                       "user_format",
                                                       "previous_user",
                                                       "no_alias",
                                                       "cookies_cut",
                                                       "storage_wiped",
                                                       "clock_skew",
                                                       "slow_load",
                                                       "local_time",
                                                       "said_wrong",
                                                       "after_deadline",
                                                       "read_incomplete",
                                                       "never_acknowledged",
                                                       "destroyed_by_fault",
                                                       "held_back",
                                                       "other_project",
                                                       "set_aside",
                                                       "abandoned_by_sdk",
                                                       "outcome_unknown",
                                                       "slow",
                                                       "not_linked",
                                                       "wrong_type",
                                                       "not_listed",
                                                       "other_version",
                                                       "sent_anyway"};
/// Every kind of assertion, as written in a scenario and in assertions/assertions.inc.
constexpr std::array<std::string_view, 18> assertion_words{
    "exactly_once", "fields",   "count",          "sum",       "distinct", "ratio",
    "latency",      "order",    "consent",        "identity",  "person",   "sampling",
    "drift",        "contract", "schema_version", "freshness", "slo",      "metamorphic"};

}  // namespace parallax
