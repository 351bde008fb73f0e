// SPDX-License-Identifier: Apache-2.0
#include "sim/read/json_cells.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace parallax {
namespace {

namespace ondemand = simdjson::ondemand;
using Kind = Cell::Kind;

/// A parser and the padded copy of the text it reads: the parser looks beyond the end.
struct PaddedParser {
  ondemand::parser parser;
  std::vector<char> buffer;

  simdjson::simdjson_result<ondemand::document> parse(std::string_view json) {
    const std::size_t needed = json.size() + simdjson::SIMDJSON_PADDING;
    if (buffer.size() < needed) buffer.resize(std::max<std::size_t>(needed * 2, 4'096));
    std::memcpy(buffer.data(), json.data(), json.size());
    return parser.iterate(simdjson::padded_string_view(buffer.data(), json.size(), buffer.size()));
  }
};

std::string_view trimmed(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : text.substr(0, end + 1);
}

bool read_cell(ondemand::value value, Cell& cell) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case ondemand::json_type::string:
      cell.kind = Kind::text;
      return value.get_string().get(cell.text) == simdjson::SUCCESS;
    case ondemand::json_type::number:
      cell = {Kind::number, trimmed(value.raw_json_token()), 0};
      return true;
    case ondemand::json_type::boolean: {
      bool yes = false;
      if (value.get_bool().get(yes) != simdjson::SUCCESS) return false;
      cell = {Kind::boolean, yes ? "true" : "false", 0};
      return true;
    }
    case ondemand::json_type::null:
      cell = {Kind::null, {}, 0};
      return trimmed(value.raw_json_token()) == "null";
    case ondemand::json_type::object:
    case ondemand::json_type::array:
      break;
  }
  cell.kind = Kind::nested;
  return simdjson::to_json_string(value).get(cell.text) == simdjson::SUCCESS;
}

/// Nothing follows the object.
bool ended(ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

bool read_properties(ondemand::object object, const Columns& columns, std::vector<Cell>& out) {
  for (auto item : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    const auto slot = columns.slot(key);
    if (!slot || !Columns::may_be_property(*slot)) continue;
    if (!read_cell(field.value(), out[*slot])) return false;
  }
  return true;
}

/// Leaves properties that come as JSON text in their cell.
bool read_row(ondemand::object object, const Columns& columns, std::vector<Cell>& cells,
              std::vector<Cell>& properties) {
  for (auto item : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    const auto slot = columns.slot(key);
    if (!slot) continue;
    ondemand::object inner;
    if (*slot == slot_properties && field.value().get_object().get(inner) == simdjson::SUCCESS) {
      if (!read_properties(inner, columns, properties)) return false;
    } else if (!read_cell(field.value(), cells[*slot])) {
      return false;
    }
  }
  return true;
}

/// The key as it stands between its quotes, from a pointer to its first character.
std::string_view raw_key(const char* first) {
  const char* end = first;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {first, static_cast<std::size_t>(end - first)};
}

void append_member(std::string_view key, std::string_view value, std::string& out) {
  if (out.size() > 1) out += ',';
  out += '"';
  out += key;
  out += "\":";
  out += trimmed(value);
}

bool rename_into(ondemand::object object, const ColumnMap& map, std::string& out) {
  for (auto item : object) {
    ondemand::field field;
    std::string_view value;
    if (std::move(item).get(field) != simdjson::SUCCESS) return false;
    const std::string_view key = raw_key(field.key().raw());
    if (simdjson::to_json_string(field.value()).get(value) != simdjson::SUCCESS) return false;
    bool renamed = false;
    for (const auto& [ours, theirs] : map) {
      if (theirs != key) continue;
      append_member(ours, value, out);
      renamed = true;
    }
    if (!renamed) append_member(key, value, out);
  }
  return true;
}

}  // namespace

struct JsonCells::Parsers {
  PaddedParser row;
  PaddedParser properties;  ///< A second one: the row's cells must stay valid.
};

JsonCells::JsonCells(const Columns& columns)
    : columns_(columns),
      cells_(columns.size()),
      properties_(columns.size()),
      parsers_(std::make_unique<Parsers>()) {}
JsonCells::~JsonCells() = default;

const std::vector<Cell>* JsonCells::read(std::string_view json) {
  clear();
  ondemand::document document;
  ondemand::object object;
  if (parsers_->row.parse(json).get(document) != simdjson::SUCCESS) return nullptr;
  if (document.get_object().get(object) != simdjson::SUCCESS) return nullptr;
  if (!read_row(object, columns_, cells_, properties_) || !ended(document)) return nullptr;
  return &finish();
}

void JsonCells::clear() {
  std::fill(cells_.begin(), cells_.end(), Cell{});
  std::fill(properties_.begin(), properties_.end(), Cell{});
}

const std::vector<Cell>& JsonCells::finish() {
  const Cell& properties = cells_[slot_properties];
  if (properties.kind == Kind::text || properties.kind == Kind::untyped ||
      properties.kind == Kind::nested)
    take_properties_text(properties.text);
  for (std::uint16_t slot = slot_currency; slot < columns_.size(); ++slot) {
    if (!Columns::may_be_property(slot) || properties_[slot].kind == Kind::absent) continue;
    Cell& cell = cells_[slot];
    if (cell.kind == Kind::absent || cell.kind == Kind::null) cell = properties_[slot];
  }
  return finish_columns();
}

const std::vector<Cell>& JsonCells::finish_columns() {
  for (const auto& [from, to] : columns_.copies()) cells_[to] = cells_[from];
  return cells_;
}

void JsonCells::take_properties_text(std::string_view json) {
  ondemand::document document;
  ondemand::object object;
  if (parsers_->properties.parse(json).get(document) != simdjson::SUCCESS) return;
  if (document.get_object().get(object) != simdjson::SUCCESS) return;
  // A damaged text gives no field at all, not the ones before the damage.
  if (!read_properties(object, columns_, properties_) || !ended(document))
    std::fill(properties_.begin(), properties_.end(), Cell{});
}

std::string rename_columns(std::string_view json, const ColumnMap& map) {
  if (map.empty()) return std::string(json);
  PaddedParser parser;
  ondemand::document document;
  ondemand::object object;
  std::string out = "{";
  if (parser.parse(json).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS || !rename_into(object, map, out))
    return std::string(json);
  return out + "}";
}

}  // namespace parallax
