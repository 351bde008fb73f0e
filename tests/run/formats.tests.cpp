// SPDX-License-Identifier: Apache-2.0
// Every wire format through a whole run: the verdicts are those of the shared format.
#include "sim/wire/format.h"
#include "tests/run/play.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

RunReport play_in(std::string_view format, const std::vector<std::string>& bugs = {}) {
  const std::string target = R"({"send":{"format":")" + std::string(format) + "\"}}";
  return play("scenarios/fault/mixed.json", bugs,
              {{"/population/users", "400"}, {"/target", target}});
}

}  // namespace

TEST_CASE("a run passes in every wire format, with the same verdicts", "[run][formats]") {
  const RunReport shared = play_in("shared");
  REQUIRE(shared.verdict == Verdict::pass);
  REQUIRE(shared.actions_total > 500);
  for (const std::string_view format : wire_format_names()) {
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
