// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "sim/core/time.h"

namespace parallax {

/// What a lane has to do at some time; a value of its heap.
struct LaneEvent {
  enum class Kind : std::uint8_t { capture, sdk_due, arrival, outcome };

  SimTime at;
  std::uint64_t order = 0;  ///< Of pushing; the kind in its two lowest bits.
  void* subject = nullptr;  ///< The Slot, Host or Flight that it is about.

  LaneEvent() = default;
  LaneEvent(SimTime t, std::uint64_t pushed, Kind kind, void* about)
      : at(t), order(pushed << 2 | static_cast<std::uint64_t>(kind)), subject(about) {}
  // Member by member: a block copy would load 16 bytes right after they were stored as two times
  // 8, for which the processor has to wait.
  // NOLINTBEGIN(bugprone-unhandled-self-assignment, modernize-use-equals-default)
  LaneEvent(const LaneEvent& other) : at(other.at), order(other.order), subject(other.subject) {}
  LaneEvent& operator=(const LaneEvent& other) {
    at = other.at;
    order = other.order;
    subject = other.subject;
    return *this;
  }
  // NOLINTEND(bugprone-unhandled-self-assignment, modernize-use-equals-default)
  Kind kind() const { return static_cast<Kind>(order & 3); }
  bool before(const LaneEvent& other) const {
    return at != other.at ? at < other.at : order < other.order;
  }
};

}  // namespace parallax
