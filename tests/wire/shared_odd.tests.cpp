// SPDX-License-Identifier: Apache-2.0
// What the shared format makes of emissions that no template knows.
#include <nlohmann/json.hpp>

#include "sim/wire/format.h"
#include "sim/wire/shared_odd.h"
#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"

using namespace parallax;
using namespace parallax::wire_tests;
using Json = nlohmann::ordered_json;

namespace {

/// The sample plan with what faults do to it.
TrackingPlan odd_plan() {
  TrackingPlan plan = sample_plan();
  plan.actions[1].other_name = "order \"completed\"";
  plan.actions[1].fields[revenue].other_name = "amount";
  plan.actions[1].fields[sku].other_name = "tax";
  plan.actions[1].fields[order].cut_to = 6;
  return plan;
}

struct Formats {
  TrackingPlan plan = odd_plan();
  std::unique_ptr<WireFormat> format = make_wire_format("shared", plan, "run \"7\"").value();

  std::string event(const Emission& emission) const {
    std::string out;
    format->event(emission, out);
    return out;
  }
  Json parsed(const Emission& emission) const { return Json::parse(event(emission)); }
  std::string odd(const Emission& emission) const {
    std::string out;
    OddEvents(plan, "run \"7\"").append(emission, out);
    return out;
  }
};

/// As the server sees it: without the client's note.
Emission planned_purchase() {
  Emission emission = sample_purchase();
  emission.forms[note] = FieldForm::absent;
  return emission;
}

Emission with_form(std::size_t field, FieldForm form) {
  Emission emission = planned_purchase();
  emission.forms[field] = form;
  emission.odd_fields = true;
  return emission;
}

}  // namespace

TEST_CASE("the slow writer writes plain emissions as the templates do", "[wire][odd]") {
  const Formats formats;
  Emission emission = planned_purchase();
  const auto same = [&] { CHECK(formats.odd(emission) == formats.event(emission)); };
  same();
  for (const IdForm form :
       {IdForm::absent, IdForm::empty, IdForm::placeholder, IdForm::upper_case}) {
    emission.id_form = form;
    same();
  }
  for (const FieldForm form :
       {FieldForm::absent, FieldForm::null, FieldForm::as_text, FieldForm::minor_units}) {
    for (std::size_t field = 0; field < note; ++field) emission.forms[field] = form;
    same();
  }
  emission = planned_purchase();
  emission.source = Source::client;
  emission.forms[note] = FieldForm::present;
  emission.client_ts = emission.server_ts;
  emission.seen.values = {-80, -5, 0, 17, -5, -1'500'000, 0, -1, 1};
  emission.seen.consent = Consent::denied;
  emission.retry_count = 3;
  emission.schema_version = 7;
  for (std::uint8_t currency = 0; currency < 3; ++currency) {
    emission.seen.currency = currency;
    same();
  }
  Emission open;
  open.client_ts = SimTime{0};
  CHECK(formats.odd(open) == formats.event(open));
}

TEST_CASE("an event goes by its other name", "[wire][odd]") {
  Emission emission = planned_purchase();
  emission.other_name = true;
  Json event = Formats().parsed(emission);
  CHECK(event.at("event_name") == "order \"completed\"");
  event["event_name"] = "purchase";
  CHECK(event == Formats().parsed(planned_purchase()));
}

TEST_CASE("every user form stands on the wire as its name says", "[wire][odd]") {
  const auto [form, text] = GENERATE(table<UserForm, std::string>({
      {UserForm::digits, "42"},
      {UserForm::capitals, "USER-42"},
      {UserForm::anonymous, "d-00000000000000d1"},
  }));
  Emission emission = planned_purchase();
  emission.user_form = form;
  CHECK(Formats().parsed(emission).at("user_id") == text);
  emission.user_form = UserForm::absent;
  CHECK_FALSE(Formats().parsed(emission).contains("user_id"));
  emission.user_form = UserForm::minted;
  const std::string minted = Formats().parsed(emission).at("user_id");
  CHECK(minted.starts_with("anon-"));
  CHECK(minted.size() == 21);
  Emission later = emission;
  later.seen.sequence = 9;
  CHECK(Formats().parsed(later).at("user_id") == minted);
  later.seen.session += 1;
  CHECK(Formats().parsed(later).at("user_id") != minted);
}

TEST_CASE("another project's event is of another run", "[wire][odd]") {
  Emission emission = planned_purchase();
  emission.other_project = true;
  CHECK(Formats().parsed(emission).at("run_id") == "run \"7\"-other-project");
}

TEST_CASE("a renamed field is a property, whatever its name", "[wire][odd]") {
  Json event = Formats().parsed(with_form(revenue, FieldForm::renamed));
  CHECK_FALSE(event.contains("revenue"));
  CHECK(event.at("properties").at("amount") == 9.99);
  event = Formats().parsed(with_form(sku, FieldForm::renamed));
  CHECK(event.at("tax") == 0.80);
  CHECK(event.at("properties").at("tax") == "sku\"-17");
  CHECK_FALSE(event.at("properties").contains("sku"));
}

TEST_CASE("a truncated text is cut, an undefined value is that word", "[wire][odd]") {
  CHECK(Formats().parsed(with_form(order, FieldForm::truncated)).at("properties").at("order") ==
        "ord-00");
  for (const std::size_t field : {sku, order, note})
    CHECK(Formats()
              .parsed(with_form(field, FieldForm::undefined))
              .at("properties")
              .at(odd_plan().actions[1].fields[field].name) == "undefined");
}

TEST_CASE("a field can stand where its side does not send it", "[wire][odd]") {
  const Json event = Formats().parsed(with_form(note, FieldForm::present));
  CHECK(event.at("properties").contains("note"));
  CHECK(event.at("source") == "server");
}

TEST_CASE("the longest odd event fits the room", "[wire][odd]") {
  Formats formats;
  TrackingPlan& plan = formats.plan;
  plan.actions[1].other_name = std::string(900, '"');
  plan.actions[1].fields[sku].other_name = std::string(900, '\n');
  formats.format = make_wire_format("shared", plan, "run").value();
  Emission emission = with_form(sku, FieldForm::renamed);
  emission.other_name = emission.other_project = true;
  emission.forms[note] = FieldForm::present;
  CHECK(formats.event(emission).size() > 4'000);
  CHECK(formats.event(emission).size() <= formats.format->event_room());
}
