// SPDX-License-Identifier: Apache-2.0
#include "sim/run/explain_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "sim/core/duckdb_text.h"

namespace parallax {
namespace {

using duckdb::quote_literal;
using duckdb::quote_name;
using explain::Facts;

/// Texts of more values than this tell nobody anything; numbers of more become ranges.
constexpr std::int64_t texts_max = 50;
constexpr std::int64_t numbers_max = 12;
constexpr std::size_t cells_max = 20'000'000;
/// The columns of `facts` before its attributes, in the order in which they are read.
constexpr std::size_t fixed_columns = 6;

struct Column {
  std::string name, type;
  std::int64_t different = 0, zeros = 0, there = 0, rows = 0;
};

bool is_number(std::string_view type) {
  return type.starts_with("DECIMAL") || type == "DOUBLE" || type == "FLOAT" ||
         type.ends_with("BIGINT") || type.ends_with("INTEGER") || type == "SMALLINT" ||
         type == "TINYINT" || type == "HUGEINT";
}

std::int64_t number(const std::string& text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Result<std::vector<Column>> columns_of_facts(duckdb::Connection& sql,
                                             const std::set<std::string>& without) {
  auto described = sql.query("select column_name, column_type from (describe facts)");
  if (!described) return described.error();
  std::vector<Column> out;
  for (const auto& row : described->texts()) {
    const bool own = row[0].starts_with("fact_") || row[0].starts_with("why_");
    if (own || without.contains(row[0])) continue;
    if (row[1] != "VARCHAR" && row[1] != "BOOLEAN" && !is_number(row[1])) continue;
    const std::string name = quote_name(row[0]);
    auto counted = sql.query(
        fmt::format("select count(distinct {0}), {1}, count({0}), count(*) from facts", name,
                    is_number(row[1]) ? fmt::format("count(*) filter ({} = 0)", name) : "0"));
    if (!counted) return counted.error();
    const auto texts = counted->texts().front();
    out.push_back(
        {row[0], row[1], number(texts[0]), number(texts[1]), number(texts[2]), number(texts[3])});
  }
  return out;
}

/// "column = value" for each value.
std::string by_value(const Column& column) {
  return fmt::format("case when {0} is null then {1} else {2} || {0}::varchar end",
                     quote_name(column.name), quote_literal(column.name + " is missing"),
                     quote_literal(column.name + " = "));
}

std::string by_zero(const Column& column) {
  const std::string name = quote_name(column.name);
  return fmt::format(
      "case when {0} is null then {1} when {0} = 0 then {2} when {0} > 0 then {3} "
      "else {4} end",
      name, quote_literal(column.name + " is missing"), quote_literal(column.name + " = 0"),
      quote_literal(column.name + " > 0"), quote_literal(column.name + " < 0"));
}

Result<std::string> by_quartile(duckdb::Connection& sql, const Column& column) {
  const std::string name = quote_name(column.name);
  auto asked =
      sql.query(fmt::format("select unnest(quantile_disc({}, [0.25, 0.5, 0.75]))::varchar "
                            "from facts",
                            name));
  if (!asked) return asked.error();
  std::vector<std::string> cuts;
  for (const auto& row : asked->texts()) cuts.push_back(row[0]);
  if (cuts.size() != 3) return std::string();
  std::string out =
      fmt::format("case when {} is null then {}", name, quote_literal(column.name + " is missing"));
  std::string from = "up to ";
  for (const std::string& cut : cuts) {
    out += fmt::format(" when {} <= {} then {}", name, cut,
                       quote_literal(column.name + " " + from + cut));
    from = cut + " .. ";
  }
  return out + fmt::format(" else {} end", quote_literal(column.name + " above " + cuts[2]));
}

/// Texts as small numbers, in the order of their first coming.
template <class Code>
class Dictionary {
 public:
  explicit Dictionary(std::vector<std::string>& texts, std::size_t max) : texts_(texts), max_(max) {
    for (const std::string& text : texts) codes_.emplace(text, codes_.size());
  }
  Code code(const std::string& text) {
    const auto found = codes_.find(text);
    if (found != codes_.end()) return static_cast<Code>(found->second);
    if (texts_.size() == max_) return static_cast<Code>(max_ - 1);
    texts_.push_back(text);
    return static_cast<Code>(codes_.emplace(text, texts_.size() - 1).first->second);
  }

 private:
  std::vector<std::string>& texts_;
  std::size_t max_;
  std::map<std::string, std::size_t> codes_;
};

/// One chunk of the counted facts into cells.
class CellTaker {
 public:
  explicit CellTaker(Facts& facts) : facts_(facts), whys_(facts.whys, whys_max) {
    for (explain::Attribute& attribute : facts.attributes)
      values_.emplace_back(attribute.predicates, explain::attribute_values_max);
  }

  void take(duckdb_data_chunk chunk) {
    std::vector<std::unique_ptr<duckdb::CellReader>> columns;
    for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i)
      columns.push_back(
          std::make_unique<duckdb::CellReader>(duckdb_data_chunk_get_vector(chunk, i)));
    const auto small = [&](std::size_t column, idx_t row) {
      return static_cast<std::uint16_t>(
          std::min<std::int64_t>(columns[column]->integer(row).value_or(0), 60'000));
    };
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      explain::Cell cell;
      cell.bucket = static_cast<std::int32_t>(columns[0]->integer(row).value_or(0));
      cell.expected = static_cast<std::uint8_t>(small(1, row));
      cell.client = small(2, row);
      cell.server = small(3, row);
      cell.why_client = whys_.code(columns[4]->text(row));
      cell.why_server = whys_.code(columns[5]->text(row));
      for (std::size_t i = 0; i < values_.size(); ++i)
        facts_.codes.push_back(values_[i].code(columns[fixed_columns + i]->text(row)));
      cell.actions = static_cast<std::uint32_t>(
          columns[fixed_columns + values_.size()]->integer(row).value_or(0));
      facts_.cells.push_back(cell);
    }
  }

 private:
  static constexpr std::size_t whys_max = 1'000;
  Facts& facts_;
  Dictionary<std::uint16_t> whys_;
  std::vector<Dictionary<std::uint8_t>> values_;
};

}  // namespace

Result<std::vector<FactAttribute>> fact_attributes(duckdb::Connection& sql,
                                                   const std::set<std::string>& without) {
  auto columns = columns_of_facts(sql, without);
  if (!columns) return columns.error();
  std::vector<FactAttribute> out;
  for (const Column& column : *columns) {
    const bool all_alike = column.different == 1 && column.there == column.rows;
    if (column.different == 0 || all_alike) continue;
    const bool numeric = is_number(column.type);
    const std::int64_t most = numeric ? numbers_max : texts_max;
    const bool few = column.different <= most;
    const bool has_zeros =
        column.zeros * 100 > column.rows && column.zeros * 100 < column.rows * 99;
    if (!numeric && !few) continue;
    Result<std::string> expression = few         ? by_value(column)
                                     : has_zeros ? by_zero(column)
                                                 : by_quartile(sql, column);
    if (!expression) return expression.error();
    if (!expression->empty()) out.push_back({column.name, *expression});
  }
  return out;
}

Result<void> count_facts(duckdb::Connection& sql, const std::vector<FactAttribute>& attributes,
                         Facts& facts) {
  std::string columns;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    columns += fmt::format(", {} as a{}", attributes[i].expression, i);
    facts.attributes.push_back({attributes[i].name, {}});
  }
  auto rows = sql.stream(fmt::format(
      "select fact_bucket, fact_expected::bigint, fact_client::bigint, fact_server::bigint, "
      "why_client, why_server{}, count(*) from facts where fact_bucket between 0 and {} "
      "group by all order by all",
      columns, facts.buckets - 1));
  if (!rows) return rows.error();
  CellTaker taker(facts);
  while (const duckdb::Chunk chunk{rows->fetch()}) {
    taker.take(chunk.get());
    if (facts.cells.size() > cells_max)
      return Error{Error::Kind::unsupported, "more than 20 million different actions", {}};
  }
  return rows->check();
}

Result<std::string> absorbed_by(duckdb::Connection& sql, const std::string& rows,
                                const std::vector<std::string>& keys) {
  constexpr std::int64_t groups_min = 10;
  for (const std::string& key : keys) {
    // Groups of several equal rows, those of which exactly one was kept, rows that were not kept
    // and those of them in such a group.
    auto asked = sql.query(fmt::format(
        "with groups as (select {0} as key, count(*) as n, count(*) filter (kept) as kept from {1} "
        "group by all) select count(*) filter (n > 1), count(*) filter (n > 1 and kept = 1), "
        "coalesce(sum(n - kept), 0)::bigint, "
        "coalesce(sum(n - kept) filter (n > 1 and kept = 1), 0)::bigint from groups",
        key, rows));
    if (!asked) return asked.error();
    const auto counts = asked->texts().front();
    const std::int64_t several = number(counts[0]), one = number(counts[1]);
    if (several < groups_min || one * 100 < several * 95) continue;
    if (number(counts[3]) * 100 < number(counts[2]) * 90) continue;
    std::string words = key;
    std::erase(words, '"');
    return fmt::format(
        "{} of {} groups of these rows with the same {} keep exactly one: they were "
        "taken for duplicates of each other.",
        one, several, words);
  }
  return std::string();
}

}  // namespace parallax
