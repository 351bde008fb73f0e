// SPDX-License-Identifier: Apache-2.0
#pragma once
/// Catch2's test cases, one at a time.
#include <string>
#include <vector>

namespace parallax::mutants {

/// Of all test cases of this program, in the order of their declaration.
std::vector<std::string> test_names();

/// Runs the test cases, silently, up to the first failure. True when they ran and passed. To be
/// called at most once in a process: Catch2 allows one session.
bool pass(const std::vector<std::string>& tests);

}  // namespace parallax::mutants
