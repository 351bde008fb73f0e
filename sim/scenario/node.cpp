// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/node.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace parallax {

Node Node::operator[](std::string_view name) const {
  const bool inside = is(Json::Kind::object);
  return Node(inside ? value_->find(name) : nullptr, pointer_ + pointer_segment(name));
}

Node Node::at(std::size_t index) const {
  const std::string segment = value_->kind == Json::Kind::object
                                  ? pointer_segment(value_->names[index])
                                  : "/" + std::to_string(index);
  return Node(&value_->items[index], pointer_ + segment);
}

std::string_view Node::word() const {
  const bool has_word = is(Json::Kind::text) || is(Json::Kind::number);
  return has_word ? std::string_view(value_->text) : std::string_view();
}

std::string shown(const Node& node) {
  constexpr std::size_t longest = 60;
  if (!node) return "nothing";
  if (node.json().secret) return "\"***\"";
  if (node.is(Json::Kind::object)) return "an object";
  if (node.is(Json::Kind::list)) return "a list";
  std::string text = write_json_line(node.json());
  if (text.size() > longest) {
    text.resize(longest - 3);
    text += "...";
  }
  return text;
}

std::string joined(std::span<const std::string_view> names) {
  constexpr std::size_t most = 16;
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    if (i > 0) out += ", ";
    out += names[i];
  }
  return names.size() > most ? out + ", ..." : out;
}

std::vector<std::string_view> views(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

void Problems::error(const Node& at, std::string expected, std::string nearest) {
  error(at, shown(at), std::move(expected), std::move(nearest));
}

void Problems::error(const Node& at, std::string found, std::string expected, std::string nearest) {
  const std::size_t file = at ? at.json().file : 0;
  list_.push_back({(*files_)[file], at.pointer(), std::move(found), std::move(expected),
                   std::move(nearest), false});
}

void Problems::warn(const Node& at, std::string found, std::string expected) {
  error(at, std::move(found), std::move(expected), "");
  list_.back().warning = true;
}

bool Problems::any_error() const {
  return std::any_of(list_.begin(), list_.end(),
                     [](const Problem& problem) { return !problem.warning; });
}

void Problems::unknown(const Node& at, std::string_view word, std::string_view what,
                       std::span<const std::string_view> known) {
  std::string expected(what);
  if (known.size() == 1) {
    expected += " (the only one is " + std::string(known.front()) + ")";
  } else if (!known.empty()) {
    expected += " (one of " + joined(known) + ")";
  }
  error(at, "\"" + std::string(word) + "\"", std::move(expected), nearest_name(word, known));
}

namespace {

/// Sign, digits and the power of ten they are multiplied with.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

std::optional<Decimal> split_decimal(std::string_view text) {
  Decimal out;
  std::size_t i = 0;
  if (i < text.size() && text[i] == '-') {
    out.negative = true;
    ++i;
  }
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      out.digits += c;
      out.exponent -= point ? 1 : 0;
    } else if (c == '.' && !point && !out.digits.empty()) {
      point = true;
    } else {
      break;
    }
  }
  if (out.digits.empty() || (point && text[i - 1] == '.')) return std::nullopt;
  if (i == text.size()) return out;
  if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
  i += std::size_t{i + 1 < text.size() && text[i + 1] == '+' ? 2U : 1U};
  int power = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + i, end, power);
  if (failed != std::errc() || rest != end || power > 1'000 || power < -1'000) return std::nullopt;
  out.exponent += power;
  return out;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  auto parts = split_decimal(text);
  if (!parts) return std::nullopt;
  std::string& digits = parts->digits;
  int shift = parts->exponent + places;
  for (; shift < 0 && !digits.empty(); ++shift) {
    if (digits.back() != '0') return std::nullopt;
    digits.pop_back();
  }
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 10 - 1;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (value > limit) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (; shift > 0 && value != 0; --shift) {
    if (value > limit) return std::nullopt;
    value *= 10;
  }
  return parts->negative ? -value : value;
}

std::optional<std::int64_t> integer_of(const Node& node) {
  return node.is(Json::Kind::number) ? parse_decimal(node.word(), 0) : std::nullopt;
}

std::optional<std::int64_t> millionths_of(const Node& node) {
  return node.is(Json::Kind::number) ? parse_decimal(node.word(), 6) : std::nullopt;
}

std::optional<Ratio> ratio_of(const Node& node) { return parse_ratio(node.word()); }

std::optional<Micros> duration_of(const Node& node) {
  return node.is(Json::Kind::text) ? parse_duration(node.word()) : std::nullopt;
}

std::optional<std::string> text_of(const Node& node) {
  if (!node.is(Json::Kind::text)) return std::nullopt;
  return std::string(node.word());
}

std::optional<double> real_of(const Node& node) {
  double value = 0;
  const std::string_view text = node.word();
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, value);
  const bool whole = failed == std::errc() && rest == end;
  return whole ? std::optional(value) : std::nullopt;
}

void read_ratio(const Node& node, Ratio& out) {
  if (const auto value = ratio_of(node)) out = *value;
}

void read_duration(const Node& node, Micros& out) {
  if (const auto value = duration_of(node)) out = *value;
}

void read_text(const Node& node, std::string& out) {
  if (auto value = text_of(node)) out = *std::move(value);
}

void read_flag(const Node& node, bool& out) {
  if (node.is(Json::Kind::boolean)) out = node.json().truth;
}

}  // namespace parallax
