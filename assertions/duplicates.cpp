// SPDX-License-Identifier: Apache-2.0
#include "assertions/duplicates.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "assertions/witness.h"

namespace parallax {

/// What arrived under the commonest way of being merged: one id.
struct DuplicateGatherer::Copies {
  Micros gap = 0;         ///< From the first arrival to the last.
  bool several = false;   ///< More than one arrival.
  bool sure = true;       ///< All of them acknowledged.
  bool one_id = true;     ///< All carry one identifying id.
  bool differ = false;    ///< In a business field.
  bool repeated = false;  ///< A side arrived more than once.
};

void DuplicateGatherer::add(const JudgedAction& action, const PlainAction& plain) {
  if (action.rows == 0) return;
  if (action.rows == 1 && plain) {
    ++facts_.once;
    if (plain.by_both()) add_merged(plain);
    return;
  }
  const Copies copies = copies_of(action.index);
  ++(copies.repeated ? facts_.again : facts_.once);
  if (action.rows > 1) {
    const Cause names = by_names(action);
    const Cause ids = names != Cause::none ? names : by_ids(action);
    facts_.cases.push_back({action.index, ids != Cause::none ? ids : by_side(action),
                            ids != Cause::none, copies.several && copies.one_id, copies.several,
                            copies.differ, copies.repeated, copies.gap});
    return;
  }
  if (!copies.several || !copies.sure || !copies.one_id) return;
  ++facts_.merged;
  if (copies.differ) ++facts_.merged_differ;
  facts_.longest_merged = std::max(facts_.longest_merged, copies.gap);
}

/// Both sides' events arrived once, and make one row.
void DuplicateGatherer::add_merged(const PlainAction& plain) {
  if (plain.sent[0]->event_id != plain.sent[1]->event_id) return;
  ++facts_.merged;
  if (!same_payload(*plain.sent[0], *plain.sent[1])) ++facts_.merged_differ;
  const auto [first, last] =
      std::minmax(plain.became[0]->first_arrival, plain.became[1]->first_arrival);
  facts_.longest_merged = std::max(facts_.longest_merged, last - first);
}

std::span<const std::uint32_t> DuplicateGatherer::rows_of(const JudgedAction& action) const {
  return {row_order_.data() + action.first_row, action.rows};
}

bool DuplicateGatherer::same_payload(const Emission& a, const Emission& b) const {
  if (a.seen.type != b.seen.type) return false;
  const std::size_t fields = scenario_.plan.actions[a.seen.type].fields.size();
  for (std::size_t i = 0; i < fields; ++i) {
    if (a.forms[i] != b.forms[i]) return false;
    if (states_value(a, i) && a.seen.values[i] != b.seen.values[i]) return false;
  }
  return true;
}

DuplicateGatherer::Copies DuplicateGatherer::copies_of(std::uint32_t action) const {
  Copies copies;
  SimTime first = end_of_time;
  SimTime last = no_time;
  std::array<std::uint32_t, both_sources.size()> deliveries{};
  const Emission* one = nullptr;
  for (const std::uint32_t i : view_.emissions_of(action)) {
    const EmissionFacts& facts = view_.facts(i);
    if (facts.deliveries_max() == 0) continue;
    const Emission& emission = ledger_.emissions[i].emission;
    deliveries[static_cast<std::size_t>(emission.source)] += facts.deliveries_max();
    first = std::min(first, facts.first_arrival);
    last = std::max(last, facts.last_arrival);
    if (facts.unknown > 0) copies.sure = false;
    if (!identifies(emission.id_form)) copies.one_id = false;
    if (one == nullptr) one = &emission;
    if (emission.event_id != one->event_id) copies.one_id = false;
    if (!same_payload(emission, *one)) copies.differ = true;
  }
  copies.several = deliveries[0] + deliveries[1] > 1;
  copies.repeated = deliveries[0] > 1 || deliveries[1] > 1;
  if (copies.several) copies.gap = last - first;
  return copies;
}

/// Whether its rows go by two names that were both sent.
Cause DuplicateGatherer::by_names(const JudgedAction& action) const {
  const auto rows = rows_of(action);
  const std::uint64_t first = rows_[rows.front()].event_name;
  const bool one_name = std::all_of(
      rows.begin(), rows.end(), [&](std::uint32_t row) { return rows_[row].event_name == first; });
  if (one_name) return Cause::none;
  const auto emissions = view_.emissions_of(action.index);
  const bool renamed = std::any_of(emissions.begin(), emissions.end(), [&](std::uint32_t i) {
    return ledger_.emissions[i].emission.other_name;
  });
  return renamed ? Cause::two_names : Cause::none;
}

/// What the ids of the rows and of the emissions tell; `none` where all is one id.
Cause DuplicateGatherer::by_ids(const JudgedAction& action) const {
  std::array<std::optional<Uuid>, both_sources.size()> first;  // by side
  bool one_side_sent_two = false, missing = false;
  const auto rows = rows_of(action);
  for (const std::uint32_t i : view_.emissions_of(action.index)) {
    const Emission& emission = ledger_.emissions[i].emission;
    if (!view_.facts(i).reached) continue;
    if (!identifies(emission.id_form)) {
      missing = true;
      continue;
    }
    const auto stands = [&](std::uint32_t row) {
      return match_.by_id[row] && rows_[row].event_id == emission.event_id;
    };
    if (std::none_of(rows.begin(), rows.end(), stands)) continue;
    auto& seen = first[static_cast<std::size_t>(emission.source)];
    if (!seen) seen = emission.event_id;
    if (*seen != emission.event_id) one_side_sent_two = true;
  }
  if (one_side_sent_two) return Cause::double_fire_new_id;
  if (first[0] && first[1] && *first[0] != *first[1]) return Cause::id_regenerated;
  if (missing) return Cause::id_missing;
  const bool unknown_id = std::any_of(rows.begin(), rows.end(), [&](std::uint32_t row) {
    return !match_.by_id[row] && identifies(rows_[row].id_form);
  });
  return unknown_id ? Cause::id_regenerated : Cause::none;
}

/// All rows carry one id: which side stands more than once?
Cause DuplicateGatherer::by_side(const JudgedAction& action) const {
  std::uint32_t rows_of_side[2] = {0, 0};
  bool sides_known = true;
  for (const std::uint32_t row : rows_of(action)) {
    const auto& source = rows_[row].source;
    if (source) ++rows_of_side[static_cast<std::size_t>(*source)];
    sides_known = sides_known && source.has_value();
  }
  bool arrived[2] = {false, false};
  for (const std::uint32_t i : view_.emissions_of(action.index))
    if (view_.facts(i).reached)
      arrived[static_cast<std::size_t>(ledger_.emissions[i].emission.source)] = true;
  const std::uint32_t sides = (arrived[0] ? 1U : 0U) + (arrived[1] ? 1U : 0U);
  const bool one_each =
      sides_known ? rows_of_side[0] <= 1 && rows_of_side[1] <= 1 : action.rows <= sides;
  if (one_each) return Cause::not_merged;
  for (const Source side : both_sources) {
    if (sides_known && rows_of_side[static_cast<std::size_t>(side)] < 2) continue;
    const Cause cause = repeated(action.index, side);
    if (cause != Cause::none) return cause;
  }
  for (const Source side : both_sources)
    if (const Cause cause = repeated(action.index, side); cause != Cause::none) return cause;
  return Cause::multiplied;
}

Cause DuplicateGatherer::repeated(std::uint32_t action, Source side) const {
  const Emission* one = nullptr;
  bool copies = false, differ = false, again = false, versions = false;
  for (const std::uint32_t i : view_.emissions_of(action)) {
    const EmissionFacts& facts = view_.facts(i);
    const Emission& emission = ledger_.emissions[i].emission;
    if (emission.source != side || facts.deliveries_max() == 0) continue;
    again = again || facts.deliveries_max() > 1;
    copies = copies || one != nullptr;
    if (one == nullptr) one = &emission;
    differ = differ || !same_payload(emission, *one);
    versions = versions || emission.schema_version != one->schema_version;
  }
  if (versions) return Cause::dual_write;
  if (differ) return Cause::payload_changed;
  if (copies) return Cause::double_fire;
  return again ? Cause::retransmit : Cause::none;
}

namespace {

/// Whether repeating makes no difference to being doubled: then the repeats are not the cause.
bool doubles_anything(const std::vector<Duplicates>& parts) {
  std::uint64_t once = 0, again = 0, doubled_once = 0, doubled_again = 0;
  for (const auto& [facts, judgement] : parts) {
    once += facts->once;
    again += facts->again;
    for (const DuplicateFacts::Case& found : facts->cases)
      if (!found.by_ids && found.cause != Cause::not_merged)
        ++(found.repeated ? doubled_again : doubled_once);
  }
  return doubled_once > 0 && doubled_once * again * 2 >= doubled_again * once;
}

/// What all parts together say of how copies are told from each other.
struct Habit {
  bool payload_keyed = false;  ///< Only equal copies are merged.
  bool windowed = false;       ///< Only copies that come soon are.
  bool doubles_anything = false;
  Micros longest_merged = 0;

  explicit Habit(const std::vector<Duplicates>& parts)
      : doubles_anything(parallax::doubles_anything(parts)) {
    std::uint64_t merged = 0, merged_differ = 0, doubled = 0, differ = 0, late = 0;
    for (const auto& [facts, judgement] : parts) {
      merged += facts->merged;
      merged_differ += facts->merged_differ;
      longest_merged = std::max(longest_merged, facts->longest_merged);
    }
    for (const auto& [facts, judgement] : parts)
      for (const DuplicateFacts::Case& found : facts->cases) {
        if (!found.comparable) continue;
        ++doubled;
        if (found.differ) ++differ;
        if (is_late(found)) ++late;
      }
    const auto nearly_all = [&](std::uint64_t part) {
      return merged > 0 && doubled > 0 && part * 10 >= doubled * 9;
    };
    payload_keyed = merged_differ == 0 && nearly_all(differ);
    windowed = nearly_all(late);
  }

  bool is_late(const DuplicateFacts::Case& found) const { return found.gap > longest_merged; }

  Cause cause_of(const DuplicateFacts::Case& found) const {
    if (found.by_ids || !found.several) return found.cause;
    if (payload_keyed && found.differ) return Cause::payload_changed;
    if (windowed && is_late(found)) return Cause::window_expired;
    const bool is_any = doubles_anything && found.repeated && found.cause != Cause::not_merged;
    return is_any ? Cause::multiplied : found.cause;
  }
};

}  // namespace

void explain_duplicates(const std::vector<Duplicates>& parts) {
  const Habit habit(parts);
  for (const auto& [facts, judgement] : parts)
    for (const DuplicateFacts::Case& found : facts->cases)
      if (JudgedAction& action = judgement->actions[found.action];
          action.verdict == ActionVerdict::duplicated)
        action.cause = habit.cause_of(found);
}

}  // namespace parallax
