// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/wire/shared_decode.h"

namespace parallax {

class JsonTree;

/// A value of a JsonTree, or nothing: looking for a key that is not there, or in what is no object,
/// gives nothing. A view: valid until its tree parses again.
class JsonValue {
 public:
  JsonValue() = default;
  JsonValue(const JsonTree& tree, std::uint32_t at) : tree_(&tree), at_(at) {}

  TokenKind kind() const;
  bool missing() const { return kind() == TokenKind::absent || kind() == TokenKind::null; }
  bool is(TokenKind wanted) const { return kind() == wanted; }
  /// Strings: unescaped, without quotes. Others: as written.
  std::string_view text() const;
  /// As written, strings with their quotes.
  std::string_view raw() const;
  /// Of a member of an object, as written, without quotes.
  std::string_view key() const;
  /// Member of an object; of several with the same key the first. Linear.
  JsonValue operator[](std::string_view name) const;

  /// Children of an object or array, in their order: for (JsonValue v = a.first(); v; v =
  /// v.next()).
  JsonValue first() const;
  JsonValue next() const;
  explicit operator bool() const { return tree_ != nullptr; }

 private:
  const JsonTree* tree_ = nullptr;
  std::uint32_t at_ = 0;
  std::uint32_t end_ = 0;  ///< Of the siblings.
};

/// JSON as a flat tree over the text, for the decoders of vendors' formats, which name keys in any
/// order. Numbers keep the text they were written as. Keeps its buffers; not thread-safe.
class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  /// Errors (protocol): no JSON, text after it, values nested deeper than 64. That numbers are
  /// written right is not checked. `text` gets spare capacity that simdjson needs, and must stay.
  Result<void> parse(std::string& text);
  JsonValue root() const;

 private:
  friend class JsonValue;
  struct Node {
    TokenKind kind = TokenKind::absent;
    std::string_view key;
    std::string_view raw;
    std::string_view text;
    std::uint32_t end = 0;  ///< One past its last descendant.
  };
  struct Reader;
  std::unique_ptr<Reader> reader_;
  std::vector<Node> nodes_;  ///< In the order of the text: a parent before its children.
};

}  // namespace parallax
