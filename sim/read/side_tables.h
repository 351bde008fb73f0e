// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/read/reader.h"

namespace parallax {

/// Tables of a target beside its canonical rows. They are read by the same readers, and so a row of
/// them comes as a CanonicalRow:
///
/// | table | columns | in the row |
/// | --- | --- | --- |
/// | rollup | day (an instant of it in UTC), event_name, currency, rows | event_ts, client_rows |
/// | | a column a field of the plan: its sum | the field |
/// | rejected | event_id, event_name, source, reason (or the field's name) | field 0 |
enum class SideTable : std::uint8_t { rollup, rejected };

/// The plan under which the reader must read the table: that of the run, or one whose events have
/// the text `reason` as their only field.
TrackingPlan plan_of(SideTable table, const TrackingPlan& plan);
/// How its columns are called.
ColumnMap columns_of(SideTable table);

}  // namespace parallax
