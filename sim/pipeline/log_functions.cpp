// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/log_functions.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "sim/pipeline/raw_columns.h"

namespace parallax::pipeline {
namespace {

/// So many positions are handed to one thread at a time.
constexpr std::int64_t share_length = 32'768;

const DurableLog& log_of(void* extra) { return *static_cast<const DurableLog*>(extra); }

template <class T>
void destroy(void* object) {
  delete static_cast<T*>(object);
}

struct LogicalType {
  explicit LogicalType(duckdb_type id) : type(duckdb_create_logical_type(id)) {}
  explicit LogicalType(duckdb_logical_type made) : type(made) {}
  ~LogicalType() { duckdb_destroy_logical_type(&type); }
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  duckdb_logical_type type;
};

// ---- event_log and dead_letter_log

struct Span {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// What the threads of one scan share.
struct Scan {
  Span span;
  std::vector<idx_t> columns;  ///< Wanted, in the order of the output.
  std::atomic<std::int64_t> next{0};
};

/// One thread of a scan.
template <class Row>
struct Worker {
  explicit Worker(const DurableLog& log) : cursor(log) {}
  LogCursor cursor;
  Span share;  ///< Positions still to be read of the share at hand.
  std::vector<Row> rows;
};

template <class Row>
struct Kind;
template <>
struct Kind<RawRow> {
  static constexpr const char* name = "event_log";
  static const auto& columns() { return raw_columns(); }
  static std::int64_t first_of(const LogCursor& cursor) { return cursor.position(); }
  static std::span<const StoredEvent> all(const RecordView& record) { return record.events(); }
  static RawRow row(const RecordView& record, const StoredEvent& event, std::int64_t position) {
    return {&event, record.texts().data(), record.arrival().since_epoch, position,
            record.sent_at().since_epoch};
  }
};
template <>
struct Kind<DeadRow> {
  static constexpr const char* name = "dead_letter_log";
  static const auto& columns() { return dead_columns(); }
  static std::int64_t first_of(const LogCursor& cursor) {
    return cursor.position() + static_cast<std::int64_t>(cursor.record().events().size());
  }
  static std::span<const StoredDead> all(const RecordView& record) { return record.dead(); }
  static DeadRow row(const RecordView& record, const StoredDead& dead, std::int64_t position) {
    return {&dead, record.texts().data(), record.arrival().since_epoch, position};
  }
};

std::int64_t parameter(duckdb_bind_info info, idx_t index) {
  duckdb_value value = duckdb_bind_get_parameter(info, index);
  const std::int64_t number = duckdb_get_int64(value);
  duckdb_destroy_value(&value);
  return number;
}

template <class Row>
void bind_scan(duckdb_bind_info info) {
  const std::int64_t end = log_of(duckdb_bind_get_extra_info(info)).end();
  auto* span =
      new Span{std::max<std::int64_t>(parameter(info, 0), 0), std::min(parameter(info, 1), end)};
  for (const auto& column : Kind<Row>::columns()) {
    const LogicalType type(column.type);
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type.type);
  }
  duckdb_bind_set_bind_data(info, span, destroy<Span>);
  const std::int64_t length = std::max<std::int64_t>(span->last - span->first, 0);
  duckdb_bind_set_cardinality(info, static_cast<idx_t>(length), false);
}

void init_scan(duckdb_init_info info) {
  auto* scan = new Scan;
  scan->span = *static_cast<Span*>(duckdb_init_get_bind_data(info));
  scan->next = scan->span.first;
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i)
    scan->columns.push_back(duckdb_init_get_column_index(info, i));
  duckdb_init_set_init_data(info, scan, destroy<Scan>);
  const std::int64_t length = std::max<std::int64_t>(scan->span.last - scan->span.first, 1);
  duckdb_init_set_max_threads(info, static_cast<idx_t>((length + share_length - 1) / share_length));
}

template <class Row>
void init_worker(duckdb_init_info info) {
  auto* worker = new Worker<Row>(log_of(duckdb_init_get_extra_info(info)));
  duckdb_init_set_init_data(info, worker, destroy<Worker<Row>>);
}

/// Takes the worker's next rows out of its share; false where the share is used up.
template <class Row>
bool take_rows(Worker<Row>& worker, std::size_t most) {
  worker.rows.clear();
  while (worker.rows.size() < most && worker.share.first < worker.share.last) {
    if (!worker.cursor.seek(worker.share.first)) {
      worker.share.first = worker.share.last;
      break;
    }
    const RecordView& record = worker.cursor.record();
    const std::int64_t first = Kind<Row>::first_of(worker.cursor);
    const auto all = Kind<Row>::all(record);
    const std::int64_t end =
        std::min(worker.cursor.position() + std::int64_t{record.entries()}, worker.share.last);
    std::int64_t at = worker.share.first;
    for (; at < end && worker.rows.size() < most; ++at) {
      if (at < first || at >= first + static_cast<std::int64_t>(all.size())) continue;
      worker.rows.push_back(Kind<Row>::row(record, all[static_cast<std::size_t>(at - first)], at));
    }
    worker.share.first = at;
  }
  return !worker.rows.empty();
}

template <class Row>
void scan_rows(duckdb_function_info info, duckdb_data_chunk output) {
  auto& scan = *static_cast<Scan*>(duckdb_function_get_init_data(info));
  auto& worker = *static_cast<Worker<Row>*>(duckdb_function_get_local_init_data(info));
  while (!take_rows(worker, duckdb_vector_size())) {
    const std::int64_t first = scan.next.fetch_add(share_length);
    if (first >= scan.span.last) break;
    worker.share = {first, std::min(first + share_length, scan.span.last)};
  }
  for (std::size_t i = 0; i < scan.columns.size(); ++i)
    if (scan.columns[i] < Kind<Row>::columns().size())  // count(*) asks for a column of no name.
      Kind<Row>::columns()[scan.columns[i]].fill(worker.rows,
                                                 duckdb_data_chunk_get_vector(output, i));
  duckdb_data_chunk_set_size(output, worker.rows.size());
}

template <class Row>
bool register_scan(duckdb_connection connection, const DurableLog& log) {
  duckdb_table_function function = duckdb_create_table_function();
  const LogicalType number(DUCKDB_TYPE_BIGINT);
  duckdb_table_function_set_name(function, Kind<Row>::name);
  for (int i = 0; i < 2; ++i) duckdb_table_function_add_parameter(function, number.type);
  duckdb_table_function_set_extra_info(function, const_cast<DurableLog*>(&log), nullptr);
  duckdb_table_function_set_bind(function, bind_scan<Row>);
  duckdb_table_function_set_init(function, init_scan);
  duckdb_table_function_set_local_init(function, init_worker<Row>);
  duckdb_table_function_set_function(function, scan_rows<Row>);
  duckdb_table_function_supports_projection_pushdown(function, true);
  const duckdb_state state = duckdb_register_table_function(connection, function);
  duckdb_destroy_table_function(&function);
  return state == DuckDBSuccess;
}

// ---- raw_event

RawRow find_row(LogCursor& cursor, std::int64_t position) {
  if (!cursor.seek(position)) return {};
  const RecordView& record = cursor.record();
  const auto index = static_cast<std::size_t>(position - cursor.position());
  if (index >= record.events().size()) return {};
  return Kind<RawRow>::row(record, record.events()[index], position);
}

void gather_events(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  LogCursor cursor(log_of(duckdb_scalar_function_get_extra_info(info)));
  const duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const auto* positions = static_cast<const std::int64_t*>(duckdb_vector_get_data(vector));
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  std::vector<RawRow> rows(duckdb_data_chunk_get_size(input));
  std::uint64_t* found = nullptr;
  for (idx_t i = 0; i < rows.size(); ++i) {
    const bool asked = validity == nullptr || duckdb_validity_row_is_valid(validity, i);
    if (asked) rows[i] = find_row(cursor, positions[i]);
    if (rows[i].event != nullptr) continue;
    if (found == nullptr) {
      duckdb_vector_ensure_validity_writable(output);
      found = duckdb_vector_get_validity(output);
    }
    duckdb_validity_set_row_invalid(found, i);
  }
  for (std::size_t i = 0; i < raw_column_count; ++i)
    raw_columns()[i].fill(rows, duckdb_struct_vector_get_child(output, i));
}

duckdb_logical_type make_event_type() {
  std::vector<duckdb_logical_type> types;
  std::vector<std::string> names;
  std::vector<const char*> pointers;
  for (const RawColumn& column : raw_columns()) {
    types.push_back(duckdb_create_logical_type(column.type));
    names.emplace_back(column.name);
  }
  for (const std::string& name : names) pointers.push_back(name.c_str());
  duckdb_logical_type made =
      duckdb_create_struct_type(types.data(), pointers.data(), raw_column_count);
  for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
  return made;
}

bool register_gather(duckdb_connection connection, const DurableLog& log) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  const LogicalType number(DUCKDB_TYPE_BIGINT);
  const LogicalType event(make_event_type());
  duckdb_scalar_function_set_name(function, "raw_event");
  duckdb_scalar_function_add_parameter(function, number.type);
  duckdb_scalar_function_set_return_type(function, event.type);
  duckdb_scalar_function_set_special_handling(function);
  duckdb_scalar_function_set_extra_info(function, const_cast<DurableLog*>(&log), nullptr);
  duckdb_scalar_function_set_function(function, gather_events);
  const duckdb_state state = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_scalar_function(&function);
  return state == DuckDBSuccess;
}

}  // namespace

Result<void> register_log_functions(duckdb::Connection& connection, const DurableLog& log) {
  if (register_scan<RawRow>(connection.raw(), log) &&
      register_scan<DeadRow>(connection.raw(), log) && register_gather(connection.raw(), log))
    return {};
  return Error{Error::Kind::io, "the log's functions cannot be registered", {}};
}

}  // namespace parallax::pipeline
