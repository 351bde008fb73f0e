// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/event.h"

namespace parallax {

/// A column of the flat form of events (CSV, Parquet, DuckDB): the keys of the `shared` wire format
/// in its order, the context and the properties lifted to the top.
struct EventColumn {
  enum class Kind : std::uint8_t {
    event_name,
    event_id,
    user_id,
    device_id,
    session_id,
    sequence_id,
    client_ts,
    server_ts,
    source,
    schema_version,
    consent_state,
    retry_count,
    delivery_status,
    run_id,
    page,
    trait,
    currency,
    field,
  };
  static constexpr std::uint8_t no_field = 0xff;

  std::string name;  ///< Unique, whatever the case.
  Kind kind = Kind::event_name;
  std::size_t trait = 0;  ///< trait: index in TrackingPlan::traits.
  /// field: index in ActionPlan::fields by action type, no_field where the type lacks it.
  std::vector<std::uint8_t> field_of_type;
  bool renamed = false;  ///< field: of the name that a fault gives it; only values sent under that.
  FieldType type = FieldType::string;  ///< field: string where the action types disagree.
  int scale = 0;                       ///< field: decimal places of a number or of money.
};

/// All columns of the plan's events. A trait or field whose name is taken gets "trait_" or "field_"
/// before it.
std::vector<EventColumn> event_columns(const TrackingPlan& plan);

/// Index of the column's field in this emission, or no_field where its type or side has none, or
/// its value is missing or null.
std::uint8_t field_in(const EventColumn& column, const Emission& emission);

/// Decimal places of money in this emission: 0 where a fault has made it send minor units.
int places_of_money(const TrackingPlan& plan, const Emission& emission, std::uint8_t field);

/// Whether the action type has a money field, and with it a currency.
bool states_currency(const ActionPlan& action);

}  // namespace parallax
