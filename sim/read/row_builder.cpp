// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/read/cell_values.h"

namespace parallax {

RowBuilder::RowBuilder(const TrackingPlan& plan, const Columns& columns)
    : plan_(plan), columns_(columns) {
  for (const ActionPlan& action : plan.actions) action_hashes_.push_back(hash_text(action.name));
  // Behind their own names those that faults give them.
  for (const ActionPlan& action : plan.actions)
    action_hashes_.push_back(
        hash_text(action.other_name.empty() ? action.name : action.other_name));
}

void RowBuilder::build(std::span<const Cell> cells, CanonicalRow& out) const {
  assert(cells.size() >= columns_.size());
  out = CanonicalRow{};
  [&]<std::size_t... slot>(std::index_sequence<slot...>) {
    (cell_values::read_envelope<slot>(cells[slot], out), ...);
  }
  (std::make_index_sequence<slot_currency>());
  if (cells[slot_event_ts].kind == Cell::Kind::absent) set_event_time(out);
  fill_fields(cells, out);
}

void RowBuilder::fill_fields(std::span<const Cell> cells, CanonicalRow& out) const {
  const int exponent = read_currency(cells[slot_currency], out);
  if (!set_type(out)) return;
  const ActionPlan& action = plan_.actions[out.type];
  const auto slots = columns_.fields(out.type);
  for (std::size_t i = 0; i < slots.size(); ++i)
    out.forms[i] =
        cell_values::read_field(action.fields[i], cells[slots[i]], exponent, out.values[i]);
}

bool RowBuilder::set_type(CanonicalRow& out) const {
  const auto found = std::find(action_hashes_.begin(), action_hashes_.end(), out.event_name);
  if (out.event_name == 0 || found == action_hashes_.end()) return false;
  out.type = static_cast<std::uint16_t>(static_cast<std::size_t>(found - action_hashes_.begin()) %
                                        plan_.actions.size());
  return true;
}

int RowBuilder::exponent() const {
  return plan_.currencies.empty() ? 2 : plan_.currencies[0].exponent;
}

int RowBuilder::read_currency(const Cell& cell, CanonicalRow& out) const {
  if (!cell_values::is_there(cell)) return exponent();
  for (std::size_t i = 0; i < plan_.currencies.size(); ++i) {
    if (plan_.currencies[i].code != cell.text) continue;
    out.currency = static_cast<std::uint8_t>(i);
    return plan_.currencies[i].exponent;
  }
  return currency_exponent(cell.text);
}

}  // namespace parallax
