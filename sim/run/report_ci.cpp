// SPDX-License-Identifier: Apache-2.0
// What continuous integration reads besides JUnit: CTRF and GitHub's annotations.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/run/report.h"
#include "sim/run/report_cases.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t trace_max = 32'768;   ///< Characters of a test's lines.
constexpr std::size_t message_max = 1'000;  ///< An annotation shows no more anyway.

/// CTRF has no word for "could not be judged": `other` is what is neither passed nor failed.
const char* status_of(Verdict verdict) {
  if (verdict == Verdict::pass) return "passed";
  return verdict == Verdict::fail ? "failed" : "other";
}

/// As a value of a workflow command; in a property colons and commas part things too.
std::string command_text(std::string_view text, bool property) {
  std::string out;
  for (const char c : report_text::cut_to(report_text::legal(text), message_max)) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    out += special ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return out;
}

}  // namespace

std::string report_ctrf(const RunReport& report, SimTime ended) {
  const std::int64_t stop = ended.since_epoch / millisecond;
  const std::int64_t length = report.timing.total / millisecond;
  std::array<std::size_t, 3> counts{};
  Json tests = Json::array();
  for (const ReportCase& test : report_cases(report)) {
    ++counts[static_cast<std::size_t>(test.verdict)];
    // A run judges all of its assertions at once, so a test has no time of its own.
    Json one{{"name", test.name}, {"status", status_of(test.verdict)}, {"duration", 0}};
    one["suite"] = Json::array({"parallax", report.scenario});
    one["type"] = test.kind;
    if (test.verdict != Verdict::pass) {
      one["message"] = test.message;
      one["trace"] = report_text::cut_to(report_text::legal(test.details), trace_max);
    }
    tests.push_back(std::move(one));
  }
  Json results;
  results["tool"] = {{"name", "parallax"}, {"version", report.parallax_version}};
  results["summary"] = {{"tests", tests.size()},  {"passed", counts[0]}, {"failed", counts[2]},
                        {"pending", 0},           {"skipped", 0},        {"other", counts[1]},
                        {"start", stop - length}, {"stop", stop}};
  results["tests"] = std::move(tests);
  results["extra"] = {{"scenario", report.scenario}, {"seed", report.seed},
                      {"run_id", report.run_id},     {"target", report.target},
                      {"rerun", report.rerun},       {"folder", report.folder}};
  const Json json{{"reportFormat", "CTRF"}, {"specVersion", "0.0.0"}, {"results", results}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

void Annotations::add(const RunReport& report, const std::string& file) {
  for (const ReportCase& test : report_cases(report)) {
    if (test.verdict == Verdict::pass) continue;
    const bool fails = test.verdict == Verdict::fail;
    all_.push_back(
        {test.verdict,
         fmt::format(
             "::{} file={},title={}::{}\n", fails ? "error" : "warning", command_text(file, true),
             command_text(report.scenario + ": " + test.name, true),
             command_text(fmt::format("{}\n{}\nrerun: {}", test.kind, test.message, report.rerun),
                          false))});
  }
}

std::string Annotations::text() const {
  std::vector<Line> worst = all_;
  std::stable_sort(worst.begin(), worst.end(),
                   [](const Line& a, const Line& b) { return a.verdict > b.verdict; });
  std::string out;
  for (std::size_t i = 0; i < std::min(worst.size(), shown_max); ++i) out += worst[i].text;
  if (worst.size() > shown_max)
    out += fmt::format("parallax: {} more findings are in the reports\n", worst.size() - shown_max);
  return out;
}

}  // namespace parallax
