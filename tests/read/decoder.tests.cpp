// SPDX-License-Identifier: Apache-2.0
#include "sim/read/reader.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

CanonicalRow decoded(const std::string& json, const ColumnMap& columns = {}) {
  const TrackingPlan plan = shop_plan();
  RowDecoder decoder(plan, columns);
  CanonicalRow row;
  CAPTURE(json);
  REQUIRE(decoder.decode(json, row));
  return row;
}

/// A purchase whose other members are `rest`.
CanonicalRow purchase(const std::string& rest) {
  return decoded(R"({"event_name":"purchase",)" + rest + "}");
}

}  // namespace

TEST_CASE("a whole row is read member by member", "[read][decoder]") {
  const CanonicalRow row = decoded(R"({
    "event_id": "0a1b2c3d-0000-4000-8000-00000000000f", "run_id": "r-1", "event_name": "purchase",
    "user_id": "u-17", "device_id": "d-00000000000000aa", "session_id": "s-00000000000000bb",
    "sequence_id": 4, "client_ts": "2026-03-02T00:00:01.250Z", "server_ts": "2026-03-02T00:00:02Z",
    "event_ts": "2026-03-02T00:00:03Z", "ingestion_ts": "2026-03-02T00:00:04Z",
    "client_rows": 2, "server_rows": 1, "schema_version": 3, "source": "server",
    "is_server_authoritative": true, "consent_state": "denied", "currency": "USD",
    "revenue": 9.99, "sku": "sku-17", "items": 3, "weight": 1.5, "gift": false,
    "unknown": {"deep": [1, {"event_id": "no"}]}})");
  const SimTime midnight = *parse_rfc3339("2026-03-02");
  CHECK(row.event_id.text() == "0a1b2c3d-0000-4000-8000-00000000000f");
  CHECK(row.id_form == IdForm::normal);
  CHECK(row.run == hash_text("r-1"));
  CHECK(row.event_name == hash_text("purchase"));
  CHECK(row.type == 1);
  CHECK(row.user == user_key_of("u-17"));
  CHECK(row.device == device_key_of("d-00000000000000aa"));
  CHECK(row.session == session_key_of("s-00000000000000bb"));
  CHECK(row.sequence == 4);
  CHECK(row.client_ts == midnight + 1'250 * millisecond);
  CHECK(row.server_ts == midnight + 2 * second);
  CHECK(row.event_ts == midnight + 3 * second);
  CHECK(row.ingestion_ts == midnight + 4 * second);
  CHECK(row.client_rows == 2);
  CHECK(row.server_rows == 1);
  CHECK(row.schema_version == 3);
  CHECK(row.source == Source::server);
  CHECK(row.server_authoritative == true);
  CHECK(row.consent == Consent::denied);
  CHECK(row.currency == 0);
  for (std::size_t i = 0; i < 5; ++i) CHECK(row.forms[i] == FieldForm::present);
  CHECK(row.values[revenue] == 999);
  CHECK(row.values[sku] == text_code("sku-17"));
  CHECK(row.values[items] == 3);
  CHECK(row.values[weight] == 1'500'000);
  CHECK(row.values[gift] == 0);
}

TEST_CASE("an empty object is a row without anything", "[read][decoder]") {
  const CanonicalRow row = decoded("{}");
  CHECK(row.id_form == IdForm::absent);
  CHECK(row.type == CanonicalRow::no_type);
  CHECK(row.currency == CanonicalRow::no_currency);
  CHECK((row.run | row.event_name | row.user | row.device | row.session) == 0);
  CHECK(row.event_ts == no_time);
  CHECK(row.sequence == -1);
  CHECK(row.client_rows == -1);
  CHECK(row.schema_version == -1);
  CHECK_FALSE(row.source);
  CHECK_FALSE(row.server_authoritative);
  CHECK_FALSE(row.consent);
}

TEST_CASE("null counts as absent in the envelope and as null in a field", "[read][decoder]") {
  const CanonicalRow row = purchase(
      R"("event_id":null,"user_id":null,"server_ts":null,"sequence_id":null,"source":null,
         "is_server_authoritative":null,"currency":null,"revenue":null)");
  CHECK(row.id_form == IdForm::absent);
  CHECK(row.user == 0);
  CHECK(row.server_ts == no_time);
  CHECK(row.sequence == -1);
  CHECK_FALSE(row.source);
  CHECK_FALSE(row.server_authoritative);
  CHECK(row.currency == CanonicalRow::no_currency);
  CHECK(row.forms[revenue] == FieldForm::null);
  CHECK(row.forms[sku] == FieldForm::absent);
}

TEST_CASE("the decoder forgets the row before", "[read][decoder]") {
  const TrackingPlan plan = shop_plan();
  RowDecoder decoder(plan, {});
  CanonicalRow row;
  REQUIRE(decoder.decode(
      R"({"event_name":"purchase","user_id":"u-1","properties":{"revenue":1,"gift":true}})", row));
  CHECK(row.forms[gift] == FieldForm::present);
  REQUIRE(decoder.decode(R"({"event_name":"purchase"})", row));
  CHECK(row.user == 0);
  CHECK(row.forms[revenue] == FieldForm::absent);
  CHECK(row.forms[gift] == FieldForm::absent);
  CHECK(row.values[revenue] == 0);
}

TEST_CASE("event ids are compared by value and keep their form", "[read][decoder]") {
  const std::string lower = "0a1b2c3d-0000-4000-8000-00000000000f";
  const CanonicalRow capitals = decoded(R"({"event_id":"0A1B2C3D-0000-4000-8000-00000000000F"})");
  CHECK(capitals.id_form == IdForm::upper_case);
  CHECK(capitals.event_id.text() == lower);
  const CanonicalRow bare = decoded(R"({"event_id":"0a1b2c3d00004000800000000000000f"})");
  CHECK(bare.id_form == IdForm::normal);
  CHECK(bare.event_id.text() == lower);
  CHECK(decoded(R"({"event_id":""})").id_form == IdForm::empty);
  const CanonicalRow zero = decoded(R"({"event_id":"00000000-0000-0000-0000-000000000000"})");
  CHECK(zero.id_form == IdForm::placeholder);
}

TEST_CASE("foreign event ids stay equal exactly when their texts are", "[read][decoder]") {
  const CanonicalRow first = decoded(R"({"event_id":"ord-1"})");
  CHECK(first.id_form == IdForm::foreign);
  CHECK(first.event_id != Uuid{});
  CHECK(first.event_id == decoded(R"({"event_id":"ord-1"})").event_id);
  CHECK(first.event_id != decoded(R"({"event_id":"ord-2"})").event_id);
  CHECK(decoded(R"({"event_id":12})").event_id == decoded(R"({"event_id":"12"})").event_id);
}

TEST_CASE("money is read from its digits at the row currency's exponent", "[read][decoder]") {
  CHECK(purchase(R"("currency":"USD","revenue":0.29)").values[revenue] == 29);
  CHECK(purchase(R"("currency":"JPY","revenue":999)").values[revenue] == 999);
  CHECK(purchase(R"("revenue":0.125,"currency":"KWD")").values[revenue] == 125);
  CHECK(purchase(R"("revenue":12 ,"currency":"USD")").values[revenue] == 1'200);
  CHECK(purchase(R"("revenue":-10.00)").values[revenue] == -1'000);
  // Beyond what a double holds.
  CHECK(purchase(R"("revenue":90071992547409.93)").values[revenue] == 9'007'199'254'740'993);
  CHECK(purchase(R"("currency":"CHF","revenue":1.05)").values[revenue] == 105);
  CHECK(purchase(R"("currency":"CHF","revenue":1.05)").currency == CanonicalRow::no_currency);
}

TEST_CASE("a number with an exponent is the number that it is, to the last digit",
          "[read][decoder]") {
  const auto revenue_of = [](const std::string& number, const char* currency = "USD") {
    const CanonicalRow row =
        purchase((R"("currency":")" + std::string(currency) + R"(","revenue":)" + number).c_str());
    CHECK(row.forms[revenue] == FieldForm::present);
    return row.values[revenue];
  };
  CHECK(revenue_of("1.999e1") == 1'999);
  CHECK(revenue_of("1999E-2") == 1'999);
  CHECK(revenue_of("-5e-2") == -5);
  CHECK(revenue_of("1.2345678E+7", "JPY") == 12'345'678);
  CHECK(revenue_of("1.2345E1", "KWD") == 12'345);
  CHECK(revenue_of("9.007199254740993E13") == 9'007'199'254'740'993);
  const CanonicalRow others = purchase(R"("items":3e0,"weight":2.5e-1)");
  CHECK(others.forms[items] == FieldForm::present);
  CHECK(others.values[items] == 3);
  CHECK(others.values[weight] == 250'000);
  const CanonicalRow quoted = purchase(R"("currency":"USD","revenue":"1.999E1")");
  CHECK(quoted.forms[revenue] == FieldForm::as_text);
  CHECK(quoted.values[revenue] == 1'999);
  for (const char* none : {"1e", "e1", "1e2e3", "1e99", "1.9x9e1", "1e1.5"})
    CHECK(purchase((R"("currency":"USD","revenue":")" + std::string(none) + "\"").c_str())
              .forms[revenue] == FieldForm::other);
}

TEST_CASE("a number sent as text is as_text", "[read][decoder]") {
  const CanonicalRow row =
      purchase(R"("revenue":"9.99","items":"3","weight":"0.25","gift":"true","sku":"7")");
  CHECK(row.forms[revenue] == FieldForm::as_text);
  CHECK(row.values[revenue] == 999);
  CHECK(row.forms[items] == FieldForm::as_text);
  CHECK(row.values[items] == 3);
  CHECK(row.forms[weight] == FieldForm::as_text);
  CHECK(row.values[weight] == 250'000);
  CHECK(row.forms[gift] == FieldForm::as_text);
  CHECK(row.values[gift] == 1);
  CHECK(row.forms[sku] == FieldForm::present);
}

TEST_CASE("a number with more digits than its type has is inexact, by the nearest value",
          "[read][decoder]") {
  const auto revenue_of = [](const char* json) {
    const CanonicalRow row = purchase(json);
    CHECK(row.forms[revenue] == FieldForm::inexact);
    return row.values[revenue];
  };
  CHECK(revenue_of(R"("currency":"USD","revenue":9.999)") == 1'000);
  CHECK(revenue_of(R"("currency":"USD","revenue":25.510000228881836)") == 2'551);
  CHECK(revenue_of(R"("currency":"USD","revenue":"0.30000000000000004")") == 30);
  CHECK(revenue_of(R"("currency":"JPY","revenue":9.01)") == 9);
  CHECK(revenue_of(R"("currency":"USD","revenue":1e-3)") == 0);
  const CanonicalRow row = purchase(R"("items":1.5)");
  CHECK(row.forms[items] == FieldForm::inexact);
  CHECK(row.values[items] == 2);
  CHECK(purchase(R"("currency":"USD","revenue":1e300)").forms[revenue] == FieldForm::other);
}

TEST_CASE("a value that does not read as its type is other, by its raw text", "[read][decoder]") {
  const CanonicalRow row =
      purchase(R"("revenue":"nine","sku":17,"items":"1.5.1","weight":[1, 2],"gift":"maybe")");
  for (std::size_t i = 0; i < 5; ++i) CHECK(row.forms[i] == FieldForm::other);
  CHECK(row.values[revenue] == text_code("nine"));
  CHECK(row.values[sku] == text_code("17"));
  CHECK(row.values[items] == text_code("1.5.1"));
  CHECK(row.values[weight] == text_code("[1, 2]"));
  CHECK(row.values[gift] == text_code("maybe"));
}

TEST_CASE("times come in three spellings", "[read][decoder]") {
  const SimTime time = *parse_rfc3339("2026-03-02T10:00:00.500Z");
  const std::string millis = std::to_string(time.since_epoch / millisecond);
  const auto server_ts = [](const std::string& value) {
    return decoded(R"({"server_ts":)" + value + "}").server_ts;
  };
  CHECK(server_ts(R"("2026-03-02T12:00:00.5+02:00")") == time);
  CHECK(server_ts(R"("2026-03-02 10:00:00.5")") == time);
  CHECK(server_ts(R"("2026-03-02 11:00:00.5+01")") == time);
  CHECK(server_ts(R"("2026-03-02T10:00:00.500")") == time);
  CHECK(server_ts(millis) == time);
  CHECK(server_ts('"' + millis + '"') == time);
  CHECK(server_ts(R"("yesterday")") == no_time);
  CHECK(server_ts(R"("")") == no_time);
}

TEST_CASE("the event time falls back to the server's, then the client's", "[read][decoder]") {
  const CanonicalRow both = decoded(R"({"client_ts":1000,"server_ts":2000})");
  CHECK(both.event_ts == both.server_ts);
  const CanonicalRow client = decoded(R"({"client_ts":1000})");
  CHECK(client.event_ts == SimTime{second});
  CHECK(decoded(R"({"client_ts":1000,"event_ts":null})").event_ts == no_time);
}

TEST_CASE("booleans have five spellings", "[read][decoder]") {
  for (const char* yes : {"true", "1", R"("true")", R"("1")", R"("t")"}) {
    CAPTURE(yes);
    CHECK(decoded(std::string(R"({"is_server_authoritative":)") + yes + "}").server_authoritative ==
          true);
  }
  for (const char* no : {"false", "0", R"("false")"})
    CHECK(decoded(std::string(R"({"is_server_authoritative":)") + no + "}").server_authoritative ==
          false);
  CHECK_FALSE(decoded(R"({"is_server_authoritative":"perhaps"})").server_authoritative);
}

TEST_CASE("integers may be text, and one that does not fit is absent", "[read][decoder]") {
  const CanonicalRow row = decoded(
      R"({"sequence_id":"12","client_rows":3000000000,"schema_version":"v1","server_rows":2.0})");
  CHECK(row.sequence == 12);
  CHECK(row.client_rows == -1);
  CHECK(row.schema_version == -1);
  CHECK(row.server_rows == 2);
}

TEST_CASE("fields are found inside properties, given as object or as text", "[read][decoder]") {
  const CanonicalRow object =
      purchase(R"("properties":{"revenue":1.50,"sku":"a","currency":"USD","user_id":"no"})");
  const CanonicalRow text = purchase(
      R"("properties":"{\"revenue\":1.50,\"sku\":\"a\",\"currency\":\"USD\",\"user_id\":\"no\"}")");
  for (const CanonicalRow& row : {object, text}) {
    CHECK(row.values[revenue] == 150);
    CHECK(row.values[sku] == text_code("a"));
    CHECK(row.currency == 0);
    CHECK(row.user == 0);
  }
}

TEST_CASE("a column wins over properties unless it is null", "[read][decoder]") {
  const CanonicalRow row =
      purchase(R"("properties":{"revenue":1,"items":5,"gift":null},"revenue":2,"items":null)");
  CHECK(row.values[revenue] == 200);
  CHECK(row.forms[items] == FieldForm::present);
  CHECK(row.values[items] == 5);
  CHECK(row.forms[gift] == FieldForm::null);
}

TEST_CASE("properties that are damaged or no object give no field", "[read][decoder]") {
  for (const char* properties :
       {R"("{\"revenue\":1")", R"("{\"revenue\":1} x")", "7", "null", "[]", R"("")"}) {
    CAPTURE(properties);
    CHECK(purchase(std::string(R"("properties":)") + properties).forms[revenue] ==
          FieldForm::absent);
  }
}

TEST_CASE("of a key that stands twice the last one counts", "[read][decoder]") {
  const CanonicalRow row = purchase(R"("user_id":"u-1","revenue":1,"user_id":"u-2","revenue":2)");
  CHECK(row.user == user_key_of("u-2"));
  CHECK(row.values[revenue] == 200);
}

TEST_CASE("an unknown event name has no type and no fields", "[read][decoder]") {
  const CanonicalRow row = decoded(R"({"event_name":"refund","revenue":1})");
  CHECK(row.type == CanonicalRow::no_type);
  CHECK(row.event_name == hash_text("refund"));
  CHECK(row.forms[revenue] == FieldForm::absent);
}

TEST_CASE("a column map renames, also inside properties and for two uses", "[read][decoder]") {
  const ColumnMap columns{
      {"event_name", "event"}, {"revenue", "amount"}, {"server_ts", "ts"}, {"event_ts", "ts"}};
  const CanonicalRow row =
      decoded(R"({"event":"purchase","ts":1000,"revenue":5,"properties":{"amount":2}})", columns);
  CHECK(row.type == 1);
  CHECK(row.server_ts == SimTime{second});
  CHECK(row.event_ts == SimTime{second});
  CHECK(row.values[revenue] == 200);
}

TEST_CASE("keys and texts are compared after their escapes are read", "[read][decoder]") {
  const CanonicalRow row = decoded(R"({"user\u005fid":"u-\u0031"})");
  CHECK(row.user == user_key_of("u-1"));
}

TEST_CASE("what is no JSON object is no row", "[read][decoder]") {
  const TrackingPlan plan = shop_plan();
  RowDecoder decoder(plan, {});
  CanonicalRow row;
  for (const char* text :
       {"", "   ", "x", "[]", "7", "null", R"("text")", R"({"user_id":"u-1")",
        R"({"user_id":"u-1"}})", R"({"user_id":"u-1"} {})", R"({"user_id" "u-1"})",
        R"({"gift":tru})", R"({"sku":nul})", "{\"user_id\":\"\xff\xfe\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(decoder.decode(text, row));
  }
  CHECK(decoder.decode(R"({"user_id":"u-1"})", row));
}

TEST_CASE("a row much longer than the ones before is read whole", "[read][decoder]") {
  const TrackingPlan plan = shop_plan();
  RowDecoder decoder(plan, {});
  CanonicalRow row;
  REQUIRE(decoder.decode("{}", row));
  const std::string filler(100'000, 'x');
  REQUIRE(decoder.decode(R"({"unknown":")" + filler + R"(","user_id":")" + filler + "\"}", row));
  CHECK(row.user == user_key_of(filler));
}
