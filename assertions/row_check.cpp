// SPDX-License-Identifier: Apache-2.0
#include "assertions/row_check.h"

#include <algorithm>

#include "assertions/arrivals.h"

namespace parallax {
namespace {

/// Wire times carry milliseconds; targets may round them.
constexpr Micros time_tolerance = millisecond;

bool same_time(SimTime a, SimTime b) {
  if (a == no_time || b == no_time) return a == b;
  return (a < b ? b - a : a - b) <= time_tolerance;
}

bool is_missing(FieldForm form) { return form == FieldForm::absent || form == FieldForm::null; }

/// Whether one is the other times 10, 100, 1'000 or 10'000.
bool off_by_unit(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return false;
  for (std::int64_t unit = 10; unit <= 10'000; unit *= 10)
    if ((a % unit == 0 && a / unit == b) || (b % unit == 0 && b / unit == a)) return true;
  return false;
}

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
  if (alone) check_side(row, plan, found);
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
  check_envelope(row, plan, found);
  check_identity(row, found);
  check_times(action, arrival, row, alone, found);
  return found;
}

/// Nearly every field: as its owner sent it.
bool RowCheck::owner_says(const CanonicalRow& row, const ActionPlan& plan,
                          std::size_t field) const {
  if (is_missing(row.forms[field]) || row.forms[field] == FieldForm::other) return false;
  for (const Witness& w : witnesses_)
    if (w.emission->source == plan.fields[field].owner && states_value(*w.emission, field))
      return sent_value(scenario_.plan, *w.emission, field) == row.values[field];
  return false;
}

void RowCheck::check_envelope(const CanonicalRow& row, const ActionPlan& plan,
                              RowFindings& found) const {
  bool name = row.event_name == 0;
  bool consent = !row.consent;
  bool currency = row.currency == CanonicalRow::no_currency ||
                  std::none_of(plan.fields.begin(), plan.fields.end(), [](const FieldPlan& field) {
                    return field.type == FieldType::money;
                  });
  for (const Witness& w : witnesses_) {
    const Action& seen = w.emission->seen;
    name = name || row.event_name == names_.of(*w.emission);
    consent = consent || row.consent == seen.consent;
    currency = currency || row.currency == seen.currency;
  }
  if (!name || !consent || !currency) note(found.distorted, Cause::value_changed);
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
    const bool is_gone = (side == Source::client ? row.client_rows : row.server_rows) == 0;
    note(found.distorted, is_gone ? Cause::after_acknowledgement : Cause::wrong_side);
    found.one_sided = witnesses_.surely(other(side));
  }
  if (row.source) {
    const bool wrong = *row.source == Source::client ? witnesses_.surely(Source::server) ||
                                                           !witnesses_.perhaps(Source::client)
                                                     : !witnesses_.perhaps(Source::server);
    if (wrong) note(found.distorted, Cause::wrong_side);
  }
  if (!row.server_authoritative) return;
  if (*row.server_authoritative) {
    if (!witnesses_.perhaps(Source::server)) note(found.distorted, Cause::flag_wrong);
    return;
  }
  // A fallback for a field that the server left out may be flagged too.
  const auto server_is_whole = [&](const Witness& w) {
    for (std::size_t i = 0; i < plan.fields.size(); ++i)
      if (plan.fields[i].owner == Source::server && !states_value(*w.emission, i)) return false;
    return w.sure && w.emission->source == Source::server;
  };
  if (std::any_of(witnesses_.begin(), witnesses_.end(), server_is_whole))
    note(found.distorted, Cause::flag_wrong);
}

Cause RowCheck::check_field(const CanonicalRow& row, const ActionPlan& plan, std::size_t field,
                            bool alone) const {
  const Source owner = plan.fields[field].owner;
  const Testimony testimony(witnesses_, owner, field);
  if (is_missing(row.forms[field]))
    return alone && !testimony.may_be_missing() ? Cause::field_missing : Cause::none;
  if (row.forms[field] == FieldForm::other) return Cause::value_changed;
  const bool is_number = plan.fields[field].type != FieldType::string;
  bool owner_said = false, other_said = false, off_by_ten = false;
  for (const Witness& w : witnesses_) {
    if (!states_value(*w.emission, field)) continue;
    const std::int64_t sent = sent_value(scenario_.plan, *w.emission, field);
    if (sent == row.values[field]) (w.emission->source == owner ? owner_said : other_said) = true;
    off_by_ten = off_by_ten || (is_number && off_by_unit(sent, row.values[field]));
  }
  if (owner_said || (other_said && (!alone || testimony.other_may_speak()))) return Cause::none;
  if (other_said) return Cause::wrong_side;
  return off_by_ten ? Cause::wrong_unit : Cause::value_changed;
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
  }
}

/// A clock's own column holds a value, but none that was sent.
bool RowCheck::clock_column_wrong(SimTime stated, SimTime Emission::*clock) const {
  if (stated == no_time) return false;
  bool any = false;
  for (const Witness& w : witnesses_) {
    const SimTime sent = w.emission->*clock;
    if (sent == no_time) continue;
    if (same_time(stated, sent)) return false;
    any = true;
  }
  return any;
}

void RowCheck::check_times(std::uint32_t action, const Arrival& arrival, const CanonicalRow& row,
                           bool alone, RowFindings& found) {
  const auto among = [&](SimTime sent) { return same_time(sent, row.event_ts); };
  const auto is_allowed = [&] {
    if (among(arrival.event_first) || among(arrival.event_last)) return true;
    allowed_event_times(ledger_, view_, action, times_);
    return std::any_of(times_.begin(), times_.end(), among);
  };
  const bool is_checked = columns_.event_ts && arrival.event_first != no_time;
  if (is_checked && !is_allowed()) {
    const bool is_client_clock =
        row.event_ts != no_time &&
        std::any_of(witnesses_.begin(), witnesses_.end(),
                    [&](const Witness& w) { return among(w.emission->client_ts); });
    if (alone || !is_client_clock)
      found.mistimed = is_client_clock ? Cause::wrong_clock : Cause::wrong_time;
  }
  const bool client_wrong = clock_column_wrong(row.client_ts, &Emission::client_ts);
  const bool server_wrong = clock_column_wrong(row.server_ts, &Emission::server_ts);
  if (client_wrong || server_wrong) note(found.mistimed, Cause::wrong_time);
}

}  // namespace parallax
