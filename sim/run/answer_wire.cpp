// SPDX-License-Identifier: Apache-2.0
#include "sim/run/answer_wire.h"

#include <array>
#include <charconv>

#include "sim/core/duckdb_text.h"

namespace parallax {
namespace {

using Kind = AnswerTable::Kind;

Kind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return Kind::truth;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return Kind::number;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_DATE:
      return Kind::time;
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_UUID:
      return Kind::text;
    default:
      return Kind::other;
  }
}

std::string cell_text(const duckdb::CellReader& cells, idx_t row, duckdb_type type) {
  std::string text = cells.text(row);
  if (type == DUCKDB_TYPE_DATE) text += "T00:00:00.000Z";
  return text;
}

void put_number(std::uint64_t value, std::string& out) { out += std::to_string(value) + ' '; }
void put_text(std::string_view text, std::string& out) {
  put_number(text.size(), out);
  out += text;
}

/// Takes an encoded answer apart; after anything unexpected everything reads as 0 and "".
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool good() const { return good_; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    const auto used = static_cast<std::size_t>(end - rest_.data());
    if (code != std::errc{} || used >= rest_.size() || rest_[used] != ' ') return spoil();
    rest_.remove_prefix(used + 1);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) return spoil(), std::string();
    const std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t spoil() {
    good_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool good_ = true;
};

constexpr std::uint64_t is_error = 0, is_answer = 1;

Error damaged() { return {Error::Kind::io, "the answer did not come whole", {}}; }

}  // namespace

AnswerTable answer_table(duckdb::Rows& rows) {
  AnswerTable out;
  for (std::size_t i = 0; i < rows.columns(); ++i)
    out.columns.push_back({rows.column_name(i), kind_of(rows.column_type(i))});
  while (const duckdb::Chunk chunk{rows.fetch()}) {
    const idx_t count = duckdb_data_chunk_get_size(chunk.get());
    const std::size_t first = out.rows.size();
    out.rows.resize(first + count);
    for (std::size_t column = 0; column < out.columns.size(); ++column) {
      const duckdb::CellReader cells(duckdb_data_chunk_get_vector(chunk.get(), column));
      const duckdb_type type = rows.column_type(column);
      for (idx_t row = 0; row < count; ++row)
        out.rows[first + row].push_back(cells.null(row) ? AnswerTable::Cell{}
                                                        : cell_text(cells, row, type));
    }
  }
  return out;
}

std::string encode_answer(const Result<AnswerTable>& answer) {
  std::string out;
  if (!answer) {
    put_number(is_error, out);
    put_number(static_cast<std::uint64_t>(answer.error().kind), out);
    put_text(answer.error().what, out);
    return out;
  }
  put_number(is_answer, out);
  put_number(answer->columns.size(), out);
  for (const AnswerTable::Column& column : answer->columns) {
    put_number(static_cast<std::uint64_t>(column.kind), out);
    put_text(column.name, out);
  }
  put_number(answer->rows.size(), out);
  for (const auto& row : answer->rows)
    for (const AnswerTable::Cell& cell : row) {
      put_number(cell ? 1 : 0, out);
      if (cell) put_text(*cell, out);
    }
  return out;
}

Result<AnswerTable> decode_answer(std::string_view text) {
  Cursor in(text);
  if (in.number() == is_error) {
    if (!in.good()) return damaged();
    const auto kind = static_cast<Error::Kind>(in.number());
    std::string what = in.text();
    if (!in.good()) return damaged();
    return Error{kind, std::move(what), {}};
  }
  AnswerTable out;
  const std::uint64_t columns = in.number();
  for (std::uint64_t i = 0; i < columns && in.good(); ++i) {
    const auto kind = static_cast<Kind>(in.number());
    out.columns.push_back({in.text(), kind});
  }
  const std::uint64_t rows = in.number();
  for (std::uint64_t i = 0; i < rows && in.good(); ++i) {
    out.rows.emplace_back();
    for (std::uint64_t column = 0; column < columns; ++column) {
      const bool valued = in.number() != 0;
      out.rows.back().push_back(valued ? AnswerTable::Cell(in.text()) : AnswerTable::Cell{});
    }
  }
  if (!in.good() || in.left() != 0) return damaged();
  return out;
}

}  // namespace parallax
