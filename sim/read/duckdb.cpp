// SPDX-License-Identifier: Apache-2.0
#include "sim/read/table.h"

namespace parallax {

Result<std::unique_ptr<RowReader>> make_duckdb_reader(const std::string& path,
                                                      const std::string& query,
                                                      const ColumnMap& columns,
                                                      const TrackingPlan& plan) {
  TableSource source;
  source.database = path;
  source.name = path;
  source.query = query;
  if (path.empty() || query.empty())
    return Error{Error::Kind::invalid_input, "a duckdb reader needs a database and a query", path};
  return make_table_reader(source, columns, plan);
}

}  // namespace parallax
