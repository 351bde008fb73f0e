// SPDX-License-Identifier: Apache-2.0
#include "tests/report/sample_reports.h"
#include "tests/report/xml_checker.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

XmlElement junit(const RunReport& report) {
  const std::string text = report_junit(report);
  CHECK(text.size() <= std::size_t{1} << 20);
  const XmlDocument document = parse_xml(text);
  INFO(document.error);
  REQUIRE(document.ok);
  REQUIRE(document.root.name == "testsuites");
  const XmlElement& suite = *document.root.all("testsuite").at(0);
  CHECK(suite.attributes.at("tests") == std::to_string(suite.all("testcase").size()));
  CHECK(suite.attributes.at("failures") == std::to_string(suite.all("failure").size()));
  CHECK(suite.attributes.at("errors") == std::to_string(suite.all("error").size()));
  return document.root;
}

}  // namespace

TEST_CASE("the checker of these tests refuses what is no XML", "[report][junit]") {
  const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?>)";
  CHECK(parse_xml(head + "<a b=\"1\">x<c/></a>").ok);
  for (const char* bad :
       {"<a>", "<a></b>", "<a b=\"1\" b=\"2\"/>", "<a>]]></a>", "<a>\x01</a>", "<a>\xff</a>",
        "<a>\xed\xa0\x80</a>", "<a>&x;</a>", "<a b=\"<\"/>", "<a/>x", "<a>\xef\xbf\xbf</a>"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_xml(head + bad).ok);
  }
}

TEST_CASE("a passing run is one green test case an assertion", "[report][junit]") {
  const XmlElement root = junit(passing_report());
  CHECK(root.all("testcase").size() == 3);
  CHECK(root.all("failure").empty());
  CHECK(root.all("error").empty());
  CHECK(root.all("testcase").at(0)->attributes.at("classname") == "parallax.shop");
}

TEST_CASE("failing assertions and failing causes are failures that can be repeated",
          "[report][junit]") {
  const XmlElement root = junit(failing_report());
  const auto failures = root.all("failure");
  REQUIRE(failures.size() == 4);  // Two assertions, and the two causes behind the first.
  for (const XmlElement* failure : failures)
    CHECK(failure->text.find("rerun: parallax run scenarios/examples/shop.json --seed 7") !=
          std::string::npos);
  std::string names;
  for (const XmlElement* test : root.all("testcase")) names += test->attributes.at("name") + ";";
  CHECK(names.find("duplicated: retransmit;") != std::string::npos);
  CHECK(names.find("distorted: wrong_side;") != std::string::npos);
}

TEST_CASE("an assertion without enough evidence is an error, not a failure", "[report][junit]") {
  const auto errors = junit(failing_report()).all("error");
  REQUIRE(errors.size() == 1);
}

TEST_CASE("a run that measured nothing is never green", "[report][junit]") {
  CHECK(junit(unknown_report()).all("error").size() == 1);
  CHECK(junit(RunReport{}).all("error").size() == 1);
  RunReport missed = passing_report();  // Every assertion holds, but a fault never struck.
  missed.verdict = Verdict::unknown;
  missed.because = "the fault drop never struck";
  const XmlElement root = junit(missed);
  REQUIRE(root.all("error").size() == 1);
  CHECK(root.all("error").at(0)->attributes.at("message") == "the fault drop never struck");
}

TEST_CASE("causes that the scenario expects are no failures", "[report][junit]") {
  RunReport report = failing_report();
  report.verdict = Verdict::pass;
  for (AssertionReport& assertion : report.assertions) assertion.verdict = Verdict::pass;
  CHECK(junit(report).all("failure").empty());
}

TEST_CASE("the XML is legal whatever the texts hold", "[report][junit]") {
  const XmlElement root = junit(hostile_report());
  CHECK(root.all("failure").size() == 4);
  CHECK(root.all("testcase").at(0)->attributes.at("name").starts_with("]]><script>&amp;\"'"));
}

TEST_CASE("every single byte and every pair around it makes legal XML", "[report][junit]") {
  for (int byte = 0; byte < 256; ++byte) {
    RunReport report = unknown_report();
    report.because = std::string("a") + static_cast<char>(byte) + "b" + static_cast<char>(byte) +
                     static_cast<char>(byte);
    CAPTURE(byte);
    REQUIRE(parse_xml(report_junit(report)).ok);
  }
}

TEST_CASE("the file stays below its bound and still fails", "[report][junit]") {
  RunReport report = failing_report();
  AssertionReport huge = report.assertions.front();
  huge.why = std::string(3'000'000, '"');
  report.assertions.assign(20, huge);
  CHECK(junit(report).all("failure").size() >= 20);

  huge.why.resize(100'000);
  AssertionReport green = passing_report().assertions.front();
  green.name = std::string(5'000, '&');
  report.assertions.assign(5'000, green);
  report.assertions.push_back(huge);
  const XmlElement root = junit(report);
  CHECK(root.all("failure").size() >= 1);
  REQUIRE(root.all("system-out").size() == 1);
  CHECK(root.all("system-out").front()->text.find("are left out here") != std::string::npos);

  huge.why.resize(3'000);
  report.assertions.assign(5'000, huge);
  CHECK_FALSE(junit(report).all("failure").empty());
}
