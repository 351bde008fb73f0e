// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/load.h"
#include "sim/scenario/node.h"

namespace parallax {

struct Shape;

/// A member that an object may have.
struct Key {
  std::string_view name;
  const Shape* shape;
  std::string_view about;  ///< One sentence with unit, range and default.
  bool required = false;
};

/// What may stand at a place of a file. One table of shapes drives both the check of a file and the
/// JSON Schema, so that the two cannot part.
struct Shape {
  enum class Kind : std::uint8_t {
    text,
    word,
    boolean,
    integer,   ///< `low` .. `high`.
    decimal,   ///< `low` .. `high` in millionths.
    ratio,     ///< 0.15 or "15%".
    duration,  ///< `low` .. `high` in microseconds.
    list,      ///< `item`s, `low` .. `high` of them.
    object,    ///< `keys`, and `item` for members of any other name; at least `low` members.
    any_of,    ///< One of `options`.
    any,       ///< Whatever JSON there is.
    tagged,    ///< An object whose member `tag` names which of `options` (parallel to `words`).
  };
  Kind kind = Kind::text;
  std::string_view id;   ///< Name in the schema's $defs; empty: written in place.
  std::string expected;  ///< For messages; empty: made from kind and bounds.
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  bool (*fits)(std::string_view) = nullptr;  ///< Texts: beyond being a text.
  std::string_view pattern;                  ///< The same for the schema, roughly.
  std::vector<std::string_view> words;
  std::vector<Key> keys;
  const Shape* item = nullptr;
  std::vector<const Shape*> options;
  std::string_view tag;
};

/// Owns shapes; addresses stay valid for its life.
class ShapeBook {
 public:
  Shape* add(Shape shape) { return &shapes_.emplace_back(std::move(shape)); }

  const Shape* text();
  const Shape* text(std::string expected, std::string_view pattern, bool (*fits)(std::string_view));
  const Shape* words(std::vector<std::string_view> words);
  const Shape* flag();
  const Shape* integer(std::int64_t low, std::int64_t high);
  /// Bounds in millionths.
  const Shape* decimal(std::int64_t low, std::int64_t high);
  const Shape* ratio();
  const Shape* duration(Micros low, Micros high = std::numeric_limits<Micros>::max());
  const Shape* list(const Shape* item, std::int64_t low, std::int64_t high);
  const Shape* object(std::vector<Key> keys);
  /// Members of any name, at least `low` of them.
  const Shape* map(const Shape* item, std::int64_t low = 0);
  const Shape* any();
  const Shape* any_of(std::vector<const Shape*> options);
  /// {"pick": {VALUE: WEIGHT, ...}}'s inner map.
  const Shape* weights();

 private:
  std::deque<Shape> shapes_;
  const Shape* weights_ = nullptr;
};

/// The whole scenario file; each fault kind with its parameters.
const Shape* scenario_shape(ShapeBook& book, std::span<const FaultKind> faults);
/// A target file, and the scenario's "target".
const Shape* target_shape(ShapeBook& book);

/// Parts of scenario_shape, one a file.
const Shape* population_shape(ShapeBook& book);
const Shape* actions_shape(ShapeBook& book);
const Shape* sdk_shape(ShapeBook& book);
const Shape* journeys_shape(ShapeBook& book);
const Shape* faults_shape(ShapeBook& book, std::span<const FaultKind> faults);
const Shape* assertions_shape(ShapeBook& book);

/// Reports everything in `node` that is not of the shape: unknown names, wrong types, values out of
/// range, missing members.
void check_shape(const Node& node, const Shape& shape, Problems& problems);

/// "a whole number 1 .. 100", for messages and the schema's descriptions.
std::string expectation(const Shape& shape);

/// The shape as JSON Schema (draft 2020-12).
Json schema_of(const Shape& shape);

/// What schema and parser agree on: "15%", "2d..4d" and so on.
struct Span {
  Micros from = 0;
  Micros until = end_of_time.since_epoch;
};
/// "2d..4d", "2d..", "..4d". Nothing when it is none, is empty, or starts below zero.
std::optional<Span> parse_span(std::string_view text);
/// "max" = 0, "real" = 1, "60x" = 60.
std::optional<std::uint32_t> parse_pace(std::string_view text);
/// A name that people give a fault or an assertion: printable, 1 .. 120 bytes.
bool is_label(std::string_view text);
/// Names that predicates can read as a word and columns can carry: letters, digits, _; no digit
/// first.
bool is_name(std::string_view text);
/// Event names as products write them ("$pageview", "Order Completed"), 1 .. 100 bytes; no dot,
/// which parts action and field in "purchase.revenue", and no quotes.
bool is_action_name(std::string_view text);

}  // namespace parallax
