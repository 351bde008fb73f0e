// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/sdk_plan.h"

#include <algorithm>
#include <optional>

#include "sim/scenario/node.h"

namespace parallax {
namespace {

std::optional<std::uint16_t> parse_status(std::string_view text) {
  const auto status = parse_decimal(text, 0);
  if (!status || *status < 100 || *status >= StatusSet::end) return std::nullopt;
  return static_cast<std::uint16_t>(*status);
}

std::uint32_t events_in(std::uint32_t bytes, std::uint32_t event_bytes) {
  return bytes == SdkPlan::unlimited ? bytes : std::max(1U, bytes / event_bytes);
}

}  // namespace

bool StatusSet::add(std::string_view element) {
  const std::size_t dots = element.find("..");
  const auto low = parse_status(element.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : parse_status(element.substr(dots + 2));
  if (!low || !high || *high < *low) return false;
  add(*low, *high);
  return true;
}

void StatusSet::add(std::uint16_t low, std::uint16_t high) {
  for (std::size_t status = low; status <= high; ++status) bits.set(status);
}

std::string StatusSet::text() const {
  std::string out;
  for (std::size_t low = 0; low < end; ++low) {
    if (!bits[low]) continue;
    std::size_t high = low;
    while (high + 1 < end && bits[high + 1]) ++high;
    out += (out.empty() ? "" : " ") + std::to_string(low);
    if (high > low) out += (high > low + 1 ? ".." : " ") + std::to_string(high);
    low = high;
  }
  return out.empty() ? "none" : out;
}

StatusSet StatusSet::of(std::uint16_t low, std::uint16_t high) {
  StatusSet set;
  set.add(low, high);
  return set;
}

StatusSet StatusSet::usual_retries() {
  StatusSet set = of(500, 599);
  set.add(408, 408);
  set.add(429, 429);
  return set;
}

std::uint32_t SdkPlan::batch_limit() const {
  return std::min(batch_max, events_in(batch_bytes, event_bytes));
}

std::uint32_t SdkPlan::beacon_limit() const { return events_in(beacon_bytes, event_bytes); }

}  // namespace parallax
