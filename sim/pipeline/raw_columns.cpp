// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/raw_columns.h"

#include <cstring>

namespace parallax::pipeline {
namespace {

constexpr std::size_t inlined_max = 12;  ///< Longest text that stands in the cell itself.
constexpr std::size_t prefix_length = 4;
constexpr std::size_t uuid_length = 36;

/// The cells of one vector.
class Cells {
 public:
  explicit Cells(duckdb_vector vector) : vector_(vector), data_(duckdb_vector_get_data(vector)) {}

  template <class T>
  void put(idx_t row, T value) {
    static_cast<T*>(data_)[row] = value;
  }
  void text(idx_t row, const char* bytes, std::uint32_t length) {
    duckdb_string_t cell{};
    if (length <= inlined_max) {
      cell.value.inlined.length = length;
      std::memcpy(cell.value.inlined.inlined, bytes, length);
    } else {
      cell.value.pointer.length = length;
      std::memcpy(cell.value.pointer.prefix, bytes, prefix_length);
      cell.value.pointer.ptr = const_cast<char*>(bytes);
    }
    put(row, cell);
  }
  /// The text is copied: it is not in the log.
  void made_text(idx_t row, std::string_view text) {
    duckdb_vector_assign_string_element_len(vector_, row, text.data(), text.size());
  }
  void null(idx_t row) {
    if (validity_ == nullptr) {
      duckdb_vector_ensure_validity_writable(vector_);
      validity_ = duckdb_vector_get_validity(vector_);
    }
    duckdb_validity_set_row_invalid(validity_, row);
    // Whoever looks at the cell all the same must find a legal text.
    if (is_text_) put(row, duckdb_string_t{});
  }
  Cells& of_text() {
    is_text_ = true;
    return *this;
  }

 private:
  duckdb_vector vector_;
  void* data_;
  std::uint64_t* validity_ = nullptr;
  bool is_text_ = false;
};

void put_slice(Cells& cells, idx_t row, const char* texts, Slice slice) {
  if (slice.length == Slice::missing) return cells.null(row);
  cells.text(row, texts + slice.offset, slice.length);
}

template <TextKey key>
void fill_text(std::span<const RawRow> rows, duckdb_vector vector) {
  Cells cells = Cells(vector).of_text();
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr) {
      cells.null(row);
      continue;
    }
    const Slice slice = rows[row].event->texts[static_cast<std::size_t>(key)];
    if (key == TextKey::event_id && slice.length == Slice::same_as_id) {
      char text[uuid_length];
      Uuid{rows[row].event->id_high, rows[row].event->id_low}.write(text);
      cells.made_text(row, {text, uuid_length});
    } else {
      put_slice(cells, row, rows[row].texts, slice);
    }
  }
}

template <auto member, std::int64_t none>
void fill_number(std::span<const RawRow> rows, duckdb_vector vector) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr || rows[row].event->*member == none)
      cells.null(row);
    else
      cells.put(row, rows[row].event->*member);
  }
}

/// Hashes, for which 0 stands for none.
template <auto member>
void fill_hash(std::span<const RawRow> rows, duckdb_vector vector) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr || rows[row].event->*member == 0)
      cells.null(row);
    else
      cells.put(row, rows[row].event->*member);
  }
}

/// A column that every raw row has.
template <class Value>
void fill_always(std::span<const RawRow> rows, duckdb_vector vector, Value value) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr)
      cells.null(row);
    else
      cells.put(row, value(rows[row]));
  }
}

void fill_position(std::span<const RawRow> rows, duckdb_vector vector) {
  fill_always(rows, vector, [](const RawRow& row) { return row.position; });
}
void fill_ingestion(std::span<const RawRow> rows, duckdb_vector vector) {
  fill_always(rows, vector, [](const RawRow& row) { return row.arrival; });
}
void fill_arrival(std::span<const RawRow> rows, duckdb_vector vector) {
  fill_always(rows, vector,
              [](const RawRow& row) { return arrival_number(row.arrival, row.position); });
}
void fill_run(std::span<const RawRow> rows, duckdb_vector vector) {
  fill_always(rows, vector, [](const RawRow& row) { return row.event->run; });
}

void fill_sent_at(std::span<const RawRow> rows, duckdb_vector vector) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr || rows[row].sent_at == no_time.since_epoch)
      cells.null(row);
    else
      cells.put(row, rows[row].sent_at);
  }
}

void fill_source(std::span<const RawRow> rows, duckdb_vector vector) {
  Cells cells = Cells(vector).of_text();
  for (idx_t row = 0; row < rows.size(); ++row) {
    if (rows[row].event == nullptr)
      cells.null(row);
    else
      cells.text(row, rows[row].event->from_server != 0 ? "server" : "client", 6);
  }
}

void fill_uuid(std::span<const RawRow> rows, duckdb_vector vector) {
  constexpr std::uint64_t top_bit = 1ULL << 63;  // DuckDB flips it, so that signed order is right.
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) {
    const StoredEvent* event = rows[row].event;
    if (event == nullptr || event->has_uuid == 0)
      cells.null(row);
    else
      cells.put(row,
                duckdb_hugeint{event->id_low, static_cast<std::int64_t>(event->id_high ^ top_bit)});
  }
}

template <auto member>
void fill_dead_text(std::span<const DeadRow> rows, duckdb_vector vector) {
  Cells cells = Cells(vector).of_text();
  for (idx_t row = 0; row < rows.size(); ++row)
    put_slice(cells, row, rows[row].texts, rows[row].dead->*member);
}
void fill_dead_position(std::span<const DeadRow> rows, duckdb_vector vector) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) cells.put(row, rows[row].position);
}
void fill_dead_arrival(std::span<const DeadRow> rows, duckdb_vector vector) {
  Cells cells(vector);
  for (idx_t row = 0; row < rows.size(); ++row) cells.put(row, rows[row].arrival);
}

constexpr std::int64_t no_instant = no_time.since_epoch;

}  // namespace

const std::array<RawColumn, raw_column_count>& raw_columns() {
  using enum TextKey;
  static const std::array<RawColumn, raw_column_count> columns{{
      {"position", DUCKDB_TYPE_BIGINT, fill_position},
      {"event_name", DUCKDB_TYPE_VARCHAR, fill_text<event_name>},
      {"event_id", DUCKDB_TYPE_VARCHAR, fill_text<event_id>},
      {"user_id", DUCKDB_TYPE_VARCHAR, fill_text<user_id>},
      {"device_id", DUCKDB_TYPE_VARCHAR, fill_text<device_id>},
      {"session_id", DUCKDB_TYPE_VARCHAR, fill_text<session_id>},
      {"sequence_id", DUCKDB_TYPE_BIGINT,
       fill_number<&StoredEvent::sequence_id, StoredEvent::no_number>},
      {"client_ts", DUCKDB_TYPE_TIMESTAMP, fill_number<&StoredEvent::client_ts, no_instant>},
      {"server_ts", DUCKDB_TYPE_TIMESTAMP, fill_number<&StoredEvent::server_ts, no_instant>},
      {"ingestion_ts", DUCKDB_TYPE_TIMESTAMP, fill_ingestion},
      {"sent_at", DUCKDB_TYPE_TIMESTAMP, fill_sent_at},
      {"source", DUCKDB_TYPE_VARCHAR, fill_source},
      {"schema_version", DUCKDB_TYPE_BIGINT,
       fill_number<&StoredEvent::schema_version, StoredEvent::no_number>},
      {"consent_state", DUCKDB_TYPE_VARCHAR, fill_text<consent_state>},
      {"retry_count", DUCKDB_TYPE_BIGINT,
       fill_number<&StoredEvent::retry_count, StoredEvent::no_number>},
      {"delivery_status", DUCKDB_TYPE_VARCHAR, fill_text<delivery_status>},
      {"run_id", DUCKDB_TYPE_VARCHAR, fill_text<run_id>},
      {"currency", DUCKDB_TYPE_VARCHAR, fill_text<currency>},
      {"revenue", DUCKDB_TYPE_VARCHAR, fill_text<revenue>},
      {"tax", DUCKDB_TYPE_VARCHAR, fill_text<tax>},
      {"context", DUCKDB_TYPE_VARCHAR, fill_text<context>},
      {"properties", DUCKDB_TYPE_VARCHAR, fill_text<properties>},
      {"event_uuid", DUCKDB_TYPE_UUID, fill_uuid},
      {"run", DUCKDB_TYPE_UBIGINT, fill_run},
      {"place", DUCKDB_TYPE_UBIGINT, fill_hash<&StoredEvent::place>},
      {"arrival", DUCKDB_TYPE_HUGEINT, fill_arrival},
  }};
  return columns;
}

const std::array<DeadColumn, dead_column_count>& dead_columns() {
  static const std::array<DeadColumn, dead_column_count> columns{{
      {"position", DUCKDB_TYPE_BIGINT, fill_dead_position},
      {"ingestion_ts", DUCKDB_TYPE_TIMESTAMP, fill_dead_arrival},
      {"reason", DUCKDB_TYPE_VARCHAR, fill_dead_text<&StoredDead::reason>},
      {"run_id", DUCKDB_TYPE_VARCHAR, fill_dead_text<&StoredDead::run_id>},
      {"event_name", DUCKDB_TYPE_VARCHAR, fill_dead_text<&StoredDead::event_name>},
      {"source", DUCKDB_TYPE_VARCHAR, fill_dead_text<&StoredDead::source>},
      {"event", DUCKDB_TYPE_VARCHAR, fill_dead_text<&StoredDead::event>},
  }};
  return columns;
}

}  // namespace parallax::pipeline
