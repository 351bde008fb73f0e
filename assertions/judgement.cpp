// SPDX-License-Identifier: Apache-2.0
#include "assertions/judgement.h"

#include <algorithm>

namespace parallax {

std::uint64_t Judgement::count(ActionVerdict v) const {
  return static_cast<std::uint64_t>(
      std::count_if(actions.begin(), actions.end(),
                    [v](const JudgedAction& judged) { return judged.verdict == v; }));
}

bool RowFacts::add(const CanonicalRow& row, std::uint64_t run) {
  if (row.run != 0 && row.run != run) {
    ++foreign;
    return false;
  }
  ++own;
  event_id |= identifies(row.id_form) || row.id_form == IdForm::foreign;
  user |= row.user != 0;
  device |= row.device != 0;
  session |= row.session != 0;
  sequence |= row.sequence >= 0;
  event_ts |= row.event_ts != no_time;
  client_ts |= row.client_ts != no_time;
  server_ts |= row.server_ts != no_time;
  event_name |= row.event_name != 0;
  schema_version |= row.schema_version >= 0;
  consent |= row.consent.has_value();
  source |= row.source.has_value();
  server_authoritative |= row.server_authoritative.has_value();
  if (!identifies(row.id_form) && row.id_form != IdForm::foreign)
    ++idless[static_cast<std::size_t>(row.id_form)];
  return true;
}

}  // namespace parallax
