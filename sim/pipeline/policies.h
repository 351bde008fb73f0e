// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"

namespace parallax {

/// A dedupe policy of the reference pipeline: its own, or that of a vendor, as a twin. A twin tells
/// copies of one event as the vendor does; consent, confirmation and the columns stay the
/// reference's. Texts are for people.
struct PolicyKind {
  std::string_view name;
  std::string_view key;     ///< What two copies must have in common.
  std::string_view window;  ///< How long a copy is remembered.
  std::string_view winner;  ///< Which copy becomes the row.
  std::string_view when;    ///< Immediate, or eventual.
  std::string_view clock;   ///< The time inside the key: before or after the correction of clocks.
  std::string_view source;  ///< Where that was learnt.
};

/// The reference first, then the vendors.
std::vector<PolicyKind> policy_kinds();
/// The policy of that name. Errors (invalid_input): there is none; says the nearest name.
Result<PolicyKind> find_policy(std::string_view name);

constexpr std::string_view reference_policy = "reference";

}  // namespace parallax
