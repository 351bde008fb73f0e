// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"

namespace parallax {

/// What stands for an id's text in a row. An id in our own spelling (event.h) goes by its number,
/// so that no text need be made to compare an emission with a row; any other by its `hash_text`.
constexpr std::uint64_t user_key(std::uint32_t user) { return mix64(user + 0x75'0000'0001U); }
constexpr std::uint64_t device_key(std::uint64_t device) { return mix64(device ^ mix64(0x64)); }
constexpr std::uint64_t session_key(std::uint64_t session) { return mix64(session ^ mix64(0x73)); }
std::uint64_t user_key_of(std::string_view text);
std::uint64_t device_key_of(std::string_view text);
std::uint64_t session_key_of(std::string_view text);

/// A row of the target's clean table, read into compact form: texts as their `hash_text` or key,
/// fields by the tracking plan's index. Absent texts are 0. Plain value: ten million fit in memory.
struct CanonicalRow {
  Uuid event_id;
  std::uint64_t run = 0;         ///< hash_text of run_id.
  std::uint64_t event_name = 0;  ///< hash_text; `type` says which action type it is.
  std::uint64_t user = 0;        ///< user_key_of; the next two in the same manner.
  std::uint64_t device = 0;
  std::uint64_t session = 0;
  std::uint64_t number = 0;  ///< Position in the read, from 0: finds the original text again.
  SimTime client_ts = no_time;
  SimTime server_ts = no_time;
  SimTime event_ts = no_time;  ///< The row's event time; by contract server_ts, else client_ts.
  SimTime ingestion_ts = no_time;
  std::int64_t sequence = -1;
  std::int32_t client_rows = -1;  ///< Client rows merged into it; -1 where the target does not say.
  std::int32_t server_rows = -1;
  std::uint16_t type = no_type;  ///< Index into TrackingPlan::actions, or no_type.
  std::int16_t schema_version = -1;
  IdForm id_form = IdForm::absent;
  std::optional<Source> source;              ///< The side the row came from.
  std::optional<bool> server_authoritative;  ///< `is_server_authoritative`.
  std::optional<Consent> consent;
  std::uint8_t currency = no_currency;  ///< Index into TrackingPlan::currencies.
  std::uint8_t lane = no_lane;          ///< Of a user_id that is one of ours; no_lane otherwise.
  bool late = false;                    ///< Appeared only after the deadline.
  std::array<FieldForm, max_fields> forms{};
  std::array<std::int64_t, max_fields> values{};  ///< Strings: `hash_text` of the text.

  static constexpr std::uint16_t no_type = 0xffff;
  static constexpr std::uint8_t no_currency = 0xff;
  static constexpr std::uint8_t no_lane = 0xff;
};

/// What a reader brought back. A read that is not complete proves presence, never absence.
struct RowSet {
  std::vector<CanonicalRow> rows;  ///< Of this run and, unless the target filters, of others.
  bool complete = false;
};

/// The 64-bit stand-in of an emission's field value under which rows hold it: hash_text of the text
/// for strings, the value itself otherwise.
std::int64_t comparable(const FieldPlan& field, std::int64_t value);

}  // namespace parallax
