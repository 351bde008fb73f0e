// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

#include "sim/core/millionths.h"
#include "sim/core/money.h"
#include "sim/core/prng.h"
#include "sim/read/cells.h"

/// How a single cell is read as what its column should be; inline, for loops over rows and over
/// columns. Private to sim/read.
namespace parallax::cell_values {

using Kind = Cell::Kind;

inline bool is_there(const Cell& cell) {
  return cell.kind != Kind::absent && cell.kind != Kind::null;
}

inline std::uint64_t hash_of(const Cell& cell) { return is_there(cell) ? hash_text(cell.text) : 0; }

inline std::optional<std::int64_t> read_integer(std::string_view text) {
  return parse_money(text, 0);  // Refuses digits beyond the point, accepts "17.0".
}

template <class T>
T integer_or(const Cell& cell, T otherwise) {
  if (!is_there(cell)) return otherwise;
  const std::optional<std::int64_t> value =
      cell.kind == Kind::integer ? cell.value : read_integer(cell.text);
  if (!value || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max())
    return otherwise;
  return static_cast<T>(*value);
}

/// The lane of a user_id that is one of ours: "u-" and decimal digits.
inline std::uint8_t lane_of_text(std::string_view text) {
  if (!text.starts_with("u-")) return CanonicalRow::no_lane;
  std::uint32_t user = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, user);
  if (error != std::errc{} || stop != end) return CanonicalRow::no_lane;
  return static_cast<std::uint8_t>(lane_of_user(user));
}

/// The number of "u-17" in at most nine digits: nearly every user's.
inline std::optional<std::uint32_t> short_user(std::string_view text) {
  if (text.size() < 3 || text.size() > 11 || text[0] != 'u' || text[1] != '-') return std::nullopt;
  if (text[2] == '0' && text.size() > 3) return std::nullopt;
  std::uint32_t user = 0;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    user = user * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return user;
}

inline void read_user(const Cell& cell, CanonicalRow& out) {
  if (!is_there(cell)) return;
  if (const auto user = short_user(cell.text)) {
    out.user = user_key(*user);
    out.lane = static_cast<std::uint8_t>(lane_of_user(*user));
    return;
  }
  out.user = user_key_of(cell.text);
  out.lane = lane_of_text(cell.text);
}

inline std::optional<bool> read_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 5> yes{"true", "TRUE", "True", "t", "1"};
  constexpr std::array<std::string_view, 5> no{"false", "FALSE", "False", "f", "0"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return std::nullopt;
}

/// What databases print and RFC 3339 does not know: no zone (UTC is meant), or "+00" alone.
inline std::optional<SimTime> read_database_time(std::string_view text) {
  std::array<char, 48> buffer{};
  if (text.size() < 16 || text.size() + 3 > buffer.size()) return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  const char sign = text[text.size() - 3];
  const std::string_view end = sign == '+' || sign == '-' ? ":00" : "Z";
  std::memcpy(buffer.data() + text.size(), end.data(), end.size());
  return parse_rfc3339({buffer.data(), text.size() + end.size()});
}

inline SimTime read_time(const Cell& cell) {
  if (cell.kind == Kind::instant) {
    constexpr std::int64_t infinity = std::numeric_limits<std::int64_t>::max();
    return cell.value == infinity || cell.value == -infinity ? no_time : SimTime{cell.value};
  }
  if (!is_there(cell) || cell.text.empty()) return no_time;
  if (const auto time = parse_rfc3339(cell.text)) return *time;
  if (const auto micros = parse_money(cell.text, 3)) return {*micros};  // Epoch ms, perhaps ".5".
  return read_database_time(cell.text).value_or(no_time);
}

/// Of an id's text: hex digits and dashes. Its first and last 32 characters are all of it.
inline bool has_capitals(std::string_view id) {
  if (id.size() < 32) return false;
  std::uint64_t any = 0;
  for (const std::size_t begin : {std::size_t{0}, id.size() - 32})
    for (std::size_t i = 0; i < 32; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, id.data() + begin + i, sizeof word);
      any |= word >> 1U & ~word;  // Letters have bit 6; bit 5 tells small ones.
    }
  return (any & 0x2020'2020'2020'2020U) != 0;
}

inline void read_event_id(const Cell& cell, CanonicalRow& out) {
  if (!is_there(cell)) return;
  if (cell.text.empty()) {
    out.id_form = IdForm::empty;
    return;
  }
  if (const auto id = Uuid::parse(cell.text)) {
    out.event_id = *id;
    out.id_form = *id == Uuid{}             ? IdForm::placeholder
                  : has_capitals(cell.text) ? IdForm::upper_case
                                            : IdForm::normal;
    return;
  }
  const std::uint64_t hash = hash_text(cell.text);
  out.event_id = Uuid::from_bits(hash, mix64(hash + cell.text.size()));
  out.id_form = IdForm::foreign;
}

/// A number without a text, in units of 10^-`exponent`; nothing where that would cut digits off or
/// have too many.
inline std::optional<std::int64_t> scaled(const Cell& cell, int exponent) {
  std::int64_t value = cell.value;
  for (int i = cell.scale; i < exponent; ++i)
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
  for (int i = cell.scale; i > exponent; --i) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

inline std::optional<std::int64_t> read_number(FieldType type, const Cell& cell, int exponent) {
  switch (type) {
    case FieldType::string:
      return std::nullopt;
    case FieldType::integer:
      return scaled(cell, 0);
    case FieldType::number:
      return scaled(cell, 6);
    case FieldType::money:
      return scaled(cell, exponent);
    case FieldType::boolean:
      break;
  }
  const auto value = scaled(cell, 0);
  return value && (*value == 0 || *value == 1) ? value : std::nullopt;
}

inline std::optional<std::int64_t> read_value(FieldType type, const Cell& cell, int exponent) {
  if (cell.kind == Kind::integer || cell.kind == Kind::decimal)
    return read_number(type, cell, exponent);
  const std::string_view text = cell.text;
  switch (type) {
    case FieldType::string:
      break;
    case FieldType::integer:
      return read_integer(text);
    case FieldType::number:
      return parse_millionths(text);
    case FieldType::money:
      return parse_money(text, exponent);
    case FieldType::boolean:
      if (const auto value = read_boolean(text)) return *value ? 1 : 0;
      return std::nullopt;
  }
  if (cell.kind != Kind::text && cell.kind != Kind::untyped) return std::nullopt;
  return static_cast<std::int64_t>(hash_text(text));
}

/// What was read, of a value that is one of its type.
inline FieldForm form_of(FieldType type, const Cell& cell) {
  const bool quoted = cell.kind == Kind::text && type != FieldType::string;
  return quoted ? FieldForm::as_text : FieldForm::present;
}

/// As read_field, where read_value has nothing: a number with an exponent (1.999E1, as doubles come
/// out of many stores); one with digits that its type has not (what a sum of binary fractions
/// leaves), by the nearest value; or what is no number at all.
FieldForm read_odd_field(FieldType type, const Cell& cell, int exponent, std::int64_t& value);

inline FieldForm read_field(const FieldPlan& field, const Cell& cell, int exponent,
                            std::int64_t& value) {
  if (cell.kind == Kind::absent) return FieldForm::absent;
  if (cell.kind == Kind::null) return FieldForm::null;
  const auto read =
      cell.kind == Kind::nested ? std::nullopt : read_value(field.type, cell, exponent);
  if (!read) return read_odd_field(field.type, cell, exponent, value);
  value = *read;
  return form_of(field.type, cell);
}

inline std::optional<Source> read_source(const Cell& cell) {
  for (const Source source : both_sources)
    if (is_there(cell) && cell.text == name_of(source)) return source;
  return std::nullopt;
}

inline std::optional<Consent> read_consent(const Cell& cell) {
  for (const Consent consent : {Consent::granted, Consent::denied})
    if (is_there(cell) && cell.text == name_of(consent)) return consent;
  return std::nullopt;
}

inline std::optional<bool> read_flag(const Cell& cell) {
  if (cell.kind == Kind::boolean) return cell.text.front() == 't';
  return is_there(cell) ? read_boolean(cell.text) : std::nullopt;
}

/// What the column of a slot says of the row, but for the business fields and what they are read
/// by. `out` is as new where the cell is absent or null.
template <std::size_t slot>
void read_envelope(const Cell& cell, CanonicalRow& out) {
  if constexpr (slot == slot_event_id) read_event_id(cell, out);
  if constexpr (slot == slot_run_id) out.run = hash_of(cell);
  if constexpr (slot == slot_event_name) out.event_name = hash_of(cell);
  if constexpr (slot == slot_user_id) read_user(cell, out);
  if constexpr (slot == slot_device_id) out.device = is_there(cell) ? device_key_of(cell.text) : 0;
  if constexpr (slot == slot_session_id)
    out.session = is_there(cell) ? session_key_of(cell.text) : 0;
  if constexpr (slot == slot_sequence_id) out.sequence = integer_or<std::int64_t>(cell, -1);
  if constexpr (slot == slot_client_ts) out.client_ts = read_time(cell);
  if constexpr (slot == slot_server_ts) out.server_ts = read_time(cell);
  if constexpr (slot == slot_event_ts) out.event_ts = read_time(cell);
  if constexpr (slot == slot_ingestion_ts) out.ingestion_ts = read_time(cell);
  if constexpr (slot == slot_client_rows) out.client_rows = integer_or<std::int32_t>(cell, -1);
  if constexpr (slot == slot_server_rows) out.server_rows = integer_or<std::int32_t>(cell, -1);
  if constexpr (slot == slot_schema_version)
    out.schema_version = integer_or<std::int16_t>(cell, -1);
  if constexpr (slot == slot_source) out.source = read_source(cell);
  if constexpr (slot == slot_server_authoritative) out.server_authoritative = read_flag(cell);
  if constexpr (slot == slot_consent) out.consent = read_consent(cell);
}

}  // namespace parallax::cell_values
