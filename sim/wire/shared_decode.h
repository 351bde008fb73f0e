// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"

namespace parallax {

/// What stands at a key of a JSON object.
enum class TokenKind : std::uint8_t { absent, null, string, number, boolean, object, array };
std::string_view name_of(TokenKind kind);

/// A JSON value as it was written. Numbers, objects, arrays and booleans keep their own text, so
/// that no decimal ever passes through binary floating point.
struct Token {
  TokenKind kind = TokenKind::absent;
  std::string_view text;  ///< Strings: unescaped, without quotes. Empty for absent and null.

  bool missing() const { return kind == TokenKind::absent || kind == TokenKind::null; }
};

/// The keys of a shared event, in the order in which our encoder writes them (DESIGN section 6).
enum class SharedKey : std::uint8_t {
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
  context,
  currency,
  revenue,
  tax,
  properties,
};
constexpr std::size_t shared_key_count = 19;
std::string_view name_of(SharedKey key);
/// The key of that name.
std::optional<SharedKey> shared_key_of(std::string_view name);

/// One event of a batch, as views into the body and the decoder: valid during the visit only.
struct SharedEvent {
  struct Member {
    std::string_view key;  ///< Without quotes, escapes as written.
    Token value;           ///< Without text where it is an object or an array.
  };
  std::array<Token, shared_key_count> tokens;  ///< By SharedKey. Unknown keys are left out.
  std::vector<Member> properties;              ///< Members of `properties`, in their order.
  std::string_view raw;                        ///< The whole event as it was sent.
  bool is_object = false;  ///< False: the batch holds something else here; only `raw` is set.

  const Token& at(SharedKey key) const { return tokens[static_cast<std::size_t>(key)]; }
};

/// Reads bodies of the shared format with simdjson. Everything in the body is checked to be JSON,
/// also what is left out. Keeps its buffers between bodies; not thread-safe.
class SharedDecoder {
 public:
  SharedDecoder();
  ~SharedDecoder();
  SharedDecoder(const SharedDecoder&) = delete;
  SharedDecoder& operator=(const SharedDecoder&) = delete;

  using Visit = std::function<void(const SharedEvent&)>;
  /// Calls `visit` for each event of {"batch": [...]}. On an error (no JSON, no batch, values
  /// nested deeper than 64) some events may have been visited already: the caller forgets them.
  /// `body` gets spare capacity that simdjson needs; its text stays.
  Result<void> decode(std::string& body, const Visit& visit);
  /// What the body of the last `decode` stated as "sent_at", until the next one.
  const Token& sent_at() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parallax
