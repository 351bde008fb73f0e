// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/ledger.h"
#include "sim/run/serve/declared_run.h"

namespace parallax::serve {

/// The row that a declared action should become, in the judge's terms.
struct Expected {
  CanonicalRow row;          ///< As a reader would bring it; event_id identifies it in the ledger.
  std::uint32_t user = 0;    ///< Number of the user within the run; 0: not said.
  std::uint16_t fields = 0;  ///< Bit per FieldPlan index: said.
  bool says_id = false;      ///< event_id is the declared one, not one made up here.
  bool says_sides = false;   ///< Who should emit it is known.
  bool client = false, server = false;  ///< Who does in the ledger.
  std::optional<std::size_t> key;       ///< FieldPlan index of the key.
};

/// A declared run as the judge knows runs: the plan and the assertions as a scenario, the actions
/// as a ledger in which every side that should emit one did so and was acknowledged. That is what
/// declaring means: what is missing after that, or different, went wrong behind the declaration.
struct Stage {
  Scenario scenario;
  Ledger ledger;
  std::vector<Expected> expected;                ///< Parallel to Declared::actions.
  std::map<std::uint64_t, std::uint32_t> users;  ///< user_key_of the text -> number from 1.
};

/// Refuses (400) a tracking plan or assertions that cannot be used.
std::optional<Refusal> set_stage(const Declared& declared, Stage& stage);

/// How far money may be off, in minor units of the action's currency.
std::int64_t allowed_minor(const Tolerances& tolerances, const TrackingPlan& plan,
                           const Expected& expected);

/// In lane 0, where all actions of a declared run are.
constexpr ActionId action_id(std::size_t index) { return {make_lane_id(0, index + 1)}; }
/// The session that stands for an action alone.
constexpr std::uint64_t session_of(std::size_t index) { return index + 1; }

}  // namespace parallax::serve
