// SPDX-License-Identifier: Apache-2.0
// What the proxy writes down, piece by piece.
#include <filesystem>

#include "fault/fault.h"
#include "sim/core/canonical_row.h"
#include "sim/proxy/archive.h"
#include "sim/proxy/batch_cut.h"
#include "sim/proxy/names.h"
#include "sim/scenario/load.h"
#include "tests/proxy/proxied.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy;
using namespace parallax::proxy_tests;
using test::TempFolder;

TEST_CASE("the last events of a body are cut out, whatever it is of", "[proxy]") {
  CHECK(without_last(R"({"batch":[{"a":"]"},{"b":[1,2]},3],"sent_at":"x"})", 3, 1) ==
        R"({"batch":[{"a":"]"},{"b":[1,2]}],"sent_at":"x"})");
  CHECK(without_last(R"([{"a":1},{"b":2}])", 2, 1) == R"([{"a":1}])");
  CHECK(without_last(R"({"api_key":"k","events":[1,2,3,4]})", 4, 3) ==
        R"({"api_key":"k","events":[1]})");
  CHECK_FALSE(without_last(R"({"batch":[1,2]})", 3, 1));
  CHECK_FALSE(without_last("data=W3t9XQ==", 2, 1));
  CHECK_FALSE(without_last("{\"batch\":[1,2", 2, 1));
}

TEST_CASE("stored requests come back as they were, without cookies and torn ends", "[proxy]") {
  const TempFolder folder;
  const std::filesystem::path file = folder / "requests.plxr";
  {
    auto archive = Archive::create(file, 10'000);
    REQUIRE(archive);
    for (int n = 0; n < 3; ++n)
      REQUIRE(archive->store({SimTime{n}, "POST / HTTP/1.1\r\nCookie: secret\r\nA: b\r\n\r\n",
                              "body " + std::to_string(n)}));
    CHECK_FALSE(archive->has_room(10'000));
  }
  const auto read = [&] {
    std::vector<std::string> out;
    const auto scanned = scan_archive(file, [&](const StoredRequest& request) {
      out.push_back(std::string(request.head) + std::string(request.body));
      return true;
    });
    if (!scanned) out.push_back(scanned.error().what);
    return out;
  };
  const std::string head = "POST / HTTP/1.1\r\nA: b\r\n\r\n";
  CHECK(read() == std::vector<std::string>{head + "body 0", head + "body 1", head + "body 2"});
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::others_read) ==
        std::filesystem::perms::none);
  const std::string bytes = test::read_file(file);
  test::write_file(file, bytes.substr(0, bytes.size() - 1));
  CHECK(read().size() == 2);
  std::string damaged = bytes;
  damaged[30] = static_cast<char>(damaged[30] ^ 1);
  test::write_file(file, damaged);
  CHECK(read() == std::vector<std::string>{"is no store of requests, or is damaged"});
}

TEST_CASE("what the plan numbers keeps its number, and all else is found again", "[proxy]") {
  const TempFolder folder;
  const std::filesystem::path file = folder / "names.txt";
  const Scenario opened = opened_scenario(scenario_text());
  std::uint32_t foreign = 0;
  std::int64_t order = 0;
  {
    auto names = Names::create(file, opened.plan);
    REQUIRE(names);
    CHECK(names->user("u-17") == 17);
    for (const char* other : {"u-017", "u-", "U-17", "17", "u-3000000000", "alice\n\"quoted\""}) {
      CAPTURE(other);
      foreign = names->user(other);
      CHECK(foreign >= first_foreign_user);
      CHECK(names->user(other) == foreign);
    }
    names->field_text(1, 0, "A/1");
    order = names->field_text(1, 0, "B/2");
    names->note_run("r-7");
    names->note_run("r-8");
    REQUIRE(names->flush());
  }
  Scenario read = opened;
  const auto known = load_names(file, read);
  REQUIRE(known);
  CHECK(known->run_id == "r-7");
  CHECK(known->users.at(hash_text("alice\n\"quoted\"")) == foreign);
  CHECK(known->users.size() == 6);
  CHECK(read.plan.actions[1].fields[0].form.text(order) == "B/2");
  test::write_file(file, "field 9 9 \"x\"\n");
  CHECK_FALSE(load_names(file, read));
  test::write_file(file, "user \"whole\"\nuser \"to");
  CHECK(load_names(file, read)->users.size() == 1);
}

TEST_CASE("devices and sessions get the numbers whose keys rows have", "[proxy]") {
  for (const char* text : {"d-00000000000000ff", "phone 7", "s-1"})
    CHECK(device_key(device_number(text)) == device_key_of(text));
  for (const char* text : {"s-00000000000000ff", "0199-ab", "d-1"})
    CHECK(session_key(session_number(text)) == session_key_of(text));
  CHECK(device_number("d-00000000000000ff") == 0xff);
  CHECK(device_key(device_number("")) == 0);  // As a row without one.
  CHECK(session_key(session_number("")) == 0);
}

TEST_CASE("conditions mean the same on an opened plan", "[proxy]") {
  Loaded loaded = load_scenario_text(R"({"name":"a","actions":{"cart":{"emits":["client"],
      "fields":{"sku":{"type":"string","zipf":20},"size":{"type":"string","pick":{"S":1,"M":1}}}}},
      "journeys":{"j":{"start":"s","states":{"s":{"does":"cart"}}}},
      "faults":[{"fault":"status","where":"sku = sku-17 and size = M"}]})",
                                     "a", {.set = {}, .now = {}, .faults = fault_kinds()});
  REQUIRE(loaded.ok());
  const FieldPlan before = loaded.scenario.plan.actions[0].fields[0];
  open_plan(loaded.scenario);
  const ActionPlan& cart = loaded.scenario.plan.actions[0];
  CHECK(cart.fields[0].form.code_of(before.form.text(17)) == 17);
  CHECK(cart.fields[1].form.code_of("M") == 1);
  CHECK(loaded.scenario.plan.pages.back() == other_value);
}
