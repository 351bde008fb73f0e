// SPDX-License-Identifier: Apache-2.0
#include "sim/core/tracking_plan.h"

#include <limits>

#include "sim/core/canonical_row.h"
#include "sim/core/event.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

TextForm listed() { return {TextForm::Kind::list, "", {"card", "voucher", "transfer"}}; }
TextForm numbered() { return {TextForm::Kind::numbered, "sku-", {}}; }
TextForm hexed() { return {TextForm::Kind::hex, "ord-", {}}; }
FieldPlan string_field(TextForm form) {
  FieldPlan field;
  field.name = "sku";
  field.form = std::move(form);
  return field;
}

}  // namespace

TEST_CASE("a code becomes the text of its form", "[core][plan]") {
  CHECK(listed().text(1) == "voucher");
  CHECK(numbered().text(17) == "sku-17");
  CHECK(hexed().text(0xf1e2) == "ord-000000000000f1e2");
  CHECK(hexed().text(-1) == "ord-ffffffffffffffff");
}

TEST_CASE("every text a form gives leads back to its code", "[core][plan]") {
  for (std::int64_t code = 0; code < 3; ++code)
    CHECK(listed().code_of(listed().text(code)) == code);
  const std::int64_t code = GENERATE(0, 1, 9, 10, 500, -7, std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min());
  CHECK(numbered().code_of(numbered().text(code)) == code);
  CHECK(hexed().code_of(hexed().text(code)) == code);
}

TEST_CASE("only the very text a form writes has a code", "[core][plan]") {
  for (const char* text : {"", "sku-", "sku-017", "sku-+1", "sku--0", "sku-1 ", "SKU-1", "sku-1a",
                           "sku-9223372036854775808", "17"}) {
    CAPTURE(text);
    CHECK_FALSE(numbered().code_of(text));
  }
  for (const char* text : {"", "ord-", "ord-f1e2", "ord-000000000000F1E2", "ord-00000000000000f1e2",
                           "ord-00000000000000g0", "000000000000f1e2"}) {
    CAPTURE(text);
    CHECK_FALSE(hexed().code_of(text));
  }
  CHECK_FALSE(listed().code_of("Card"));
  CHECK_FALSE(listed().code_of(""));
}

TEST_CASE("no text is longer than its form says", "[core][plan]") {
  CHECK(listed().longest() == 8);
  CHECK(numbered().text(std::numeric_limits<std::int64_t>::min()).size() == numbered().longest());
  CHECK(hexed().text(1).size() == hexed().longest());
  CHECK(TextForm{}.longest() == 0);
}

TEST_CASE("names lead to their index in the plan", "[core][plan]") {
  TrackingPlan plan;
  plan.actions.resize(2);
  plan.actions[0].name = "page_view";
  plan.actions[1].name = "purchase";
  plan.actions[1].fields.push_back(string_field(numbered()));
  plan.traits = {{"country", {"US"}}, {"platform", {"web"}}};
  CHECK(plan.action_index("purchase") == 1);
  CHECK_FALSE(plan.action_index("Purchase"));
  CHECK(plan.trait_index("platform") == 1U);
  CHECK_FALSE(plan.trait_index(""));
  CHECK(plan.actions[1].field_index("sku") == 0U);
  CHECK_FALSE(plan.actions[0].field_index("sku"));
}

TEST_CASE("rows hold strings as the hash of their text and all else as it is", "[core][plan]") {
  const auto hash = [](std::string_view text) {
    return static_cast<std::int64_t>(hash_text(text));
  };
  CHECK(comparable(string_field(listed()), 2) == hash("transfer"));
  CHECK(comparable(string_field(numbered()), 17) == hash("sku-17"));
  CHECK(comparable(string_field(hexed()), 1) == hash("ord-0000000000000001"));
  const std::string prefix(200, 'x');
  CHECK(comparable(string_field({TextForm::Kind::numbered, prefix, {}}), 5) == hash(prefix + "5"));
  FieldPlan money;
  money.type = FieldType::money;
  CHECK(comparable(money, -999) == -999);
}

TEST_CASE("ids are written as they stand on the wire", "[core][event]") {
  CHECK(user_id_text(0) == "u-0");
  CHECK(user_id_text(4'294'967'295) == "u-4294967295");
  CHECK(device_id_text(0xabc) == "d-0000000000000abc");
  CHECK(session_id_text(0xfedcba9876543210U) == "s-fedcba9876543210");
}

TEST_CASE("every enumerator has its name", "[core][event]") {
  CHECK(name_of(FieldType::string) == "string");
  CHECK(name_of(FieldType::integer) == "integer");
  CHECK(name_of(FieldType::number) == "number");
  CHECK(name_of(FieldType::money) == "money");
  CHECK(name_of(FieldType::boolean) == "boolean");
  CHECK(name_of(Withheld::no) == "no");
  CHECK(name_of(Withheld::consent) == "consent");
  CHECK(name_of(Withheld::sampling) == "sampling");
  CHECK(name_of(Withheld::refused) == "refused");
}
