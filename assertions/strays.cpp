// SPDX-License-Identifier: Apache-2.0
#include "assertions/strays.h"

#include <algorithm>
#include <map>
#include <span>

#include "assertions/text_hashes.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr Micros time_reach = second;

using Offer = Strays::Offers::Offer;
using Offers = std::vector<Offer>;

std::uint64_t hash_of(Uuid id) { return mix64(id.high ^ mix64(id.low)); }

std::uint64_t speaker_of(std::uint64_t user, std::uint64_t name) {
  return mix64(user ^ mix64(name));
}

bool has_place(const CanonicalRow& row) { return row.session != 0 && row.sequence >= 0; }
bool has_time(const CanonicalRow& row) { return row.user != 0 && row.event_ts != no_time; }

std::uint64_t place_hash(const CanonicalRow& row, bool with_user) {
  return place_of(row.session, row.sequence, row.event_name, with_user ? row.user : 0);
}

/// By hash, then instant, then ledger order.
bool precedes(const Offer& a, const Offer& b) {
  return std::tie(a.hash, a.at, a.part, a.action) < std::tie(b.hash, b.at, b.part, b.action);
}

/// Deals the stray rows out.
class Dealer {
 public:
  Dealer(const std::vector<CanonicalRow>& rows, const NameHashes& names,
         const std::vector<Emission>& emissions, std::vector<bool>& owned, std::size_t parts)
      : rows_(rows), names_(names), emissions_(emissions), owned_(owned), found_(parts) {}

  void by_id(Offers offers) {
    std::sort(offers.begin(), offers.end(), precedes);
    std::map<Uuid, std::vector<std::uint32_t>> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      if (identifies(rows_[i].id_form)) wanted[rows_[i].event_id].push_back(i);
    for (const auto& [id, rows] : wanted) {
      Offers same;
      const std::uint64_t hash = hash_of(id);
      for (auto at = std::lower_bound(offers.begin(), offers.end(), Offer{.hash = hash}, precedes);
           at != offers.end() && at->hash == hash; ++at)
        if (emissions_[at->emission].event_id == id) same.push_back(*at);
      if (!same.empty()) share_out(rows, same);
    }
  }

  void by_place(Offers offers, bool with_user) {
    std::sort(offers.begin(), offers.end(), precedes);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      if (!owned_[i] && has_place(rows_[i]))
        wanted.emplace_back(place_hash(rows_[i], with_user), i);
    std::sort(wanted.begin(), wanted.end());
    for (const auto& [hash, row] : wanted) {
      const Offer* best = nullptr;
      auto at = std::lower_bound(offers.begin(), offers.end(), Offer{.hash = hash}, precedes);
      for (; at != offers.end() && at->hash == hash; ++at)
        if (best == nullptr || rows_of(*at) < rows_of(*best)) best = &*at;
      if (best != nullptr) give(row, *best, false);
    }
  }

  void by_time(Offers offers) {
    std::sort(offers.begin(), offers.end(), precedes);
    std::vector<Offer> wanted;
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      if (!owned_[i] && has_time(rows_[i]))
        wanted.push_back({.hash = speaker_of(rows_[i].user, rows_[i].event_name),
                          .at = rows_[i].event_ts.since_epoch,
                          .action = i});
    for (const Offer& want : wanted) give_nearest(want, offers);
  }

  std::vector<Strays::Found> take() { return std::move(found_); }

 private:
  std::uint64_t rows_of(const Offer& offer) const {
    const auto given = given_.find({offer.part, offer.action});
    return offer.rows + (given == given_.end() ? 0 : given->second);
  }

  void give(std::uint32_t row, const Offer& offer, bool by_id) {
    owned_[row] = true;
    ++given_[{offer.part, offer.action}];
    found_[offer.part].rows.push_back({row, offer.action, by_id});
  }

  /// Rows and emissions of one id.
  void share_out(const std::vector<std::uint32_t>& rows, const Offers& offers) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> served;
    for (const std::uint32_t row : rows) {
      const Offer& best = most_alike(rows_[row], offers);
      give(row, best, true);
      served.emplace_back(best.part, best.action);
    }
    const auto alone = [&](const Offer& o) {
      return o.part == offers.front().part && o.action == offers.front().action;
    };
    if (std::all_of(offers.begin(), offers.end(), alone)) return;
    for (const auto& [part, action] : served) found_[part].shared_by.push_back(action);
    for (const Offer& offer : offers)
      if (offer.arrived && std::find(served.begin(), served.end(),
                                     std::pair{offer.part, offer.action}) == served.end())
        found_[offer.part].sharing.push_back(offer.action);
  }

  const Offer& most_alike(const CanonicalRow& row, const Offers& offers) const {
    const Offer* best = &offers.front();
    int best_score = -1;
    for (const Offer& offer : offers) {
      const Emission& emission = emissions_[offer.emission];
      const int score = likeness(row, emission, names_.of(emission));
      if (score < best_score || (score == best_score && rows_of(offer) >= rows_of(*best))) continue;
      best = &offer;
      best_score = score;
    }
    return *best;
  }

  void give_nearest(const Offer& want, const Offers& offers) {
    const Offer* best = nullptr;
    Micros best_gap = time_reach + 1;
    auto at = std::lower_bound(offers.begin(), offers.end(),
                               Offer{.hash = want.hash, .at = want.at - time_reach}, precedes);
    for (; at != offers.end() && at->hash == want.hash && at->at <= want.at + time_reach; ++at) {
      const Micros gap = at->at < want.at ? want.at - at->at : at->at - want.at;
      if (rows_of(*at) > 0 || gap >= best_gap) continue;
      best = &*at;
      best_gap = gap;
    }
    if (best != nullptr) give(want.action, *best, false);
  }

  const std::vector<CanonicalRow>& rows_;
  const NameHashes& names_;
  const std::vector<Emission>& emissions_;
  std::vector<bool>& owned_;
  std::vector<Strays::Found> found_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> given_;
};

void append(const Offers& from, std::size_t emissions, Offers& to) {
  for (Offer offer : from) {
    offer.emission += static_cast<std::uint32_t>(emissions);
    to.push_back(offer);
  }
}

}  // namespace

Strays::Strays(const Scenario& scenario, std::vector<CanonicalRow> rows)
    : plan_(scenario.plan),
      names_(scenario.plan),
      rows_(std::move(rows)),
      owned_(rows_.size()),
      ids_(rows_.size()),
      places_(rows_.size()),
      loose_places_(rows_.size()),
      times_(rows_.size()) {
  std::sort(rows_.begin(), rows_.end(), [](const CanonicalRow& a, const CanonicalRow& b) {
    return std::tie(a.late, a.number) < std::tie(b.late, b.number);
  });
  for (const CanonicalRow& row : rows_) {
    if (identifies(row.id_form)) ids_.add(hash_of(row.event_id));
    if (has_place(row)) places_.add(place_hash(row, true));
    if (has_place(row)) loose_places_.add(place_hash(row, false));
    if (has_time(row)) times_.add(speaker_of(row.user, row.event_name));
  }
}

Strays::Offers Strays::offers_of(const Part& part, const LedgerView& view,
                                 const Judgement& judgement) const {
  Offers offers;
  for (std::uint32_t action = 0; action < part.ledger.actions.size(); ++action) {
    Offer offer{.part = part.number, .action = action, .rows = judgement.actions[action].rows};
    for (const std::uint32_t i : view.emissions_of(action)) {
      const Emission& emission = part.ledger.emissions[i].emission;
      const Action& seen = emission.seen;
      const auto add = [&](const Sieve& sieve, std::uint64_t hash, Micros at,
                           std::vector<Offer>& list) {
        if (!sieve.may_hold(hash)) return;
        offer.hash = hash;
        offer.at = at;
        list.push_back(offer);
      };
      if (const std::uint64_t hash = hash_of(emission.event_id);
          identifies(emission.id_form) && ids_.may_hold(hash)) {
        offer.emission = static_cast<std::uint32_t>(offers.emissions.size());
        offer.arrived = view.facts(i).deliveries_max() > 0;
        offers.emissions.push_back(emission);
        add(ids_, hash, 0, offers.ids);
      }
      const std::uint64_t session = session_key(seen.session), user = stated_user(emission);
      const std::uint64_t name = names_.of(emission);
      add(places_, place_of(session, seen.sequence, name, user), 0, offers.places);
      add(loose_places_, place_of(session, seen.sequence, name, 0), 0, offers.loose_places);
      for (const SimTime at : {emission.client_ts, emission.server_ts})
        if (at != no_time) add(times_, speaker_of(user, name), at.since_epoch, offers.times);
    }
  }
  return offers;
}

std::vector<Strays::Found> Strays::settle(std::vector<Offers> offers) {
  Offers all;
  for (Offers& part : offers) {
    append(part.ids, all.emissions.size(), all.ids);
    append(part.places, 0, all.places);
    append(part.loose_places, 0, all.loose_places);
    append(part.times, 0, all.times);
    all.emissions.insert(all.emissions.end(), part.emissions.begin(), part.emissions.end());
    part = {};
  }
  Dealer dealer(rows_, names_, all.emissions, owned_, offers.size());
  dealer.by_id(std::move(all.ids));
  dealer.by_place(std::move(all.places), true);
  dealer.by_place(std::move(all.loose_places), false);
  dealer.by_time(std::move(all.times));
  return dealer.take();
}

std::vector<CanonicalRow> Strays::phantoms() const {
  std::vector<CanonicalRow> left;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (!owned_[i]) left.push_back(rows_[i]);
  return left;
}

}  // namespace parallax
