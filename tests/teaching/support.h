// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/run/grade.h"
#include "sim/run/lesson.h"
#include "sim/run/sandbox.h"

/// Small answers and small databases for the tests of lessons and grading.
namespace parallax::test {

/// Columns "name:kind" (text when there is no kind), rows of cells; "NULL" is NULL.
AnswerTable table(std::initializer_list<const char*> columns,
                  std::initializer_list<std::initializer_list<const char*>> rows);

/// A task on day and revenue: the key is day, nothing is ordered, decimals are exact.
Task day_task();

/// A DuckDB file, filled by SQL, in a folder of its own.
class SmallDatabase {
 public:
  explicit SmallDatabase(const std::string& sql);
  std::filesystem::path file() const { return folder_->path() / "small.duckdb"; }

 private:
  Result<ScratchFolder> folder_;
};

}  // namespace parallax::test
