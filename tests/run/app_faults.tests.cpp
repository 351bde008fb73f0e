// SPDX-License-Identifier: Apache-2.0
// The faults in the app's code, played against the reference pipeline: each story ends as it tells.
#include <algorithm>

#include "assertions/blame.h"
#include "fault/fault.h"
#include "tests/run/play.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// What each story's fault must come to, as the scenario expects it itself.
const std::vector<const char*>& stories() {
  static const std::vector<const char*> files{
      "scenarios/fault/state-change.json",  "scenarios/fault/thank-you-page.json",
      "scenarios/fault/two-names.json",     "scenarios/fault/schema-migration.json",
      "scenarios/fault/sampling-hash.json", "scenarios/fault/wrong-key.json",
  };
  return files;
}

std::uint64_t total(const RunReport& report, ActionVerdict verdict) {
  return report.actions[static_cast<std::size_t>(verdict)];
}

}  // namespace

TEST_CASE("each story of the app's code ends as it tells", "[run][app]") {
  for (const char* file : stories()) {
    const RunReport report = play(file, {});
    INFO(file << ": " << failures(report));
    CHECK(report.verdict == Verdict::pass);
  }
}

TEST_CASE("a pipeline without dedupe keeps both versions of a migration, and is told so",
          "[run][app]") {
  const RunReport report = play("scenarios/smoke/dual_write.json", {"no_dedupe"});
  INFO(failures(report));
  CHECK(report.verdict == Verdict::fail);
  CHECK(std::any_of(report.causes.begin(), report.causes.end(), [](const CauseCount& count) {
    return count.verdict == ActionVerdict::duplicated && count.cause == Cause::dual_write;
  }));
}

TEST_CASE("a timeline says what departed from the plan", "[run][app]") {
  const RunReport report = play("scenarios/fault/two-names.json", {});
  REQUIRE_FALSE(report.examples.empty());
  const auto& lines = report.examples.front().timeline;
  CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
          return line.find(", called order_completed") != std::string::npos;
        }) == 1);
}

TEST_CASE("what goes to another project is excused, and nothing else is", "[run][app]") {
  const RunReport report = play("scenarios/fault/wrong-key.json", {});
  CHECK(total(report, ActionVerdict::excused) > 10);
  CHECK(total(report, ActionVerdict::excused) + total(report, ActionVerdict::ok) +
            total(report, ActionVerdict::recovered) ==
        report.actions_total);
}

TEST_CASE("every fault of the app's code that makes a row wrong has a cause of its name",
          "[run][app]") {
  // These destroy, repeat, withhold or send events, or change no more than how an id is written.
  const std::vector<std::string_view> says_nothing_wrong{
      "ad_block",       "drop",          "consent_drift",  "early_success", "missing_id",
      "regenerated_id", "id_case",       "sampling_drift", "wrong_project", "consent_overdrop",
      "no_script",      "worker_replay", "tab_closed",     "app_killed",    "not_flushed"};
  for (const FaultKind& kind : fault_kinds()) {
    if (kind.places.front().meets == StrikePlace::Meets::attempt) continue;
    INFO(kind.name);
    const bool silent = std::find(says_nothing_wrong.begin(), says_nothing_wrong.end(),
                                  kind.name) != says_nothing_wrong.end();
    CHECK(cause_of_fault(kind.name).has_value() != silent);
  }
}

}  // namespace parallax::test
