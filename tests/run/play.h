// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/run/report.h"

namespace parallax::test {

/// Runs a scenario file of the repository in this process against the embedded pipeline with the
/// given bugs, in a temporary run folder.
RunReport play(const std::string& scenario, const std::vector<std::string>& bugs,
               const std::vector<std::pair<std::string, std::string>>& set = {});

/// The same against a target given as the JSON of its file.
RunReport play_on(const std::string& target_json, const std::string& scenario,
                  const std::vector<std::string>& bugs = {},
                  const std::vector<std::pair<std::string, std::string>>& set = {});

/// Plays it and checks that it passes, and that each of its faults strikes 20 times or more.
void check_strikes(const std::string& scenario);

/// "lost/last_batch 3, duplicated/not_merged 17": what failed, for messages.
std::string failures(const RunReport& report);

}  // namespace parallax::test
