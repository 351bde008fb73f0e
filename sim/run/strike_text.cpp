// SPDX-License-Identifier: Apache-2.0
#include "sim/run/strike_text.h"

#include "fault/fault.h"

namespace parallax {

std::string_view struck_at(const FaultPlan& plan, StrikePlace::Meets met, Strike strike) {
  std::string_view found;
  for (const StrikePlace& place : places_of(plan)) {
    // What a page's fault did to an emission stands in the emission too.
    const bool fits = place.meets == met || (met == StrikePlace::Meets::emission &&
                                             place.meets == StrikePlace::Meets::host);
    if (!fits) continue;
    if (name_of(place.point) == name_of(strike)) return name_of(place.point);
    if (found.empty()) found = name_of(place.point);
  }
  return found;
}

}  // namespace parallax
