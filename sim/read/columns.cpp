// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "sim/read/cells.h"

namespace parallax {
namespace {

constexpr std::array<std::string_view, envelope_slots> envelope{
    "event_id",      "run_id",         "event_name",   "user_id",
    "device_id",     "session_id",     "sequence_id",  "client_ts",
    "server_ts",     "event_ts",       "ingestion_ts", "client_rows",
    "server_rows",   "schema_version", "source",       "is_server_authoritative",
    "consent_state", "currency",       "properties"};
constexpr std::uint16_t no_slot = 0xffff;

const std::string& renamed(const std::string& ours, const ColumnMap& map) {
  const auto found = std::find_if(map.rbegin(), map.rend(),
                                  [&](const auto& entry) { return entry.first == ours; });
  return found == map.rend() ? ours : found->second;
}

}  // namespace

Columns::Columns(const TrackingPlan& plan, const ColumnMap& map) {
  for (const std::string_view name : envelope) add(std::string(name));
  for (const ActionPlan& action : plan.actions) {
    std::vector<std::uint16_t>& slots = fields_.emplace_back();
    for (const FieldPlan& field : action.fields) slots.push_back(add(field.name));
  }
  table_.assign(std::bit_ceil(names_.size() * 4), no_slot);
  for (std::uint16_t slot = 0; slot < names_.size(); ++slot) {
    theirs_.push_back(renamed(names_[slot], map));
    index(slot, theirs_.back());
  }
}

std::uint16_t Columns::add(const std::string& ours) {
  const auto found = std::find(names_.begin(), names_.end(), ours);
  if (found != names_.end()) return static_cast<std::uint16_t>(found - names_.begin());
  assert(names_.size() < no_slot);
  names_.push_back(ours);
  return static_cast<std::uint16_t>(names_.size() - 1);
}

void Columns::index(std::uint16_t slot, const std::string& theirs) {
  if (const auto first = this->slot(theirs)) {
    copies_.emplace_back(*first, slot);
    return;
  }
  std::size_t place = hash_text(theirs) & (table_.size() - 1);
  while (table_[place] != no_slot) place = (place + 1) & (table_.size() - 1);
  table_[place] = slot;
}

std::optional<std::uint16_t> Columns::slot(std::string_view theirs) const {
  std::size_t place = hash_text(theirs) & (table_.size() - 1);
  while (table_[place] != no_slot) {
    if (theirs_[table_[place]] == theirs) return table_[place];
    place = (place + 1) & (table_.size() - 1);
  }
  return std::nullopt;
}

}  // namespace parallax
