// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/pipeline/pipeline.h"
#include "sim/pipeline/policies.h"

namespace parallax::pipeline {

/// Text of a file below sim/pipeline/models ("clean_events.sql", "bugs/blank_id.sql"); empty when
/// there is none. Put into the binary by sim/cmake/embed_models.cmake.
std::string_view embedded_model(std::string_view name);

/// Bugs that live in the collector instead of in a model.
constexpr std::string_view bug_loses_tail = "loses_tail";
constexpr std::string_view bug_ack_before_store = "ack_before_store";

/// The name with the smallest edit distance. Precondition: there are some.
std::string_view nearest_of(std::string_view name, std::span<const std::string_view> names);

/// The switch of that name, or null.
const BugSwitch* find_bug(const std::vector<BugSwitch>& bugs, std::string_view name);

/// "NAME[:share]" with a name among `kinds`.
Result<BugSwitch> parse_bug_among(std::string_view text, std::span<const BugKind> kinds);

/// Which bug, or policy, has replaced which step so far.
class ReplacedSteps {
 public:
  /// `who`: "bug NAME". Errors (invalid_input): another one replaces the step of `model` already.
  Result<void> add(const std::string& who, std::string_view model);

 private:
  std::map<std::string_view, std::string> who_;
};

/// The SQL that turns the right models into the twin of `policy`; empty for the reference.
/// Precondition: there is such a policy.
std::string policy_models(std::string_view policy, ReplacedSteps& replaced);

/// The SQL that turns the right models into those with `bugs`: for each bug in a model a macro
/// NAME_hits(case_key), true for its share of the cases, one NAME_on(arrival), true from its time
/// on, and the step it replaces.
/// Errors (invalid_input): a step that was replaced already.
Result<std::string> bug_models(const std::vector<BugSwitch>& bugs, ReplacedSteps& replaced);

}  // namespace parallax::pipeline
