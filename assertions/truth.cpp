// SPDX-License-Identifier: Apache-2.0
#include "assertions/truth.h"

#include <algorithm>

#include "assertions/difference.h"

namespace parallax {
namespace {

void note(Cause& slot, Cause cause) {
  if (slot == Cause::none) slot = cause;
}

}  // namespace

RowFindings TruthCheck::check(const Evidence& block, std::uint32_t action,
                              const CanonicalRow& row) {
  RowFindings found;
  witnesses_.summon(block.ledger, block.view, action);
  if (witnesses_.empty()) return found;
  const Action& truth = block.ledger.actions[action];
  check_name(truth, row, found);
  if (row.type == truth.type) check_fields(truth, row, found);
  check_user(truth, row, found);
  check_device(truth, row, found);
  check_time(truth, row, found);
  return found;
}

void TruthCheck::check_name(const Action& action, const CanonicalRow& row,
                            RowFindings& found) const {
  const ActionPlan& plan = scenario_.plan.actions[action.type];
  const bool other_name = row.event_name != 0 && row.event_name != names_[action.type];
  const bool other_version = row.schema_version >= 0 && row.schema_version != plan.schema_version;
  for (const Witness& w : witnesses_) {
    if (other_name && names_.of(*w.emission) == row.event_name)
      note(found.distorted, blame_.of(*w.emission, Aspect::name));
    if (!other_version || w.emission->schema_version != row.schema_version) continue;
    // A migration writes both versions on purpose.
    const Cause cause = blame_.of(*w.emission, Aspect::version);
    if (cause != Cause::dual_write) note(found.distorted, cause);
  }
}

void TruthCheck::check_fields(const Action& action, const CanonicalRow& row,
                              RowFindings& found) const {
  const ActionPlan& plan = scenario_.plan.actions[action.type];
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const Cause cause = field_cause(action, row, i);
    if (cause == Cause::none) continue;
    note(found.distorted, cause);
    if (found.fields == 0) found.field = static_cast<std::uint8_t>(i);
    found.fields = static_cast<std::uint16_t>(found.fields | (1U << i));
  }
}

Cause TruthCheck::field_cause(const Action& action, const CanonicalRow& row,
                              std::size_t field) const {
  const ActionPlan& plan = scenario_.plan.actions[action.type];
  const FieldPlan& spec = plan.fields[field];
  const bool is_planned = (plan.client && spec.on_client) || (plan.server && spec.on_server);
  const bool missing = is_missing(row.forms[field]);
  if (!is_planned) return missing ? Cause::none : unplanned_cause(spec, field);
  const bool right = row.forms[field] != FieldForm::other &&
                     row.values[field] == comparable(spec, action.values[field]);
  if (!missing && right) return Cause::none;
  for (const Witness& w : witnesses_) {
    const Emission& said = *w.emission;
    const bool stated = states_value(said, field);
    const bool said_so =
        missing || row.forms[field] == FieldForm::other
            ? !stated && spec.on(said.source)
            : stated && sent_value(scenario_.plan, said, field) == row.values[field];
    if (said_so) return blame_.of(said, Aspect::field, spec.name);
  }
  return Cause::none;
}

Cause TruthCheck::unplanned_cause(const FieldPlan& field, std::size_t index) const {
  for (const Witness& w : witnesses_)
    if (states_value(*w.emission, index)) return blame_.of(*w.emission, Aspect::field, field.name);
  return Cause::none;
}

void TruthCheck::check_user(const Action& action, const CanonicalRow& row,
                            RowFindings& found) const {
  if (row.user == user_key(action.user)) return;
  for (const Witness& w : witnesses_)
    if (stated_user(*w.emission) == row.user)
      return note(found.misattributed, blame_.of(*w.emission, Aspect::user));
}

void TruthCheck::check_device(const Action& action, const CanonicalRow& row,
                              RowFindings& found) const {
  if (row.device == 0 || row.device == device_key(action.device)) return;
  for (const Witness& w : witnesses_)
    if (device_key(w.emission->seen.device) == row.device)
      return note(found.misattributed, blame_.of(*w.emission, Aspect::device));
}

void TruthCheck::check_time(const Action& action, const CanonicalRow& row,
                            RowFindings& found) const {
  const SimTime recorded = action.at + scenario_.actions[action.type].server_after;
  if (row.event_ts == no_time ||
      (row.event_ts + within_ >= action.at && row.event_ts <= recorded + within_))
    return;
  for (const Witness& w : witnesses_)
    if (difference::is_same_time(w.emission->client_ts, row.event_ts) ||
        difference::is_same_time(w.emission->server_ts, row.event_ts))
      return note(found.mistimed, blame_.of(*w.emission, Aspect::time));
}

}  // namespace parallax
