// SPDX-License-Identifier: Apache-2.0
#include "assertions/match.h"

#include <algorithm>
#include <span>

#include "assertions/id_table.h"
#include "assertions/sieve.h"
#include "assertions/text_hashes.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

std::uint64_t join(std::uint64_t a, std::uint64_t b) { return mix64(a ^ mix64(b)); }

constexpr std::uint32_t no_number = 0xffff'ffff;  ///< Of a row that wants no id.
constexpr std::uint32_t ahead = 16;               ///< Ids whose places are on their way.

/// An event id that several actions carry, with one of those or of its rows.
struct IdKey {
  Uuid id;
  std::uint32_t index = 0;    ///< Action or row.
  std::uint32_t arrived = 0;  ///< Of an action: 1 when an emission with this id reached the target.
  friend auto operator<=>(const IdKey&, const IdKey&) = default;
};

/// A content key of a row or an action.
struct PlaceKey {
  std::uint64_t hash = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(const PlaceKey&, const PlaceKey&) = default;
};

class Matcher {
 public:
  Matcher(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
          const std::vector<CanonicalRow>& rows)
      : ledger_(ledger), view_(view), rows_(rows), names_(scenario.plan) {
    match_.owner.assign(rows_.size(), no_action);
    match_.rows.assign(ledger.actions.size(), 0);
    match_.by_id.assign(rows_.size(), false);
  }

  Match run(const Claims& claims) {
    for (const Claims::Row& claim : claims.rows) {
      give(claim.row, claim.action);
      match_.by_id[claim.row] = claim.by_id;
    }
    match_.sharing = claims.sharing;
    match_.shared_by = claims.shared_by;
    by_id();
    by_place();
    std::sort(match_.sharing.begin(), match_.sharing.end());
    const auto end = std::unique(match_.sharing.begin(), match_.sharing.end());
    match_.sharing.erase(end, match_.sharing.end());
    return std::move(match_);
  }

 private:
  void give(std::uint32_t row, std::uint32_t action) {
    match_.owner[row] = action;
    ++match_.rows[action];
  }
  bool is_open(std::uint32_t row) const { return match_.owner[row] == no_action; }

  bool wants_id(std::uint32_t row) const { return is_open(row) && identifies(rows_[row].id_form); }

  void by_id() {
    IdTable ids(rows_.size());
    std::vector<std::uint32_t> numbers(rows_.size(), no_number);
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      if (i + ahead < rows_.size()) ids.prefetch(rows_[i + ahead].event_id);
      if (wants_id(i)) numbers[i] = ids.add_wanted(rows_[i].event_id);
    }
    offer_all(ids);
    bool any_shared = false;
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      if (numbers[i] == no_number) continue;
      const std::uint32_t owner = ids.owner_of(numbers[i]);
      any_shared = any_shared || owner == IdTable::several;
      if (owner == IdTable::several || owner == IdTable::nobody) continue;
      give(i, owner);
      match_.by_id[i] = true;
    }
    if (any_shared) by_shared_id(ids);
  }

  void offer_all(IdTable& ids) const {
    const auto count = static_cast<std::uint32_t>(ledger_.emissions.size());
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action) {
      Uuid last;
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const EmissionBrief& brief = view_.brief(i);
        if (i + ahead < count) ids.prefetch(view_.brief(i + ahead).event_id);
        if (brief.identified && brief.event_id != last) ids.offer(brief.event_id, action);
        last = brief.event_id;
      }
    }
  }

  /// The rows and the actions of ids that several actions carry.
  void by_shared_id(const IdTable& ids) {
    std::vector<IdKey> rows, actions;
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      if (wants_id(i) && ids.is_shared(rows_[i].event_id))
        rows.push_back({rows_[i].event_id, i, 0});
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action)
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const EmissionBrief& brief = view_.brief(i);
        if (!brief.identified || !ids.is_shared(brief.event_id)) continue;
        actions.push_back({brief.event_id, action, view_.facts(i).deliveries_max() > 0 ? 1U : 0U});
      }
    std::sort(rows.begin(), rows.end());
    std::sort(actions.begin(), actions.end());
    for (auto row = rows.begin(); row != rows.end();) {
      const auto same = [id = row->id](const IdKey& key) { return key.id == id; };
      const auto row_end = std::find_if_not(row, rows.end(), same);
      const auto action = std::lower_bound(actions.begin(), actions.end(), IdKey{row->id, 0, 0});
      const auto action_end = std::find_if_not(action, actions.end(), same);
      share_out({row, row_end}, {action, action_end});
      row = row_end;
    }
  }

  /// Rows and emissions' actions of one id.
  void share_out(std::span<const IdKey> rows, std::span<const IdKey> actions) {
    std::vector<std::uint32_t> served;
    for (const IdKey& row : rows) {
      const std::uint32_t best = most_alike(rows_[row.index], actions);
      give(row.index, best);
      match_.by_id[row.index] = true;
      served.push_back(best);
    }
    match_.shared_by.insert(match_.shared_by.end(), served.begin(), served.end());
    for (const IdKey& action : actions)
      if (action.arrived != 0 &&
          std::find(served.begin(), served.end(), action.index) == served.end())
        match_.sharing.push_back(action.index);
  }

  std::uint32_t most_alike(const CanonicalRow& row, std::span<const IdKey> actions) const {
    std::uint32_t best = actions.front().index;
    int best_score = -1;
    for (const IdKey& key : actions) {
      int score = 0;
      for (const std::uint32_t i : view_.emissions_of(key.index)) {
        const Emission& emission = ledger_.emissions[i].emission;
        score = std::max(score, likeness(row, emission, names_.of(emission)));
      }
      const bool is_emptier = match_.rows[key.index] < match_.rows[best];
      if (score > best_score || (score == best_score && is_emptier)) {
        best = key.index;
        best_score = score;
      }
    }
    return best;
  }

  /// Where the rows stand that have no action yet.
  std::vector<PlaceKey> wanted_places() const {
    std::vector<PlaceKey> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      const CanonicalRow& row = rows_[i];
      if (is_open(i) && row.session != 0 && row.sequence >= 0)
        wanted.push_back({place_of(row.session, row.sequence, row.event_name, row.user), i});
    }
    return wanted;
  }

  /// The actions that stand at these places, and a few others.
  std::vector<PlaceKey> offered_places(const std::vector<PlaceKey>& wanted) const {
    Sieve sieve(wanted.size());
    for (const PlaceKey& key : wanted) sieve.add(key.hash);
    std::vector<PlaceKey> offered;
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action) {
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const Emission& emission = ledger_.emissions[i].emission;
        const Action& seen = emission.seen;
        const std::uint64_t hash = place_of(session_key(seen.session), seen.sequence,
                                            names_.of(emission), stated_user(emission));
        if (sieve.may_hold(hash)) offered.push_back({hash, action});
      }
    }
    return offered;
  }

  void by_place() {
    std::vector<PlaceKey> wanted = wanted_places();
    if (wanted.empty()) return;
    std::vector<PlaceKey> offered = offered_places(wanted);
    std::sort(wanted.begin(), wanted.end());
    std::sort(offered.begin(), offered.end());
    auto from = offered.begin();
    for (const PlaceKey& want : wanted) {
      while (from != offered.end() && from->hash < want.hash) ++from;
      std::uint32_t best = no_action;
      for (auto offer = from; offer != offered.end() && offer->hash == want.hash; ++offer)
        if (best == no_action || match_.rows[offer->index] < match_.rows[best]) best = offer->index;
      if (best != no_action) give(want.index, best);
    }
  }

  const Ledger& ledger_;
  const LedgerView& view_;
  const std::vector<CanonicalRow>& rows_;
  NameHashes names_;
  Match match_;
};

}  // namespace

Match match_rows(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                 const std::vector<CanonicalRow>& rows, const Claims& claims) {
  return Matcher(scenario, ledger, view, rows).run(claims);
}

int likeness(const CanonicalRow& row, const Emission& emission, std::uint64_t name) {
  const Action& seen = emission.seen;
  int score = 0;
  if (row.event_name == name) score += 8;
  if (row.session == session_key(seen.session) && row.sequence == seen.sequence) score += 4;
  if (row.user == stated_user(emission)) score += 2;
  if (row.event_ts == emission.server_ts || row.event_ts == emission.client_ts) score += 1;
  return score;
}

std::uint64_t place_of(std::uint64_t session, std::int64_t sequence, std::uint64_t name,
                       std::uint64_t user) {
  return join(join(session, static_cast<std::uint64_t>(sequence)), join(name, user));
}

}  // namespace parallax
