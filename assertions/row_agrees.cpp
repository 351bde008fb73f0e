// SPDX-License-Identifier: Apache-2.0
// The short way of RowCheck: a row that is what a right pipeline makes of a plain action.
#include <algorithm>

#include "assertions/row_check.h"

namespace parallax {

bool RowCheck::agrees(const PlainAction& plain, const Arrival& arrival, const CanonicalRow& row,
                      std::uint16_t type) const {
  const Emission& sent = plain.any();
  if (row.type != type || sent.seen.type != type) return false;
  if (plain.by_both() && plain.sent[1]->seen.type != type) return false;
  const bool same_id = identifies(row.id_form) && row.event_id == sent.event_id;
  const bool same_name = row.event_name == 0 || row.event_name == names_[type];
  const bool same_consent = !row.consent || row.consent == sent.seen.consent;
  return same_id && same_name && same_consent && currency_agrees(sent, row) &&
         identity_agrees(sent, row) && sides_agree(plain, row) &&
         times_agree(plain, arrival, row) && fields_agree(plain, row);
}

/// Only amounts need one.
bool RowCheck::currency_agrees(const Emission& sent, const CanonicalRow& row) const {
  if (row.currency == sent.seen.currency) return true;
  const std::vector<FieldPlan>& fields = scenario_.plan.actions[row.type].fields;
  return std::none_of(fields.begin(), fields.end(),
                      [](const FieldPlan& field) { return field.type == FieldType::money; });
}

bool RowCheck::identity_agrees(const Emission& sent, const CanonicalRow& row) const {
  return (!columns_.user || row.user == user_key(sent.seen.user)) &&
         (!columns_.device || row.device == device_key(sent.seen.device)) &&
         (!columns_.session || row.session == session_key(sent.seen.session)) &&
         (!columns_.sequence || row.sequence == sent.seen.sequence);
}

/// It shows every side that was heard, and says that it is the server's where that was.
bool RowCheck::sides_agree(const PlainAction& plain, const CanonicalRow& row) const {
  const Emission* const client = plain.by(Source::client);
  const Emission* const server = plain.by(Source::server);
  if (client != nullptr &&
      (row.client_rows == 0 || (columns_.client_ts && row.client_ts == no_time)))
    return false;
  if (server != nullptr &&
      (row.server_rows == 0 || (columns_.server_ts && row.server_ts == no_time)))
    return false;
  const bool by_server = server != nullptr;
  return (!row.source || (*row.source == Source::server) == by_server) &&
         (!row.server_authoritative || *row.server_authoritative == by_server);
}

bool RowCheck::times_agree(const PlainAction& plain, const Arrival& arrival,
                           const CanonicalRow& row) const {
  const Emission* const client = plain.by(Source::client);
  const Emission* const server = plain.by(Source::server);
  const bool is_checked = columns_.event_ts && arrival.event_first != no_time;
  if (is_checked && row.event_ts != arrival.event_first) return false;
  if (row.client_ts != no_time && (client == nullptr || row.client_ts != client->client_ts))
    return false;
  return row.server_ts == no_time || (server != nullptr && row.server_ts == server->server_ts);
}

/// As its owner sent it; as the other side did where the owner was not heard.
bool RowCheck::fields_agree(const PlainAction& plain, const CanonicalRow& row) const {
  const ActionPlan& plan = scenario_.plan.actions[row.type];
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const Emission* const owner = plain.by(plan.fields[i].owner);
    const Emission* const beside = plain.by(other(plan.fields[i].owner));
    const Emission& speaker = owner != nullptr ? *owner : *beside;
    if (speaker.forms[i] == FieldForm::present && row.forms[i] == FieldForm::present) {
      if (comparable(plan.fields[i], speaker.seen.values[i]) != row.values[i]) return false;
      continue;
    }
    const bool nobody = is_missing(speaker.forms[i]) &&
                        (owner == nullptr || beside == nullptr || is_missing(beside->forms[i]));
    if (!nobody || !is_missing(row.forms[i])) return false;
  }
  return true;
}

}  // namespace parallax
