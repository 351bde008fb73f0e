// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "sim/wire/format.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

TEST_CASE("what our own encoder writes keeps the contract and comes back", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  options.contract->pages = {"checkout"};
  options.contract->currencies = {{"JPY", 0}};
  FieldPlan& coupon = options.contract->actions[0].fields[1];
  coupon.form.texts = {"SPRING \"5\""};
  FieldPlan& order = options.contract->actions[0].fields[2];
  order.form.kind = TextForm::Kind::hex;
  order.form.prefix = "ord-";
  const auto format = make_wire_format("shared", *options.contract, "r1");
  REQUIRE(format);

  std::array<Emission, 2> emissions;
  for (Emission& emission : emissions) {
    emission.seen.user = 7;
    emission.seen.sequence = 3;
    emission.seen.values = {1'234, 0, 255};
    emission.event_id = Uuid::from_bits(1, 2);
    emission.forms.fill(FieldForm::present);
  }
  emissions[0].client_ts = *parse_rfc3339("2026-03-02T10:00:00.125Z");
  emissions[1].source = Source::server;
  emissions[1].server_ts = *parse_rfc3339("2026-03-02T10:00:00.250Z");
  std::string body;
  const std::array<const Emission*, 2> both{&emissions[0], &emissions[1]};
  (*format)->batch(both, *parse_rfc3339("2026-03-02T10:00:01Z"), body);

  Rig rig(options);
  const Reply reply = rig.client->post(body);
  CHECK(reply.body == "{\"accepted\":2,\"dead_letters\":0}\n");
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_id") == Uuid::from_bits(1, 2).text());
  CHECK(field(rows[0], "user_id") == "u-7");
  CHECK(field(rows[0], "sequence_id") == "3");
  CHECK(field(rows[0], "client_ts") == "2026-03-02T10:00:00.125Z");
  CHECK(field(rows[0], "server_ts") == "2026-03-02T10:00:00.250Z");
  CHECK(field(rows[0], "currency") == "JPY");
  CHECK(rows[0].find("\"revenue\":1234,") != std::string::npos);
  CHECK(field(rows[0], "properties") ==
        R"({"coupon":"SPRING \"5\"","order_id":"ord-00000000000000ff"})");
}
