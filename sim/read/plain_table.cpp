// SPDX-License-Identifier: Apache-2.0
#include "sim/read/plain_table.h"

#include <utility>
#include <vector>

namespace parallax {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '*';
}

/// In small letters. Empty where anything else than words and "=" is in it.
std::vector<std::string> words_of(std::string_view query) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char capital : query) {
    const char c = capital >= 'A' && capital <= 'Z' ? static_cast<char>(capital + 32) : capital;
    const bool was_inside = inside;
    inside = is_word(c);
    if (inside && was_inside) {
      words.back() += c;
    } else if (inside || c == '=') {
      words.emplace_back(1, c);
    } else if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      return {};
    }
  }
  return words;
}

}  // namespace

std::string PlainTable::select(const std::string& what) const {
  return "select " + what + " from " + name + (by_run ? " where run_id = $1" : "");
}

std::optional<PlainTable> plain_table(duckdb::Connection& connection, std::string_view query) {
  using Words = std::vector<std::string>;
  constexpr std::size_t name_at = 3;
  Words words = words_of(query);
  if (words.size() <= name_at) return std::nullopt;
  const std::string name = std::exchange(words[name_at], "NAME");
  const bool by_run = words == Words{"select", "*", "from", "NAME", "where", "run_id", "=", "$1"};
  if (!by_run && words != Words{"select", "*", "from", "NAME"}) return std::nullopt;
  const auto found = connection.integer(
      "select count(*) from duckdb_tables() as t where lower(table_name) = " +
      duckdb::quote_literal(name) +
      " and schema_name = current_schema() and database_name = current_database()"
      " and not exists (select 1 from duckdb_columns() as c"
      " where c.table_oid = t.table_oid and lower(column_name) = 'rowid')");
  if (!found || *found != 1) return std::nullopt;
  return PlainTable{name, by_run};
}

}  // namespace parallax
