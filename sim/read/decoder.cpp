// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/read/json_cells.h"
#include "sim/read/reader.h"

namespace parallax {

struct RowDecoder::State {
  State(const TrackingPlan& plan, const ColumnMap& map)
      : columns(plan, map), cells(columns), builder(plan, columns) {}
  Columns columns;
  JsonCells cells;
  RowBuilder builder;
};

RowDecoder::RowDecoder(const TrackingPlan& plan, const ColumnMap& columns)
    : state_(std::make_unique<State>(plan, columns)) {}
RowDecoder::~RowDecoder() = default;

bool RowDecoder::decode(std::string_view json, CanonicalRow& out) {
  const std::vector<Cell>* cells = state_->cells.read(json);
  if (cells == nullptr) return false;
  state_->builder.build(*cells, out);
  return true;
}

Result<RowSet> RowReader::read(std::string_view run_id) {
  RowSet set;
  const Result<bool> complete = scan(run_id, [&](std::span<const CanonicalRow> rows) {
    set.rows.insert(set.rows.end(), rows.begin(), rows.end());
    return true;
  });
  if (!complete) return complete.error();
  set.complete = *complete;
  std::ranges::sort(set.rows, {}, &CanonicalRow::number);
  return set;
}

}  // namespace parallax
