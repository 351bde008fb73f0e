// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assertions/explain.h"
#include "sim/core/duckdb.h"
#include "sim/core/result.h"

namespace parallax {

/// The text of sim/run/explain/NAME; empty where there is no such file.
std::string_view embedded_explanation(std::string_view name);

/// A column of the table `facts` as a partition of its actions: `expression` gives the predicate
/// that holds for a row.
struct FactAttribute {
  std::string name;
  std::string expression;
};

/// What of the columns of `facts` an explanation can tell actions apart by: texts and flags of few
/// values, numbers by zero or not, or by quartile. Not those in `without`, nor instants, nor what
/// is different for nearly every action, nor what is the same for all.
Result<std::vector<FactAttribute>> fact_attributes(duckdb::Connection& sql,
                                                   const std::set<std::string>& without);

/// Counts the table `facts` into cells. It has the columns fact_bucket, fact_expected, fact_client,
/// fact_server, why_client, why_server besides its attributes; rows without a bucket, or outside of
/// 0 .. facts.buckets - 1, are left out. Fills whys, attributes, cells and codes.
/// Errors: the query's; more different actions than fit in memory (20 million cells).
Result<void> count_facts(duckdb::Connection& sql, const std::vector<FactAttribute>& attributes,
                         explain::Facts& facts);

/// Where rows of the best suspect are stored and not counted: the columns of whose equal rows
/// exactly one was kept, as a sentence; empty where there are none. `rows` is a table with key
/// columns, the column `kept`, and those of `facts`.
Result<std::string> absorbed_by(duckdb::Connection& sql, const std::string& rows,
                                const std::vector<std::string>& keys);

}  // namespace parallax
