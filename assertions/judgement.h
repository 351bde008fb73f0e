// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/ledger.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// What an assertion or a run came to. `unknown` = evidence missing, and never counts as a pass.
/// Ordered by severity, so that merging is `max`.
enum class Verdict : std::uint8_t { pass, unknown, fail };
constexpr Verdict merge(Verdict a, Verdict b) { return std::max(a, b); }
std::string_view name_of(Verdict v);

/// What the ledger says must be there for an action (DESIGN section 7).
enum class Expectation : std::uint8_t { must, may, must_not, unreachable };
std::string_view name_of(Expectation e);

/// The verdict of one action, in headline order: the first that fits is the headline.
enum class ActionVerdict : std::uint8_t {
  ok,
  recovered,
  excused,  // pass
  lost,
  duplicated,
  collapsed,
  distorted,
  misattributed,
  mistimed,
  late,
  leaked,       // fail
  unevaluated,  // unknown
};
constexpr std::size_t action_verdict_count = 12;
std::string_view name_of(ActionVerdict v);
Verdict severity(ActionVerdict v);

/// Why, from the ledger: the sub-cause. One word each, with a sentence in `about`.
enum class Cause : std::uint8_t {
  none,
  // duplicated
  retransmit,          ///< An attempt's outcome was unknown and the SDK sent the batch again.
  not_merged,          ///< Client and server rows of one id both stand.
  double_fire,         ///< The app fired twice with one id.
  double_fire_new_id,  ///< The app fired twice, each with its own id.
  id_regenerated,      ///< The sides or tries carry different ids.
  id_missing,          ///< An emission carried no id, and was not merged by the composite key.
  window_expired,      ///< Copies arrived too far apart for the target's dedupe window.
  payload_changed,     ///< Copies of one emission differed in a field, and both stand.
  two_names,           ///< The sides call the event by two names, and both rows stand.
  dual_write,          ///< The app sent two schema versions, and both stand.
  multiplied,          ///< Sent once, and yet more than one row stands.
  // lost
  after_acknowledgement,  ///< Acknowledged, then gone.
  last_batch,             ///< All that is missing was acknowledged last.
  refused_by_target,      ///< The target refused a valid event (4xx) with no fault in play.
  // collapsed
  null_id,       ///< Actions without an id share one row.
  same_payload,  ///< Honest repeats share one row.
  id_reused,     ///< Two actions carried one id.
  // distorted
  wrong_side,     ///< The row or a value is the other side's although the owner's arrived.
  wrong_unit,     ///< Off by a power of ten: minor against major units.
  value_changed,  ///< Neither side sent this value.
  field_missing,  ///< The value is gone.
  flag_wrong,     ///< is_server_authoritative says the opposite.
  id_changed,     ///< An event id that nobody sent, or none, where every event had one.
  name_changed,   ///< An event name that nobody sent.
  case_changed,   ///< Capitals alone differ.
  text_cut,       ///< Only the beginning of the text.
  rounded,        ///< Off by less than the digit it was rounded or cut to.
  wrong_sign,
  wrong_currency,  ///< Another currency than was sent, or none.
  other_field,     ///< Another field's value of the same event.
  // leaked
  consent_ignored,
  sampling_ignored,
  refused_counted,
  unconfirmed,
  never_sent,  ///< A row stands, but nothing of the action ever reached the target.
  // misattributed, mistimed
  wrong_user,
  wrong_session,
  wrong_device,
  wrong_clock,
  wrong_time,
  zone_shifted,  ///< Off by whole quarters of an hour.
  time_cut,      ///< Cut to whole seconds, minutes, hours or days.
  // against the truth: the app said so, by the fault of that name
  rounding,
  minor_units,
  renamed_event,
  renamed_field,
  missing_field,
  retyped_field,
  truncated_field,
  flag_differs,
  personal_data,
  wrong_version,
  user_not_passed,
  user_format,
  previous_user,
  no_alias,
  cookies_cut,
  storage_wiped,
  clock_skew,
  slow_load,
  local_time,
  said_wrong,  ///< By no fault that is known to do so.
  // late, unevaluated, excused
  after_deadline,
  read_incomplete,
  never_acknowledged,
  destroyed_by_fault,
  held_back,      ///< A side sampled or asked for consent by itself, and said no.
  other_project,  ///< Sent with another project's key.
  set_aside,      ///< The event breaks the contract, by a fault.
  abandoned_by_sdk,
  outcome_unknown,
  // what an assertion finds in a row that its action's verdict does not mind
  slow,
  not_linked,
  wrong_type,
  not_listed,
  other_version,
  sent_anyway,
  rejected_wrongly,  ///< Among the rejected, though nothing of it breaks the contract.
  not_rejected,      ///< Breaks the contract, and is not among the rejected.
  wrong_reason,      ///< Rejected, for a reason that does not hold.
};
std::string_view name_of(Cause c);
/// One sentence for people.
std::string_view about(Cause c);

/// One action judged, with what reports ask of it: the action itself need not be at hand any more.
struct JudgedAction {
  ActionId id;
  SimTime at;                ///< True simulated time.
  std::uint64_t struck = 0;  ///< Faults that struck its emissions or their attempts.
  std::uint32_t index = 0;   ///< Into Ledger::actions of its part.
  std::uint32_t user = 0;
  std::uint32_t first_row = 0;  ///< Range of Judgement::rows_by_action that this action owns.
  std::uint32_t rows = 0;
  std::uint16_t type = 0;      ///< Index into TrackingPlan::actions.
  std::uint16_t findings = 0;  ///< `bit_of` each verdict found, the headline included.
  std::uint16_t fields = 0;    ///< Bit per FieldPlan index: every distorted field.
  std::uint8_t field = 0xff;   ///< FieldPlan index of the first distorted field.
  Expectation expectation = Expectation::unreachable;
  ActionVerdict verdict = ActionVerdict::unevaluated;
  Cause cause = Cause::none;      ///< Of the headline.
  Cause row_cause = Cause::none;  ///< Of the first of distorted, misattributed, mistimed found.
};
static_assert(sizeof(JudgedAction) == 56);

constexpr std::uint16_t bit_of(ActionVerdict v) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(v));
}

/// The verdicts of a part of a run: of all of it, or of some of its lanes. What only the whole run
/// can tell (why something is lost, what kind of duplicate it is) is open until `conclude`.
struct Judgement {
  std::vector<JudgedAction> actions;  ///< Parallel to Ledger::actions of the part.
  /// CanonicalRow::number of the rows, grouped by owning action.
  std::vector<std::uint32_t> rows_by_action;

  std::uint64_t count(ActionVerdict v) const;
};

/// A further read of the target, compared row by row with the first of them.
struct Reread {
  std::uint64_t rows = 0;  ///< Of this run.
  std::uint64_t vanished = 0, appeared = 0, changed = 0;
  bool complete = false;
};

/// What became of all actions when the same requests came in another order, at a target that was
/// empty: the rows may differ where sides said different things, the verdicts may not.
struct Reordered {
  std::uint64_t actions = 0;
  std::uint64_t otherwise = 0;  ///< Judged otherwise than in the first order.
  bool complete = false;        ///< All arrived, and the read was complete.
};

/// What is to be known of all rows before any part is judged. Columns that no row of this run fills
/// are the target's choice and are not compared.
struct RowFacts {
  bool complete = false;  ///< The read was complete and settled.
  bool event_id = false, user = false, device = false, session = false, sequence = false;
  bool event_ts = false, client_ts = false, server_ts = false;
  bool event_name = false, schema_version = false, consent = false;
  bool source = false, server_authoritative = false;
  std::array<std::uint64_t, 6> idless{};  ///< Rows of this run without an id, by IdForm.
  std::uint64_t own = 0;                  ///< Rows of this run.
  std::uint64_t foreign = 0;              ///< Rows of other runs.
  std::vector<Reread> rereads;            ///< Only where an assertion asks for them.
  std::optional<Reread> resent;           ///< What stands after all was sent a second time.
  std::optional<Reordered> reordered;     ///< Only where a target can start empty.
  /// The target's daily totals and its rejected events, where an assertion asks for them; see
  /// side_tables.h for what their rows hold.
  std::optional<RowSet> rollup, rejected;

  /// Takes a row into account; true when it is of this run. `run`: hash_text of the run id.
  bool add(const CanonicalRow& row, std::uint64_t run);
};

/// What the ledger says of one action's way to the target; used by the aggregates too.
/// `must`: surely there. `may`: surely or perhaps there.
struct Arrival {
  std::uint64_t struck = 0;  ///< Faults that struck any of its emissions or their attempts.
  /// Earliest and latest event time that its row may have; `no_time` where nothing reached.
  SimTime event_first = no_time, event_last = no_time;
  Expectation expectation = Expectation::unreachable;
  /// What the absence of a row means: refused_by_target or none for `must`; for the others the
  /// excuse, or never_acknowledged where there is none.
  Cause without_row = Cause::none;
  bool client_must = false, client_may = false;
  bool server_must = false, server_may = false;
  bool held_back = false;      ///< A side withheld what consent and sampling allow.
  bool other_project = false;  ///< Some emission was sent into another project.
  bool set_aside = false;      ///< Some emission breaks the contract, by a fault.
  bool reached = false;        ///< Some emission was in an attempt that got as far as the target.
  std::uint32_t client_copies = 0;      ///< Distinct client emissions surely delivered.
  std::uint32_t client_copies_max = 0;  ///< The same, with unknown outcomes counted.
  std::uint32_t server_copies = 0, server_copies_max = 0;
  /// Times that client emissions were or may have been taken, retransmissions counted.
  std::uint32_t client_deliveries_max = 0, server_deliveries_max = 0;
};
/// Parallel to Ledger::actions.
std::vector<Arrival> arrivals(const Scenario& scenario, const Ledger& ledger);

}  // namespace parallax
