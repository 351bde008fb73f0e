// SPDX-License-Identifier: Apache-2.0
#include "sim/run/picture.h"

#include <cmath>
#include <filesystem>

#include "fault/fault.h"
#include "sim/run/picture_layout.h"
#include "sim/scenario/load.h"
#include "tests/report/xml_checker.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

Loaded load(const fs::path& file) {
  LoadOptions options;
  options.faults = fault_kinds();
  return load_scenario(file, options);
}

constexpr std::string_view story = R"json({
  "name": "tiny", "about": "A <tiny> shop & its parcels.", "time": {"length": "10d"},
  "population": {"users": 100, "traits": {"platform": {"pick": {"web": 3, "ios": 1}}},
    "sessions": {"per_user_day": 0.5}, "ad_blocker": {"share": 0.2, "where": "platform = web"}},
  "actions": {
    "view": {"emits": ["client"]},
    "order": {"emits": ["client", "server"], "confirmed_by": "server", "succeeds": 0.9, "fields": {
      "order_id": {"unique": "ord-", "required": true}, "total": {"type": "money"},
      "shelf": {"owner": "client"}}},
    "parcel": {"emits": ["server"], "fields": {"order_id": {"unique": "ord-"}}}},
  "journeys": {
    "buy": {"weight": 3, "states": {
      "home": {"does": "view", "think": "8s", "next": {"home": 2, "pay": 1, "leave": 1}},
      "pay": {"does": "order", "next": {"home": 1, "leave": 4}}}},
    "look": {"states": {"home": {"does": "view"}}},
    "parcels": {"follows": "order", "states": {
      "packed": {"wait": "5d", "next": {"sent": 1}}, "sent": {"does": "parcel"}}}},
  "faults": [
    {"fault": "ad_block"},
    {"fault": "early_success", "rate": 0.5},
    {"fault": "drop", "name": "lost", "side": "server", "when": "2d..", "where": "action = parcel",
     "burst": {"rate": 0.02, "length": 4}},
    {"fault": "delay", "rate": 0.01}],
  "assert": [{"that": "exactly_once"}, {"that": "sum", "of": "order.total", "by": "day"},
             {"that": "ratio", "of": "order", "client_per_server": [0.7, 1]}]
})json";

ScenarioPicture picture(const Scenario& scenario) {
  auto made = picture_of(scenario);
  if (!made) FAIL(made.error().text());
  return std::move(*made);
}
ScenarioPicture tiny() {
  LoadOptions options;
  options.faults = fault_kinds();
  const Loaded loaded = load_scenario_text(story, "tiny.json", options);
  REQUIRE(loaded.ok());
  return picture(loaded.scenario);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// All scenarios of the repository, as pictures.
std::vector<std::pair<std::string, ScenarioPicture>> shipped() {
  std::vector<std::pair<std::string, ScenarioPicture>> all;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(PARALLAX_SOURCE_DIR) / "scenarios")) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "schema.json") continue;
    const Loaded loaded = load(entry.path());
    INFO(entry.path().string());
    REQUIRE(loaded.ok());
    all.emplace_back(entry.path().filename().string(), picture(loaded.scenario));
  }
  REQUIRE(all.size() >= 30);
  return all;
}

bool overlap(JourneyLayout::Point a, JourneyLayout::Point b) {
  return std::abs(a.x - b.x) < JourneyLayout::box_width &&
         std::abs(a.y - b.y) < JourneyLayout::box_height;
}

}  // namespace

TEST_CASE("a scenario in text", "[report][picture]") {
  CHECK(picture_text(tiny()) == R"picture(tiny
  A <tiny> shop & its parcels.
  100 users, 0.5 sessions each a day (at every hour alike), 10d from 2026-03-02: about 500 sessions

Journey buy: 75% of the sessions, 2.78 actions each
  state               does   emitted by  stays  leaves  visits  faults
  ● home              view   client        ~8s     25%    2.22  1 4
    ├─ 50% ↺ home
    └─ 25% pay        order  both          ~7s     80%    0.56  1 2 4
       └─ 20% ↺ home

Journey look: 25% of the sessions, 1.00 actions each
  state   does  emitted by  stays  leaves  visits  faults
  ● home  view  client               100%    1.00  1 4

Process parcels: the server's, after each order (0.37 a session), 1.00 actions each
  state           does    emitted by  stays  leaves  visits  faults
  ● packed                               5d            1.00
    └─ 100% sent  parcel  server               100%    1.00  3 4

Actions (! is required; counts are means)
  action  emitted by  a session  in the run  who owns which field
  view    client           1.92         958
  order   both             0.42         208  server decides, 90% granted; client: shelf; server:
                                             order_id!, total
  parcel  server           0.19          94  server: order_id

Faults
     fault          kind  hits
  1  ad_block             20% of users, where platform = web
                          strikes at capture; client: all
  2  early_success        50% of emissions
                          strikes at capture; client: order
  3  lost           drop  2% in runs of 4, when 2d.., where action = parcel
                          strikes at capture; server: parcel
  4  delay                1% of attempts
                          strikes at before_send; client: all; server: all

Assertions
  exactly_once
  sum order.total  by day
  ratio order      client per server 0.7 .. 1
)picture");
}

TEST_CASE("no line of any shipped scenario's text is longer than 100 columns",
          "[report][picture]") {
  for (const auto& [file, scenario] : shipped()) {
    const std::string text = picture_text(scenario);
    INFO(file << "\n" << text);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      std::size_t columns = 0;
      for (std::size_t i = at; i < end; ++i)
        columns += (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80 ? 1U : 0U;
      CHECK(columns <= 100);
      at = end + 1;
    }
    for (const JourneyPicture& journey : scenario.journeys)
      for (const StatePicture& state : journey.states)
        CHECK(text.find(" " + state.name + " ") != std::string::npos);
  }
}

TEST_CASE("every shipped scenario as SVG is well formed and holds every state, way and fault",
          "[report][picture]") {
  for (const auto& [file, scenario] : shipped()) {
    const std::string svg = picture_svg(scenario);
    INFO(file);
    const XmlDocument document = parse_xml(svg);
    INFO(document.error);
    CHECK(document.error.empty());
    std::size_t states = 0, ways = 0, leaving = 0;
    for (const JourneyPicture& journey : scenario.journeys)
      for (const StatePicture& state : journey.states) {
        ++states;
        ways += state.next.size();
        leaving += state.leaves > 0 ? 1U : 0U;
        CHECK(svg.find("class=\"state\" text-anchor=\"start\">" + state.name + "<") !=
              std::string::npos);
      }
    CHECK(count(svg, "class=\"box") == states);
    CHECK(count(svg, "class=\"way") == ways);
    CHECK(count(svg, "class=\"share\"") == ways);
    CHECK(count(svg, ">leave ") == leaving);
    for (const FaultPicture& fault : scenario.faults)
      CHECK(svg.find(">" + fault.name + "<") != std::string::npos);
    // Self-contained: no address but the name space, no script.
    CHECK(count(svg, "http") == 1);
    CHECK(count(svg, "<script") == 0);
  }
}

TEST_CASE("boxes never overlap, and ways but those back lead to the right", "[report][picture]") {
  for (const auto& [file, scenario] : shipped())
    for (const JourneyPicture& journey : scenario.journeys) {
      INFO(file << " " << journey.name);
      const JourneyLayout layout = lay_out(journey);
      for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
        CHECK(layout.boxes[i].x >= 0);
        CHECK(layout.boxes[i].y >= 0);
        CHECK(layout.boxes[i].x + JourneyLayout::box_width <= layout.width);
        CHECK(layout.boxes[i].y + JourneyLayout::box_height <= layout.height);
        for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(layout.boxes[i], layout.boxes[j]));
      }
      for (const JourneyLayout::Way& way : layout.ways)
        CHECK((layout.boxes[way.from].x < layout.boxes[way.to].x) == !way.back);
    }
  CHECK(overlap({0, 0}, {10, 10}));
}

TEST_CASE("texts of a scenario cannot break out of the SVG", "[report][picture]") {
  ScenarioPicture picture = tiny();
  picture.about = "</text><script>alert(1)</script> & \"more\"\x01";
  const std::string svg = picture_svg(picture);
  CHECK(parse_xml(svg).error.empty());
  CHECK(svg.find("<script") == std::string::npos);
}

TEST_CASE("where a fault strikes follows its side, its condition and its effect",
          "[report][picture]") {
  const ScenarioPicture scenario = tiny();
  CHECK(scenario.faults.at(0).points == "capture");
  CHECK(scenario.faults.at(3).points == "before_send");
  CHECK(scenario.faults.at(0).strikes == "client: all");
  // Nothing but an order can be refused.
  CHECK(scenario.faults.at(1).strikes == "client: order");
  CHECK(scenario.faults.at(2).strikes == "server: parcel");
  CHECK(scenario.faults.at(3).strikes == "client: all; server: all");
  using Indices = std::vector<std::size_t>;
  CHECK(scenario.journeys.at(0).states.at(0).faults == Indices{0, 3});
  CHECK(scenario.journeys.at(0).states.at(1).faults == Indices{0, 1, 3});
  CHECK(scenario.journeys.at(2).states.at(0).faults.empty());
  CHECK(scenario.journeys.at(2).states.at(1).faults == Indices{2, 3});
}

TEST_CASE("numbers are said for people", "[report][picture]") {
  CHECK(numbers_text({0, 1, 2, 4, 6, 7}) == "1-3 5 7 8");
  CHECK(numbers_text({}).empty());
  CHECK(share_text(0.6) == "60%");
  CHECK(share_text(0.025) == "2.5%");
  CHECK(share_text(1.0 / 3) == "33%");
  CHECK(share_text(0.0001) == "<0.1%");
  CHECK(mean_text(0.08) == "0.080");
  CHECK(mean_text(1.357) == "1.36");
  CHECK(mean_text(12.94) == "12.9");
  CHECK(mean_text(250.4) == "250");
}

}  // namespace parallax::test
