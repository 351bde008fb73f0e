// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/sample_plan.h"

namespace parallax::wire_tests {
namespace {

FieldPlan field(const char* name, FieldType type, TextForm form = {}) {
  FieldPlan made;
  made.name = name;
  made.type = type;
  made.form = std::move(form);
  return made;
}

}  // namespace

TrackingPlan sample_plan() {
  TrackingPlan plan;
  ActionPlan open;
  open.name = "open";
  ActionPlan purchase;
  purchase.name = "purchase";
  purchase.server = true;
  using Kind = TextForm::Kind;
  purchase.fields = {field("tax", FieldType::money),
                     field("revenue", FieldType::money),
                     field("shipping", FieldType::money),
                     field("sku", FieldType::string, {Kind::numbered, "sku\"-", {}}),
                     field("items", FieldType::integer),
                     field("weight", FieldType::number),
                     field("gift", FieldType::boolean),
                     field("order", FieldType::string, {Kind::hex, "ord-", {}}),
                     field("note", FieldType::string, {Kind::list, "", {"", "a\\b\n\x01é"}})};
  purchase.fields[note].on_server = false;
  plan.actions = {open, purchase};
  plan.traits = {{"country", {"US", "JP"}}, {"plan \"x\"", {"free"}}};
  plan.pages = {"home", "check\tout"};
  plan.currencies = {{"USD", 2}, {"JPY", 0}, {"KWD", 3}};
  return plan;
}

Emission sample_purchase() {
  Emission emission;
  Action& seen = emission.seen;
  seen.type = 1;
  seen.user = 42;
  seen.device = 0xd1;
  seen.session = 0x5e;
  seen.sequence = 3;
  seen.page = 1;
  seen.traits = {1, 0};
  seen.values = {80, 999, 0, 17, -5, 1'500'000, 1, 0xabc, 1};
  emission.event_id = {0x0123456789ab4cdeU, 0x8f0123456789abcdU};
  emission.server_ts = SimTime{1'772'409'600'123'000};
  emission.source = Source::server;
  emission.forms.fill(FieldForm::present);
  return emission;
}

}  // namespace parallax::wire_tests
