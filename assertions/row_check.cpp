// SPDX-License-Identifier: Apache-2.0
#include "assertions/row_check.h"

#include <algorithm>

#include "assertions/arrivals.h"
#include "assertions/difference.h"

namespace parallax {
namespace {

/// Whether the row's value is the whole of what it says.
bool is_exact(FieldForm form) { return form != FieldForm::other && form != FieldForm::inexact; }

void note(Cause& slot, Cause cause) {
  if (slot == Cause::none) slot = cause;
}

}  // namespace

std::uint16_t RowFindings::bits() const {
  unsigned bits = 0;
  if (distorted != Cause::none) bits |= bit_of(ActionVerdict::distorted);
  if (misattributed != Cause::none) bits |= bit_of(ActionVerdict::misattributed);
  if (mistimed != Cause::none) bits |= bit_of(ActionVerdict::mistimed);
  return static_cast<std::uint16_t>(bits);
}

Cause RowFindings::first() const {
  if (distorted != Cause::none) return distorted;
  return misattributed != Cause::none ? misattributed : mistimed;
}

RowFindings RowCheck::check(std::uint32_t action, const Arrival& arrival, const CanonicalRow& row,
                            bool alone) {
  RowFindings found;
  witnesses_.summon(ledger_, view_, action);
  if (witnesses_.empty()) return found;
  const std::uint16_t type = ledger_.actions[action].type;
  const ActionPlan& plan = scenario_.plan.actions[type];
  if (alone) check_id(row, found);
  check_currency(row, plan, found);
  if (alone) check_side(row, plan, found);
  if (alone && has_hole(row)) note(found.distorted, Cause::field_missing);
  if (row.type == type) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      if (owner_says(row, plan, i)) continue;
      const Cause cause = check_field(row, plan, i, alone);
      if (cause == Cause::none) continue;
      note(found.distorted, cause);
      if (found.fields == 0) found.field = static_cast<std::uint8_t>(i);
      found.fields = static_cast<std::uint16_t>(found.fields | (1U << i));
    }
  }
  check_envelope(row, found);
  check_identity(row, found);
  check_times(action, arrival, row, alone, found);
  return found;
}

/// Nearly every field: as its owner sent it.
bool RowCheck::owner_says(const CanonicalRow& row, const ActionPlan& plan,
                          std::size_t field) const {
  if (is_missing(row.forms[field]) || !is_exact(row.forms[field])) return false;
  for (const Witness& w : witnesses_)
    if (w.emission->source == plan.fields[field].owner && states_value(*w.emission, field))
      return sent_value(scenario_.plan, *w.emission, field) == row.values[field];
  return false;
}

/// Whether a column that other rows fill is empty here: a row always has something to say in it.
bool RowCheck::has_hole(const CanonicalRow& row) const {
  return (columns_.event_name && row.event_name == 0) ||
         (columns_.schema_version && row.schema_version < 0) ||
         (columns_.consent && !row.consent) || (columns_.source && !row.source) ||
         (columns_.server_authoritative && !row.server_authoritative);
}

/// A target may mint an id where an event came without one, and nowhere else.
void RowCheck::check_id(const CanonicalRow& row, RowFindings& found) const {
  if (!columns_.event_id) return;
  for (const Witness& w : witnesses_) {
    if (!identifies(w.emission->id_form)) return;
    if (identifies(row.id_form) && row.event_id == w.emission->event_id) return;
  }
  note(found.distorted, Cause::id_changed);
}

void RowCheck::check_currency(const CanonicalRow& row, const ActionPlan& plan,
                              RowFindings& found) const {
  bool has_amount = false;
  for (std::size_t i = 0; i < plan.fields.size() && row.type != CanonicalRow::no_type; ++i)
    has_amount =
        has_amount || (plan.fields[i].type == FieldType::money && !is_missing(row.forms[i]));
  if (!has_amount) return;
  if (row.currency == CanonicalRow::no_currency) {
    if (scenario_.plan.currencies.size() > 1) note(found.distorted, Cause::wrong_currency);
    return;
  }
  for (const Witness& w : witnesses_)
    if (row.currency == w.emission->seen.currency) return;
  note(found.distorted, Cause::wrong_currency);
}

void RowCheck::check_envelope(const CanonicalRow& row, RowFindings& found) const {
  bool name = row.event_name == 0, name_case = false, consent = !row.consent;
  for (const Witness& w : witnesses_) {
    name = name || row.event_name == names_.of(*w.emission);
    consent = consent || row.consent == w.emission->seen.consent;
  }
  for (const Witness& w : witnesses_)
    name_case = name_case || (!name && difference::is_case(sent_name(scenario_.plan, *w.emission),
                                                           row.event_name, hash_text));
  if (!name) note(found.distorted, name_case ? Cause::case_changed : Cause::name_changed);
  if (!consent) note(found.distorted, Cause::value_changed);
}

/// Whether the row shows that the side was heard, as far as the target tells at all.
bool RowCheck::shows(const CanonicalRow& row, Source side) const {
  const bool is_client = side == Source::client;
  if ((is_client ? row.client_rows : row.server_rows) == 0) return false;
  const auto clock = is_client ? &Emission::client_ts : &Emission::server_ts;
  const bool is_filled = is_client ? columns_.client_ts : columns_.server_ts;
  if (!is_filled || (is_client ? row.client_ts : row.server_ts) != no_time) return true;
  return std::none_of(witnesses_.begin(), witnesses_.end(), [&](const Witness& w) {
    return w.sure && w.emission->source == side && w.emission->*clock != no_time;
  });
}

void RowCheck::check_side(const CanonicalRow& row, const ActionPlan& plan,
                          RowFindings& found) const {
  for (const Source side : both_sources) {
    if (!witnesses_.surely(side) || shows(row, side)) continue;
    // Where the target does not count what it merged, a row without the side's clock lacks the
    // side.
    const bool is_gone = (side == Source::client ? row.client_rows : row.server_rows) <= 0;
    note(found.distorted, is_gone ? Cause::after_acknowledgement : Cause::wrong_side);
    found.one_sided = witnesses_.surely(other(side));
  }
  if (row.source) {
    const bool wrong = *row.source == Source::client ? witnesses_.surely(Source::server) ||
                                                           !witnesses_.perhaps(Source::client)
                                                     : !witnesses_.perhaps(Source::server);
    if (wrong) note(found.distorted, Cause::wrong_side);
  }
  if (row.server_authoritative && !is_flag_right(*row.server_authoritative, plan))
    note(found.distorted, Cause::flag_wrong);
}

bool RowCheck::is_flag_right(bool server_authoritative, const ActionPlan& plan) const {
  if (server_authoritative) return witnesses_.perhaps(Source::server);
  // A fallback for a field that the server left out may be flagged too.
  const auto server_is_whole = [&](const Witness& w) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i)
      if (plan.fields[i].owner == Source::server && !states_value(*w.emission, i)) return false;
    return w.sure && w.emission->source == Source::server;
  };
  return std::none_of(witnesses_.begin(), witnesses_.end(), server_is_whole);
}

Cause RowCheck::check_field(const CanonicalRow& row, const ActionPlan& plan, std::size_t field,
                            bool alone) const {
  const Source owner = plan.fields[field].owner;
  const Testimony testimony(witnesses_, owner, field);
  if (is_missing(row.forms[field]))
    return alone && !testimony.may_be_missing() ? Cause::field_missing : Cause::none;
  if (row.forms[field] == FieldForm::other) return Cause::value_changed;
  if (row.forms[field] == FieldForm::inexact) return how_blurred(row, field);
  bool owner_said = false, other_said = false;
  Cause changed = Cause::value_changed;
  for (const Witness& w : witnesses_) {
    if (!states_value(*w.emission, field)) continue;
    if (sent_value(scenario_.plan, *w.emission, field) == row.values[field])
      (w.emission->source == owner ? owner_said : other_said) = true;
    else if (changed == Cause::value_changed)
      changed = how_changed(*w.emission, plan, field, row.values[field]);
  }
  if (owner_said || (other_said && (!alone || testimony.other_may_speak()))) return Cause::none;
  return other_said ? Cause::wrong_side : changed;
}

/// The row has digits that no side can have sent.
Cause RowCheck::how_blurred(const CanonicalRow& row, std::size_t field) const {
  Cause cause = Cause::value_changed;
  for (const Witness& w : witnesses_)
    if (cause == Cause::value_changed && states_value(*w.emission, field))
      cause =
          difference::of_blurred(sent_value(scenario_.plan, *w.emission, field), row.values[field]);
  return cause;
}

/// The row says `stated` where the emission says something else.
Cause RowCheck::how_changed(const Emission& emission, const ActionPlan& plan, std::size_t field,
                            std::int64_t stated) const {
  const FieldPlan& spec = plan.fields[field];
  const std::int64_t sent = sent_value(scenario_.plan, emission, field);
  const bool is_negated = spec.type != FieldType::string && sent == -stated;
  for (std::size_t i = 0; i < plan.fields.size() && stated != 0 && !is_negated; ++i)
    if (i != field && plan.fields[i].type == spec.type && spec.type != FieldType::boolean &&
        states_value(emission, i) && sent_value(scenario_.plan, emission, i) == stated)
      return Cause::other_field;
  if (spec.type == FieldType::string)
    return difference::of_text(sent_text(spec, emission.forms[field], emission.seen.values[field]),
                               static_cast<std::uint64_t>(stated));
  if (spec.type == FieldType::boolean) return Cause::value_changed;
  const Cause cause = difference::of_amount(sent, stated);
  const bool is_count = spec.type == FieldType::integer;
  return is_count && cause == Cause::rounded ? Cause::value_changed : cause;
}

void RowCheck::check_identity(const CanonicalRow& row, RowFindings& found) const {
  bool user = !columns_.user, device = !columns_.device;
  bool session = !columns_.session, sequence = !columns_.sequence;
  for (const Witness& w : witnesses_) {
    const Action& seen = w.emission->seen;
    user = user || row.user == stated_user(*w.emission);
    device = device || row.device == device_key(seen.device);
    session = session || row.session == session_key(seen.session);
    sequence = sequence || row.sequence == seen.sequence;
  }
  if (!user) {
    found.misattributed = Cause::wrong_user;
  } else if (!session || !sequence) {
    found.misattributed = Cause::wrong_session;
  } else if (!device) {
    found.misattributed = Cause::wrong_device;
  } else {
    return;
  }
  if (is_spelling(row, !user, !session, !device)) found.misattributed = Cause::case_changed;
}

/// Whether an id that differs does so in capitals alone.
bool RowCheck::is_spelling(const CanonicalRow& row, bool user, bool session, bool device) const {
  using difference::is_case;
  for (const Witness& w : witnesses_) {
    const Action& seen = w.emission->seen;
    if (user && is_case(sent_user_id(*w.emission), row.user, user_key_of)) return true;
    if (user) continue;
    if (session && is_case(session_id_text(seen.session), row.session, session_key_of)) return true;
    if (device && is_case(device_id_text(seen.device), row.device, device_key_of)) return true;
  }
  return false;
}

/// What is wrong with a clock's own column: `none` where it is right or empty, or where nothing
/// says what it should hold, but that it is not filled from the other clock.
Cause RowCheck::clock_column(SimTime stated, SimTime Emission::*clock) {
  if (stated == no_time) return Cause::none;
  times_.clear();
  bool is_other_clock = false;
  for (const Witness& w : witnesses_) {
    const SimTime sent = w.emission->*clock;
    if (difference::is_same_time(stated, sent)) return Cause::none;
    if (sent != no_time) times_.push_back(sent);
    is_other_clock = is_other_clock || difference::is_same_time(stated, w.emission->client_ts) ||
                     difference::is_same_time(stated, w.emission->server_ts);
  }
  // A target with a column for each clock has nothing to say in that of a side that was not heard.
  const bool has_both = columns_.client_ts && columns_.server_ts;
  if (times_.empty()) return has_both && is_other_clock ? Cause::wrong_clock : Cause::none;
  return is_other_clock ? Cause::wrong_clock : difference::of_time(times_, stated);
}

void RowCheck::check_times(std::uint32_t action, const Arrival& arrival, const CanonicalRow& row,
                           bool alone, RowFindings& found) {
  const auto among = [&](SimTime sent) { return difference::is_same_time(sent, row.event_ts); };
  const auto is_allowed = [&] {
    if (among(arrival.event_first) || among(arrival.event_last)) return true;
    allowed_event_times(ledger_, view_, action, times_);
    return std::any_of(times_.begin(), times_.end(), among);
  };
  const bool is_checked = columns_.event_ts && arrival.event_first != no_time;
  if (is_checked && !is_allowed()) {
    const Cause cause = difference::of_time(times_, row.event_ts);
    const bool is_client_clock =
        row.event_ts != no_time &&
        std::any_of(witnesses_.begin(), witnesses_.end(),
                    [&](const Witness& w) { return among(w.emission->client_ts); });
    if (is_client_clock && cause != Cause::time_cut) {
      if (alone) found.mistimed = Cause::wrong_clock;
    } else {
      found.mistimed = cause;
    }
  }
  for (const Cause cause : {clock_column(row.client_ts, &Emission::client_ts),
                            clock_column(row.server_ts, &Emission::server_ts)})
    if (cause != Cause::none) note(found.mistimed, cause);
}

}  // namespace parallax
