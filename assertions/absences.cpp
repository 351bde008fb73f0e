// SPDX-License-Identifier: Apache-2.0
#include "assertions/absences.h"

#include <algorithm>
#include <array>

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

constexpr std::size_t form_count = 6;

/// Id-less rows of the run by their form.
std::array<std::uint64_t, form_count> idless_rows(const RowSet& rows, const Match& match) {
  std::array<std::uint64_t, form_count> counts{};
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const IdForm form = rows.rows[i].id_form;
    if (match.owner[i] != other_run && !identifies(form) && form != IdForm::foreign)
      ++counts[static_cast<std::size_t>(form)];
  }
  return counts;
}

void find_null_ids(const Ledger& ledger, const LedgerView& view, const RowSet& rows,
                   const Match& match, Judgement& judgement) {
  const auto counts = idless_rows(rows, match);
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  if (total == 0) return;
  bool any = false;
  for (JudgedAction& action : judgement.actions) {
    if (!is_unexplained(action)) continue;
    bool lacks_id = true;
    bool shares_form = total == 1;
    for (const std::uint32_t i : view.emissions_of(action.index)) {
      if (view.facts(i).deliveries_max() == 0) continue;
      const IdForm form = ledger.emissions[i].emission.id_form;
      if (identifies(form)) lacks_id = false;
      if (counts[static_cast<std::size_t>(form)] == 1) shares_form = true;
    }
    if (!lacks_id || !shares_form) continue;
    collapse(action, Cause::null_id);
    any = true;
  }
  for (std::size_t i = 0; any && i < rows.rows.size(); ++i) {
    const IdForm form = rows.rows[i].id_form;
    if (match.owner[i] < other_run && !identifies(form) && form != IdForm::foreign)
      forgive(judgement.actions[match.owner[i]]);
  }
}

/// Content of an action as its authoritative side sent it, its time, and whether it owns a row.
struct Twin {
  std::uint64_t content = 0;
  Micros at = 0;
  std::uint32_t action = 0;
  bool has_row = false;
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

Twin make_twin(const TrackingPlan& plan, const Emission& emission, const JudgedAction& action) {
  std::uint64_t content = mix64(emission.seen.user * 64 + emission.seen.type + 1);
  for (std::size_t i = 0; i < plan.actions[emission.seen.type].fields.size(); ++i) {
    const std::int64_t value = states_value(emission, i) ? sent_value(plan, emission, i) : -1;
    content = mix64(content ^ mix64(static_cast<std::uint64_t>(value) + i));
  }
  const SimTime at = emission.server_ts != no_time ? emission.server_ts : emission.client_ts;
  return {content, at.since_epoch, action.index, action.rows > 0};
}

bool precedes(const Twin& a, const Twin& b) {
  return a.content != b.content ? a.content < b.content : a.at < b.at;
}

std::vector<Twin> sorted_twins(const Scenario& scenario, const Ledger& ledger,
                               const LedgerView& view, const Judgement& judgement) {
  std::vector<Twin> twins;
  for (const JudgedAction& action : judgement.actions) {
    if (action.rows == 0 && !is_unexplained(action)) continue;
    const Emission* speaker = speaker_of(ledger, view, action.index);
    if (speaker != nullptr) twins.push_back(make_twin(scenario.plan, *speaker, action));
  }
  std::sort(twins.begin(), twins.end(), precedes);
  return twins;
}

/// Whether another action with equal content within reach has a row.
bool has_standing_twin(const std::vector<Twin>& twins, const Twin& twin) {
  auto other = std::lower_bound(twins.begin(), twins.end(),
                                Twin{twin.content, twin.at - twin_reach, 0, false}, precedes);
  for (;
       other != twins.end() && other->content == twin.content && other->at <= twin.at + twin_reach;
       ++other)
    if (other->has_row && other->action != twin.action) return true;
  return false;
}

void find_twins(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                const std::vector<bool>& one_sided, Judgement& judgement) {
  const std::vector<Twin> twins = sorted_twins(scenario, ledger, view, judgement);
  std::uint64_t halves = 0;
  std::vector<std::uint32_t> absorbed_halves;
  for (const Twin& twin : twins) {
    if (!twin.has_row && has_standing_twin(twins, twin))
      collapse(judgement.actions[twin.action], Cause::same_payload);
    if (!twin.has_row || !one_sided[twin.action]) continue;
    ++halves;
    if (has_standing_twin(twins, twin)) absorbed_halves.push_back(twin.action);
  }
  // Half rows everywhere have another reason, which twins by chance must not hide.
  if (absorbed_halves.size() * 10 < halves * 9) return;
  for (const std::uint32_t action : absorbed_halves)
    collapse(judgement.actions[action], Cause::same_payload);
}

/// First acknowledged arrival of anything of the action; `end_of_time` where there is none.
SimTime first_acknowledged(const LedgerView& view, std::uint32_t action) {
  SimTime first = end_of_time;
  for (const std::uint32_t i : view.emissions_of(action))
    if (view.facts(i).accepted > 0) first = std::min(first, view.facts(i).first_arrival);
  return first;
}

bool is_tail_of_run(const LedgerView& view, const Judgement& judgement) {
  SimTime tail = end_of_time;
  for (const JudgedAction& action : judgement.actions)
    if (is_unexplained(action)) tail = std::min(tail, first_acknowledged(view, action.index));
  bool any_kept = false;
  for (const JudgedAction& action : judgement.actions) {
    if (action.rows == 0 || action.expectation != Expectation::must) continue;
    any_kept = true;
    if (first_acknowledged(view, action.index) >= tail) return false;
  }
  return any_kept;
}

/// Whether each missing action was acknowledged in the last batches of its lane and side only, and
/// some of what was acknowledged before is there.
bool is_tail_of_lanes(const Ledger& ledger, const LedgerView& view, const Judgement& judgement) {
  constexpr std::size_t tails = std::size_t{lane_count} * 2;
  std::array<SimTime, tails> last;
  last.fill(no_time);
  const auto tail_of = [](const Emission& emission) {
    return std::size_t{lane_of(emission.seen.id.value)} * 2 +
           static_cast<std::size_t>(emission.source);
  };
  for (std::size_t i = 0; i < ledger.emissions.size(); ++i) {
    const EmissionFacts& facts = view.facts(static_cast<std::uint32_t>(i));
    SimTime& latest = last[tail_of(ledger.emissions[i].emission)];
    if (facts.accepted > 0) latest = std::max(latest, facts.last_arrival);
  }
  bool any_kept = false;
  for (const JudgedAction& action : judgement.actions) {
    if (action.rows > 0) any_kept = true;
    if (!is_unexplained(action)) continue;
    for (const std::uint32_t i : view.emissions_of(action.index)) {
      const EmissionFacts& facts = view.facts(i);
      const bool is_last = facts.first_arrival == last[tail_of(ledger.emissions[i].emission)];
      if (facts.accepted > 0 && !is_last) return false;
    }
  }
  return any_kept;
}

}  // namespace

void explain_absences(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                      const RowSet& rows, const Match& match, const std::vector<bool>& one_sided,
                      Judgement& judgement) {
  const auto none_left = [&] {
    return std::none_of(judgement.actions.begin(), judgement.actions.end(), is_unexplained);
  };
  const bool any_half = std::find(one_sided.begin(), one_sided.end(), true) != one_sided.end();
  if (none_left() && !any_half) return;
  bool any_shared = false;
  for (const std::uint32_t sharing : match.sharing) {
    if (!is_unexplained(judgement.actions[sharing])) continue;
    collapse(judgement.actions[sharing], Cause::id_reused);
    any_shared = true;
  }
  for (std::size_t i = 0; any_shared && i < match.shared_by.size(); ++i)
    forgive(judgement.actions[match.shared_by[i]]);
  find_null_ids(ledger, view, rows, match, judgement);
  find_twins(scenario, ledger, view, one_sided, judgement);
  if (none_left()) return;
  const bool is_tail = is_tail_of_run(view, judgement) || is_tail_of_lanes(ledger, view, judgement);
  for (JudgedAction& action : judgement.actions)
    if (is_unexplained(action))
      action.cause = is_tail ? Cause::last_batch : Cause::after_acknowledgement;
}

}  // namespace parallax
