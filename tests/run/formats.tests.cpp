// SPDX-License-Identifier: Apache-2.0
// Every wire format through a whole run: the verdicts are those of the shared format.
#include "sim/wire/format.h"
#include "tests/run/play.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// Its collector refuses a whole batch for one event without an id, or one that is there twice:
/// with faults that do so the verdicts are others, and right.
constexpr std::string_view strict = "posthog-v1";

/// Its requests are of one device, so it is compared with SDKs that send such ones.
constexpr std::string_view of_one_device = "ga4";
const std::string small_batches =
    R"({"client": {"profile": "browser", "batch_max": 25},)"
    R"( "server": {"profile": "node", "batch_max": 1, "flush_at": 1}})";

RunReport play_in(std::string_view format, const std::vector<std::string>& bugs = {},
                  const std::string& sdk = {}) {
  const std::string target = R"({"send":{"format":")" + std::string(format) + "\"}}";
  std::vector<std::pair<std::string, std::string>> set{{"/population/users", "400"},
                                                       {"/target", target}};
  if (!sdk.empty()) set.emplace_back("/sdk", sdk);
  return play("scenarios/fault/mixed.json", bugs, set);
}

}  // namespace

TEST_CASE("a run passes in every wire format, with the same verdicts", "[run][formats]") {
  const RunReport shared = play_in("shared");
  REQUIRE(shared.verdict == Verdict::pass);
  REQUIRE(shared.actions_total > 500);
  for (const std::string_view format : wire_format_names()) {
    if (format == strict || format == of_one_device) continue;
    const RunReport report = play_in(format);
    INFO(format << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
    CHECK(report.actions == shared.actions);
    CHECK(report.rows_total == shared.rows_total);
  }
}

TEST_CASE("a pipeline without dedupe is caught in every wire format", "[run][formats]") {
  for (const std::string_view format : wire_format_names()) {
    const RunReport report = play_in(format, {"no_dedupe"});
    INFO(format << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
  }
}

TEST_CASE("a run whose events all have ids passes in PostHog's strict format", "[run][formats]") {
  const std::string target = R"({"send":{"format":")" + std::string(strict) + "\"}}";
  const RunReport report = play("scenarios/smoke/plain.json", {}, {{"/target", target}});
  INFO(failures(report));
  CHECK(report.verdict == Verdict::pass);
  CHECK(report.actions == play("scenarios/smoke/plain.json", {}).actions);
}

TEST_CASE("a run in GA4's words has the verdicts of the shared format in requests as small",
          "[run][formats]") {
  const RunReport shared = play_in("shared", {}, small_batches);
  const RunReport report = play_in(of_one_device);
  INFO(failures(report));
  CHECK(report.verdict == Verdict::pass);
  CHECK(report.actions == shared.actions);
  CHECK(report.rows_total == shared.rows_total);
}
