// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>

namespace parallax {
namespace {

constexpr double rate_max = 1e9;

/// A decimal number with an optional k or M behind it, at least 0.
std::optional<double> parse_count(std::string_view text) {
  double scale = 1;
  if (text.ends_with('k')) scale = 1e3;
  if (text.ends_with('M')) scale = 1e6;
  if (scale > 1) text.remove_suffix(1);
  double value = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failed != std::errc() || end != text.data() + text.size() || !(value >= 0)) return {};
  return value * scale;
}

/// "1s", or "s" for one second.
std::optional<Micros> parse_unit(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool bare = text.front() < '0' || text.front() > '9';
  return parse_duration(bare ? "1" + std::string(text) : std::string(text));
}

std::optional<double> parse_rate_or_zero(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<double> count = parse_count(text.substr(0, slash));
  if (!count) return std::nullopt;
  double rate = *count;
  if (slash != std::string_view::npos) {
    const std::optional<Micros> unit = parse_unit(text.substr(slash + 1));
    if (!unit || *unit <= 0) return std::nullopt;
    rate = *count * static_cast<double>(second) / static_cast<double>(*unit);
  }
  if (rate > rate_max) return std::nullopt;
  return rate;
}

}  // namespace

std::optional<double> parse_rate(std::string_view text) {
  const std::optional<double> rate = parse_rate_or_zero(text);
  return rate && *rate > 0 ? rate : std::nullopt;
}

std::string format_rate(double rate) {
  if (rate >= 1e6) return fmt::format("{:.3g}M", rate / 1e6);
  if (rate >= 1e3) return fmt::format("{:.3g}k", rate / 1e3);
  return fmt::format("{:.3g}", rate);
}

std::optional<Stage> parse_stage(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<Micros> length = parse_duration(text.substr(0, colon));
  const std::optional<double> rate = parse_rate_or_zero(text.substr(colon + 1));
  if (!length || *length < 0 || !rate) return std::nullopt;
  return Stage{*length, *rate};
}

Schedule::Schedule(double rate, const std::vector<Stage>& stages) {
  for (const Stage& stage : stages) {
    if (stage.length > 0) {
      const double seconds = static_cast<double>(stage.length) / static_cast<double>(second);
      pieces_.push_back({static_cast<double>(length_) / static_cast<double>(second), seconds,
                         events_, rate, (stage.rate - rate) / seconds});
      events_ += seconds * (rate + stage.rate) / 2;
      length_ += stage.length;
    }
    rate = stage.rate;
  }
}

Micros Schedule::length() const { return length_; }
double Schedule::events() const { return events_; }

double Schedule::events_before(Nanos at) const {
  const double seconds = static_cast<double>(at) * 1e-9;
  double events = 0;
  for (const Piece& piece : pieces_) {
    const double in = std::clamp(seconds - piece.start_s, 0.0, piece.length_s);
    events += in * (piece.rate + piece.slope * in / 2);
  }
  return events;
}

Nanos Schedule::time_of(double n) const {
  assert(n < events_);
  const auto after = std::upper_bound(
      pieces_.begin(), pieces_.end(), n,
      [](double wanted, const Piece& piece) { return wanted < piece.events_before; });
  assert(after != pieces_.begin());
  const Piece& piece = *(after - 1);
  const double left = n - piece.events_before;
  // The root of rate x t + slope x t^2 / 2 = left that does not cancel where the slope is small.
  const double root = std::sqrt(std::max(0.0, piece.rate * piece.rate + 2 * piece.slope * left));
  const double in = left <= 0 ? 0 : 2 * left / (piece.rate + root);
  return static_cast<Nanos>((piece.start_s + std::min(in, piece.length_s)) * 1e9);
}

RequestPlan::RequestPlan(const Schedule* schedule, std::uint32_t batch, std::uint32_t part,
                         std::uint32_t parts)
    : schedule_(schedule), batch_(batch), part_(part), parts_(parts), next_(time_of(0)) {}

void RequestPlan::advance() { next_ = time_of(++number_); }

std::uint64_t RequestPlan::requests() const {
  if (schedule_ == nullptr) return 0;
  const auto of_all = static_cast<std::uint64_t>(std::ceil(schedule_->events() / batch_));
  return of_all > part_ ? (of_all - part_ - 1) / parts_ + 1 : 0;
}

std::optional<Nanos> RequestPlan::time_of(std::uint64_t request) const {
  const double events = static_cast<double>(request * parts_ + part_) * batch_;
  if (schedule_ == nullptr || events >= schedule_->events()) return std::nullopt;
  return schedule_->time_of(events);
}

}  // namespace parallax
