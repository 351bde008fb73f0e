// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_decode.h"

#include <simdjson.h>

#include <cstring>
#include <optional>
#include <utility>

namespace parallax {
namespace {

namespace od = simdjson::ondemand;

constexpr int depth_max = 64;
constexpr std::size_t room_step = 64U << 10;  ///< Bodies of one sender differ a little in length.
constexpr int event_depth = 2;                ///< Of the innermost object in {"batch":[{
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

/// Where `key` stands in key_names. Our own encoder keeps the order, so `expected` is tried first.
std::optional<std::size_t> index_of(std::string_view key, std::size_t expected) {
  for (std::size_t step = 0; step < shared_key_count; ++step) {
    const std::size_t index =
        expected + step < shared_key_count ? expected + step : expected + step - shared_key_count;
    if (key == key_names[index]) return index;
  }
  return std::nullopt;
}

bool is_blank(char c) { return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t'); }

/// Walks over a body by simdjson's index of it: where each string, bracket, colon, comma and other
/// word begins. The first step of parsing has made it, and has seen to it that the body is UTF-8
/// and that its strings are closed and have no control characters; whether the tokens are JSON is
/// looked at here. After an error nothing more is read.
class Walker {
 public:
  /// Starts at the first token of `body`, which must live on and have simdjson's padding.
  simdjson::error_code start(const std::string& body) {
    if (parser_.capacity() <= body.size())
      if (const auto code = parser_.allocate((body.size() / room_step + 1) * room_step))
        return code;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(body.data());
    simdjson::internal::dom_parser_implementation& index = *parser_.implementation;
    if (const auto code = index.stage1(bytes, body.size(), simdjson::stage1_mode::regular))
      return code;
    text_ = body.data();
    length_ = static_cast<std::uint32_t>(body.size());
    at_ = index.structural_indexes.get();
    // Tokens of no length at the end: so nobody has to ask whether there is a next one. There is
    // room, simdjson itself pads the index so.
    const std::size_t tokens = index.n_structural_indexes;
    index.structural_indexes[tokens] = index.structural_indexes[tokens + 1] = length_;
    end_ = at_ + tokens;
    error = simdjson::SUCCESS;
    has_escapes_ = std::memchr(text_, '\\', length_) != nullptr;
    if (!has_escapes_) return error;
    unescaped_.resize(body.size() + simdjson::SIMDJSON_PADDING);
    unescaped_end_ = unescaped_.data();
    return escapes_.allocate(simdjson::dom::MINIMAL_DOCUMENT_CAPACITY);
  }

  simdjson::error_code error = simdjson::SUCCESS;
  /// Keeps the first one. Always false.
  bool fail(simdjson::error_code code) {
    if (error == simdjson::SUCCESS) error = code;
    return false;
  }

  bool at_end() const { return at_ == end_; }
  /// What the token at hand begins with; NUL at the end of the body.
  char peek() const { return text_[*at_]; }
  /// The token at hand as written; empty at the end.
  std::string_view written() const {
    const std::uint32_t begin = at_[0];
    std::uint32_t end = at_[1];
    while (end > begin && is_blank(text_[end - 1])) --end;
    return {text_ + begin, end - begin};
  }
  /// Goes over a token that is this one character.
  bool expect(char c) {
    if (peek() != c) return fail(simdjson::TAPE_ERROR);
    ++at_;
    return true;
  }

  Token value(int depth, std::vector<SharedEvent::Member>* members = nullptr) {
    switch (peek()) {
      case '"':
        return string();
      case '{':
        return object(depth, members);
      case '[':
        return array(depth);
      case 't':
      case 'f':
        return word(TokenKind::boolean);
      case 'n':
        return word(TokenKind::null);
      default:
        return word(TokenKind::number);
    }
  }

  /// A string; what else it may be says `value`.
  Token string() {
    const std::string_view text = quoted();
    return {TokenKind::string, is_escaped(text) ? unescape(text) : text};
  }

  /// Calls `member(key)` for each member of the object at hand, its key as written; what it has to
  /// do is to go over the value. Returns the object's text.
  template <class Visit>
  std::string_view members(Visit member) {
    const char* const start = written().data();
    if (!expect('{')) return {};
    if (peek() == '}') return text_through(start);
    for (;;) {
      const std::string_view name = key();
      if (error != simdjson::SUCCESS || !expect(':')) return {};
      member(name);
      if (error != simdjson::SUCCESS) return {};
      if (peek() == '}') return text_through(start);
      if (!expect(',')) return {};
    }
  }

  /// The same for the elements of the array at hand.
  template <class Visit>
  std::string_view elements(Visit element) {
    const char* const start = written().data();
    if (!expect('[')) return {};
    if (peek() == ']') return text_through(start);
    for (;;) {
      element();
      if (error != simdjson::SUCCESS) return {};
      if (peek() == ']') return text_through(start);
      if (!expect(',')) return {};
    }
  }

 private:
  /// Goes over the bracket at hand: what is written from `start` up to it.
  std::string_view text_through(const char* start) {
    return {start, static_cast<std::size_t>(text_ + *at_++ + 1 - start)};
  }

  /// The string at hand, between its quotes; goes on to the next token.
  std::string_view quoted() {
    const std::uint32_t begin = at_[0];
    std::uint32_t end = at_[1];
    if (text_[end - 1] != '"') end = begin + static_cast<std::uint32_t>(written().size());
    const bool closed = end > begin + 1 && text_[begin] == '"' && text_[end - 1] == '"';
    if (!closed && !fail(simdjson::TAPE_ERROR)) return {};
    ++at_;
    return {text_ + begin + 1, end - begin - 2};
  }

  bool is_escaped(std::string_view text) const {
    return has_escapes_ && text.find('\\') != std::string_view::npos;
  }

  /// As written, but an illegal escape in it is an error.
  std::string_view key() {
    const std::string_view text = quoted();
    if (is_escaped(text)) unescape(text);
    return text;
  }

  std::string_view unescape(std::string_view text) {
    std::string_view plain;
    const od::raw_json_string raw(reinterpret_cast<const std::uint8_t*>(text.data()));
    auto* end = reinterpret_cast<std::uint8_t*>(unescaped_end_);
    if (const auto code = escapes_.unescape(raw, end).get(plain)) fail(code);
    unescaped_end_ = reinterpret_cast<char*>(end);
    return plain;
  }

  Token word(TokenKind kind) {
    const std::string_view text = written();
    const bool fine = kind == TokenKind::number    ? is_number(text)
                      : kind == TokenKind::boolean ? text == "true" || text == "false"
                                                   : text == "null";
    if (!fine && !fail(simdjson::TAPE_ERROR)) return {};
    ++at_;
    return {kind, kind == TokenKind::null ? std::string_view() : text};
  }

  Token object(int depth, std::vector<SharedEvent::Member>* kept) {
    if (depth >= depth_max && !fail(simdjson::DEPTH_ERROR)) return {};
    return {TokenKind::object, members([&](std::string_view key) {
              const Token member = value(depth + 1);
              if (kept != nullptr) kept->push_back({key, member});
            })};
  }

  Token array(int depth) {
    if (depth >= depth_max && !fail(simdjson::DEPTH_ERROR)) return {};
    return {TokenKind::array, elements([&] { value(depth + 1); })};
  }

  simdjson::dom::parser parser_;
  od::parser escapes_;
  const char* text_ = nullptr;
  std::uint32_t length_ = 0;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  bool has_escapes_ = false;
  std::string unescaped_;  ///< Strings with escapes, one behind the other.
  char* unescaped_end_ = nullptr;
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
  Walker walker;
  SharedEvent event;
  Token sent_at;

  /// Calls `visit` for each event of the batch at hand.
  void read_batch(const Visit& visit) {
    walker.elements([&] {
      read_event();
      if (walker.error == simdjson::SUCCESS) visit(event);
    });
  }

  void read_event() {
    event.tokens.fill({});
    event.properties.clear();
    event.is_object = walker.peek() == '{';
    if (event.is_object) {
      std::size_t expected = 0;
      event.raw = walker.members([&](std::string_view key) { read_member(key, expected); });
    } else {
      event.raw = walker.written();
      const Token token = walker.value(event_depth);
      if (token.kind == TokenKind::array) event.raw = token.text;
    }
  }

  void read_member(std::string_view key, std::size_t& expected) {
    const auto index = index_of(key, expected);
    const bool is_properties = index == static_cast<std::size_t>(SharedKey::properties);
    if (is_properties) event.properties.clear();
    const Token token =
        walker.peek() == '"'
            ? walker.string()
            : walker.value(event_depth + 1, is_properties ? &event.properties : nullptr);
    if (!index) return;
    event.tokens[*index] = token;
    expected = *index + 1;
  }
};

SharedDecoder::SharedDecoder() : state_(std::make_unique<State>()) {}
SharedDecoder::~SharedDecoder() = default;
const Token& SharedDecoder::sent_at() const { return state_->sent_at; }

Result<void> SharedDecoder::decode(std::string& body, const Visit& visit) {
  Walker& walker = state_->walker;
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  state_->sent_at = {};
  if (const auto code = walker.start(body)) return not_json(code);
  if (walker.peek() != '{') return Error{Error::Kind::protocol, "the body is no JSON object", {}};
  const char* wrong = nullptr;
  bool has_batch = false;
  walker.members([&](std::string_view key) {
    if (key != "batch") {
      const Token token = walker.value(1);
      if (key == "sent_at") state_->sent_at = token;
    } else if (std::exchange(has_batch, true) || walker.peek() != '[') {
      wrong = walker.peek() == '[' ? "batch is there twice" : "batch is no array";
      walker.fail(simdjson::INCORRECT_TYPE);
    } else {
      state_->read_batch(visit);
    }
  });
  if (wrong != nullptr) return Error{Error::Kind::protocol, wrong, {}};
  if (walker.error != simdjson::SUCCESS) return not_json(walker.error);
  if (!has_batch) return Error{Error::Kind::protocol, "batch is missing", {}};
  if (!walker.at_end()) return Error{Error::Kind::protocol, "not JSON: text after the body", {}};
  return {};
}

}  // namespace parallax
