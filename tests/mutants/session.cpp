// SPDX-License-Identifier: Apache-2.0
// Catch2's implementation without its main: Debian's 2.13.10 is one header that makes both.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include "tests/mutants/session.h"

namespace parallax::mutants {
namespace {

/// A name that fits no test case is an error.
#ifdef CATCH_CONFIG_RUNNER
constexpr const char* strict = "NoTests";
#else
constexpr const char* strict = "UnmatchedTestSpec";
#endif

/// The words of a test specification mean something; in the name of a test case they do not.
std::string specification_of(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == '\\' || c == ',' || c == '[' || c == '"' || c == '*') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::vector<std::string> test_names() {
  std::vector<std::string> names;
  const auto& registry = Catch::getRegistryHub().getTestCaseRegistry();
#ifdef CATCH_CONFIG_RUNNER
  for (const Catch::TestCase& test : registry.getAllTests()) names.push_back(test.name);
#else
  for (const Catch::TestCaseInfo* test : registry.getAllInfos()) names.push_back(test->name);
#endif
  return names;
}

bool pass(const std::vector<std::string>& tests) {
  // One word: Catch2 2.13 loses count of escaped characters from the second on.
  std::string all;
  for (const std::string& test : tests) all += (all.empty() ? "" : ",") + specification_of(test);
  const char* const words[] = {"mutants",   all.c_str(), "--abort", "--out",
                               "/dev/null", "--warn",    strict};
  return Catch::Session().run(static_cast<int>(std::size(words)), words) == 0;
}

}  // namespace parallax::mutants
