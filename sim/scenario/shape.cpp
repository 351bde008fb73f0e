// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"

#include <algorithm>

namespace parallax {

const Shape* ShapeBook::text() { return add({}); }

const Shape* ShapeBook::text(std::string expected, std::string_view pattern,
                             bool (*fits)(std::string_view)) {
  Shape shape;
  shape.expected = std::move(expected);
  shape.pattern = pattern;
  shape.fits = fits;
  return add(std::move(shape));
}

const Shape* ShapeBook::words(std::vector<std::string_view> words) {
  Shape shape;
  shape.kind = Shape::Kind::word;
  shape.words = std::move(words);
  return add(std::move(shape));
}

const Shape* ShapeBook::flag() {
  Shape shape;
  shape.kind = Shape::Kind::boolean;
  return add(std::move(shape));
}

const Shape* ShapeBook::integer(std::int64_t low, std::int64_t high) {
  Shape shape;
  shape.kind = Shape::Kind::integer;
  shape.low = low;
  shape.high = high;
  return add(std::move(shape));
}

const Shape* ShapeBook::decimal(std::int64_t low, std::int64_t high) {
  Shape shape;
  shape.kind = Shape::Kind::decimal;
  shape.low = low;
  shape.high = high;
  return add(std::move(shape));
}

const Shape* ShapeBook::ratio() {
  Shape shape;
  shape.kind = Shape::Kind::ratio;
  return add(std::move(shape));
}

const Shape* ShapeBook::duration(Micros low, Micros high) {
  Shape shape;
  shape.kind = Shape::Kind::duration;
  shape.low = low;
  shape.high = high;
  return add(std::move(shape));
}

const Shape* ShapeBook::list(const Shape* item, std::int64_t low, std::int64_t high) {
  Shape shape;
  shape.kind = Shape::Kind::list;
  shape.item = item;
  shape.low = low;
  shape.high = high;
  return add(std::move(shape));
}

const Shape* ShapeBook::object(std::vector<Key> keys) {
  Shape shape;
  shape.kind = Shape::Kind::object;
  shape.keys = std::move(keys);
  return add(std::move(shape));
}

const Shape* ShapeBook::map(const Shape* item, std::int64_t low) {
  Shape shape;
  shape.kind = Shape::Kind::object;
  shape.item = item;
  shape.low = low;
  return add(std::move(shape));
}

const Shape* ShapeBook::any() {
  Shape shape;
  shape.kind = Shape::Kind::any;
  return add(std::move(shape));
}

const Shape* ShapeBook::any_of(std::vector<const Shape*> options) {
  Shape shape;
  shape.kind = Shape::Kind::any_of;
  shape.options = std::move(options);
  return add(std::move(shape));
}

const Shape* ShapeBook::weights() {
  if (weights_ == nullptr) {
    Shape* made = add(*map(integer(1, 1'000'000), 1));
    made->id = "weights";
    made->expected = "an object of values and their weights, such as {\"a\": 3, \"b\": 1}";
    weights_ = made;
  }
  return weights_;
}

std::optional<Span> parse_span(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view from = text.substr(0, dots);
  const std::string_view until = text.substr(dots + 2);
  Span span;
  if (!from.empty()) {
    const auto value = parse_duration(from);
    if (!value) return std::nullopt;
    span.from = *value;
  }
  if (!until.empty()) {
    const auto value = parse_duration(until);
    if (!value) return std::nullopt;
    span.until = *value;
  }
  const bool open = from.empty() && until.empty();
  return open || span.from < 0 || span.until <= span.from ? std::nullopt : std::optional(span);
}

std::optional<std::uint32_t> parse_pace(std::string_view text) {
  if (text == "max") return 0;
  if (text == "real") return 1;
  if (text.size() < 2 || text.back() != 'x') return std::nullopt;
  const auto times = parse_decimal(text.substr(0, text.size() - 1), 0);
  const bool in_range = times && *times >= 1 && *times <= 1'000'000;
  return in_range ? std::optional(static_cast<std::uint32_t>(*times)) : std::nullopt;
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool digit_first = !text.empty() && text.front() >= '0' && text.front() <= '9';
  return !text.empty() && !digit_first && std::all_of(text.begin(), text.end(), fits);
}

bool is_action_name(std::string_view text) {
  const auto fits = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '.' && c != '\'' && c != '"' &&
           c != '\x7f';
  };
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace parallax
