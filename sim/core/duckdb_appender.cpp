// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "sim/core/duckdb.h"

namespace parallax::duckdb {

struct Appender::State {
  duckdb_appender appender = nullptr;
  std::vector<duckdb_logical_type> types;
  std::vector<duckdb_type> ids;
  duckdb_data_chunk chunk = nullptr;
  std::vector<duckdb_vector> vectors;
  std::vector<void*> data;
  std::size_t column = 0;
  idx_t row = 0;
  bool failed = false;
  std::string message;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    duckdb_destroy_data_chunk(&chunk);
    for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
    duckdb_appender_destroy(&appender);
  }

  void make_chunk() {
    chunk = duckdb_create_data_chunk(types.data(), types.size());
    for (idx_t i = 0; i < types.size(); ++i)
      vectors.push_back(duckdb_data_chunk_get_vector(chunk, i));
    data.resize(types.size());
    refresh();
  }
  void refresh() {
    for (std::size_t i = 0; i < vectors.size(); ++i) data[i] = duckdb_vector_get_data(vectors[i]);
  }
  void hand_over() {
    duckdb_data_chunk_set_size(chunk, row);
    if (!failed && duckdb_append_data_chunk(appender, chunk) != DuckDBSuccess) fail();
    duckdb_data_chunk_reset(chunk);
    refresh();
    row = 0;
  }
  void fail() {
    failed = true;
    const char* said = duckdb_appender_error(appender);
    message = said != nullptr ? said : "the rows were not taken";
  }
  /// Writes the current cell and goes to the next column.
  template <class T>
  void put(T value) {
    static_cast<T*>(data[column])[row] = value;
    ++column;
  }
};

Appender::Appender(std::unique_ptr<State> state) : state_(std::move(state)) {}
Appender::Appender(Appender&&) noexcept = default;
Appender& Appender::operator=(Appender&&) noexcept = default;
Appender::~Appender() = default;

Result<Appender> Appender::open(Connection& connection, const std::string& table) {
  auto state = std::make_unique<State>();
  if (duckdb_appender_create(connection.raw(), nullptr, table.c_str(), &state->appender) !=
      DuckDBSuccess) {
    state->fail();
    return Error{Error::Kind::io, state->message, table};
  }
  const idx_t columns = duckdb_appender_column_count(state->appender);
  for (idx_t i = 0; i < columns; ++i) {
    state->types.push_back(duckdb_appender_column_type(state->appender, i));
    state->ids.push_back(duckdb_get_type_id(state->types.back()));
  }
  state->make_chunk();
  return Appender(std::move(state));
}

void Appender::text(std::string_view value) {
  assert(state_->column < state_->vectors.size());
  assert(state_->ids[state_->column] == DUCKDB_TYPE_VARCHAR);
  duckdb_vector_assign_string_element_len(state_->vectors[state_->column], state_->row,
                                          value.data(), value.size());
  ++state_->column;
}

void Appender::integer(std::int64_t value) {
  assert(state_->column < state_->ids.size());
  switch (state_->ids[state_->column]) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT:
      return state_->put(static_cast<std::uint8_t>(value));
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_USMALLINT:
      return state_->put(static_cast<std::uint16_t>(value));
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UINTEGER:
      return state_->put(static_cast<std::uint32_t>(value));
    case DUCKDB_TYPE_HUGEINT:
      return state_->put(duckdb_hugeint{static_cast<std::uint64_t>(value), value < 0 ? -1 : 0});
    default:
      assert(state_->ids[state_->column] == DUCKDB_TYPE_BIGINT ||
             state_->ids[state_->column] == DUCKDB_TYPE_UBIGINT);
      return state_->put(value);
  }
}

void Appender::real(double value) {
  assert(state_->column < state_->ids.size());
  if (state_->ids[state_->column] == DUCKDB_TYPE_FLOAT)
    return state_->put(static_cast<float>(value));
  assert(state_->ids[state_->column] == DUCKDB_TYPE_DOUBLE);
  state_->put(value);
}

void Appender::boolean(bool value) {
  assert(state_->column < state_->ids.size());
  assert(state_->ids[state_->column] == DUCKDB_TYPE_BOOLEAN);
  state_->put(value);
}

void Appender::time(SimTime value) {
  if (value == no_time) return null();
  assert(state_->column < state_->ids.size());
  assert(state_->ids[state_->column] == DUCKDB_TYPE_TIMESTAMP ||
         state_->ids[state_->column] == DUCKDB_TYPE_TIMESTAMP_TZ);
  state_->put(value.since_epoch);
}

void Appender::null() {
  assert(state_->column < state_->vectors.size());
  const duckdb_vector vector = state_->vectors[state_->column];
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), state_->row);
  ++state_->column;
}

void Appender::end_row() {
  assert(state_->column == state_->vectors.size());
  state_->column = 0;
  if (++state_->row == duckdb_vector_size()) state_->hand_over();
}

Result<void> Appender::close() {
  assert(state_->column == 0);
  if (state_->row > 0) state_->hand_over();
  if (!state_->failed && duckdb_appender_close(state_->appender) != DuckDBSuccess) state_->fail();
  if (state_->failed) return Error{Error::Kind::io, state_->message, {}};
  return {};
}

}  // namespace parallax::duckdb
