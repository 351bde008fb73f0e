// SPDX-License-Identifier: Apache-2.0
#include "assertions/ledger_view.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace parallax {
namespace {

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
  const bool is_missing = form == FieldForm::absent || form == FieldForm::null;
  return is_missing && (!field.required || !field.on(side));
}

/// Whether a target must take the emission. Only faults make invalid ones.
bool is_valid(const Emission& emission, const TrackingPlan& plan) {
  if (emission.seen.consent == Consent::denied) return false;
  if (emission.struck == 0) return true;
  const ActionPlan& action = plan.actions[emission.seen.type];
  if (!emission.is_plain() || !identifies(emission.id_form) ||
      emission.schema_version != action.schema_version)
    return false;
  for (std::size_t i = 0; i < action.fields.size(); ++i)
    if (!planned_form(action.fields[i], emission.source, emission.forms[i])) return false;
  return true;
}

/// Whether a contract check may drop the emission after acknowledging it: the user or a required
/// field is missing, or a number is sent as a text.
bool breaks_contract(const Emission& emission, const TrackingPlan& plan) {
  if (emission.struck == 0) return false;
  if (emission.user_form == UserForm::absent) return true;
  const ActionPlan& action = plan.actions[emission.seen.type];
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldForm form = emission.forms[i];
    if (form == FieldForm::as_text && action.fields[i].type != FieldType::string) return true;
    const bool is_missing =
        form == FieldForm::absent || form == FieldForm::null || form == FieldForm::renamed;
    if (is_missing && action.fields[i].required && action.fields[i].on(emission.source))
      return true;
  }
  return false;
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

std::optional<std::uint32_t> IdLookup::find(std::uint64_t id) const {
  const LaneIndex lane = lane_of(id);
  if (lane >= lane_count) return std::nullopt;
  const std::uint32_t begin = lane_begin_[lane];
  const std::uint32_t end = lane_begin_[lane + 1];
  if (begin == end || id < ids_[begin]) return std::nullopt;
  std::uint64_t place = begin + (id - ids_[begin]);
  if (place >= end || ids_[place] != id) {
    const auto found = std::lower_bound(ids_.begin() + begin, ids_.begin() + end, id);
    place = static_cast<std::uint64_t>(found - ids_.begin());
    if (place == end || ids_[place] != id) return std::nullopt;
  }
  return original_.empty() ? static_cast<std::uint32_t>(place) : original_[place];
}

LedgerView::LedgerView(const Scenario& scenario, const Ledger& ledger)
    : ledger_(&ledger),
      actions_(ids_of(ledger.actions, [](const Action& a) { return a.id.value; })),
      facts_(ledger.emissions.size()) {
  group();
  tally(scenario);
}

/// Counting sort of the emissions by action.
void LedgerView::group() {
  constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> owner;
  owner.reserve(ledger_->emissions.size());
  group_begin_.assign(ledger_->actions.size() + 1, 0);
  for (const EmissionRecord& record : ledger_->emissions) {
    owner.push_back(actions_.find(record.emission.seen.id.value).value_or(nowhere));
    if (owner.back() != nowhere) ++group_begin_[owner.back() + 1];
  }
  std::partial_sum(group_begin_.begin(), group_begin_.end(), group_begin_.begin());
  grouped_.resize(group_begin_.back());
  std::vector<std::uint32_t> next(group_begin_.begin(), group_begin_.end() - 1);
  for (std::uint32_t i = 0; i < owner.size(); ++i)
    if (owner[i] != nowhere) grouped_[next[owner[i]]++] = i;
}

std::optional<std::uint32_t> LedgerView::find_emission(const EmissionKey& key) const {
  const auto action = actions_.find(key.action.value);
  if (!action) return std::nullopt;
  for (const std::uint32_t index : emissions_of(*action))
    if (ledger_->emissions[index].emission.key() == key) return index;
  return std::nullopt;
}

void LedgerView::tally(const Scenario& scenario) {
  const IdLookup attempts(
      ids_of(ledger_->attempts, [](const AttemptRecord& a) { return a.id.value; }));
  std::vector<const ReceiptRecord*> receipts(ledger_->attempts.size(), nullptr);
  for (const ReceiptRecord& receipt : ledger_->receipts)
    if (const auto attempt = attempts.find(receipt.attempt.value)) receipts[*attempt] = &receipt;
  std::vector<Outcome> outcomes;
  for (std::size_t i = 0; i < receipts.size(); ++i)
    outcomes.push_back(outcome_of(ledger_->attempts[i], receipts[i]));

  // One invalid emission spoils its whole batch: the refusal is then the fault's doing. Looked up
  // once for both passes.
  constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
  links.reserve(ledger_->deliveries.size());
  std::vector<bool> spoiled(outcomes.size());
  for (const DeliveryRecord& delivery : ledger_->deliveries) {
    const auto attempt = attempts.find(delivery.attempt.value);
    const auto emission = find_emission(delivery.emission);
    links.emplace_back(attempt.value_or(nowhere), emission.value_or(nowhere));
    if (!attempt || !emission || outcomes[*attempt] != Outcome::refused) continue;
    if (!is_valid(ledger_->emissions[*emission].emission, scenario.plan)) spoiled[*attempt] = true;
  }
  for (const auto& [attempt, emission] : links) {
    if (attempt == nowhere || emission == nowhere) continue;
    const Outcome outcome = spoiled[attempt] ? Outcome::by_fault : outcomes[attempt];
    add(outcome, ledger_->attempts[attempt], facts_[emission]);
  }
  for (const AbandonRecord& abandon : ledger_->abandons)
    if (const auto emission = find_emission(abandon.emission)) facts_[*emission].abandoned = true;
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    EmissionFacts& facts = facts_[i];
    if (ledger_->emissions[i].emission.other_project) {
      facts = landed_elsewhere(facts);
      continue;
    }
    if (facts.accepted == 0 || !breaks_contract(ledger_->emissions[i].emission, scenario.plan))
      continue;
    facts.unknown = static_cast<std::uint16_t>(facts.unknown + facts.accepted);
    facts.accepted = 0;
    facts.set_aside = true;
    count(facts.by_fault);
  }
}

}  // namespace parallax
