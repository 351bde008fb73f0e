// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cassert>

#include "assertions/judgement.h"

namespace parallax {
namespace {

struct CauseText {
  Cause cause;
  std::string_view name;
  std::string_view about;
};

constexpr std::array cause_texts{
    CauseText{Cause::none, "none", "Nothing is wrong, or the ledger does not tell why."},
    CauseText{Cause::retransmit, "retransmit",
              "The SDK sent the batch again, and both deliveries stand."},
    CauseText{Cause::not_merged, "not_merged",
              "The client's row and the server's row of one event id both stand."},
    CauseText{Cause::double_fire, "double_fire",
              "The app fired twice with one event id, and both events stand."},
    CauseText{Cause::double_fire_new_id, "double_fire_new_id",
              "The app fired twice with an event id each, and both events stand."},
    CauseText{Cause::id_regenerated, "id_regenerated",
              "The rows of one action carry different event ids."},
    CauseText{Cause::id_missing, "id_missing",
              "An event without an id was not merged by its content."},
    CauseText{Cause::window_expired, "window_expired",
              "Copies arrived further apart than the target's dedupe remembers."},
    CauseText{Cause::payload_changed, "payload_changed",
              "Copies of one event differ in a field, and both stand."},
    CauseText{Cause::two_names, "two_names",
              "The app calls the event by two names, and a row of each stands."},
    CauseText{Cause::dual_write, "dual_write",
              "The app sent the event in two schema versions, and both stand."},
    CauseText{Cause::multiplied, "multiplied",
              "The event was sent once, and the target made several rows of it."},
    CauseText{Cause::after_acknowledgement, "after_acknowledgement",
              "The target acknowledged the event, and it is gone."},
    CauseText{Cause::last_batch, "last_batch",
              "The target acknowledged the event among the last, and lost what came last."},
    CauseText{Cause::refused_by_target, "refused_by_target",
              "The target refused a valid event for good."},
    CauseText{Cause::null_id, "null_id", "Events without an event id all share one row."},
    CauseText{Cause::same_payload, "same_payload",
              "An honest repeat with equal content was taken for a copy."},
    CauseText{Cause::id_reused, "id_reused", "Two actions carry one event id and share a row."},
    CauseText{Cause::wrong_side, "wrong_side",
              "The row is the other side's, or holds its value, although the owner's arrived."},
    CauseText{Cause::wrong_unit, "wrong_unit", "The amount is off by a power of ten."},
    CauseText{Cause::value_changed, "value_changed", "The row holds a value that nobody sent."},
    CauseText{Cause::field_missing, "field_missing", "A value that was sent is gone."},
    CauseText{Cause::flag_wrong, "flag_wrong",
              "is_server_authoritative says the opposite of what arrived."},
    CauseText{Cause::id_changed, "id_changed",
              "The row has an event id that nobody sent, or none, although all events had one."},
    CauseText{Cause::name_changed, "name_changed",
              "The row goes by an event name that nobody sent."},
    CauseText{Cause::case_changed, "case_changed",
              "The text differs from the one that was sent in capitals alone."},
    CauseText{Cause::text_cut, "text_cut",
              "The row holds only the beginning of the text that was sent."},
    CauseText{Cause::rounded, "rounded",
              "The amount was rounded or cut, or went through a binary fraction."},
    CauseText{Cause::wrong_sign, "wrong_sign", "The amount has the opposite sign."},
    CauseText{Cause::wrong_currency, "wrong_currency",
              "The row has another currency than the one that was sent, or none."},
    CauseText{Cause::other_field, "other_field",
              "The row holds in this field what was sent in another one."},
    CauseText{Cause::consent_ignored, "consent_ignored",
              "A row stands although the user refused consent."},
    CauseText{Cause::sampling_ignored, "sampling_ignored",
              "A row stands although the user is outside the sample."},
    CauseText{Cause::refused_counted, "refused_counted",
              "A row stands for an attempt that the backend refused."},
    CauseText{Cause::unconfirmed, "unconfirmed",
              "A row stands although the confirming side never reached the target."},
    CauseText{Cause::never_sent, "never_sent",
              "A row stands although nothing of the action reached the target."},
    CauseText{Cause::wrong_user, "wrong_user", "The row belongs to another user."},
    CauseText{Cause::wrong_session, "wrong_session",
              "The row has another session or position in the session."},
    CauseText{Cause::wrong_device, "wrong_device", "The row belongs to another device."},
    CauseText{Cause::wrong_clock, "wrong_clock",
              "The event time is the client's clock although the server's arrived."},
    CauseText{Cause::wrong_time, "wrong_time", "The row has a time that nobody sent, or none."},
    CauseText{Cause::zone_shifted, "zone_shifted",
              "The time is off by whole quarters of an hour, as time zones are."},
    CauseText{Cause::time_cut, "time_cut",
              "The time was cut to whole seconds, minutes, hours or days."},
    CauseText{Cause::rounding, "rounding", "The app rounded the amount."},
    CauseText{Cause::minor_units, "minor_units", "The app sent the amount in minor units."},
    CauseText{Cause::renamed_event, "renamed_event", "The app called the event by another name."},
    CauseText{Cause::renamed_field, "renamed_field", "The app sent the field under another name."},
    CauseText{Cause::missing_field, "missing_field",
              "The app left the field out, or had not read it yet."},
    CauseText{Cause::retyped_field, "retyped_field", "The app sent the value as a text."},
    CauseText{Cause::truncated_field, "truncated_field", "The app cut the text."},
    CauseText{Cause::flag_differs, "flag_differs",
              "A side evaluated the flag anew, and otherwise."},
    CauseText{Cause::personal_data, "personal_data", "The app sent what no side may send."},
    CauseText{Cause::wrong_version, "wrong_version", "The app stated another schema version."},
    CauseText{Cause::user_not_passed, "user_not_passed", "The side was not told who the user is."},
    CauseText{Cause::user_format, "user_format", "The app wrote the user in another format."},
    CauseText{Cause::previous_user, "previous_user",
              "The app named the user who was logged in before."},
    CauseText{Cause::no_alias, "no_alias", "The app never linked the anonymous id to the user."},
    CauseText{Cause::cookies_cut, "cookies_cut",
              "Without its cookie the device was a new one on each visit."},
    CauseText{Cause::storage_wiped, "storage_wiped",
              "The device's storage was wiped, and it got a new id."},
    CauseText{Cause::clock_skew, "clock_skew", "The clock of the device or host was wrong."},
    CauseText{Cause::slow_load, "slow_load",
              "The SDK came late, and stated the time when it was there."},
    CauseText{Cause::local_time, "local_time", "The app stated local time as UTC."},
    CauseText{Cause::said_wrong, "said_wrong", "The app said something else than what happened."},
    CauseText{Cause::after_deadline, "after_deadline", "The row appeared after the deadline."},
    CauseText{Cause::read_incomplete, "read_incomplete",
              "The read is partial, so that a missing row proves nothing."},
    CauseText{Cause::never_acknowledged, "never_acknowledged",
              "The target never acknowledged the event, with no fault in play."},
    CauseText{Cause::destroyed_by_fault, "destroyed_by_fault",
              "Faults destroyed the action on its way to the target."},
    CauseText{Cause::held_back, "held_back",
              "A side held the event back, though consent and sampling allow it."},
    CauseText{Cause::other_project, "other_project",
              "The event was sent with the key of another project, and landed there."},
    CauseText{Cause::set_aside, "set_aside",
              "The app broke the contract, so that the target may set the event aside."},
    CauseText{Cause::abandoned_by_sdk, "abandoned_by_sdk", "The SDK gave the event up."},
    CauseText{Cause::outcome_unknown, "outcome_unknown",
              "A fault hid the answer, and the event did not arrive."},
    CauseText{Cause::slow, "slow", "More time lies between the row's clocks than the bound."},
    CauseText{Cause::not_linked, "not_linked", "The row stands under no id, or one of nobody."},
    CauseText{Cause::wrong_type, "wrong_type", "The row holds a value that is not of its type."},
    CauseText{Cause::not_listed, "not_listed",
              "The row holds a value that the plan does not list."},
    CauseText{Cause::other_version, "other_version",
              "The row has a schema version that nobody sent, or that may not stand."},
    CauseText{Cause::sent_anyway, "sent_anyway",
              "A side sent what consent or sampling forbids, whether or not a row stands."},
    CauseText{Cause::rejected_wrongly, "rejected_wrongly",
              "The event is among the rejected, although it keeps the contract."},
    CauseText{Cause::not_rejected, "not_rejected",
              "The event breaks the contract, and is not among the rejected."},
    CauseText{Cause::wrong_reason, "wrong_reason",
              "The event is among the rejected for a reason that does not hold."},
};

const CauseText& text_of(Cause cause) {
  const CauseText& text = cause_texts[static_cast<std::size_t>(cause)];
  assert(text.cause == cause);
  return text;
}

}  // namespace

std::string_view name_of(Verdict v) {
  constexpr std::array<std::string_view, 3> names{"pass", "unknown", "fail"};
  return names[static_cast<std::size_t>(v)];
}

std::string_view name_of(Expectation e) {
  constexpr std::array<std::string_view, 4> names{"must", "may", "must_not", "unreachable"};
  return names[static_cast<std::size_t>(e)];
}

std::string_view name_of(ActionVerdict v) {
  constexpr std::array<std::string_view, action_verdict_count> names{
      "ok",        "recovered",     "excused",  "lost", "duplicated", "collapsed",
      "distorted", "misattributed", "mistimed", "late", "leaked",     "unevaluated"};
  return names[static_cast<std::size_t>(v)];
}

Verdict severity(ActionVerdict v) {
  if (v <= ActionVerdict::excused) return Verdict::pass;
  return v == ActionVerdict::unevaluated ? Verdict::unknown : Verdict::fail;
}

std::string_view name_of(Cause c) { return text_of(c).name; }
std::string_view about(Cause c) { return text_of(c).about; }

}  // namespace parallax
