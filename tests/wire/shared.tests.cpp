// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/wire/context_texts.h"
#include "sim/wire/format.h"
#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"

using namespace parallax;
using namespace parallax::wire_tests;
using Json = nlohmann::ordered_json;

namespace {

class Fixture {
 public:
  std::string event(const Emission& emission) const {
    std::string out;
    format_->event(emission, out);
    return out;
  }
  std::string batch(std::span<const Emission> emissions, SimTime sent_at) const {
    std::string out = "left over";
    std::vector<const Emission*> pointers;
    for (const Emission& emission : emissions) pointers.push_back(&emission);
    format_->batch(pointers, sent_at, out);
    return out;
  }
  Json parsed(const Emission& emission) const { return Json::parse(event(emission)); }

 private:
  TrackingPlan plan_ = sample_plan();
  std::unique_ptr<WireFormat> format_ = make_wire_format("shared", plan_, "run \"7\"").value();
};

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("a server's purchase has every key in the documented order", "[wire]") {
  CHECK(Fixture().event(sample_purchase()) ==
        R"({"event_name":"purchase","event_id":"01234567-89ab-4cde-8f01-23456789abcd",)"
        R"("user_id":"u-42","device_id":"d-00000000000000d1","session_id":"s-000000000000005e",)"
        R"("sequence_id":3,"server_ts":"2026-03-02T00:00:00.123Z","source":"server",)"
        R"("schema_version":1,"consent_state":"granted","retry_count":0,)"
        R"("delivery_status":"queued","run_id":"run \"7\"",)"
        R"("context":{"page":"check\tout","country":"JP","plan \"x\"":"free"},)"
        R"("currency":"USD","revenue":9.99,"tax":0.80,)"
        R"("properties":{"shipping":0.00,"sku":"sku\"-17","items":-5,"weight":1.5,"gift":true,)"
        R"("order":"ord-0000000000000abc"}})");
}

TEST_CASE("an action without fields has no currency and empty properties", "[wire]") {
  Emission emission;
  emission.client_ts = SimTime{0};
  emission.seen.consent = Consent::denied;
  emission.schema_version = 2;
  emission.retry_count = 12;
  CHECK(Fixture().event(emission) ==
        R"({"event_name":"open","event_id":"00000000-0000-0000-0000-000000000000",)"
        R"("user_id":"u-0","device_id":"d-0000000000000000","session_id":"s-0000000000000000",)"
        R"("sequence_id":0,"client_ts":"1970-01-01T00:00:00.000Z","source":"client",)"
        R"("schema_version":2,"consent_state":"denied","retry_count":12,)"
        R"("delivery_status":"retrying","run_id":"run \"7\"",)"
        R"("context":{"page":"home","country":"US","plan \"x\"":"free"},"properties":{}})");
}

TEST_CASE("both times stand where both are known, neither where none is", "[wire]") {
  Emission emission = sample_purchase();
  emission.client_ts = emission.server_ts + 1;
  Json event = Fixture().parsed(emission);
  CHECK(event.at("client_ts") == event.at("server_ts"));
  emission.client_ts = emission.server_ts = no_time;
  event = Fixture().parsed(emission);
  CHECK_FALSE(event.contains("client_ts"));
  CHECK_FALSE(event.contains("server_ts"));
}

TEST_CASE("every id form stands on the wire as its name says", "[wire]") {
  Emission emission = sample_purchase();
  emission.id_form = IdForm::absent;
  CHECK_FALSE(Fixture().parsed(emission).contains("event_id"));
  emission.id_form = IdForm::empty;
  CHECK(Fixture().parsed(emission).at("event_id") == "");
  emission.id_form = IdForm::placeholder;
  CHECK(Fixture().parsed(emission).at("event_id") == "00000000-0000-0000-0000-000000000000");
  emission.id_form = IdForm::upper_case;
  CHECK(Fixture().parsed(emission).at("event_id") == "01234567-89AB-4CDE-8F01-23456789ABCD");
}

TEST_CASE("an absent field has no key and leaves its neighbours whole", "[wire]") {
  Emission emission = sample_purchase();
  emission.forms[revenue] = FieldForm::absent;
  emission.forms[shipping] = FieldForm::absent;  // the first of the properties
  emission.forms[order] = FieldForm::absent;     // the last
  const Json event = Fixture().parsed(emission);
  CHECK_FALSE(event.contains("revenue"));
  CHECK(event.contains("tax"));
  CHECK(event.contains("currency"));
  CHECK(keys_of(event.at("properties")) ==
        std::vector<std::string>{"sku", "items", "weight", "gift"});
  emission.forms.fill(FieldForm::absent);
  CHECK(Fixture().parsed(emission).at("properties") == Json::object());
}

TEST_CASE("a null field has its key and no value", "[wire]") {
  Emission emission = sample_purchase();
  emission.forms.fill(FieldForm::null);
  const Json event = Fixture().parsed(emission);
  CHECK(event.at("revenue").is_null());
  CHECK(event.at("tax").is_null());
  CHECK(event.at("properties").size() == 6);
  for (const auto& [key, value] : event.at("properties").items()) CHECK(value.is_null());
}

TEST_CASE("as text every value stands in quotes", "[wire]") {
  Emission emission = sample_purchase();
  emission.forms.fill(FieldForm::as_text);
  const Json event = Fixture().parsed(emission);
  CHECK(event.at("revenue") == "9.99");
  CHECK(event.at("tax") == "0.80");
  const Json& properties = event.at("properties");
  CHECK(properties.at("items") == "-5");
  CHECK(properties.at("weight") == "1.5");
  CHECK(properties.at("gift") == "true");
  CHECK(properties.at("sku") == "sku\"-17");
}

TEST_CASE("money in minor units has no point, other fields stay as they are", "[wire]") {
  Emission emission = sample_purchase();
  emission.forms.fill(FieldForm::minor_units);
  const Json event = Fixture().parsed(emission);
  CHECK(event.at("revenue").dump() == "999");
  CHECK(event.at("properties").at("weight") == 1.5);
}

TEST_CASE("money has as many decimals as its currency", "[wire]") {
  Emission emission = sample_purchase();
  emission.seen.currency = 1;
  CHECK(Fixture().event(emission).find(R"("currency":"JPY","revenue":999,"tax":80,)") !=
        std::string::npos);
  emission.seen.currency = 2;
  CHECK(Fixture().event(emission).find(R"("currency":"KWD","revenue":0.999,"tax":0.080,)") !=
        std::string::npos);
}

TEST_CASE("only the fields of its side are in an emission", "[wire]") {
  Emission emission = sample_purchase();
  CHECK_FALSE(Fixture().parsed(emission).at("properties").contains("note"));
  emission.source = Source::client;
  CHECK(Fixture().parsed(emission).at("properties").at("note") == "a\\b\n\x01é");
}

TEST_CASE("numbers are written exactly and as short as can be", "[wire]") {
  const auto [millionths, text] = GENERATE(table<std::int64_t, std::string>(
      {{0, "0"},
       {1, "0.000001"},
       {-1, "-0.000001"},
       {2'000'000, "2"},
       {-2'500'000, "-2.5"},
       {1'000'010, "1.00001"},
       {std::numeric_limits<std::int64_t>::min(), "-9223372036854.775808"},
       {std::numeric_limits<std::int64_t>::max(), "9223372036854.775807"}}));
  Emission emission = sample_purchase();
  emission.seen.values[weight] = millionths;
  CHECK(Fixture().event(emission).find("\"weight\":" + text + ",") != std::string::npos);
}

TEST_CASE("the longest values fit", "[wire]") {
  Emission emission = sample_purchase();
  emission.seen.values.fill(std::numeric_limits<std::int64_t>::min());
  emission.seen.values[note] = 1;
  emission.seen.user = std::numeric_limits<std::uint32_t>::max();
  emission.seen.sequence = std::numeric_limits<std::uint32_t>::max();
  emission.seen.device = emission.seen.session = ~std::uint64_t{0};
  emission.client_ts = end_of_time;
  emission.retry_count = emission.schema_version = 65'535;
  emission.source = Source::client;
  emission.forms.fill(FieldForm::as_text);
  emission.seen.values[sku] = std::numeric_limits<std::int64_t>::max();
  const Json event = Fixture().parsed(emission);
  CHECK(event.at("user_id") == "u-4294967295");
  CHECK(event.at("properties").at("items") == "-9223372036854775808");
}

TEST_CASE("page and traits stand in the plan's order, however many values they have", "[wire]") {
  TrackingPlan plan;
  plan.pages = {"home", "cart"};
  // Pages and two traits fill a part of the ready texts, the third has one of its own.
  for (const std::size_t values : {32u, 16u, 3'000u, 2u}) {
    TraitPlan& trait = plan.traits.emplace_back();
    trait.name = "t" + std::to_string(plan.traits.size());
    for (std::size_t i = 0; i < values; ++i) trait.values.push_back("v" + std::to_string(i));
  }
  const std::vector<ContextTexts> parts = context_texts(plan);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].lengths.size() == 1'024);
  CHECK(parts[1].lengths.size() == 3'000);
  Action seen;
  seen.page = 1;
  seen.traits = {31, 5, 2'999, 1};
  std::string text(500, '\0');
  char* end = text.data();
  for (const ContextTexts& part : parts) end = part.put(seen, end);
  text.resize(static_cast<std::size_t>(end - text.data()));
  CHECK(text == R"("cart","t1":"v31","t2":"v5","t3":"v2999","t4":"v1")");
}

TEST_CASE("a batch wraps its events and says when it was sent", "[wire]") {
  const Fixture fixture;
  const Emission one = sample_purchase();
  const std::vector<Emission> two{one, one};
  const std::string event = fixture.event(one);
  CHECK(fixture.batch(two, one.server_ts) ==
        "{\"batch\":[" + event + "," + event + "],\"sent_at\":\"2026-03-02T00:00:00.123Z\"}");
  CHECK(fixture.batch(two, no_time) == "{\"batch\":[" + event + "," + event + "]}");
  CHECK(fixture.batch({}, no_time) == "{\"batch\":[]}");
}

TEST_CASE("events are appended, and no memory is taken where room is left", "[wire]") {
  const TrackingPlan plan = sample_plan();
  const auto format = make_wire_format("shared", plan, "r").value();
  std::string out = "before ";
  out.reserve(10'000);
  const char* const place = out.data();
  format->event(sample_purchase(), out);
  format->event(sample_purchase(), out);
  CHECK(out.data() == place);
  CHECK(out.substr(0, 8) == "before {");
}

TEST_CASE("an unknown format is refused and the known ones are named", "[wire]") {
  const TrackingPlan plan = sample_plan();
  const auto format = make_wire_format("carrier-pigeon", plan, "r");
  REQUIRE_FALSE(format);
  CHECK(format.error().kind == Error::Kind::invalid_input);
  CHECK(format.error().text() ==
        "carrier-pigeon: unknown wire format; there are: shared, posthog, posthog-v1, segment, "
        "rudderstack, snowplow, amplitude, mixpanel, ga4, cloudevents");
}
