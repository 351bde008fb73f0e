// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

namespace parallax {

/// Findings that an assertion may allow or be expected to fail with, as written in a scenario: the
/// verdicts of DESIGN section 7, and the run-level one.
constexpr std::array<std::string_view, 13> finding_words{
    "ok",        "recovered",   "excused",       "lost",     "duplicated",
    "collapsed", "distorted",   "misattributed", "mistimed", "late",
    "leaked",    "unevaluated", "phantom"};

/// Every kind of assertion, as written in a scenario and in assertions/assertions.inc.
constexpr std::array<std::string_view, 17> assertion_words{
    "exactly_once", "fields",         "count",     "sum",      "distinct",   "ratio",
    "latency",      "order",          "consent",   "identity", "sampling",   "drift",
    "contract",     "schema_version", "freshness", "slo",      "metamorphic"};

}  // namespace parallax
