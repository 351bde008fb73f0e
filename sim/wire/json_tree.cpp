// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/json_tree.h"

#include <simdjson.h>

#include "sim/wire/json_text.h"

namespace parallax {
namespace {

namespace od = simdjson::ondemand;

constexpr int depth_max = 64;

TokenKind kind_of(od::json_type type) {
  switch (type) {
    case od::json_type::string:
      return TokenKind::string;
    case od::json_type::number:
      return TokenKind::number;
    case od::json_type::boolean:
      return TokenKind::boolean;
    case od::json_type::null:
      return TokenKind::null;
    case od::json_type::object:
      return TokenKind::object;
    case od::json_type::array:
      return TokenKind::array;
  }
  return TokenKind::absent;
}

/// The key as written.
std::string_view key_of(od::field& field) {
  const char* const start = field.key().raw();
  std::size_t length = 0;
  for (; start[length] != '"'; ++length)
    if (start[length] == '\\') ++length;
  return {start, length};
}

}  // namespace

struct JsonTree::Reader {
  od::parser parser;
  std::vector<Node>* nodes = nullptr;
  const char* text_end = nullptr;

  simdjson::error_code scalar(od::value value, std::size_t at) {
    Node& node = (*nodes)[at];
    node.raw = node.text = json::without_end_blanks(value.raw_json_token());
    if (node.kind == TokenKind::string) return value.get_string().get(node.text);
    if (node.kind == TokenKind::boolean) {
      bool held = false;
      return value.get_bool().get(held);
    }
    // Not is_null(), which throws at another word that begins with n.
    if (node.kind == TokenKind::null && node.raw != "null") return simdjson::TAPE_ERROR;
    return simdjson::SUCCESS;
  }

  simdjson::error_code object(od::value value, int depth) {
    od::object inner;
    if (const auto code = value.get_object().get(inner)) return code;
    for (auto found : inner) {
      od::field field;
      if (const auto code = std::move(found).get(field)) return code;
      const std::string_view key = key_of(field);
      if (const auto code = add(field.value(), key, depth + 1)) return code;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code array(od::value value, int depth) {
    od::array inner;
    if (const auto code = value.get_array().get(inner)) return code;
    for (auto found : inner) {
      od::value element;
      if (const auto code = std::move(found).get(element)) return code;
      if (const auto code = add(element, {}, depth + 1)) return code;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code add(od::value value, std::string_view key, int depth) {
    if (depth > depth_max) return simdjson::DEPTH_ERROR;
    od::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    const std::size_t at = nodes->size();
    nodes->push_back({kind_of(type), key, {}, {}, 0});
    const bool is_object = type == od::json_type::object;
    simdjson::error_code code = simdjson::SUCCESS;
    if (!is_object && type != od::json_type::array) {
      code = scalar(value, at);
    } else {
      const char* const start = value.raw_json_token().data();
      code = is_object ? object(value, depth) : array(value, depth);
      const char* end = nullptr;
      if (code == simdjson::SUCCESS) code = value.current_location().get(end);
      if (code == simdjson::OUT_OF_BOUNDS) {
        end = text_end;
        code = simdjson::SUCCESS;
      }
      if (code != simdjson::SUCCESS) return code;
      Node& node = (*nodes)[at];
      node.raw = node.text = closed(start, end, is_object ? '}' : ']');
    }
    (*nodes)[at].end = static_cast<std::uint32_t>(nodes->size());
    return code;
  }

  /// From `start` to the bracket that was walked over last.
  static std::string_view closed(const char* start, const char* end, char bracket) {
    while (end > start && end[-1] != bracket) --end;
    return {start, static_cast<std::size_t>(end - start)};
  }
};

JsonTree::JsonTree() : reader_(std::make_unique<Reader>()) { reader_->nodes = &nodes_; }
JsonTree::~JsonTree() = default;

namespace {
Error not_json(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR)
    return {Error::Kind::protocol, "values are nested deeper than 64", {}};
  return {Error::Kind::protocol, std::string("not JSON: ") + simdjson::error_message(code), {}};
}
}  // namespace

Result<void> JsonTree::parse(std::string& text) {
  nodes_.clear();
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  reader_->text_end = text.data() + text.size();
  const simdjson::padded_string_view padded(text.data(), text.size(), text.capacity());
  od::document document;
  od::value root;
  if (const auto code = reader_->parser.iterate(padded).get(document)) return not_json(code);
  if (const auto code = document.get_value().get(root)) return not_json(code);
  if (const auto code = reader_->add(root, {}, 0)) return not_json(code);
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return Error{Error::Kind::protocol, "not JSON: text after the body", {}};
  return {};
}

JsonValue JsonTree::root() const { return nodes_.empty() ? JsonValue() : JsonValue(*this, 0); }

TokenKind JsonValue::kind() const {
  return tree_ == nullptr ? TokenKind::absent : tree_->nodes_[at_].kind;
}
std::string_view JsonValue::text() const {
  return tree_ == nullptr ? std::string_view() : tree_->nodes_[at_].text;
}
std::string_view JsonValue::raw() const {
  return tree_ == nullptr ? std::string_view() : tree_->nodes_[at_].raw;
}
std::string_view JsonValue::key() const {
  return tree_ == nullptr ? std::string_view() : tree_->nodes_[at_].key;
}

JsonValue JsonValue::operator[](std::string_view name) const {
  if (kind() != TokenKind::object) return {};
  for (JsonValue member = first(); member; member = member.next())
    if (member.key() == name) return member;
  return {};
}

JsonValue JsonValue::first() const {
  if (tree_ == nullptr || tree_->nodes_[at_].end == at_ + 1) return {};
  JsonValue child(*tree_, at_ + 1);
  child.end_ = tree_->nodes_[at_].end;
  return child;
}

JsonValue JsonValue::next() const {
  if (tree_ == nullptr) return {};
  const std::uint32_t behind = tree_->nodes_[at_].end;
  if (behind >= end_) return {};
  JsonValue sibling(*tree_, behind);
  sibling.end_ = end_;
  return sibling;
}

}  // namespace parallax
