// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/declared_rows.h"

#include <algorithm>

namespace parallax::serve {
namespace {

Micros distance(SimTime a, SimTime b) { return a < b ? b - a : a - b; }

bool has_value(FieldForm form) { return form == FieldForm::present || form == FieldForm::as_text; }

bool has_id(const CanonicalRow& row) {
  return identifies(row.id_form) || row.id_form == IdForm::foreign;
}

}  // namespace

DeclaredRows::DeclaredRows(RowReader& target, const Declared& declared, const Stage& stage)
    : target_(target),
      declared_(declared),
      stage_(stage),
      run_(hash_text(declared.id)),
      product_run_(hash_text(declared.request.run_id)) {
  for (const std::string& name : declared.request.owns.names)
    owned_names_.push_back(hash_text(name));
  for (std::size_t i = 0; i < stage.expected.size(); ++i) {
    const Expected& expected = stage.expected[i];
    if (expected.says_id) by_id_[expected.row.event_id] = i;
    if (expected.key)
      by_key_[{expected.row.type, *expected.key, expected.row.values[*expected.key]}] = i;
    if (expected.user == 0) continue;
    if (!expected.says_id && !expected.key)
      by_user_[{expected.row.type, expected.user}].push_back(i);
    of_user_[expected.user].push_back(i);
  }
  for (auto& [user, actions] : of_user_)
    std::stable_sort(actions.begin(), actions.end(), [&](std::size_t a, std::size_t b) {
      return declared.actions[a].at < declared.actions[b].at;
    });
}

Result<bool> DeclaredRows::scan(std::string_view, const TakeRows& take) {
  seen_.assign(stage_.expected.size(), {});
  foreign_ = 0;
  strangers_.clear();
  batch_.clear();
  const Result<bool> complete =
      target_.scan(declared_.request.run_id, [&](std::span<const CanonicalRow> rows) {
        batch_.insert(batch_.end(), rows.begin(), rows.end());
        return take({});  // Whether to go on.
      });
  if (!complete) return complete;
  // Which action a row stands for may depend on the rows before it.
  std::ranges::sort(batch_, {}, &CanonicalRow::number);
  std::erase_if(batch_, [this](CanonicalRow& row) { return !translate(row); });
  return take(batch_) ? complete : Result<bool>(false);
}

Result<std::vector<std::string>> DeclaredRows::texts(std::string_view,
                                                     const std::vector<std::uint64_t>& numbers) {
  return target_.texts(declared_.request.run_id, numbers);
}

std::uint32_t DeclaredRows::user_of(const CanonicalRow& row) const {
  const auto found = stage_.users.find(row.user);
  return found == stage_.users.end() ? 0 : found->second;
}

bool DeclaredRows::in_window(const CanonicalRow& row, std::size_t action) const {
  return row.event_ts == no_time || distance(row.event_ts, declared_.actions[action].at) <=
                                        declared_.request.tolerances.window;
}

std::size_t DeclaredRows::find_by_key(const CanonicalRow& row) const {
  if (row.type == CanonicalRow::no_type) return nobody;
  for (std::size_t field = 0; field < max_fields; ++field) {
    if (!has_value(row.forms[field])) continue;
    const auto found = by_key_.find({row.type, field, row.values[field]});
    if (found != by_key_.end() && in_window(row, found->second)) return found->second;
  }
  return nobody;
}

std::size_t DeclaredRows::find_by_user(const CanonicalRow& row, std::uint32_t user) const {
  const auto found = by_user_.find({row.type, user});
  if (found == by_user_.end()) return nobody;
  std::size_t best = nobody;
  const auto rank = [&](std::size_t action) {
    const bool timed = row.event_ts != no_time;
    return std::pair(seen_[action].rows,
                     timed ? distance(row.event_ts, declared_.actions[action].at) : 0);
  };
  for (const std::size_t action : found->second)
    if (in_window(row, action) && (best == nobody || rank(action) < rank(best))) best = action;
  return best;
}

std::size_t DeclaredRows::find_denied(const CanonicalRow& row, std::uint32_t user) const {
  const auto found = of_user_.find(user);
  if (found == of_user_.end() || row.event_ts == no_time) return nobody;
  std::size_t last = nobody;
  for (const std::size_t action : found->second)
    if (declared_.actions[action].at <= row.event_ts) last = action;
  return last != nobody && declared_.actions[last].consent == Consent::denied ? last : nobody;
}

std::size_t DeclaredRows::find(const CanonicalRow& row) const {
  if (has_id(row))
    if (const auto found = by_id_.find(row.event_id); found != by_id_.end()) return found->second;
  if (const std::size_t action = find_by_key(row); action != nobody) return action;
  const std::uint32_t user = user_of(row);
  if (user == 0) return nobody;
  const std::size_t action = find_by_user(row, user);
  return action != nobody ? action : find_denied(row, user);
}

bool DeclaredRows::owns(const CanonicalRow& row) const {
  const Ownership& owned = declared_.request.owns;
  const bool named = owned_names_.empty() || std::find(owned_names_.begin(), owned_names_.end(),
                                                       row.event_name) != owned_names_.end();
  const SimTime since = declared_.created - declared_.request.tolerances.window;
  if (!named || (row.event_ts != no_time && row.event_ts < since)) return false;
  switch (owned.rows_of) {
    case Ownership::RowsOf::nobody:
      return false;
    case Ownership::RowsOf::declared_users:
      return user_of(row) != 0;
    case Ownership::RowsOf::run_id:
      return row.run == product_run_;
    case Ownership::RowsOf::everybody:
      break;
  }
  return true;
}

/// The action's own id; only a further row under another id than the first keeps it, as evidence
/// that one action went by two.
void DeclaredRows::tie_id(std::size_t action, CanonicalRow& row) {
  Seen& seen = seen_[action];
  const Expected& expected = stage_.expected[action];
  const bool claimable = row.event_name == expected.row.event_name &&
                         (expected.user == 0 || user_of(row) == expected.user);
  const bool is_another = has_id(row) && row.event_id != expected.row.event_id && seen.rows > 0 &&
                          row.event_id != seen.first_id;
  if (seen.rows++ == 0) seen.first_id = row.event_id;
  if (!is_another || !claimable) row.event_id = expected.row.event_id;
  row.id_form = IdForm::normal;
}

/// What was not said is not compared, nor what is near enough.
void DeclaredRows::allow(std::size_t action, CanonicalRow& row) const {
  const Expected& expected = stage_.expected[action];
  const Tolerances& tolerances = declared_.request.tolerances;
  const SimTime at = declared_.actions[action].at.to_millisecond();
  for (SimTime* time : {&row.event_ts, &row.client_ts, &row.server_ts})
    if (*time != no_time && distance(*time, at) <= tolerances.time) *time = at;
  const bool tells_sides = row.client_ts != no_time || row.server_ts != no_time;
  if (!expected.says_sides || !tells_sides) {
    row.client_ts = expected.client ? at : no_time;
    row.server_ts = expected.server ? at : no_time;
  }
  if (!expected.says_sides) {
    row.source.reset();
    row.server_authoritative.reset();
    row.client_rows = row.server_rows = -1;
  }
  if (row.type != expected.row.type) return;
  const TrackingPlan& plan = stage_.scenario.plan;
  const ActionPlan& planned = plan.actions[row.type];
  for (std::size_t i = 0; i < planned.fields.size(); ++i) {
    if ((expected.fields >> i & 1U) == 0) {
      row.forms[i] = FieldForm::absent;
    } else if (planned.fields[i].type == FieldType::money && has_value(row.forms[i])) {
      const std::int64_t off = std::abs(row.values[i] - expected.row.values[i]);
      if (off <= allowed_minor(tolerances, plan, expected)) row.values[i] = expected.row.values[i];
    }
  }
}

void DeclaredRows::tie(std::size_t action, CanonicalRow& row) {
  constexpr std::uint64_t salt = 0x6e6f'626f'6479;  // A stranger is no user of the run.
  const std::uint32_t user = user_of(row);
  tie_id(action, row);
  if (stage_.expected[action].user == 0) {
    row.user = user_key(0);
  } else if (user != 0) {
    row.user = user_key(user);
  } else if (row.user != 0) {
    row.user = mix64(row.user ^ salt);
  }
  row.device = 0;
  row.session = session_key(session_of(action));
  row.sequence = 1;
  allow(action, row);
}

void DeclaredRows::remember(const CanonicalRow& row) {
  if (strangers_.size() == strangers_max) return;
  if (row.type != CanonicalRow::no_type || user_of(row) != 0) strangers_.push_back(row);
}

/// False where the row is foreign.
bool DeclaredRows::translate(CanonicalRow& row) {
  const std::size_t action = find(row);
  if (action != nobody) {
    tie(action, row);
  } else {
    remember(row);
    if (!owns(row)) {
      ++foreign_;
      return false;
    }
    row.user = row.device = row.session = 0;
  }
  row.run = run_;
  row.lane = 0;
  return true;
}

}  // namespace parallax::serve
