// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_decode.h"

#include <simdjson.h>

#include <cstring>
#include <optional>

#include "sim/wire/json_text.h"

namespace parallax {
namespace {

namespace od = simdjson::ondemand;

constexpr int depth_max = 64;
constexpr int field_depth = 3;  ///< Of the value of "context" in {"batch":[{"context":
constexpr std::array<std::string_view, shared_key_count> key_names{
    "event_name",      "event_id",  "user_id", "device_id",      "session_id",    "sequence_id",
    "client_ts",       "server_ts", "source",  "schema_version", "consent_state", "retry_count",
    "delivery_status", "run_id",    "context", "currency",       "revenue",       "tax",
    "properties"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 8259 number. simdjson checks numbers only when they are converted, which would round them.
bool is_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > first;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool leading_zero = i + 1 < text.size() && text[i] == '0' && is_digit(text[i + 1]);
  if (leading_zero || !digits()) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

/// Where the key that is written at `raw`, behind its quote, stands in key_names. Our own encoder
/// keeps the order, so `expected` is tried first.
std::optional<std::size_t> index_of(const char* raw, std::size_t expected) {
  for (std::size_t step = 0; step < shared_key_count; ++step) {
    const std::size_t index =
        expected + step < shared_key_count ? expected + step : expected + step - shared_key_count;
    const std::string_view name = key_names[index];
    if (std::memcmp(raw, name.data(), name.size()) == 0 && raw[name.size()] == '"') return index;
  }
  return std::nullopt;
}

/// Walks values to the end. Errors of simdjson are kept in `error`; after one nothing is read.
class Walker {
 public:
  simdjson::error_code error = simdjson::SUCCESS;

  Token token(od::value value, int depth, std::vector<SharedEvent::Member>* members = nullptr) {
    od::json_type type{};
    if (!keep(value.type().get(type))) return {};
    switch (type) {
      case od::json_type::string:
        return string(value);
      case od::json_type::number:
        return scalar(value, TokenKind::number);
      case od::json_type::boolean:
        return scalar(value, TokenKind::boolean);
      case od::json_type::null:
        return scalar(value, TokenKind::null);
      case od::json_type::object:
        return object(value, depth, members);
      case od::json_type::array:
        return array(value, depth);
    }
    error = simdjson::TAPE_ERROR;
    return {};
  }

  bool keep(simdjson::error_code found) {
    if (error == simdjson::SUCCESS) error = found;
    return error == simdjson::SUCCESS;
  }

  /// The key as written, without quotes; an illegal escape in it is an error.
  std::string_view key_of(od::field& field) {
    const char* start = field.key().raw();
    bool escaped = false;
    std::size_t length = 0;
    for (; start[length] != '"'; ++length)
      if (start[length] == '\\') {
        escaped = true;
        ++length;
      }
    std::string_view unescaped;
    if (escaped) keep(field.unescaped_key().get(unescaped));
    return {start, length};
  }

 private:
  /// A string without a backslash is its own text: that it is UTF-8 without control characters is
  /// known since the whole body was looked at.
  Token string(od::value value) {
    std::string_view text = json::without_end_blanks(value.raw_json_token());
    if (text.size() < 2 || text.back() != '"' || std::memchr(text.data(), '\\', text.size())) {
      if (!keep(value.get_string().get(text))) return {};
      return {TokenKind::string, text};
    }
    return {TokenKind::string, text.substr(1, text.size() - 2)};
  }

  Token scalar(od::value value, TokenKind kind) {
    const std::string_view text = json::without_end_blanks(value.raw_json_token());
    const bool fine = kind == TokenKind::number    ? is_number(text)
                      : kind == TokenKind::boolean ? text == "true" || text == "false"
                                                   : text == "null";
    if (!fine) {
      error = simdjson::TAPE_ERROR;
      return {};
    }
    if (kind == TokenKind::null) return {kind, {}};
    return {kind, text};
  }

  Token object(od::value value, int depth, std::vector<SharedEvent::Member>* members) {
    od::object inner;
    if (depth >= depth_max) error = simdjson::DEPTH_ERROR;
    const char* start = value.raw_json_token().data();
    if (!keep(value.get_object().get(inner))) return {};
    for (auto found : inner) {
      od::field field;
      if (!keep(std::move(found).get(field))) return {};
      const std::string_view key = key_of(field);
      const Token member = token(field.value(), depth + 1);
      if (error != simdjson::SUCCESS) return {};
      if (members != nullptr) members->push_back({key, member});
    }
    return {TokenKind::object, text_until_here(start, '}', value)};
  }

  Token array(od::value value, int depth) {
    od::array inner;
    if (depth >= depth_max) error = simdjson::DEPTH_ERROR;
    const char* start = value.raw_json_token().data();
    if (!keep(value.get_array().get(inner))) return {};
    for (auto found : inner) {
      od::value element;
      if (!keep(std::move(found).get(element))) return {};
      token(element, depth + 1);
      if (error != simdjson::SUCCESS) return {};
    }
    return {TokenKind::array, text_until_here(start, ']', value)};
  }

 public:
  /// What is written from `start` up to the bracket that was walked over last.
  std::string_view text_until_here(const char* start, char bracket, od::value& value) {
    const char* end = nullptr;
    if (!keep(value.current_location().get(end))) return {};
    while (end > start && end[-1] != bracket) --end;
    return {start, static_cast<std::size_t>(end - start)};
  }
};

Error not_json(simdjson::error_code code) {
  if (code == simdjson::DEPTH_ERROR)
    return {Error::Kind::protocol, "values are nested deeper than 64", {}};
  return {Error::Kind::protocol, std::string("not JSON: ") + simdjson::error_message(code), {}};
}

}  // namespace

std::string_view name_of(TokenKind kind) {
  constexpr std::array<std::string_view, 7> names{"absent",  "null",   "string", "number",
                                                  "boolean", "object", "array"};
  return names[static_cast<std::size_t>(kind)];
}
std::optional<SharedKey> shared_key_of(std::string_view name) {
  for (std::size_t i = 0; i < shared_key_count; ++i)
    if (name_of(static_cast<SharedKey>(i)) == name) return static_cast<SharedKey>(i);
  return std::nullopt;
}

std::string_view name_of(SharedKey key) { return key_names[static_cast<std::size_t>(key)]; }

struct SharedDecoder::State {
  od::parser parser;
  SharedEvent event;
  Token sent_at;

  /// Fills `event`; returns what went wrong.
  simdjson::error_code read_event(od::value value) {
    event.tokens.fill({});
    event.properties.clear();
    Walker walker;
    od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      const std::string_view start = json::without_end_blanks(value.raw_json_token());
      const Token token = walker.token(value, 2);
      event.is_object = false;
      event.raw = token.kind == TokenKind::array ? token.text : start;
      return walker.error;
    }
    event.is_object = true;
    const char* start = value.raw_json_token().data();
    read_members(object, walker);
    if (walker.error == simdjson::SUCCESS) event.raw = walker.text_until_here(start, '}', value);
    return walker.error;
  }

  void read_members(od::object object, Walker& walker) {
    std::size_t expected = 0;
    for (auto found : object) {
      od::field field;
      if (!walker.keep(std::move(found).get(field))) return;
      const auto index = index_of(field.key().raw(), expected);
      if (!index) walker.key_of(field);
      const bool is_properties = index == static_cast<std::size_t>(SharedKey::properties);
      if (is_properties) event.properties.clear();
      const Token token =
          walker.token(field.value(), field_depth, is_properties ? &event.properties : nullptr);
      if (walker.error != simdjson::SUCCESS) return;
      if (!index) continue;
      event.tokens[*index] = token;
      expected = *index + 1;
    }
  }
};

SharedDecoder::SharedDecoder() : state_(std::make_unique<State>()) {}
SharedDecoder::~SharedDecoder() = default;
const Token& SharedDecoder::sent_at() const { return state_->sent_at; }

Result<void> SharedDecoder::decode(std::string& body, const Visit& visit) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  od::document document;
  od::object root;
  const simdjson::padded_string_view text(body.data(), body.size(), body.capacity());
  if (const auto code = state_->parser.iterate(text).get(document)) return not_json(code);
  if (const auto code = document.get_object().get(root))
    return code == simdjson::INCORRECT_TYPE
               ? Error{Error::Kind::protocol, "the body is no JSON object", {}}
               : not_json(code);
  bool has_batch = false;
  state_->sent_at = {};
  Walker walker;
  for (auto found : root) {
    od::field field;
    if (const auto code = std::move(found).get(field)) return not_json(code);
    od::array batch;
    if (const std::string_view key = walker.key_of(field); key != "batch") {
      const Token token = walker.token(field.value(), 1);
      if (walker.error != simdjson::SUCCESS) return not_json(walker.error);
      if (key == "sent_at") state_->sent_at = token;
      continue;
    }
    if (has_batch) return Error{Error::Kind::protocol, "batch is there twice", {}};
    has_batch = true;
    if (field.value().get_array().get(batch) != simdjson::SUCCESS)
      return Error{Error::Kind::protocol, "batch is no array", {}};
    for (auto element : batch) {
      od::value value;
      if (const auto code = std::move(element).get(value)) return not_json(code);
      if (const auto code = state_->read_event(value)) return not_json(code);
      visit(state_->event);
    }
  }
  if (!has_batch) return Error{Error::Kind::protocol, "batch is missing", {}};
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return Error{Error::Kind::protocol, "not JSON: text after the body", {}};
  return {};
}

}  // namespace parallax
