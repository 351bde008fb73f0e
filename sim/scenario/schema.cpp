// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

using Kind = Shape::Kind;

constexpr std::string_view duration_pattern = "^-?([0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d|w))+$";
constexpr std::string_view share_pattern = "^[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?%?$";

/// Collects $defs while it walks. Members may be null, since a scenario is a merge patch, in which
/// null takes a member back; and only elements of lists, which are never patched, say what is
/// required.
class SchemaWriter {
 public:
  Json write(const Shape& shape, bool patched);
  Json definitions() { return std::move(definitions_); }

 private:
  Json write_in_place(const Shape& shape, bool patched);
  Json object(const Shape& shape, bool patched);
  Json tagged(const Shape& shape, bool patched);
  Json options(const Shape& shape, bool patched);
  Json definitions_ = Json::object();
};

Json typed(std::string_view type) { return Json::object().put("type", Json::of_text(type)); }

Json words_of(const Shape& shape) {
  Json all = Json::list();
  for (const std::string_view word : shape.words) all.push(Json::of_text(word));
  return all;
}

Json bounded(Json schema, const Shape& shape, std::string_view low, std::string_view high) {
  if (shape.low != std::numeric_limits<std::int64_t>::min())
    schema.put(low, Json::of_number(shape.low));
  if (shape.high != std::numeric_limits<std::int64_t>::max())
    schema.put(high, Json::of_number(shape.high));
  return schema;
}

Json decimal(std::int64_t millionths) {
  Json value = Json::of_number(millionths);
  while (value.text.size() < 7) value.text.insert(0, "0");
  value.text.insert(value.text.size() - 6, ".");
  while (value.text.back() == '0') value.text.pop_back();
  if (value.text.back() == '.') value.text.pop_back();
  return value;
}

Json ratio_schema() {
  Json number =
      typed("number").put("minimum", Json::of_number(0)).put("maximum", Json::of_number(1));
  Json text = typed("string").put("pattern", Json::of_text(share_pattern));
  return Json::object().put("anyOf", Json::list().push(number).push(text));
}

Json or_null(Json schema) {
  if (Json* type = schema.find("type"); type != nullptr && type->kind == Json::Kind::text) {
    *type = Json::list().push(*type).push(Json::of_text("null"));
    return schema;
  }
  if (Json* some = schema.find("anyOf")) {
    some->push(typed("null"));
    return schema;
  }
  if (Json* words = schema.find("enum")) {
    words->push(Json{});
    return schema;
  }
  return Json::object().put("anyOf", Json::list().push(std::move(schema)).push(typed("null")));
}

Json scalar(const Shape& shape) {
  switch (shape.kind) {
    case Kind::word:
      return Json::object().put("enum", words_of(shape));
    case Kind::boolean:
      return typed("boolean");
    case Kind::integer:
      return bounded(typed("integer"), shape, "minimum", "maximum");
    case Kind::decimal:
      return typed("number").put("minimum", decimal(shape.low)).put("maximum", decimal(shape.high));
    case Kind::ratio:
      return ratio_schema();
    case Kind::duration:
      return typed("string").put("pattern", Json::of_text(duration_pattern));
    default:
      Json text = typed("string");
      return shape.pattern.empty() ? text : text.put("pattern", Json::of_text(shape.pattern));
  }
}

Json SchemaWriter::object(const Shape& shape, bool patched) {
  Json properties = Json::object();
  Json required = Json::list();
  for (const Key& key : shape.keys) {
    Json member = write(*key.shape, patched);
    if (patched) member = or_null(std::move(member));
    if (!key.about.empty()) member.put("description", Json::of_text(key.about));
    properties.put(key.name, std::move(member));
    if (key.required) required.push(Json::of_text(key.name));
  }
  Json schema = typed("object");
  if (!properties.items.empty()) schema.put("properties", std::move(properties));
  if (!patched && !required.items.empty()) schema.put("required", std::move(required));
  if (shape.item == nullptr) return schema.put("additionalProperties", Json::of_flag(false));
  Json item = write(*shape.item, patched);
  return schema.put("additionalProperties", patched ? or_null(std::move(item)) : std::move(item));
}

Json SchemaWriter::tagged(const Shape& shape, bool patched) {
  Json some = Json::list();
  for (std::size_t i = 0; i < shape.options.size(); ++i) {
    Json option = write(*shape.options[i], patched);
    Json* properties = option.find("properties");
    Json tag = Json::object().put("const", Json::of_text(shape.words[i]));
    if (const Json* about = properties->find(shape.tag)->find("description"))
      tag.put("description", *about);
    properties->put(shape.tag, std::move(tag));
    some.push(std::move(option));
  }
  return Json::object().put("oneOf", std::move(some));
}

Json SchemaWriter::options(const Shape& shape, bool patched) {
  Json some = Json::list();
  for (const Shape* option : shape.options) some.push(write(*option, patched));
  return Json::object().put("anyOf", std::move(some));
}

Json SchemaWriter::write_in_place(const Shape& shape, bool patched) {
  switch (shape.kind) {
    case Kind::list: {
      Json schema = typed("array").put("items", write(*shape.item, false));
      return bounded(std::move(schema), shape, "minItems", "maxItems");
    }
    case Kind::object:
      return object(shape, patched);
    case Kind::any:
      return Json::object();
    case Kind::any_of:
      return options(shape, patched);
    case Kind::tagged:
      return tagged(shape, patched);
    default:
      return scalar(shape);
  }
}

Json SchemaWriter::write(const Shape& shape, bool patched) {
  if (shape.id.empty()) return write_in_place(shape, patched);
  const std::string name = std::string(shape.id) + (patched ? "" : "_in_list");
  if (definitions_.find(name) == nullptr) {
    Json made = write_in_place(shape, patched);
    if (!shape.expected.empty()) made.put("description", Json::of_text(shape.expected));
    definitions_.put(name, std::move(made));
  }
  return Json::object().put("$ref", Json::of_text("#/$defs/" + name));
}

}  // namespace

Json schema_of(const Shape& shape) {
  SchemaWriter writer;
  const bool patched = true;
  const Json root = writer.write(shape, patched);
  Json schema = Json::object();
  schema.put("$schema", Json::of_text("https://json-schema.org/draft/2020-12/schema"));
  for (std::size_t i = 0; i < root.names.size(); ++i) schema.put(root.names[i], root.items[i]);
  return schema.put("$defs", writer.definitions());
}

std::string scenario_schema(std::span<const FaultKind> faults) {
  ShapeBook book;
  Json schema = schema_of(*scenario_shape(book, faults));
  schema.put("title", Json::of_text("A Parallax scenario"));
  return write_json(schema);
}

}  // namespace parallax
