// SPDX-License-Identifier: Apache-2.0
#include "sim/run/event_chunk.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <utility>

#include "sim/core/money.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

using Kind = EventColumn::Kind;
using Rows = std::span<const Emission>;

constexpr std::uint8_t decimal_digits = 18;
constexpr std::int64_t decimal_limit = 1'000'000'000'000'000'000;

struct LogicalTypeDeleter {
  using pointer = duckdb_logical_type;
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<duckdb_logical_type, LogicalTypeDeleter>;

LogicalType field_type(const EventColumn& column) {
  switch (column.type) {
    case FieldType::string:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
    case FieldType::integer:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    case FieldType::boolean:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
    case FieldType::number:
    case FieldType::money:
      break;
  }
  return LogicalType(
      duckdb_create_decimal_type(decimal_digits, static_cast<std::uint8_t>(column.scale)));
}

LogicalType type_of(const EventColumn& column) {
  switch (column.kind) {
    case Kind::event_id:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_UUID));
    case Kind::sequence_id:
    case Kind::schema_version:
    case Kind::retry_count:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
    case Kind::client_ts:
    case Kind::server_ts:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case Kind::field:
      return field_type(column);
    default:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  }
}

void set_null(duckdb_vector vector, std::size_t row) {
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

template <class T, class Value>
void fill_plain(duckdb_vector vector, Rows rows, Value value) {
  T* const out = static_cast<T*>(duckdb_vector_get_data(vector));
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = static_cast<T>(value(rows[i]));
}

void fill_times(duckdb_vector vector, Rows rows, SimTime Emission::*stamp) {
  fill_plain<std::int64_t>(vector, rows, [&](const Emission& e) { return (e.*stamp).since_epoch; });
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].*stamp == no_time) set_null(vector, i);
}

void fill_ids(duckdb_vector vector, Rows rows) {
  // DuckDB keeps a UUID as a signed number that sorts like its text: the top bit is turned over.
  constexpr std::uint64_t top_bit = std::uint64_t{1} << 63;
  fill_plain<duckdb_hugeint>(vector, rows, [](const Emission& e) {
    const Uuid id = e.id_form == IdForm::placeholder ? Uuid{} : e.event_id;
    return duckdb_hugeint{id.low, static_cast<std::int64_t>(id.high ^ top_bit)};
  });
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].id_form == IdForm::absent || rows[i].id_form == IdForm::empty) set_null(vector, i);
}

void put_text(duckdb_vector vector, std::size_t row, std::string_view text) {
  duckdb_vector_assign_string_element_len(vector, row, text.data(), text.size());
}

}  // namespace

EventChunks::EventChunks(const TrackingPlan& plan, std::string run_id, Pull pull)
    : plan_(&plan),
      run_id_(std::move(run_id)),
      pull_(std::move(pull)),
      columns_(event_columns(plan)) {}

Result<void> EventChunks::register_as(const std::string& name, duckdb::Connection& connection) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, name.c_str());
  duckdb_table_function_set_extra_info(function, this, nullptr);
  duckdb_table_function_set_bind(function, &bind);
  duckdb_table_function_set_init(function, [](duckdb_init_info) {});
  duckdb_table_function_set_function(function, &fill);
  const duckdb_state state = duckdb_register_table_function(connection.raw(), function);
  duckdb_destroy_table_function(&function);
  if (state == DuckDBSuccess) return {};
  return Error{Error::Kind::io, "the database does not take the events", name};
}

void EventChunks::bind(duckdb_bind_info info) {
  const auto& self = *static_cast<EventChunks*>(duckdb_bind_get_extra_info(info));
  for (const EventColumn& column : self.columns_)
    duckdb_bind_add_result_column(info, column.name.c_str(), type_of(column).get());
}

void EventChunks::fill(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto& self = *static_cast<EventChunks*>(duckdb_function_get_extra_info(info));
  while (self.next_ == self.rows_.size()) {
    self.rows_.clear();
    self.next_ = 0;
    if (!self.pull_(self.rows_)) break;
  }
  if (self.abandoned_) duckdb_function_set_error(info, "the events were not all played");
  const std::size_t count =
      std::min<std::size_t>(duckdb_vector_size(), self.rows_.size() - self.next_);
  const Rows rows = Rows(self.rows_).subspan(self.next_, count);
  for (std::size_t i = 0; i < self.columns_.size(); ++i)
    if (!self.fill_column(self.columns_[i], duckdb_data_chunk_get_vector(chunk, i), rows))
      duckdb_function_set_error(
          info, ("a value of " + self.columns_[i].name + " has more than 18 digits").c_str());
  self.next_ += count;
  duckdb_data_chunk_set_size(chunk, count);
}

bool EventChunks::fill_column(const EventColumn& column, duckdb_vector vector, Rows rows) const {
  switch (column.kind) {
    case Kind::event_id:
      fill_ids(vector, rows);
      return true;
    case Kind::sequence_id:
      fill_plain<std::int32_t>(vector, rows, [](const Emission& e) { return e.seen.sequence; });
      return true;
    case Kind::schema_version:
      fill_plain<std::int32_t>(vector, rows, [](const Emission& e) { return e.schema_version; });
      return true;
    case Kind::retry_count:
      fill_plain<std::int32_t>(vector, rows, [](const Emission& e) { return e.retry_count; });
      return true;
    case Kind::client_ts:
      fill_times(vector, rows, &Emission::client_ts);
      return true;
    case Kind::server_ts:
      fill_times(vector, rows, &Emission::server_ts);
      return true;
    case Kind::field:
      return fill_field(column, vector, rows);
    default:
      fill_texts(column, vector, rows);
      return true;
  }
}

void EventChunks::fill_texts(const EventColumn& column, duckdb_vector vector, Rows rows) const {
  std::array<char, 24> id;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Emission& event = rows[i];
    const Action& seen = event.seen;
    const auto put = [&](std::string_view text) { put_text(vector, i, text); };
    const auto put_id = [&](const char* end) { put({id.data(), end}); };
    switch (column.kind) {
      case Kind::event_name:
        put(sent_name(*plan_, event));
        break;
      case Kind::user_id:
        if (event.user_form == UserForm::absent) {
          set_null(vector, i);
        } else {
          put_id(write_sent_user_id(event, id.data()));
        }
        break;
      case Kind::device_id:
        put_id(write_device_id(seen.device, id.data()));
        break;
      case Kind::session_id:
        put_id(write_session_id(seen.session, id.data()));
        break;
      case Kind::source:
        put(name_of(event.source));
        break;
      case Kind::consent_state:
        put(name_of(seen.consent));
        break;
      case Kind::delivery_status:
        put(event.retry_count == 0 ? "queued" : "retrying");
        break;
      case Kind::run_id:
        put(event.other_project ? other_project(run_id_) : run_id_);
        break;
      case Kind::page:
        put(plan_->pages[seen.page]);
        break;
      case Kind::trait:
        put(plan_->traits[column.trait].values[seen.traits[column.trait]]);
        break;
      case Kind::currency:
        if (states_currency(plan_->actions[seen.type])) {
          put(plan_->currencies[seen.currency].code);
        } else {
          set_null(vector, i);
        }
        break;
      default:
        assert(false);
    }
  }
}

std::string EventChunks::field_text(const Emission& event, std::uint8_t field) const {
  const FieldPlan& plan = plan_->actions[event.seen.type].fields[field];
  const std::int64_t value = event.seen.values[field];
  std::array<char, 2 * json::longest_number> digits;
  switch (plan.type) {
    case FieldType::string:
      return sent_text(plan, event.forms[field], value);
    case FieldType::integer:
      return {digits.data(), json::write_integer(value, digits.data())};
    case FieldType::number:
      return {digits.data(), json::write_millionths(value, digits.data())};
    case FieldType::money:
      return format_money(value, places_of_money(*plan_, event, field));
    case FieldType::boolean:
      break;
  }
  return value != 0 ? "true" : "false";
}

bool EventChunks::fill_field(const EventColumn& column, duckdb_vector vector, Rows rows) const {
  void* const data = duckdb_vector_get_data(vector);
  bool fits = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint8_t field = field_in(column, rows[i]);
    if (field == EventColumn::no_field) {
      set_null(vector, i);
      continue;
    }
    std::int64_t value = rows[i].seen.values[field];
    if (column.type == FieldType::string) {
      put_text(vector, i, field_text(rows[i], field));
    } else if (column.type == FieldType::boolean) {
      static_cast<bool*>(data)[i] = value != 0;
    } else {
      const int places =
          column.type == FieldType::money ? places_of_money(*plan_, rows[i], field) : column.scale;
      for (int place = places; place < column.scale; ++place)
        fits = fits && !__builtin_mul_overflow(value, std::int64_t{10}, &value);
      fits = fits && (column.scale == 0 || (value < decimal_limit && value > -decimal_limit));
      static_cast<std::int64_t*>(data)[i] = value;
    }
  }
  return fits;
}

}  // namespace parallax
