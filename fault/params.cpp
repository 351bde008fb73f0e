// SPDX-License-Identifier: Apache-2.0
#include "fault/params.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "fault/fault.h"

namespace parallax {
namespace {

std::size_t numbers_of(std::string_view distribution) {
  return distribution == "normal" || distribution == "uniform" ? 2 : 1;
}

bool known(std::string_view distribution) {
  return distribution == "normal" || distribution == "uniform" || distribution == "exponential";
}

std::int64_t rounded(double x) {
  constexpr double limit = 4.0e18;  // Within 64 bits with room for an addition.
  return static_cast<std::int64_t>(std::floor(std::clamp(x, -limit, limit) + 0.5));
}

}  // namespace

std::int64_t draw_param(const ParamValue& value, Prng& draw) {
  if (value.distribution.empty()) return value.number;
  assert(known(value.distribution) && value.numbers.size() == numbers_of(value.distribution));
  const double first = static_cast<double>(value.numbers[0]);
  if (value.distribution == "exponential") return rounded(first * draw.exponential());
  if (value.distribution == "uniform") return draw.between(value.numbers[0], value.numbers[1]);
  return rounded(first + static_cast<double>(value.numbers[1]) * draw.normal());
}

namespace faults {
namespace {

std::string text_of(Range range) {
  return format_duration(range.low) + " .. " + format_duration(range.high);
}

bool inside(Range range, std::int64_t number) {
  return number >= range.low && number <= range.high;
}

}  // namespace

Error unusable(std::string_view key, std::string expected) {
  return {Error::Kind::invalid_input, std::move(expected), std::string(key)};
}

Result<std::int64_t> integer_param(const FaultPlan& plan, std::string_view key, Range range,
                                   std::int64_t fallback) {
  const ParamValue* value = plan.param(key);
  if (value == nullptr) return fallback;
  if (inside(range, value->number)) return value->number;
  return unusable(
      key, "a whole number, " + std::to_string(range.low) + " .. " + std::to_string(range.high));
}

Result<ParamValue> span_param(const FaultPlan& plan, std::string_view key, Range range,
                              const ParamValue& fallback) {
  const ParamValue* value = plan.param(key);
  if (value == nullptr) return fallback;
  const std::string expected = "a duration within " + text_of(range) +
                               ", or {\"normal\": [mean, deviation]}, {\"uniform\": [low, high]}, "
                               "{\"exponential\": mean} of such";
  ParamValue read = *value;
  if (read.distribution.empty()) {
    if (!inside(range, read.number)) return unusable(key, expected);
    return read;
  }
  if (read.distribution == "exponential" && read.numbers.empty()) read.numbers = {read.number};
  if (!known(read.distribution) || read.numbers.size() != numbers_of(read.distribution))
    return unusable(key, expected);
  for (const std::int64_t number : read.numbers)
    if (!inside(range, number)) return unusable(key, expected);
  if (read.distribution == "uniform" && read.numbers[0] > read.numbers[1])
    return unusable(key, "a uniform range with its lower end first");
  if (read.distribution == "normal" && read.numbers[1] < 0)
    return unusable(key, "a normal distribution with a deviation of at least 0s");
  return read;
}

Result<Micros> duration_param(const FaultPlan& plan, std::string_view key, Range range,
                              Micros fallback) {
  const ParamValue* value = plan.param(key);
  if (value == nullptr) return fallback;
  if (value->distribution.empty() && inside(range, value->number)) return value->number;
  return unusable(key, "one duration within " + text_of(range));
}

ParamValue exponential_span(Micros mean) {
  ParamValue value;
  value.distribution = "exponential";
  value.numbers = {mean};
  return value;
}

ParamValue fixed_span(Micros span) {
  ParamValue value;
  value.number = span;
  return value;
}

Result<std::size_t> word_param(const FaultPlan& plan, std::string_view key,
                               std::span<const std::string_view> words) {
  const ParamValue* value = plan.param(key);
  if (value == nullptr) return std::size_t{0};
  const auto found = std::find(words.begin(), words.end(), value->text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string expected = "one of";
  for (const std::string_view word : words) expected.append(" ").append(word);
  return unusable(key, expected);
}

}  // namespace faults
}  // namespace parallax
