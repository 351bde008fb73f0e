// SPDX-License-Identifier: Apache-2.0
#include "assertions/absences.h"

#include <algorithm>
#include <array>
#include <optional>

#include "assertions/sieve.h"
#include "assertions/text_hashes.h"
#include "assertions/witness.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr Micros twin_reach = second;

bool is_unexplained(const JudgedAction& action) {
  return action.verdict == ActionVerdict::lost && action.cause == Cause::none;
}

void collapse(JudgedAction& action, Cause cause) {
  action.verdict = ActionVerdict::collapsed;
  action.cause = cause;
  action.findings = bit_of(ActionVerdict::collapsed);
}

/// What a row says that mixes several actions is no finding about its owner.
void forgive(JudgedAction& action) {
  if (action.rows != 1 || (action.findings & bit_of(ActionVerdict::leaked)) != 0) return;
  const bool must = action.expectation == Expectation::must;
  action.verdict = must ? ActionVerdict::ok : ActionVerdict::recovered;
  action.cause = action.row_cause = Cause::none;
  action.findings = bit_of(action.verdict);
  action.fields = 0;
  action.field = 0xff;
}

/// Content of an action as its authoritative side sent it, and its time.
struct Twin {
  std::uint64_t content = 0;
  Micros at = 0;
  std::uint32_t action = 0;
  std::uint64_t user = 0;  ///< As it was stated.
};

const Emission* speaker_of(const Ledger& ledger, const LedgerView& view, std::uint32_t action) {
  const Emission* speaker = nullptr;
  for (const std::uint32_t i : view.emissions_of(action)) {
    const Emission& emission = ledger.emissions[i].emission;
    if (view.facts(i).deliveries_max() == 0) continue;
    if (speaker == nullptr || emission.source == Source::server) speaker = &emission;
  }
  return speaker;
}

Twin make_twin(const TrackingPlan& plan, const Emission& emission, std::uint32_t action) {
  std::uint64_t content = mix64(stated_user(emission) + emission.seen.type + 1);
  for (std::size_t i = 0; i < plan.actions[emission.seen.type].fields.size(); ++i) {
    const std::int64_t value = states_value(emission, i) ? sent_value(plan, emission, i) : -1;
    content = mix64(content ^ mix64(static_cast<std::uint64_t>(value) + i));
  }
  const SimTime at = emission.server_ts != no_time ? emission.server_ts : emission.client_ts;
  return {content, at.since_epoch, action, stated_user(emission)};
}

bool precedes(const Twin& a, const Twin& b) {
  return a.content != b.content ? a.content < b.content : a.at < b.at;
}

/// Looks for equal actions that have a row. Few ask, so that all others are sieved out first.
class Twins {
 public:
  Twins(const Scenario& scenario, const Ledger& ledger, const LedgerView& view)
      : scenario_(scenario), ledger_(ledger), view_(view) {}

  std::optional<Twin> of(std::uint32_t action) const {
    const Emission* speaker = speaker_of(ledger_, view_, action);
    if (speaker == nullptr) return std::nullopt;
    return make_twin(scenario_.plan, *speaker, action);
  }

  /// Before `stands`: who may be asked about.
  void index(const std::vector<Twin>& asking, const Judgement& judgement) {
    Sieve sieve(asking.size()), users(asking.size());
    for (const Twin& twin : asking) sieve.add(twin.content);
    for (const Twin& twin : asking) users.add(twin.user);
    for (const JudgedAction& action : judgement.actions) {
      if (action.rows == 0 || !any_of_users(action.index, users)) continue;
      const std::optional<Twin> twin = of(action.index);
      if (twin && sieve.may_hold(twin->content)) standing_.push_back(*twin);
    }
    std::sort(standing_.begin(), standing_.end(), precedes);
  }

  /// Whether another action with equal content within reach has a row.
  bool stands(const Twin& twin) const {
    auto other = std::lower_bound(standing_.begin(), standing_.end(),
                                  Twin{twin.content, twin.at - twin_reach, 0, 0}, precedes);
    for (; other != standing_.end() && other->content == twin.content &&
           other->at <= twin.at + twin_reach;
         ++other)
      if (other->action != twin.action) return true;
    return false;
  }

 private:
  bool any_of_users(std::uint32_t action, const Sieve& users) const {
    const auto emissions = view_.emissions_of(action);
    return std::any_of(emissions.begin(), emissions.end(),
                       [&](std::uint32_t i) { return users.may_hold(view_.brief(i).user); });
  }

  const Scenario& scenario_;
  const Ledger& ledger_;
  const LedgerView& view_;
  std::vector<Twin> standing_;
};

std::size_t tail_of(ActionId action, Source side) {
  return std::size_t{lane_of(action.value)} * 2 + static_cast<std::size_t>(side);
}

/// The cases of the whole run that are still unexplained.
template <class Use>
void each_case(const std::vector<Absences>& parts, Use use) {
  for (const Absences& part : parts)
    for (const AbsenceFacts::Case& found : part.facts->cases) {
      JudgedAction& action = part.judgement->actions[found.action];
      if (is_unexplained(action)) use(found, action);
    }
}

void find_shared_ids(const std::vector<Absences>& parts) {
  bool any = false;
  each_case(parts, [&](const AbsenceFacts::Case& found, JudgedAction& action) {
    if (!found.shares_id) return;
    collapse(action, Cause::id_reused);
    any = true;
  });
  for (const Absences& part : parts)
    for (std::size_t i = 0; any && i < part.facts->shared_by.size(); ++i)
      forgive(part.judgement->actions[part.facts->shared_by[i]]);
}

void find_null_ids(const RowFacts& rows, const std::vector<Absences>& parts) {
  std::uint64_t total = 0;
  unsigned single = 0;
  for (std::size_t form = 0; form < rows.idless.size(); ++form) {
    total += rows.idless[form];
    if (rows.idless[form] == 1) single |= 1U << form;
  }
  if (total == 0) return;
  std::uint64_t missing = 0, absorbed = 0;
  for (const Absences& part : parts) absorbed += part.facts->idless_absorbed;
  each_case(parts, [&](const AbsenceFacts::Case& found, const JudgedAction&) {
    missing += found.lacks_id ? 1U : 0U;
  });
  const bool all = total == 1 || absorbed >= missing;
  bool any = false;
  each_case(parts, [&](const AbsenceFacts::Case& found, JudgedAction& action) {
    if (!found.lacks_id || (!all && (found.forms & single) == 0)) return;
    collapse(action, Cause::null_id);
    any = true;
  });
  for (const Absences& part : parts)
    for (std::size_t i = 0; any && i < part.facts->idless.size(); ++i)
      forgive(part.judgement->actions[part.facts->idless[i]]);
}

void absorb_twins(const std::vector<Absences>& parts) {
  each_case(parts, [](const AbsenceFacts::Case& found, JudgedAction& action) {
    if (found.has_twin) collapse(action, Cause::same_payload);
  });
  std::uint64_t halves = 0, absorbed = 0;
  for (const Absences& part : parts)
    for (const AbsenceFacts::Half& half : part.facts->halves) {
      ++halves;
      if (half.has_twin) ++absorbed;
    }
  // Half rows everywhere have another reason, which twins by chance must not hide.
  if (absorbed * 10 < halves * 9) return;
  for (const Absences& part : parts)
    for (const AbsenceFacts::Half& half : part.facts->halves)
      if (half.has_twin) collapse(part.judgement->actions[half.action], Cause::same_payload);
}

/// Whether exactly the last acknowledged events are missing, of the run or of each lane and side.
bool is_tail(const std::vector<Absences>& parts) {
  SimTime tail = end_of_time;
  bool of_lanes = true;
  each_case(parts, [&](const AbsenceFacts::Case& found, const JudgedAction&) {
    tail = std::min(tail, found.first_acknowledged);
    of_lanes = of_lanes && found.last_of_lane;
  });
  bool any_kept = false, any_kept_must = false, of_run = true;
  for (const Absences& part : parts) {
    any_kept = any_kept || part.facts->any_kept;
    any_kept_must = any_kept_must || part.facts->any_kept_must;
    if (part.facts->any_kept_must && part.facts->kept_until >= tail) of_run = false;
  }
  return (of_run && any_kept_must) || (of_lanes && any_kept);
}

}  // namespace

AbsenceGatherer::AbsenceGatherer(const Scenario& scenario, const Ledger& ledger,
                                 const LedgerView& view, const std::vector<CanonicalRow>& rows,
                                 const Match& match)
    : scenario_(scenario), ledger_(ledger), view_(view), match_(match) {
  last_.fill(no_time);
  facts_.shared_by = match_.shared_by;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const IdForm form = rows[i].id_form;
    if (match_.owner[i] == no_action || identifies(form) || form == IdForm::foreign) continue;
    facts_.idless.push_back(match_.owner[i]);
    facts_.idless_absorbed += absorbed_by(rows[i], match_.owner[i]);
  }
}

/// Arrivals that the row says it merged, without those that its owner can have had.
std::uint64_t AbsenceGatherer::absorbed_by(const CanonicalRow& row, std::uint32_t owner) const {
  std::array<std::int64_t, 2> more{row.client_rows, row.server_rows};
  for (const std::uint32_t i : view_.emissions_of(owner))
    more[static_cast<std::size_t>(view_.brief(i).source)] -=
        static_cast<std::int64_t>(view_.facts(i).deliveries_max());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(more[0], 0) +
                                    std::max<std::int64_t>(more[1], 0));
}

void AbsenceGatherer::add(const JudgedAction& action, bool one_sided) {
  for (const std::uint32_t i : view_.emissions_of(action.index)) {
    const EmissionFacts& facts = view_.facts(i);
    SimTime& latest = last_[tail_of(action.id, view_.brief(i).source)];
    if (facts.accepted > 0) latest = std::max(latest, facts.last_arrival);
  }
  if (is_unexplained(action)) facts_.cases.push_back({.action = action.index});
  if (one_sided) facts_.halves.push_back({action.index, false});
  if (action.rows == 0) return;
  facts_.any_kept = true;
  if (action.expectation != Expectation::must) return;
  facts_.any_kept_must = true;
  facts_.kept_until = std::max(facts_.kept_until, first_acknowledged(action.index));
}

AbsenceFacts AbsenceGatherer::finish(const Judgement& judgement) {
  if (!facts_.cases.empty() || !facts_.halves.empty()) find_twins(judgement);
  for (AbsenceFacts::Case& found : facts_.cases) describe(found);
  return std::move(facts_);
}

SimTime AbsenceGatherer::first_acknowledged(std::uint32_t action) const {
  SimTime first = end_of_time;
  for (const std::uint32_t i : view_.emissions_of(action))
    if (view_.facts(i).accepted > 0) first = std::min(first, view_.facts(i).first_arrival);
  return first;
}

void AbsenceGatherer::find_twins(const Judgement& judgement) {
  Twins twins(scenario_, ledger_, view_);
  std::vector<Twin> asking;
  for (const AbsenceFacts::Case& found : facts_.cases)
    if (const auto twin = twins.of(found.action)) asking.push_back(*twin);
  const std::size_t cases = asking.size();
  // A half without a speaker has no say about halves at all.
  std::erase_if(facts_.halves, [&](const AbsenceFacts::Half& half) {
    const auto twin = twins.of(half.action);
    if (twin) asking.push_back(*twin);
    return !twin.has_value();
  });
  twins.index(asking, judgement);
  auto found = facts_.cases.begin();
  for (std::size_t i = 0; i < cases; ++i) {
    while (found->action != asking[i].action) ++found;
    found->has_twin = twins.stands(asking[i]);
  }
  for (std::size_t i = 0; i < facts_.halves.size(); ++i)
    facts_.halves[i].has_twin = twins.stands(asking[cases + i]);
}

void AbsenceGatherer::describe(AbsenceFacts::Case& found) const {
  const ActionId id = ledger_.actions[found.action].id;
  found.shares_id = std::binary_search(match_.sharing.begin(), match_.sharing.end(), found.action);
  found.first_acknowledged = first_acknowledged(found.action);
  found.lacks_id = found.last_of_lane = true;
  for (const std::uint32_t i : view_.emissions_of(found.action)) {
    const EmissionFacts& facts = view_.facts(i);
    const EmissionBrief& brief = view_.brief(i);
    if (facts.accepted > 0 && facts.first_arrival != last_[tail_of(id, brief.source)])
      found.last_of_lane = false;
    if (facts.deliveries_max() == 0) continue;
    if (brief.identified) found.lacks_id = false;
    const auto form = static_cast<unsigned>(ledger_.emissions[i].emission.id_form);
    found.forms = static_cast<std::uint8_t>(found.forms | 1U << form);
  }
}

void explain_absences(const RowFacts& rows, const std::vector<Absences>& parts) {
  find_shared_ids(parts);
  find_null_ids(rows, parts);
  absorb_twins(parts);
  const Cause cause = is_tail(parts) ? Cause::last_batch : Cause::after_acknowledgement;
  each_case(parts, [&](const AbsenceFacts::Case&, JudgedAction& action) { action.cause = cause; });
}

}  // namespace parallax
