// SPDX-License-Identifier: Apache-2.0
#include "sim/read/side_tables.h"

namespace parallax {

TrackingPlan plan_of(SideTable table, const TrackingPlan& plan) {
  TrackingPlan out = plan;
  if (table == SideTable::rollup) return out;
  for (ActionPlan& action : out.actions) {
    FieldPlan reason;
    reason.name = "reason";
    action.fields = {reason};
  }
  return out;
}

ColumnMap columns_of(SideTable table) {
  if (table == SideTable::rollup) return {{"event_ts", "day"}, {"client_rows", "rows"}};
  return {};
}

}  // namespace parallax
