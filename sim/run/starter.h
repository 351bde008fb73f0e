// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

namespace parallax {

/// Kinds of target that `parallax init` has a file for: starter/targets/KIND.json. To add one: that
/// file, with CHANGE in a comment on each line to be changed, and its name here.
constexpr std::array<std::string_view, 9> starter_targets{"http",       "posthog", "segment",
                                                          "snowplow",   "kafka",   "postgres",
                                                          "clickhouse", "duckdb",  "command"};

/// Text of a file below sim/run/starter; empty when there is none.
std::string_view embedded_starter(std::string_view name);

}  // namespace parallax
