// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace parallax {

/// Where in an event's life a fault strikes, in the order of that life.
enum class StrikePoint : std::uint8_t {
  capture,         ///< In the app's code or on its page, before the SDK has the event.
  queue,           ///< On its way through the SDK's queue.
  before_send,     ///< Its request does not get as far as the target, or late.
  during_body,     ///< In the middle of the request's body.
  after_commit,    ///< The target has it, and its answer does not come.
  answer,          ///< The target has it, and its answer is another one, or late.
  after_delivery,  ///< It reaches the target once more.
};
inline constexpr std::array strike_points{StrikePoint::capture,       StrikePoint::queue,
                                          StrikePoint::before_send,   StrikePoint::during_body,
                                          StrikePoint::after_commit,  StrikePoint::answer,
                                          StrikePoint::after_delivery};
/// As a scenario's "at" has it.
constexpr std::string_view name_of(StrikePoint point) {
  constexpr std::array<std::string_view, strike_points.size()> names{
      "capture", "queue", "before_send", "during_body", "after_commit", "answer", "after_delivery"};
  return names[static_cast<std::size_t>(point)];
}

/// A point that a fault can strike.
struct StrikePlace {
  StrikePoint point = StrikePoint::capture;
  /// What it meets there: an emission; an attempt to deliver a batch; or a page or a server
  /// process, and with it the emissions that it holds.
  enum class Meets : std::uint8_t { emission, attempt, host } meets = Meets::emission;
  std::string_view about;  ///< What then happens, where a kind has more than one.
};
constexpr StrikePlace event_at(StrikePoint point, std::string_view about = {}) {
  return {point, StrikePlace::Meets::emission, about};
}
constexpr StrikePlace attempt_at(StrikePoint point, std::string_view about = {}) {
  return {point, StrikePlace::Meets::attempt, about};
}
constexpr StrikePlace host_at(StrikePoint point, std::string_view about = {}) {
  return {point, StrikePlace::Meets::host, about};
}
/// Whether it meets something of this sort at any of them.
bool meets(std::span<const StrikePlace> places, StrikePlace::Meets what);

}  // namespace parallax
