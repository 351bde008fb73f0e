// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const std::vector<std::string> stories{"saas", "mobile", "media", "marketplace", "bank"};

std::string file_of(const std::string& story) { return "scenarios/examples/" + story + ".json"; }

std::string assertions_of(const RunReport& report) {
  std::string text;
  for (const AssertionReport& each : report.assertions)
    text += each.name + ": " + std::string(name_of(each.verdict)) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every story holds, each assertion decides and each fault strikes", "[run][stories]") {
  for (const std::string& story : stories) {
    const RunReport report = play(file_of(story), {});
    INFO(story << ": " << failures(report) << "\n" << assertions_of(report));
    CHECK(report.verdict == Verdict::pass);
    for (const AssertionReport& each : report.assertions) CHECK(each.verdict == Verdict::pass);
    for (const RunReport::Fault& fault : report.faults) {
      INFO(fault.name);
      CHECK(fault.struck >= 5);
    }
  }
}

TEST_CASE("a pipeline with a bug that the story meets fails it", "[run][stories]") {
  const std::vector<std::pair<std::string, std::string>> met{{"saas", "no_dedupe"},
                                                             {"mobile", "no_dedupe"},
                                                             {"media", "no_dedupe"},
                                                             {"bank", "no_dedupe"},
                                                             {"marketplace", "client_wins"}};
  for (const auto& [story, bug] : met) {
    const RunReport report = play(file_of(story), {bug}, {{"/population/users", "400"}});
    INFO(story << " with " << bug << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
  }
}

TEST_CASE("a story takes thirty lines or less beyond what it shares", "[run][stories]") {
  for (const std::string& story : stories) {
    std::ifstream in(source(file_of(story)));
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line); ++lines) CHECK(line.size() <= 160);
    INFO(story);
    CHECK(lines > 10);
    CHECK(lines <= 30);
  }
}

}  // namespace parallax::test
