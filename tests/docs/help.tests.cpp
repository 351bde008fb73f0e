// SPDX-License-Identifier: Apache-2.0
#include "sim/run/help.h"

#include <set>

#include "assertions/judgement.h"
#include "fault/fault.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/commands.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

std::string page_of(std::string_view topic) {
  const Result<std::string> page = help_page(topic);
  INFO(topic << ": " << (page ? "" : page.error().text()));
  REQUIRE(page);
  return *page;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every topic has a page, and every page is a topic", "[docs][help]") {
  std::set<std::string> topics, files;
  for (const HelpTopic& topic : help_topics()) {
    topics.insert(std::string(topic.name));
    CHECK(page_of(topic.name).starts_with("# "));
  }
  for (const auto& entry : fs::directory_iterator(source("sim/run/help")))
    if (entry.path().filename() != "README.md") files.insert(entry.path().stem().string());
  CHECK(topics == files);
}

TEST_CASE("help names every fault with every parameter, bug and cause", "[docs][help]") {
  const std::string faults = page_of("faults");
  for (const FaultKind& kind : fault_kinds()) {
    CHECK(has(faults, "| `" + std::string(kind.name) + "` | "));
    for (const ParamKind& param : kind.params)
      CHECK(has(faults, "| - `" + std::string(param.name) + "` | "));
  }
  for (const BugKind& bug : bug_kinds())
    CHECK(has(page_of("teaching"), "| `" + std::string(bug.name) + "` | "));
  const std::string verdicts = page_of("verdicts");
  for (const Cause cause : {Cause::retransmit, Cause::id_reused, Cause::outcome_unknown})
    CHECK(has(verdicts, "| `" + std::string(name_of(cause)) + "` | "));
}

TEST_CASE("the table of exit codes has every code and is the same wherever it stands",
          "[docs][help]") {
  const Result<std::string> section = fill_page("{{section sim/run/README.md: Exit codes}}");
  REQUIRE(section);
  const std::string table = section->substr(section->find('|'));
  for (const ExitCode code : {exit_pass, exit_fail, exit_unknown, exit_internal, exit_usage,
                              exit_nothing_selected, exit_interrupted})
    CHECK(has(table, "\n| " + std::to_string(code) + " | "));
  CHECK(has(read_file(source("README.md")), table.substr(0, table.rfind('|') + 1)));
}

TEST_CASE("a page that leads nowhere is an error that names the line", "[docs][help]") {
  for (const char* line :
       {"{{section README.md: No such heading}}", "{{section NO.md: How it works}}",
        "{{keys popullation}}", "{{kinds seed}}", "{{text no/such/file.cpp}}", "{{frobnicate}}",
        "{{section README.md}}"}) {
    const Result<std::string> page = fill_page(std::string("# Title\n\n") + line + "\n");
    CAPTURE(line);
    REQUIRE_FALSE(page);
    CHECK(page.error().where == line);
  }
}

TEST_CASE("a section ends where the next of its depth begins", "[docs][help]") {
  const Result<std::string> page = fill_page("{{section fault/README.md: Who is hit}}");
  REQUIRE(page);
  CHECK(has(*page, "| `burst` |"));
  CHECK_FALSE(has(*page, "Emission faults"));
}

TEST_CASE("help explains topics and commands, and knows what was meant", "[docs][help]") {
  CHECK(parallax({"help", "verdicts"}).out.starts_with("verdicts: "));
  CHECK(has(parallax({"help", "run"}).out, "Usage: parallax run "));
  const Output overview = parallax({"help"});
  CHECK(overview.code == 0);
  CHECK(has(overview.out, "writing-a-fault"));
  CHECK(has(overview.out, "doctor"));
  const Output wrong = parallax({"help", "verdict"});
  CHECK(wrong.code == exit_usage);
  CHECK(has(wrong.err, "did you mean verdicts?"));
}

}  // namespace parallax::test
