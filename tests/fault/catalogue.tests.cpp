// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// The kind with the parameters that it cannot do without.
FaultPlan usable(const FaultKind& kind) {
  FaultPlan plan = fault(std::string(kind.name));
  if (kind.name == "clock_skew") plan.params = {number("offset", minute)};
  if (kind.name == "outage") plan.selector.until = hour;
  for (const ParamKind& param : kind.params) {
    const std::string name(param.name);
    if (param.about.find("required") == std::string_view::npos) continue;
    if (param.type == ParamKind::Type::action) plan.params.push_back(word(name, "purchase"));
    if (param.type == ParamKind::Type::other_name) plan.params.push_back(word(name, "other"));
    if (param.type == ParamKind::Type::integer) plan.params.push_back(number(name, 2));
    if (param.type == ParamKind::Type::cut) plan.params.push_back(number(name, 8));
    if (param.type == ParamKind::Type::duration) plan.params.push_back(number(name, hour));
    if (param.type == ParamKind::Type::field)
      plan.params.push_back(
          word(name, kind.name == "truncated_field" || kind.name == "missing_field" ? "order_id"
                     : kind.name == "flag_differs"                                  ? "variant"
                                                                                    : "revenue"));
  }
  return plan;
}

FaultPlan with(FaultPlan plan, ParamValue param) {
  plan.params.push_back(std::move(param));
  return plan;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const std::filesystem::path root = PARALLAX_SOURCE_DIR;

/// "delay queue, drop answer": where no scenario strikes, those of these names left out.
std::string points_without(const std::set<std::string>& left_out) {
  std::set<std::string> missing;
  for (const FaultKind& kind : fault_kinds())
    for (const StrikePlace& place : kind.places)
      missing.insert(std::string(kind.name) + " " + std::string(name_of(place.point)));
  for (const char* folder : {"scenarios/smoke", "scenarios/fault"})
    for (const auto& file : std::filesystem::directory_iterator(root / folder)) {
      if (left_out.count(file.path().filename()) != 0) continue;
      LoadOptions options;
      options.faults = fault_kinds();
      const Loaded loaded = load_scenario(file.path(), options);
      CAPTURE(file.path());
      REQUIRE(loaded.ok());
      for (const FaultPlan& plan : loaded.scenario.faults)
        for (const StrikePlace& place : places_of(plan))
          missing.erase(plan.fault + " " + std::string(name_of(place.point)));
    }
  std::string text;
  for (const std::string& one : missing) text += (text.empty() ? "" : ", ") + one;
  return text;
}

}  // namespace

TEST_CASE("every kind has a name of its own and says what it does", "[fault][catalogue]") {
  std::set<std::string_view> names;
  for (const FaultKind& kind : fault_kinds()) {
    CAPTURE(kind.name);
    CHECK(names.insert(kind.name).second);
    CHECK(kind.about.ends_with('.'));
    std::set<std::string_view> params;
    for (const ParamKind& param : kind.params) {
      CAPTURE(param.name);
      CHECK(params.insert(param.name).second);
      CHECK(param.about.ends_with('.'));
      CHECK(param.words.empty() == (param.type != ParamKind::Type::word));
    }
  }
  CHECK(names.size() == 53);
}

TEST_CASE("at each of its points a kind makes the effect that it says", "[fault][catalogue]") {
  const Scenario scenario = rich_shop({});
  for (const FaultKind& kind : fault_kinds()) {
    for (const StrikePlace& place : kind.places) {
      CAPTURE(kind.name, name_of(place.point));
      FaultPlan plan = usable(kind);
      if (point_param(kind)) plan.params.push_back(word("at", std::string(name_of(place.point))));
      const Result<MadeFault> made = make_fault(plan, {scenario, scenario.time.start});
      REQUIRE(made);
      CHECK((made->wire != nullptr) == meets(plan, StrikePlace::Meets::attempt));
      CHECK((made->host != nullptr) == meets(plan, StrikePlace::Meets::host));
      CHECK((made->emission != nullptr) == meets(plan, StrikePlace::Meets::emission));
      CHECK(places_of(plan).size() == (kind.everywhere ? kind.places.size() : 1));
      CHECK((kind.everywhere || places_of(plan).front().point == place.point));
      CHECK(place.about.empty() == (kind.places.size() == 1));
    }
  }
}

TEST_CASE("a point that a kind does not have is refused", "[fault][catalogue]") {
  CHECK(complaint(fault("drop", {word("at", "during_body")})).empty());
  CHECK(complaint(fault("drop", {word("at", "answer")})) == "/faults/0/at");
  CHECK(complaint(fault("rounding", {word("at", "queue")})) == "/faults/0/at");
  CHECK(complaint(fault("rounding", {word("at", "capture")})).empty());
}

TEST_CASE("every word of every parameter can be used, and no other", "[fault][catalogue]") {
  for (const FaultKind& kind : fault_kinds()) {
    for (const ParamKind& param : kind.params) {
      CAPTURE(kind.name, param.name);
      for (const std::string_view text : param.words)
        CHECK(complaint(
                  rich_shop({with(usable(kind), word(std::string(param.name), std::string(text)))}))
                  .empty());
      if (!param.words.empty())
        CHECK(complaint(rich_shop({with(usable(kind), word(std::string(param.name), "wrong"))})) ==
              "/faults/0/" + std::string(param.name));
    }
  }
}

TEST_CASE("integers and spans out of range are refused by name", "[fault][catalogue]") {
  CHECK(complaint(fault("double_fire", {number("times", 0)})) == "/faults/0/times");
  CHECK(complaint(fault("double_fire", {number("times", 21)})) == "/faults/0/times");
  CHECK(complaint(fault("double_fire", {number("after", -1)})) == "/faults/0/after");
  CHECK(complaint(fault("double_fire", {drawn("after", "pareto", {1})})) == "/faults/0/after");
  CHECK(complaint(fault("double_fire", {drawn("after", "normal", {1})})) == "/faults/0/after");
  CHECK(complaint(fault("rounding", {number("to", 1)})) == "/faults/0/to");
}

TEST_CASE("a parameter draws from what it was given", "[fault][catalogue]") {
  Prng draw(7);
  CHECK(draw_param(number("x", 42), draw) == 42);
  CHECK(draw == Prng(7));  // A number takes no draw.
  double uniform = 0;
  double exponential = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t x = draw_param(drawn("x", "uniform", {10, 20}), draw);
    CHECK((x >= 10 && x <= 20));
    uniform += static_cast<double>(x);
    exponential += static_cast<double>(draw_param(drawn("x", "exponential", {1'000}), draw));
  }
  CHECK(std::abs(uniform / 10'000 - 15) < 5 * 0.0316);  // sqrt(10) / 100.
  CHECK(std::abs(exponential / 10'000 - 1'000) < 5 * 10);
}

TEST_CASE("every kind has its line in the README", "[fault][catalogue]") {
  const std::string readme = text_of(root / "fault/README.md");
  for (const FaultKind& kind : fault_kinds()) {
    CAPTURE(kind.name);
    CHECK(readme.find("| `" + std::string(kind.name) + "` |") != std::string::npos);
    for (const ParamKind& param : kind.params) {
      CAPTURE(param.name);
      CHECK(readme.find("`" + std::string(param.name) + "`") != std::string::npos);
    }
  }
}

TEST_CASE("the README's table of strike points is that of the declarations", "[fault][catalogue]") {
  const std::string readme = text_of(root / "fault/README.md");
  for (const StrikePoint point : strike_points) {
    std::string row = "| " + std::string(name_of(point)) + " | ";
    bool first = true;
    for (const FaultKind& kind : fault_kinds())
      for (const StrikePlace& place : kind.places) {
        if (place.point != point) continue;
        const bool is_picked = !kind.everywhere && &place != &kind.places.front();
        row += (first ? "`" : ", `") + std::string(kind.name) + (is_picked ? "`\\*" : "`");
        first = false;
      }
    INFO(row);
    CHECK(readme.find(row + " |") != std::string::npos);
  }
}

TEST_CASE("every point of every kind has a scenario in which it strikes there",
          "[fault][catalogue]") {
  CHECK(points_without({}) == "");
  CHECK(points_without({"job-queue.json"}) == "delay queue, reorder queue");  // It can fail.
}

TEST_CASE("every kind has a smoke scenario, which loads and has the fault", "[fault][catalogue]") {
  for (const FaultKind& kind : fault_kinds()) {
    const std::string name(kind.name);
    LoadOptions options;
    options.faults = fault_kinds();
    const Loaded loaded = load_scenario(root / "scenarios/smoke" / (name + ".json"), options);
    for (const Problem& problem : loaded.problems) CHECK(problem.text().empty());
    REQUIRE(loaded.ok());
    const std::vector<FaultPlan>& faults = loaded.scenario.faults;
    CAPTURE(name);
    CHECK(std::any_of(faults.begin(), faults.end(),
                      [&](const FaultPlan& plan) { return plan.fault == name; }));
    CHECK(complaint(loaded.scenario).empty());
  }
}
