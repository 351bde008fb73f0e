// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/ledger.h"
#include "sim/run/parquet.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/strike_point.h"

namespace parallax {

/// Collects the columns of one of the ledger's Parquet files.
class LedgerColumns {
 public:
  using Cell = ParquetCell;
  using Type = ParquetColumn::Type;
  using ActionAt = std::function<const Action&(std::size_t row)>;
  /// Whether the row holds a value of the action's field with this FieldPlan index.
  using HasField = std::function<bool(std::size_t row, std::size_t field)>;

  /// `scenario` must outlive the columns.
  explicit LedgerColumns(const Scenario& scenario) : scenario_(scenario) {}

  /// A column of the given type, filled by calling the cell's method of that type with
  /// `value(row)`.
  void text(std::string name, std::function<std::string(std::size_t)> value);
  /// A text that is always one of `texts`: `index(row)` says which. They may repeat.
  void name(std::string name, const std::vector<std::string>& texts,
            std::function<std::size_t(std::size_t)> index);
  void optional_text(std::string name,
                     std::function<std::optional<std::string>(std::size_t)> value);
  void integer(std::string name, std::function<std::int64_t(std::size_t)> value);
  /// NULL where the value is negative.
  void optional_integer(std::string name, std::function<std::int64_t(std::size_t)> value);
  void boolean(std::string name, std::function<bool(std::size_t)> value);
  void time(std::string name, std::function<SimTime(std::size_t)> value);
  /// Names of the scenario's faults whose bits are set, ", " between them.
  void faults(std::string name, std::function<std::uint64_t(std::size_t)> bits);
  /// Where they struck what they `met`, in the same order: see strike_text.h.
  void points(std::string name, StrikePlace::Meets met,
              std::function<std::uint64_t(std::size_t)> bits,
              std::function<Strike(std::size_t)> strike);

  /// Who and where: event_name, user_id, device_id, session_id, sequence_id, page, currency,
  /// consent_state, then a column a trait.
  void action(const ActionAt& at);
  /// A column a business field. To be called last: it gives way to names that are taken.
  void fields(const ActionAt& at, const HasField& has);

  const std::vector<ParquetColumn>& all() const { return columns_; }

 private:
  void add(ParquetColumn column);
  std::string free_name(const std::string& prefix, const std::string& name) const;

  const Scenario& scenario_;
  std::vector<ParquetColumn> columns_;
  std::set<std::string> taken_;  ///< In lower case: DuckDB's names have none.
};

std::vector<std::string> names_of(const std::vector<ActionPlan>& actions);
std::string action_id_text(ActionId id);    ///< "a-17"
std::string attempt_id_text(AttemptId id);  ///< "t-17"

}  // namespace parallax
