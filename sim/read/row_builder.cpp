// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <limits>

#include "sim/core/millionths.h"
#include "sim/core/money.h"
#include "sim/core/prng.h"
#include "sim/read/cells.h"

namespace parallax {
namespace {

using Kind = Cell::Kind;

bool is_there(const Cell& cell) { return cell.kind != Kind::absent && cell.kind != Kind::null; }

std::uint64_t hash_of(const Cell& cell) { return is_there(cell) ? hash_text(cell.text) : 0; }

std::optional<std::int64_t> read_integer(std::string_view text) {
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
std::uint8_t lane_of_text(std::string_view text) {
  if (!text.starts_with("u-")) return CanonicalRow::no_lane;
  std::uint32_t user = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, user);
  if (error != std::errc{} || stop != end) return CanonicalRow::no_lane;
  return static_cast<std::uint8_t>(lane_of_user(user));
}

std::optional<bool> read_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 5> yes{"true", "TRUE", "True", "t", "1"};
  constexpr std::array<std::string_view, 5> no{"false", "FALSE", "False", "f", "0"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return std::nullopt;
}

/// What databases print and RFC 3339 does not know: no zone (UTC is meant), or "+00" alone.
std::optional<SimTime> read_database_time(std::string_view text) {
  std::array<char, 48> buffer{};
  if (text.size() < 16 || text.size() + 3 > buffer.size()) return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  const char sign = text[text.size() - 3];
  const std::string_view end = sign == '+' || sign == '-' ? ":00" : "Z";
  std::memcpy(buffer.data() + text.size(), end.data(), end.size());
  return parse_rfc3339({buffer.data(), text.size() + end.size()});
}

SimTime read_time(const Cell& cell) {
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
bool has_capitals(std::string_view id) {
  std::uint64_t any = 0;
  for (const std::size_t begin : {std::size_t{0}, id.size() - 32})
    for (std::size_t i = 0; i < 32; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, id.data() + begin + i, sizeof word);
      any |= word >> 1U & ~word;  // Letters have bit 6; bit 5 tells small ones.
    }
  return (any & 0x2020'2020'2020'2020U) != 0;
}

void read_event_id(const Cell& cell, CanonicalRow& out) {
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
std::optional<std::int64_t> scaled(const Cell& cell, int exponent) {
  std::int64_t value = cell.value;
  for (int i = cell.scale; i < exponent; ++i)
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
  for (int i = cell.scale; i > exponent; --i) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

std::optional<std::int64_t> read_number(FieldType type, const Cell& cell, int exponent) {
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

std::optional<std::int64_t> read_value(FieldType type, const Cell& cell, int exponent) {
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

FieldForm read_field(const FieldPlan& field, const Cell& cell, int exponent, std::int64_t& value) {
  if (cell.kind == Kind::absent) return FieldForm::absent;
  if (cell.kind == Kind::null) return FieldForm::null;
  const auto read =
      cell.kind == Kind::nested ? std::nullopt : read_value(field.type, cell, exponent);
  value = read ? *read : static_cast<std::int64_t>(hash_text(cell.text));
  if (!read) return FieldForm::other;
  const bool quoted = cell.kind == Kind::text && field.type != FieldType::string;
  return quoted ? FieldForm::as_text : FieldForm::present;
}

std::optional<Source> read_source(const Cell& cell) {
  for (const Source source : both_sources)
    if (is_there(cell) && cell.text == name_of(source)) return source;
  return std::nullopt;
}

std::optional<Consent> read_consent(const Cell& cell) {
  for (const Consent consent : {Consent::granted, Consent::denied})
    if (is_there(cell) && cell.text == name_of(consent)) return consent;
  return std::nullopt;
}

}  // namespace

RowBuilder::RowBuilder(const TrackingPlan& plan, const Columns& columns)
    : plan_(plan), columns_(columns) {
  for (const ActionPlan& action : plan.actions) action_hashes_.push_back(hash_text(action.name));
  // Behind their own names those that faults give them.
  for (const ActionPlan& action : plan.actions)
    action_hashes_.push_back(
        hash_text(action.other_name.empty() ? action.name : action.other_name));
}

void RowBuilder::build(std::span<const Cell> cells, CanonicalRow& out) const {
  assert(cells.size() >= columns_.size());
  out = CanonicalRow{};
  read_event_id(cells[slot_event_id], out);
  out.run = hash_of(cells[slot_run_id]);
  out.event_name = hash_of(cells[slot_event_name]);
  if (const Cell& user = cells[slot_user_id]; is_there(user)) {
    out.user = user_key_of(user.text);
    out.lane = lane_of_text(user.text);
  }
  if (is_there(cells[slot_device_id])) out.device = device_key_of(cells[slot_device_id].text);
  if (is_there(cells[slot_session_id])) out.session = session_key_of(cells[slot_session_id].text);
  out.sequence = integer_or<std::int64_t>(cells[slot_sequence_id], -1);
  out.client_ts = read_time(cells[slot_client_ts]);
  out.server_ts = read_time(cells[slot_server_ts]);
  out.event_ts = read_time(cells[slot_event_ts]);
  if (cells[slot_event_ts].kind == Kind::absent)
    out.event_ts = out.server_ts != no_time ? out.server_ts : out.client_ts;
  out.ingestion_ts = read_time(cells[slot_ingestion_ts]);
  out.client_rows = integer_or<std::int32_t>(cells[slot_client_rows], -1);
  out.server_rows = integer_or<std::int32_t>(cells[slot_server_rows], -1);
  out.schema_version = integer_or<std::int16_t>(cells[slot_schema_version], -1);
  out.source = read_source(cells[slot_source]);
  if (is_there(cells[slot_server_authoritative]))
    out.server_authoritative = read_boolean(cells[slot_server_authoritative].text);
  out.consent = read_consent(cells[slot_consent]);
  fill_fields(cells, out);
}

void RowBuilder::fill_fields(std::span<const Cell> cells, CanonicalRow& out) const {
  const int exponent = exponent_of(cells[slot_currency], out);
  if (!is_there(cells[slot_event_name])) return;
  const auto found = std::find(action_hashes_.begin(), action_hashes_.end(), out.event_name);
  if (found == action_hashes_.end()) return;
  out.type = static_cast<std::uint16_t>(static_cast<std::size_t>(found - action_hashes_.begin()) %
                                        plan_.actions.size());
  const ActionPlan& action = plan_.actions[out.type];
  const auto slots = columns_.fields(out.type);
  for (std::size_t i = 0; i < slots.size(); ++i)
    out.forms[i] = read_field(action.fields[i], cells[slots[i]], exponent, out.values[i]);
}

int RowBuilder::exponent_of(const Cell& currency, CanonicalRow& out) const {
  if (!is_there(currency)) return plan_.currencies.empty() ? 2 : plan_.currencies[0].exponent;
  for (std::size_t i = 0; i < plan_.currencies.size(); ++i) {
    if (plan_.currencies[i].code != currency.text) continue;
    out.currency = static_cast<std::uint8_t>(i);
    return plan_.currencies[i].exponent;
  }
  return currency_exponent(currency.text);
}

}  // namespace parallax
