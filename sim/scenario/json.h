// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/load.h"

namespace parallax {

/// A JSON document that keeps what decides a run: the order of members, and numbers as their
/// decimal text, so that 0.15 is fifteen hundredths and never a binary fraction. Plain value.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, text, list, object };
  Kind kind = Kind::null;
  bool truth = false;
  bool secret = false;             ///< Holds an expanded ${env:...}: never shown.
  std::uint16_t file = 0;          ///< Index of the file it was written in, by the caller's count.
  std::string text;                ///< Texts: the content. Numbers: the token.
  std::vector<Json> items;         ///< Elements, or the members' values.
  std::vector<std::string> names;  ///< Objects: parallel to `items`, each name once.

  static Json object() { return of(Kind::object, {}); }
  static Json list() { return of(Kind::list, {}); }
  static Json of_text(std::string_view text) { return of(Kind::text, text); }
  static Json of_number(std::int64_t n) { return of(Kind::number, std::to_string(n)); }
  static Json of_flag(bool truth);

  bool holds_others() const { return kind == Kind::list || kind == Kind::object; }
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  /// Replaces the member or appends it; returns *this, so that documents can be written in place.
  Json& put(std::string_view name, Json value);
  Json& push(Json value);
  void remove(std::string_view name);

 private:
  static Json of(Kind kind, std::string_view text);
};

/// Deepest nesting that is read: far beyond any scenario, far below the stack.
constexpr std::size_t json_depth_max = 64;

/// Reads JSON with // and /* */ comments. A syntax error (with line and column), a name that occurs
/// twice in an object and too deep nesting are appended to `problems` under `file_name`; nothing
/// comes back when the text is no JSON.
std::optional<Json> parse_json(std::string_view text, const std::string& file_name,
                               std::uint16_t file, std::vector<Problem>& problems);

/// Deterministic text, two spaces of indent, short lists and objects on one line.
std::string write_json(const Json& value);
/// On one line.
std::string write_json_line(const Json& value);

/// Applies an RFC 7386 merge patch.
void merge_patch(Json& target, const Json& patch);
/// Drops null members of objects (outside lists), as a merge patch onto nothing would.
void strip_nulls(Json& value);
/// Puts `value` at an RFC 6901 pointer; missing members of objects are made, "-" appends to a list.
/// Errors: an illegal pointer, an index beyond the list, a way through a text or number.
Result<void> put_at(Json& target, std::string_view pointer, Json value);

/// A member's or element's name as a segment of a JSON pointer, with its slash.
std::string pointer_segment(std::string_view name);

}  // namespace parallax
