// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/shape.h"

namespace parallax {
namespace {

using Kind = Shape::Kind;

std::string range_text(std::int64_t low, std::int64_t high, std::string (*show)(std::int64_t)) {
  if (high == std::numeric_limits<std::int64_t>::max())
    return low == std::numeric_limits<std::int64_t>::min() ? "" : " of at least " + show(low);
  return " " + show(low) + " .. " + show(high);
}

std::string show_integer(std::int64_t n) { return std::to_string(n); }

std::string show_millionths(std::int64_t n) {
  std::string text = std::to_string(n / 1'000'000);
  std::string rest = std::to_string(1'000'000 + n % 1'000'000).substr(1);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  return rest.empty() ? text : text + "." + rest;
}

std::string expectation_of_options(const Shape& shape) {
  std::string out;
  for (std::size_t i = 0; i < shape.options.size(); ++i) {
    if (i > 0) out += i + 1 == shape.options.size() ? " or " : ", ";
    out += expectation(*shape.options[i]);
  }
  return out;
}

std::string expectation_of_object(const Shape& shape) {
  if (shape.keys.empty()) return "an object";
  std::string out = "an object with";
  std::vector<std::string_view> names;
  for (const Key& key : shape.keys) names.push_back(key.name);
  return out + " " + joined(names);
}

bool inside(const Shape& shape, std::optional<std::int64_t> value) {
  return value && *value >= shape.low && *value <= shape.high;
}

bool scalar_fits(const Node& node, const Shape& shape) {
  switch (shape.kind) {
    case Kind::text:
      return node.is(Json::Kind::text) && (shape.fits == nullptr || shape.fits(node.word()));
    case Kind::word:
      return node.is(Json::Kind::text) &&
             std::find(shape.words.begin(), shape.words.end(), node.word()) != shape.words.end();
    case Kind::boolean:
      return node.is(Json::Kind::boolean);
    case Kind::integer:
      return inside(shape, integer_of(node));
    case Kind::decimal:
      return inside(shape, millionths_of(node));
    case Kind::ratio:
      return ratio_of(node).has_value();
    default:
      return inside(shape, duration_of(node));
  }
}

void check_list(const Node& node, const Shape& shape, Problems& problems) {
  const auto size = static_cast<std::int64_t>(node.size());
  if (!node.is(Json::Kind::list)) return problems.error(node, expectation(shape));
  if (size < shape.low || size > shape.high)
    problems.error(node, "a list of " + std::to_string(size), expectation(shape), "");
  for (std::size_t i = 0; i < node.size(); ++i) check_shape(node.at(i), *shape.item, problems);
}

void check_object(const Node& node, const Shape& shape, Problems& problems) {
  if (!node.is(Json::Kind::object)) return problems.error(node, expectation(shape));
  std::vector<std::string_view> known;
  for (const Key& key : shape.keys) known.push_back(key.name);
  for (std::size_t i = 0; i < node.size(); ++i) {
    const std::string& name = node.name(i);
    const auto at = std::find(known.begin(), known.end(), name);
    if (at != known.end()) {
      check_shape(node.at(i), *shape.keys[static_cast<std::size_t>(at - known.begin())].shape,
                  problems);
    } else if (shape.item != nullptr) {
      check_shape(node.at(i), *shape.item, problems);
    } else {
      problems.unknown(node.at(i), name, "a known key", known);
    }
  }
  for (const Key& key : shape.keys)
    if (key.required && !node[key.name])
      problems.error(node, "no \"" + std::string(key.name) + "\"",
                     "\"" + std::string(key.name) + "\": " + std::string(key.about), "");
  if (shape.keys.empty() && static_cast<std::int64_t>(node.size()) < shape.low)
    problems.error(node, "an empty object", expectation(shape), "");
}

void check_tagged(const Node& node, const Shape& shape, Problems& problems) {
  if (!node.is(Json::Kind::object)) return problems.error(node, expectation(shape));
  const Node tag = node[shape.tag];
  if (!tag)
    return problems.error(node, "no \"" + std::string(shape.tag) + "\"", expectation(shape), "");
  if (!tag.is(Json::Kind::text)) return problems.error(tag, "one of " + joined(shape.words));
  const auto at = std::find(shape.words.begin(), shape.words.end(), tag.word());
  if (at == shape.words.end())
    return problems.unknown(tag, tag.word(), "a known kind", shape.words);
  const auto index = static_cast<std::size_t>(at - shape.words.begin());
  check_shape(node, *shape.options[index], problems);
}

/// Whether the option has the node's JSON type at all: then its complaints are worth telling.
bool is_candidate(const Node& node, const Shape& option) {
  switch (option.kind) {
    case Kind::object:
    case Kind::tagged:
      return node.is(Json::Kind::object) &&
             (option.keys.empty() || option.item != nullptr ||
              std::any_of(option.keys.begin(), option.keys.end(),
                          [&](const Key& key) { return bool(node[key.name]); }));
    case Kind::list:
      return node.is(Json::Kind::list);
    default:
      return false;
  }
}

bool takes_objects(const Shape* option) {
  return option->kind == Kind::object || option->kind == Kind::tagged;
}
bool takes_words(const Shape* option) { return option->kind == Kind::word; }

void check_any_of(const Node& node, const Shape& shape, Problems& problems) {
  std::vector<Problem> told;
  const bool one_object =
      node.is(Json::Kind::object) && node.size() > 0 &&
      std::count_if(shape.options.begin(), shape.options.end(), takes_objects) == 1;
  // A text where all else are objects is meant as a word.
  const bool one_word = node.is(Json::Kind::text) &&
                        std::all_of(shape.options.begin(), shape.options.end(), [](const Shape* o) {
                          return takes_objects(o) || takes_words(o);
                        });
  for (const Shape* option : shape.options) {
    Problems own(problems.files());
    check_shape(node, *option, own);
    if (own.list().empty()) return;
    const bool better = told.empty() || own.list().size() < told.size();
    const bool candidate = is_candidate(node, *option) || (one_object && takes_objects(option)) ||
                           (one_word && takes_words(option));
    if (candidate && better) told = std::move(own.list());
  }
  if (told.empty()) return problems.error(node, expectation(shape));
  for (Problem& problem : told) problems.list().push_back(std::move(problem));
}

}  // namespace

std::string expectation(const Shape& shape) {
  if (!shape.expected.empty()) return shape.expected;
  switch (shape.kind) {
    case Kind::text:
      return "a text";
    case Kind::word:
      return shape.words.size() == 1 ? "\"" + std::string(shape.words.front()) + "\""
                                     : "one of " + joined(shape.words);
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "a whole number" + range_text(shape.low, shape.high, show_integer);
    case Kind::decimal:
      return "a number" + range_text(shape.low, shape.high, show_millionths) +
             " with at most 6 decimals";
    case Kind::ratio:
      return "a share such as 0.15 or \"15%\", 0 .. 1";
    case Kind::duration:
      return "a duration such as \"1m30s\"" + range_text(shape.low, shape.high, format_duration);
    case Kind::list:
      return "a list of " + expectation(*shape.item);
    case Kind::object:
      return expectation_of_object(shape);
    case Kind::any:
      return "any JSON";
    case Kind::any_of:
      return expectation_of_options(shape);
    case Kind::tagged:
      return "an object with \"" + std::string(shape.tag) + "\": one of " + joined(shape.words);
  }
  return "";
}

void check_shape(const Node& node, const Shape& shape, Problems& problems) {
  switch (shape.kind) {
    case Kind::list:
      return check_list(node, shape, problems);
    case Kind::object:
      return check_object(node, shape, problems);
    case Kind::tagged:
      return check_tagged(node, shape, problems);
    case Kind::any:
      return;
    case Kind::any_of:
      return check_any_of(node, shape, problems);
    case Kind::word:
      if (!scalar_fits(node, shape)) {
        if (!node.is(Json::Kind::text)) return problems.error(node, expectation(shape));
        problems.error(node, expectation(shape), nearest_name(node.word(), shape.words));
      }
      return;
    default:
      if (!scalar_fits(node, shape)) problems.error(node, expectation(shape));
  }
}

}  // namespace parallax
