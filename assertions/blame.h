// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "assertions/judgement.h"

namespace parallax {

/// What an emission may say wrong.
enum class Aspect : std::uint8_t { name, version, field, user, device, time };

/// Which of the faults that struck an emission made it say something wrong, and the cause it goes
/// by. A fault that is about one field explains that field alone, and before those about several;
/// of equals the last one in the scenario had the last word.
class Blame {
 public:
  /// `scenario` must outlive it.
  explicit Blame(const Scenario& scenario);

  /// `field`: the name of the field for Aspect::field. said_wrong when no fault explains it.
  Cause of(const Emission& emission, Aspect aspect, std::string_view field = {}) const;

 private:
  struct Suspect {
    std::size_t fault = 0;  ///< Index in the scenario, and bit.
    Cause cause = Cause::none;
    Aspect aspect = Aspect::field;
    std::string_view field;  ///< Empty: any.
  };
  std::vector<Suspect> suspects_;
};

/// The cause of what such faults make the app say; nothing for kinds that make it say nothing
/// wrong.
std::optional<Cause> cause_of_fault(std::string_view kind);

}  // namespace parallax
