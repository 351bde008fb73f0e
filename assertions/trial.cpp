// SPDX-License-Identifier: Apache-2.0
#include "assertions/trial.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>

namespace parallax {
namespace {

/// With their emissions and rows they take some 300 KB: less than a core's own cache.
constexpr std::uint32_t block_actions = 256;

auto place_in_read(const CanonicalRow& row) { return std::tuple(row.late, row.number); }

bool is_before(const CanonicalRow& a, const CanonicalRow& b) {
  return place_in_read(a) < place_in_read(b);
}

}  // namespace

Trial::Trial(const Scenario& scenario, const RowFacts& facts, std::size_t parts)
    : scenario_(scenario), facts_(facts), assertions_(scenario), parts_(parts) {}
Trial::~Trial() = default;

/// Puts the rows found for the part among its own.
Claims Trial::claim(Part& part) const {
  const Strays::Found& found = parts_[part.number].found;
  Claims claims{{}, found.sharing, found.shared_by};
  if (found.rows.empty()) return claims;
  for (const Strays::Found::Row& given : found.rows) {
    const CanonicalRow& row = strays_->rows()[given.stray];
    const auto at = std::lower_bound(part.rows.begin(), part.rows.end(), row, is_before);
    if (at == part.rows.end() || place_in_read(*at) != place_in_read(row)) part.rows.push_back(row);
  }
  std::sort(part.rows.begin(), part.rows.end(), is_before);
  for (const Strays::Found::Row& given : found.rows) {
    const auto at = std::lower_bound(part.rows.begin(), part.rows.end(),
                                     strays_->rows()[given.stray], is_before);
    claims.rows.push_back(
        {static_cast<std::uint32_t>(at - part.rows.begin()), given.action, given.by_id});
  }
  return claims;
}

void Trial::judge(Part& part, const LedgerView& view, const LookAtBlock& also) {
  PartState& state = parts_[part.number];
  const Claims claims = claim(part);
  state.counted = assertions_.count();
  PartJudge judge(scenario_, facts_, part, view, claims);
  const auto actions = static_cast<std::uint32_t>(part.ledger.actions.size());
  for (std::uint32_t first = 0; first < actions; first += block_actions) {
    const std::uint32_t last = std::min(first + block_actions, actions);
    judge.judge(first, last);
    state.counted.add({scenario_, part.ledger, view, part.rows, judge.row_order(), judge.judged(),
                       judge.arrivals(), part.number});
    if (also) also(first, last);
  }
  state.judged = judge.finish();
  state.strays.clear();
  for (const std::uint32_t row : state.judged.strays) state.strays.push_back(part.rows[row]);
  state.judged.row_order = {};
  state.judged.strays = {};
}

bool Trial::gather_strays() {
  for (PartState& state : parts_) {
    unclaimed_.insert(unclaimed_.end(), state.strays.begin(), state.strays.end());
    state.strays = {};
  }
  if (unclaimed_.empty()) return false;
  strays_.emplace(scenario_, std::move(unclaimed_));
  return true;
}

void Trial::ask(const Part& part, const LedgerView& view) {
  PartState& state = parts_[part.number];
  state.offers = strays_->offers_of(part, view, state.judged.judgement);
}

std::vector<std::uint32_t> Trial::settle() {
  std::vector<Strays::Offers> offers;
  for (PartState& state : parts_) offers.push_back(std::move(state.offers));
  std::vector<Strays::Found> found = strays_->settle(std::move(offers));
  std::vector<std::uint32_t> again;
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    parts_[i].found = std::move(found[i]);
    const Strays::Found& got = parts_[i].found;
    if (!got.rows.empty() || !got.sharing.empty()) again.push_back(i);
  }
  return again;
}

void Trial::conclude() {
  if (strays_) phantoms_ = strays_->phantoms();
  std::vector<Absences> absences;
  std::vector<Duplicates> duplicates;
  for (PartState& state : parts_) {
    absences.push_back({&state.judged.absences, &state.judged.judgement});
    duplicates.push_back({&state.judged.duplicates, &state.judged.judgement});
  }
  explain_absences(facts_, absences);
  explain_duplicates(duplicates);

  counted_ = assertions_.count();
  std::uint64_t owned = 0;
  for (PartState& state : parts_) {
    counted_.merge(state.counted);
    state.counted = {};
    owned += state.judged.judgement.rows_by_action.size();
    for (const JudgedAction& judged : state.judged.judgement.actions)
      ++counts_[static_cast<std::size_t>(judged.verdict)];
  }
  assert(std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}) == actions());
  assert(owned + phantoms_.size() == facts_.own);
  const Ledger none;
  const LedgerView view(scenario_, none);
  counted_.add({scenario_, none, view, {}, {}, {}, {}, 0, phantoms_});
}

std::uint64_t Trial::actions() const {
  std::uint64_t actions = 0;
  for (const PartState& state : parts_) actions += state.judged.judgement.actions.size();
  return actions;
}

Verdicts Trial::verdicts(std::vector<const Judgement*>& parts) const {
  for (const PartState& state : parts_) parts.push_back(&state.judged.judgement);
  return {parts, facts_.complete, facts_.rereads, facts_.own, facts_.resent, &facts_};
}

std::vector<AssertionReport> Trial::reports() const {
  std::vector<const Judgement*> parts;
  return assertions_.report(counted_, verdicts(parts));
}

std::vector<CauseCount> Trial::causes() const {
  std::vector<const Judgement*> parts;
  return rank_causes(verdicts(parts));
}

}  // namespace parallax
