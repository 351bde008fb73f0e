// SPDX-License-Identifier: Apache-2.0
#include "assertions/match.h"

#include <algorithm>

#include "assertions/text_hashes.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr Micros time_reach = second;

/// An event id of the ledger or of a row. Sorted by all members.
struct IdKey {
  Uuid id;
  std::uint32_t index = 0;    ///< Action or row.
  std::uint32_t arrived = 0;  ///< Of an action: 1 when an emission with this id reached the target.
  friend auto operator<=>(const IdKey&, const IdKey&) = default;
};
static_assert(sizeof(IdKey) == 24);

/// A content key and an instant (or 0).
struct ContentKey {
  std::uint64_t hash = 0;
  Micros at = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(const ContentKey&, const ContentKey&) = default;
};

std::uint64_t join(std::uint64_t a, std::uint64_t b) { return mix64(a ^ mix64(b)); }

/// Says "surely not among them" fast: one bit for each of 16 times as many places as hashes.
class Sieve {
 public:
  explicit Sieve(const std::vector<ContentKey>& keys) {
    std::size_t places = 64;
    while (places < keys.size() * 16) places *= 2;
    bits_.resize(places);
    for (const ContentKey& key : keys) bits_[key.hash & (places - 1)] = true;
  }
  bool may_hold(std::uint64_t hash) const { return bits_[hash & (bits_.size() - 1)]; }

 private:
  std::vector<bool> bits_;
};

class Matcher {
 public:
  Matcher(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
          const RowSet& rows)
      : ledger_(ledger), view_(view), rows_(rows.rows), names_(hash_names(scenario.plan)) {
    match_.owner.assign(rows_.size(), no_action);
    match_.rows.assign(ledger.actions.size(), 0);
    match_.by_id.assign(rows_.size(), false);
  }

  Match run(std::uint64_t run) {
    std::vector<IdKey> row_ids;
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      const CanonicalRow& row = rows_[i];
      if (row.run != 0 && row.run != run) {
        match_.owner[i] = other_run;
      } else if (identifies(row.id_form)) {
        row_ids.push_back({row.event_id, i, 0});
      }
    }
    by_id(std::move(row_ids));
    by_place(true);
    by_place(false);
    by_time();
    return std::move(match_);
  }

 private:
  void give(std::uint32_t row, std::uint32_t action) {
    match_.owner[row] = action;
    ++match_.rows[action];
  }

  std::vector<IdKey> ledger_ids() const {
    std::vector<IdKey> keys;
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action) {
      const std::size_t begin = keys.size();
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const Emission& emission = ledger_.emissions[i].emission;
        if (!identifies(emission.id_form)) continue;
        const std::uint32_t arrived = view_.facts(i).deliveries_max() > 0 ? 1 : 0;
        const auto same =
            std::find_if(keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.end(),
                         [&](const IdKey& key) { return key.id == emission.event_id; });
        if (same == keys.end()) {
          keys.push_back({emission.event_id, action, arrived});
        } else {
          same->arrived |= arrived;
        }
      }
    }
    return keys;
  }

  void by_id(std::vector<IdKey> row_ids) {
    std::vector<IdKey> ids = ledger_ids();
    std::sort(ids.begin(), ids.end());
    std::sort(row_ids.begin(), row_ids.end());
    auto action = ids.begin();
    for (auto row = row_ids.begin(); row != row_ids.end();) {
      const Uuid id = row->id;
      const auto row_end =
          std::find_if(row, row_ids.end(), [&](const IdKey& key) { return key.id != id; });
      while (action != ids.end() && action->id < id) ++action;
      const auto action_end =
          std::find_if(action, ids.end(), [&](const IdKey& key) { return key.id != id; });
      if (action != action_end) share_out({row, row_end}, {action, action_end});
      action = action_end;
      row = row_end;
    }
    std::sort(match_.sharing.begin(), match_.sharing.end());
    const auto end = std::unique(match_.sharing.begin(), match_.sharing.end());
    match_.sharing.erase(end, match_.sharing.end());
  }

  /// Rows and actions of one id.
  void share_out(std::span<const IdKey> rows, std::span<const IdKey> actions) {
    std::vector<std::uint32_t> served;
    for (const IdKey& row : rows) {
      const std::uint32_t best =
          actions.size() == 1 ? actions.front().index : most_alike(rows_[row.index], actions);
      give(row.index, best);
      match_.by_id[row.index] = true;
      if (actions.size() > 1) served.push_back(best);
    }
    if (actions.size() == 1) return;
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
      const int score = likeness(row, key.index);
      const bool is_emptier = match_.rows[key.index] < match_.rows[best];
      if (score > best_score || (score == best_score && is_emptier)) {
        best = key.index;
        best_score = score;
      }
    }
    return best;
  }

  int likeness(const CanonicalRow& row, std::uint32_t action) const {
    int best = 0;
    for (const std::uint32_t i : view_.emissions_of(action)) {
      const Emission& emission = ledger_.emissions[i].emission;
      const Action& seen = emission.seen;
      int score = 0;
      if (row.event_name == names_[seen.type]) score += 8;
      if (row.session == hash_of_session(seen) && row.sequence == seen.sequence) score += 4;
      if (row.user == hash_of_user(seen)) score += 2;
      if (row.event_ts == emission.server_ts || row.event_ts == emission.client_ts) score += 1;
      best = std::max(best, score);
    }
    return best;
  }

  bool is_open(std::uint32_t row) const { return match_.owner[row] == no_action; }

  void by_place(bool with_user) {
    std::vector<ContentKey> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      const CanonicalRow& row = rows_[i];
      if (!is_open(i) || row.session == 0 || row.sequence < 0) continue;
      wanted.push_back(
          {place(row.session, row.sequence, row.event_name, with_user ? row.user : 0), 0, i});
    }
    if (wanted.empty()) return;
    const Sieve sieve(wanted);
    std::vector<ContentKey> offered;
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action) {
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const Action& seen = ledger_.emissions[i].emission.seen;
        const std::uint64_t hash = place(hash_of_session(seen), seen.sequence, names_[seen.type],
                                         with_user ? hash_of_user(seen) : 0);
        if (sieve.may_hold(hash)) offered.push_back({hash, 0, action});
      }
    }
    std::sort(wanted.begin(), wanted.end());
    std::sort(offered.begin(), offered.end());
    auto from = offered.begin();
    for (const ContentKey& want : wanted) {
      while (from != offered.end() && from->hash < want.hash) ++from;
      std::uint32_t best = no_action;
      for (auto offer = from; offer != offered.end() && offer->hash == want.hash; ++offer)
        if (best == no_action || match_.rows[offer->index] < match_.rows[best]) best = offer->index;
      if (best != no_action) give(want.index, best);
    }
  }

  static std::uint64_t place(std::uint64_t session, std::int64_t sequence, std::uint64_t name,
                             std::uint64_t user) {
    return join(join(session, static_cast<std::uint64_t>(sequence)), join(name, user));
  }

  void by_time() {
    std::vector<ContentKey> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      const CanonicalRow& row = rows_[i];
      if (!is_open(i) || row.user == 0 || row.event_ts == no_time) continue;
      wanted.push_back({join(row.user, row.event_name), row.event_ts.since_epoch, i});
    }
    if (wanted.empty()) return;
    const Sieve sieve(wanted);
    std::vector<ContentKey> offered;
    for (std::uint32_t action = 0; action < ledger_.actions.size(); ++action) {
      if (match_.rows[action] > 0) continue;
      for (const std::uint32_t i : view_.emissions_of(action)) {
        const Emission& emission = ledger_.emissions[i].emission;
        const std::uint64_t hash = join(hash_of_user(emission.seen), names_[emission.seen.type]);
        if (!sieve.may_hold(hash)) continue;
        for (const SimTime at : {emission.client_ts, emission.server_ts})
          if (at != no_time) offered.push_back({hash, at.since_epoch, action});
      }
    }
    std::sort(offered.begin(), offered.end());
    for (const ContentKey& want : wanted) give_nearest(want, offered);
  }

  void give_nearest(const ContentKey& want, const std::vector<ContentKey>& offered) {
    std::uint32_t best = no_action;
    Micros best_gap = time_reach + 1;
    const ContentKey earliest{want.hash, want.at - time_reach, 0};
    for (auto offer = std::lower_bound(offered.begin(), offered.end(), earliest);
         offer != offered.end() && offer->hash == want.hash && offer->at <= want.at + time_reach;
         ++offer) {
      const Micros gap = offer->at < want.at ? want.at - offer->at : offer->at - want.at;
      if (match_.rows[offer->index] > 0 || gap >= best_gap) continue;
      best = offer->index;
      best_gap = gap;
    }
    if (best != no_action) give(want.index, best);
  }

  const Ledger& ledger_;
  const LedgerView& view_;
  const std::vector<CanonicalRow>& rows_;
  std::vector<std::uint64_t> names_;
  Match match_;
};

}  // namespace

Match match_rows(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                 const RowSet& rows, std::string_view run_id) {
  return Matcher(scenario, ledger, view, rows).run(hash_text(run_id));
}

}  // namespace parallax
