// SPDX-License-Identifier: Apache-2.0
#include "tests/support/ledger_builder.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "assertions/text_hashes.h"
#include "assertions/witness.h"

namespace parallax::test {
namespace {

/// Where in which session something of what name happened.
using Place = std::tuple<std::uint64_t, std::uint32_t, std::uint16_t, std::uint32_t>;

Place place_of(const Emission& e) {
  return {e.seen.session, e.seen.sequence, e.seen.type, e.seen.user};
}

void fill_field(const TrackingPlan& plan, const Emission* owner, const Emission* other,
                std::size_t field, CanonicalRow& row) {
  for (const Emission* side : {owner, other}) {
    if (side == nullptr || !states_value(*side, field)) continue;
    row.forms[field] = FieldForm::present;
    row.values[field] = sent_value(plan, *side, field);
    return;
  }
}

struct Group {
  const Emission* client = nullptr;
  const Emission* server = nullptr;
  std::int32_t client_rows = 0, server_rows = 0;
  Uuid id;
  bool has_id = false;
};

}  // namespace

AttemptId LedgerBuilder::send(const std::vector<EmissionKey>& keys, const Sending& sending) {
  const Emission& first = *find(keys.front());
  AttemptRecord attempt;
  attempt.id = {make_lane_id(lane_of(keys.front().action.value), attempts_++)};
  attempt.at = first.captured;
  attempt.arrives = first.captured + 40 * millisecond + sending.later;
  attempt.source = first.source;
  attempt.strike = sending.strike;
  attempt.struck = sending.struck;
  attempt.size = static_cast<std::uint16_t>(keys.size());
  ledger.attempts.push_back(attempt);
  for (const EmissionKey& key : keys) ledger.deliveries.push_back({attempt.id, key});
  if (sending.answered)
    ledger.receipts.push_back({attempt.id, attempt.arrives + 40 * millisecond, sending.receipt,
                               sending.status, sending.by_fault});
  return attempt.id;
}

const Emission* LedgerBuilder::find(const EmissionKey& key) const {
  for (const EmissionRecord& record : ledger.emissions)
    if (record.emission.key() == key) return &record.emission;
  return nullptr;
}

CanonicalRow row_of(const TrackingPlan& plan, const Emission* client, const Emission* server) {
  const Emission& lead = server != nullptr ? *server : *client;
  CanonicalRow row;
  row.run = hash_text(run_id);
  row.type = lead.seen.type;
  row.event_name = hash_text(sent_name(plan, lead));
  row.event_id = lead.event_id;
  row.id_form = lead.id_form;
  row.user = stated_user(lead);
  row.device = device_key(lead.seen.device);
  row.session = session_key(lead.seen.session);
  row.sequence = lead.seen.sequence;
  row.source = lead.source;
  row.schema_version = static_cast<std::int16_t>(lead.schema_version);
  row.server_authoritative = server != nullptr;
  row.consent = lead.seen.consent;
  if (client != nullptr) row.client_ts = client->client_ts;
  if (server != nullptr) row.server_ts = server->server_ts;
  row.event_ts = row.server_ts != no_time ? row.server_ts : row.client_ts;
  row.client_rows = client != nullptr ? 1 : 0;
  row.server_rows = server != nullptr ? 1 : 0;
  const auto& fields = plan.actions[row.type].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].type == FieldType::money) row.currency = lead.seen.currency;
    const bool server_owns = fields[i].owner == Source::server;
    fill_field(plan, server_owns ? server : client, server_owns ? client : server, i, row);
  }
  return row;
}

RowSet RightPipeline::rows() const {
  const Ledger& ledger = built.ledger;
  std::vector<const Emission*> films;
  for (const DeliveryRecord& delivery : ledger.deliveries) {
    const bool stored =
        std::find(committed.begin(), committed.end(), delivery.attempt) != committed.end() ||
        std::any_of(ledger.receipts.begin(), ledger.receipts.end(), [&](const ReceiptRecord& r) {
          return r.attempt == delivery.attempt && r.receipt == Receipt::accepted;
        });
    const Emission* film = built.find(delivery.emission);
    const bool here = stored && !film->other_project;
    if (here && film->seen.consent == Consent::granted) films.push_back(film);
  }
  std::map<Place, Uuid> id_at;
  for (const Emission* film : films)
    if (identifies(film->id_form)) id_at.emplace(place_of(*film), film->event_id);
  std::map<std::pair<Uuid, Place>, Group> groups;
  for (const Emission* film : films) {
    const auto known = id_at.find(place_of(*film));
    const bool has_id = identifies(film->id_form) || known != id_at.end();
    const Uuid id = identifies(film->id_form) ? film->event_id : has_id ? known->second : Uuid{};
    Group& group = groups[{id, has_id ? Place{} : place_of(*film)}];
    group.id = id;
    group.has_id = has_id;
    const bool is_client = film->source == Source::client;
    const Emission*& slot = is_client ? group.client : group.server;
    if (slot == nullptr) slot = film;
    ++(is_client ? group.client_rows : group.server_rows);
  }
  RowSet set;
  set.complete = true;
  for (const auto& [key, group] : groups) {
    CanonicalRow row = row_of(built.scenario.plan, group.client, group.server);
    const auto& confirmed_by = built.scenario.plan.actions[row.type].confirmed_by;
    if (confirmed_by && (*confirmed_by == Source::client ? group.client : group.server) == nullptr)
      continue;
    row.event_id = group.id;
    row.id_form = group.has_id ? IdForm::normal : IdForm::absent;
    row.client_rows = group.client_rows;
    row.server_rows = group.server_rows;
    row.number = set.rows.size();
    set.rows.push_back(row);
  }
  return set;
}

}  // namespace parallax::test
