// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/read/reader.h"

/// Between a target's row (JSON, CSV, a table) and a CanonicalRow: cells that are not yet read as
/// anything. Private to sim/read.
namespace parallax {

/// One value of a row as the target wrote it. Borrows its text from the row.
struct Cell {
  enum class Kind : std::uint8_t {
    absent,
    null,
    text,
    number,   ///< `text` is the number's own token: money never passes through a double.
    boolean,  ///< `text` is "true" or "false".
    nested,   ///< An object, list or other value; `text` is its JSON.
    untyped,  ///< A CSV cell: text that may stand for anything.
    instant,  ///< `value` in microseconds; only in columns of times.
    integer,  ///< `value`; only in columns of counts and of business fields.
    decimal,  ///< `value` times 10^-`scale`; only in columns of business fields.
  };
  Kind kind = Kind::absent;
  std::string_view text;
  std::int64_t value = 0;
  std::uint8_t scale = 0;
};

/// Which cell is which. The envelope comes first, the business fields of all action types follow,
/// each name once.
enum Slot : std::uint16_t {
  slot_event_id,
  slot_run_id,
  slot_event_name,
  slot_user_id,
  slot_device_id,
  slot_session_id,
  slot_sequence_id,
  slot_client_ts,
  slot_server_ts,
  slot_event_ts,
  slot_ingestion_ts,
  slot_client_rows,
  slot_server_rows,
  slot_schema_version,
  slot_source,
  slot_server_authoritative,
  slot_consent,
  slot_currency,
  slot_properties,
  envelope_slots,
};

/// The columns of a target by name. Built once; a lookup hashes the name and does not allocate.
class Columns {
 public:
  Columns(const TrackingPlan& plan, const ColumnMap& map);

  std::size_t size() const { return names_.size(); }
  /// The slot of a column of the target ("theirs"); nothing for a column that no row needs.
  std::optional<std::uint16_t> slot(std::string_view theirs) const;
  /// A business field, or the currency: may also stand inside `properties`.
  static bool may_be_property(std::uint16_t slot) {
    return slot >= envelope_slots || slot == slot_currency;
  }
  /// Slots of an action type's fields, by FieldPlan index.
  std::span<const std::uint16_t> fields(std::uint16_t type) const { return fields_[type]; }
  /// Second uses of one column ({"server_ts": "ts", "event_ts": "ts"}): from slot, to slot.
  const std::vector<std::pair<std::uint16_t, std::uint16_t>>& copies() const { return copies_; }

 private:
  std::uint16_t add(const std::string& ours);
  void index(std::uint16_t slot, const std::string& theirs);

  std::vector<std::string> names_;  ///< Ours, by slot.
  std::vector<std::string> theirs_;
  std::vector<std::vector<std::uint16_t>> fields_;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> copies_;
  std::vector<std::uint16_t> table_;  ///< Open addressing over `theirs_`, a power of two.
};

/// Reads cells as the row they stand for. Immutable; `plan` and `columns` must outlive it.
class RowBuilder {
 public:
  RowBuilder(const TrackingPlan& plan, const Columns& columns);
  /// `cells` by slot. Everything of `out` is replaced; a cell that does not read as what its column
  /// should be leaves the member's "absent" value, a business field becomes FieldForm::other.
  void build(std::span<const Cell> cells, CanonicalRow& out) const;

  // What of it follows from several columns, for rows that are built a column at a time:
  /// The type that the event's name says; false where there is none.
  bool set_type(CanonicalRow& out) const;
  /// Where the target has no column of event times.
  static void set_event_time(CanonicalRow& out) {
    out.event_ts = out.server_ts != no_time ? out.server_ts : out.client_ts;
  }
  /// Returns the exponent of the row's amounts.
  int read_currency(const Cell& cell, CanonicalRow& out) const;
  int exponent() const;  ///< Where the row names no currency.

 private:
  void fill_fields(std::span<const Cell> cells, CanonicalRow& out) const;

  const TrackingPlan& plan_;
  const Columns& columns_;
  std::vector<std::uint64_t> action_hashes_;
};

}  // namespace parallax
