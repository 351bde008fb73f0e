// SPDX-License-Identifier: Apache-2.0
#include "tests/teaching/support.h"

#include "sim/core/duckdb.h"
#include "tests/support/catch.h"

namespace parallax::test {

AnswerTable table(std::initializer_list<const char*> columns,
                  std::initializer_list<std::initializer_list<const char*>> rows) {
  using Kind = AnswerTable::Kind;
  AnswerTable out;
  for (const std::string column : columns) {
    const std::size_t colon = column.find(':');
    const std::string kind = colon == std::string::npos ? "" : column.substr(colon + 1);
    out.columns.push_back({column.substr(0, colon), kind == "number"  ? Kind::number
                                                    : kind == "time"  ? Kind::time
                                                    : kind == "truth" ? Kind::truth
                                                    : kind == "other" ? Kind::other
                                                                      : Kind::text});
  }
  for (const auto& row : rows) {
    out.rows.emplace_back();
    for (const std::string cell : row)
      out.rows.back().push_back(cell == "NULL" ? AnswerTable::Cell{} : AnswerTable::Cell(cell));
  }
  return out;
}

Task day_task() {
  Task task;
  task.name = "days";
  task.columns = {"day", "revenue"};
  task.key = {"day"};
  return task;
}

SmallDatabase::SmallDatabase(const std::string& sql) : folder_(ScratchFolder::make()) {
  REQUIRE(folder_);
  auto database = duckdb::Database::open(file());
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  REQUIRE(connection->run(sql));
}

}  // namespace parallax::test
