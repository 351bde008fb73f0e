// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "sim/core/event.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// The "shared" format (shared.h) for emissions that are not plain (Emission::is_plain): other
/// names, users and projects, and fields in forms or on sides that the plan does not have. Rare, so
/// it looks everything up in the plan; for a plain emission it writes what the templates write (a
/// test compares them).
class OddEvents {
 public:
  /// `plan` must outlive it.
  OddEvents(const TrackingPlan& plan, std::string_view run_id);

  /// Appends one event.
  void append(const Emission& emission, std::string& out) const;
  /// Most bytes of any event.
  std::size_t longest() const { return longest_; }

 private:
  void append_who(const Emission& emission, std::string& out) const;
  void append_context(const Action& seen, std::string& out) const;
  void append_business(const Emission& emission, std::string& out) const;
  void measure();

  const TrackingPlan* plan_;
  std::string run_id_;         ///< Quoted.
  std::string other_project_;  ///< Quoted.
  std::size_t longest_ = 0;
};

}  // namespace parallax
