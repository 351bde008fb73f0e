// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "assertions/explain.h"

/// An explanation for people and programs: sentences first, tables after.
namespace parallax::explain_text {

/// A table as texts: the first row is the head, the first column names, the others numbers.
struct Table {
  std::string title;
  std::vector<std::vector<std::string>> rows;
  bool text_last = false;  ///< The last column is a text too.
};

/// Waterfall, rows an action, predicates, mix and rate, counts to report meanwhile; only those that
/// say something.
std::vector<Table> tables(const explain::Explanation& explanation);

/// The answer as a list of wrapped sentences.
std::string sentences(const explain::Explanation& explanation, std::size_t width);
/// The sentences and all tables.
std::string terminal(const explain::Explanation& explanation, bool colour, std::size_t width);
/// Starts with a heading of the level that `heading` has: "##".
std::string markdown(const explain::Explanation& explanation, std::string_view heading);
nlohmann::ordered_json json(const explain::Explanation& explanation);

std::string_view finding_name(explain::Finding finding);

}  // namespace parallax::explain_text
