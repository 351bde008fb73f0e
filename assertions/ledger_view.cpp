// SPDX-License-Identifier: Apache-2.0
#include "assertions/ledger_view.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "assertions/text_hashes.h"

namespace parallax {
namespace {

constexpr std::uint32_t nowhere = IdLookup::nowhere;

template <class Records, class IdOf>
std::vector<std::uint64_t> ids_of(const Records& records, IdOf id_of) {
  std::vector<std::uint64_t> ids;
  ids.reserve(records.size());
  for (const auto& record : records) ids.push_back(id_of(record));
  return ids;
}

void count(std::uint16_t& counter) {
  if (counter < std::numeric_limits<std::uint16_t>::max()) ++counter;
}

/// How an attempt ended, as far as its emissions are concerned.
enum class Outcome : std::uint8_t {
  accepted,
  unknown_by_fault,
  unknown_own,  ///< The target's own silence or 5xx, or still in flight when the run stopped.
  refused,      ///< The target's own final refusal.
  failed,       ///< The target's own failure that took nothing.
  by_fault,
};

Outcome outcome_of(const AttemptRecord& attempt, const ReceiptRecord* receipt) {
  // Whatever status was answered in the target's place, the target never saw the request.
  if (attempt.strike == Strike::before_send || attempt.strike == Strike::answered)
    return Outcome::by_fault;
  if (receipt == nullptr) return Outcome::unknown_own;
  switch (receipt->receipt) {
    case Receipt::accepted:
      return Outcome::accepted;
    case Receipt::unknown:
      return receipt->by_fault ? Outcome::unknown_by_fault : Outcome::unknown_own;
    case Receipt::rejected:
      break;
  }
  if (receipt->by_fault) return Outcome::by_fault;
  const int status = receipt->status;
  const bool is_final = status >= 400 && status < 500 && status != 408 && status != 429;
  return is_final ? Outcome::refused : Outcome::failed;
}

bool planned_form(const FieldPlan& field, Source side, FieldForm form) {
  if (form == FieldForm::present) return true;
  return is_missing(form) && (!field.required || !field.on(side));
}

bool is_invalid(const Emission& emission, const TrackingPlan& plan) {
  if (emission.seen.consent == Consent::denied) return true;
  if (emission.struck == 0) return false;
  const ActionPlan& action = plan.actions[emission.seen.type];
  if (!emission.is_plain() || !identifies(emission.id_form) ||
      emission.schema_version != action.schema_version)
    return true;
  for (std::size_t i = 0; i < action.fields.size(); ++i)
    if (!planned_form(action.fields[i], emission.source, emission.forms[i])) return true;
  return false;
}

/// The user or a required field is missing, or a number is sent as a text.
bool breaks_contract(const Emission& emission, const TrackingPlan& plan) {
  if (emission.struck == 0) return false;
  if (emission.user_form == UserForm::absent) return true;
  const ActionPlan& action = plan.actions[emission.seen.type];
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldForm form = emission.forms[i];
    if (form == FieldForm::as_text && action.fields[i].type != FieldType::string) return true;
    const bool is_lacking = is_missing(form) || form == FieldForm::renamed;
    if (is_lacking && action.fields[i].required && action.fields[i].on(emission.source))
      return true;
  }
  return false;
}

bool is_as_planned(const EmissionRecord& record) {
  const Emission& e = record.emission;
  return record.fate == Fate::queued && e.withheld == Withheld::no && e.copy == 0 &&
         e.id_form == IdForm::normal && e.is_plain();
}

bool was_taken_once(const EmissionFacts& facts) {
  return facts.accepted == 1 &&
         facts.unknown + facts.refused + facts.failed + facts.by_fault == 0 && facts.reached &&
         !facts.abandoned;
}

void add(Outcome outcome, const AttemptRecord& attempt, EmissionFacts& facts) {
  facts.struck |= attempt.struck;
  if (attempt.strike != Strike::before_send && attempt.strike != Strike::answered)
    facts.reached = true;
  const bool may_be_there = outcome <= Outcome::unknown_own;
  if (may_be_there) {
    facts.first_arrival = std::min(facts.first_arrival, attempt.arrives);
    facts.last_arrival = std::max(facts.last_arrival, attempt.arrives);
  }
  switch (outcome) {
    case Outcome::accepted:
      return count(facts.accepted);
    case Outcome::unknown_by_fault:
      count(facts.unknown);
      return count(facts.by_fault);
    case Outcome::unknown_own:
      count(facts.unknown);
      return count(facts.failed);
    case Outcome::refused:
      return count(facts.refused);
    case Outcome::failed:
      return count(facts.failed);
    case Outcome::by_fault:
      return count(facts.by_fault);
  }
}

void add(const AbandonRecord& abandon, EmissionFacts& facts) {
  facts.struck |= abandon.struck;
  if (abandon.struck == 0) {
    facts.abandoned = true;
  } else {
    count(facts.by_fault);
  }
}

/// What was taken by another project never reached this one.
EmissionFacts landed_elsewhere(const EmissionFacts& facts) {
  EmissionFacts elsewhere;
  elsewhere.struck = facts.struck;
  elsewhere.abandoned = facts.abandoned;
  if (facts.attempted()) elsewhere.by_fault = 1;
  return elsewhere;
}

}  // namespace

IdLookup::IdLookup(std::vector<std::uint64_t> ids) : ids_(std::move(ids)) {
  if (!std::is_sorted(ids_.begin(), ids_.end())) {
    original_.resize(ids_.size());
    std::iota(original_.begin(), original_.end(), 0U);
    std::stable_sort(original_.begin(), original_.end(),
                     [this](std::uint32_t a, std::uint32_t b) { return ids_[a] < ids_[b]; });
    std::vector<std::uint64_t> sorted;
    sorted.reserve(ids_.size());
    for (const std::uint32_t index : original_) sorted.push_back(ids_[index]);
    ids_ = std::move(sorted);
  }
  for (LaneIndex lane = 0; lane <= lane_count; ++lane) {
    const auto begin = std::lower_bound(ids_.begin(), ids_.end(), make_lane_id(lane, 0));
    lane_begin_.push_back(static_cast<std::uint32_t>(begin - ids_.begin()));
  }
}

std::uint32_t IdLookup::find(std::uint64_t id) const {
  const LaneIndex lane = lane_of(id);
  if (lane >= lane_count) return nowhere;
  const std::uint32_t begin = lane_begin_[lane];
  const std::uint32_t end = lane_begin_[lane + 1];
  if (begin == end || id < ids_[begin]) return nowhere;
  std::uint64_t place = begin + (id - ids_[begin]);
  if (place >= end || ids_[place] != id) {
    const auto found = std::lower_bound(ids_.begin() + begin, ids_.begin() + end, id);
    place = static_cast<std::uint64_t>(found - ids_.begin());
    if (place == end || ids_[place] != id) return nowhere;
  }
  return original_.empty() ? static_cast<std::uint32_t>(place) : original_[place];
}

LedgerView::LedgerView(const Scenario& scenario, const Ledger& ledger)
    : ledger_(&ledger),
      actions_(ids_of(ledger.actions, [](const Action& a) { return a.id.value; })),
      facts_(ledger.emissions.size()) {
  group(brief_emissions(scenario.plan));
  tally();
}

/// One pass over the emissions, in the order of memory. Returns the index of each one's action.
std::vector<std::uint32_t> LedgerView::brief_emissions(const TrackingPlan& plan) {
  std::vector<std::uint32_t> owner;
  owner.reserve(ledger_->emissions.size());
  briefs_.reserve(ledger_->emissions.size());
  std::uint64_t last_id = 0;
  for (const EmissionRecord& record : ledger_->emissions) {
    const Emission& e = record.emission;
    // An action's emissions mostly follow each other.
    const bool as_before = !owner.empty() && e.seen.id.value == last_id;
    last_id = e.seen.id.value;
    owner.push_back(as_before ? owner.back() : actions_.find(last_id));
    briefs_.push_back({e.event_id, stated_user(e), e.source, e.copy, identifies(e.id_form),
                       is_invalid(e, plan), breaks_contract(e, plan), is_as_planned(record)});
  }
  return owner;
}

/// Counting sort of the emissions by action.
void LedgerView::group(const std::vector<std::uint32_t>& owner) {
  group_begin_.assign(ledger_->actions.size() + 1, 0);
  for (const std::uint32_t action : owner)
    if (action != nowhere) ++group_begin_[action + 1];
  std::partial_sum(group_begin_.begin(), group_begin_.end(), group_begin_.begin());
  grouped_.resize(group_begin_.back());
  std::vector<std::uint32_t> next(group_begin_.begin(), group_begin_.end() - 1);
  for (std::uint32_t i = 0; i < owner.size(); ++i)
    if (owner[i] != nowhere) grouped_[next[owner[i]]++] = i;
}

std::uint32_t LedgerView::find_emission(const EmissionKey& key) const {
  const std::uint32_t action = actions_.find(key.action.value);
  if (action == nowhere) return nowhere;
  for (const std::uint32_t index : emissions_of(action))
    if (briefs_[index].source == key.source && briefs_[index].copy == key.copy) return index;
  return nowhere;
}

void LedgerView::tally() {
  const IdLookup attempts(
      ids_of(ledger_->attempts, [](const AttemptRecord& a) { return a.id.value; }));
  std::vector<const ReceiptRecord*> receipts(ledger_->attempts.size(), nullptr);
  for (const ReceiptRecord& receipt : ledger_->receipts)
    if (const std::uint32_t i = attempts.find(receipt.attempt.value); i != nowhere)
      receipts[i] = &receipt;
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < receipts.size(); ++i)
    outcomes.push_back(outcome_of(ledger_->attempts[i], receipts[i]));

  // One invalid emission spoils its whole batch: the refusal is then the fault's doing. Looked up
  // once for both passes.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
  links.reserve(ledger_->deliveries.size());
  std::vector<bool> spoiled(outcomes.size());
  AttemptId last_id;
  std::uint32_t last = attempts.find(last_id.value);
  for (const DeliveryRecord& delivery : ledger_->deliveries) {
    // Those of an attempt follow each other.
    if (delivery.attempt != last_id) last = attempts.find(delivery.attempt.value);
    last_id = delivery.attempt;
    const std::uint32_t attempt = last;
    const std::uint32_t emission = find_emission(delivery.emission);
    if (attempt == nowhere || emission == nowhere) continue;
    links.emplace_back(attempt, emission);
    if (outcomes[attempt] == Outcome::refused && briefs_[emission].invalid) spoiled[attempt] = true;
  }
  for (const auto& [attempt, emission] : links) {
    const Outcome outcome = spoiled[attempt] ? Outcome::by_fault : outcomes[attempt];
    add(outcome, ledger_->attempts[attempt], facts_[emission]);
  }
  for (const AbandonRecord& abandon : ledger_->abandons)
    if (const std::uint32_t i = find_emission(abandon.emission); i != nowhere)
      add(abandon, facts_[i]);
  for (std::size_t i = 0; i < facts_.size(); ++i) settle(i);
}

/// Once all attempts are told: what of it counts here.
void LedgerView::settle(std::size_t emission) {
  EmissionFacts& facts = facts_[emission];
  const EmissionBrief& brief = briefs_[emission];
  if (ledger_->emissions[emission].emission.other_project) {
    facts = landed_elsewhere(facts);
  } else if (facts.accepted == 0 || !brief.breaks_contract) {
    facts.plain = brief.as_planned && was_taken_once(facts);
  } else {
    facts.unknown = static_cast<std::uint16_t>(facts.unknown + facts.accepted);
    facts.accepted = 0;
    facts.set_aside = true;
    count(facts.by_fault);
  }
}

}  // namespace parallax
