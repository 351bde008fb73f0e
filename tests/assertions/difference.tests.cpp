// SPDX-License-Identifier: Apache-2.0
// In what way a value is wrong, and what tells the actions of a cause from others.
#include "assertions/difference.h"

#include "assertions/marks.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// One purchase in each of three currencies, and in JPY and KWD amounts of the same digits.
LedgerBuilder three_currencies() {
  LedgerBuilder built;
  built.scenario.plan.currencies = {{"USD", 2}, {"JPY", 0}, {"KWD", 3}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    Action bought = action(i, lane_count * (i + 1));
    bought.currency = static_cast<std::uint8_t>(i);
    bought.values[revenue] = 12'345;
    built.deliver(bought);
  }
  return built;
}

/// What the judge calls it when the n-th purchase's row is changed.
template <class Change>
Cause cause_after(const LedgerBuilder& built, std::size_t n, Change change) {
  RowSet rows = RightPipeline{built}.rows();
  change(row_at(built, rows, n));
  return Judged(built, rows)[n].cause;
}

}  // namespace

TEST_CASE("an amount that is wrong is wrong in a named way, in each currency's minor units",
          "[assertions][difference]") {
  const LedgerBuilder built = three_currencies();
  for (std::size_t n = 0; n < 3; ++n) {
    CAPTURE(n);
    const auto after = [&](std::int64_t value) {
      return cause_after(built, n, [&](CanonicalRow& row) { row.values[revenue] = value; });
    };
    CHECK(after(12'345) == Cause::none);
    CHECK(after(12'344) == Cause::rounded);
    CHECK(after(12'340) == Cause::rounded);
    CHECK(after(12'300) == Cause::rounded);
    CHECK(after(12'000) == Cause::rounded);
    CHECK(after(1'234'500) == Cause::wrong_unit);
    CHECK(after(-12'345) == Cause::wrong_sign);
    CHECK(after(88) == Cause::other_field);  // The tax.
    CHECK(after(54'321) == Cause::value_changed);
  }
}

TEST_CASE("an amount with digits that nobody can have sent is judged by the nearest one",
          "[assertions][difference]") {
  const LedgerBuilder built = three_currencies();
  const auto after = [&](std::int64_t nearest) {
    return cause_after(built, 0, [&](CanonicalRow& row) {
      row.values[revenue] = nearest;
      row.forms[revenue] = FieldForm::inexact;
    });
  };
  CHECK(after(12'345) == Cause::rounded);  // 123.45000000000002
  CHECK(after(123) == Cause::wrong_unit);  // 1.2345
  CHECK(after(-12'345) == Cause::wrong_sign);
  CHECK(after(54'321) == Cause::value_changed);

  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 0).forms[revenue] = FieldForm::inexact;
  CHECK(check(Judged(built, rows), sum_of(revenue)).found == Verdict::pass);
}

TEST_CASE("sums are exact and apart by currency: JPY has no decimals, KWD three",
          "[assertions][difference]") {
  const LedgerBuilder built = three_currencies();
  RowSet rows = RightPipeline{built}.rows();
  const AssertionReport right = check(Judged(built, rows), sum_of(revenue));
  CHECK(right.found == Verdict::pass);
  CHECK(right.expected == "123.45 USD; 12345 JPY; 12.345 KWD");
  row_at(built, rows, 2).values[revenue] += 1;
  const AssertionReport wrong = check(Judged(built, rows), sum_of(revenue));
  CHECK(wrong.found == Verdict::fail);
  CHECK(wrong.delta == "0.00 USD; 0 JPY; 0.001 KWD");
}

TEST_CASE("another currency, or none where there are several, is named before the amount",
          "[assertions][difference]") {
  const LedgerBuilder built = three_currencies();
  for (const std::uint8_t currency : {std::uint8_t{0}, CanonicalRow::no_currency})
    CHECK(cause_after(built, 2, [&](CanonicalRow& row) {
            row.currency = currency;
            row.values[revenue] = 1'234;
          }) == Cause::wrong_currency);
}

TEST_CASE("what is cut to zero was not rounded", "[assertions][difference]") {
  CHECK(difference::of_amount(-250, 0) == Cause::value_changed);
  CHECK(difference::of_amount(4, 0) == Cause::value_changed);
  CHECK(difference::of_amount(1, 0) == Cause::rounded);
  CHECK(difference::of_amount(1'250, 1'300) == Cause::rounded);
}

TEST_CASE("capitals are turned in all letters, or at the beginning of a text or of each word",
          "[assertions][difference]") {
  using difference::Capitals;
  using difference::in_capitals;
  CHECK(in_capitals("add_to Cart-2x", Capitals::all) == "ADD_TO CART-2X");
  CHECK(in_capitals("Add_TO cart-2X", Capitals::none) == "add_to cart-2x");
  CHECK(in_capitals("add_to Cart-2x", Capitals::first) == "Add_to cart-2x");
  CHECK(in_capitals("add_TO cart-2x", Capitals::of_words) == "Add_To Cart-2X");
  CHECK(in_capitals("", Capitals::of_words).empty());
}

TEST_CASE("ids and texts that differ in capitals alone are named so", "[assertions][difference]") {
  const LedgerBuilder built = plain_purchases(3);
  const auto id = [](const std::string& text) { return user_key_of(text); };
  const std::string user = user_id_text(lane_count * 2),
                    device = device_id_text(mix64(0xde00'0000ULL + lane_count * 2));
  std::string upper = device;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  CHECK(cause_after(built, 1, [&](CanonicalRow& row) { row.user = id("U" + user.substr(1)); }) ==
        Cause::case_changed);
  CHECK(cause_after(built, 1, [&](CanonicalRow& row) { row.user = id(user.substr(2)); }) ==
        Cause::wrong_user);
  CHECK(cause_after(built, 1, [&](CanonicalRow& row) { row.device = device_key_of(upper); }) ==
        Cause::case_changed);
  const std::string order = built.scenario.plan.actions[purchase].fields[order_id].form.text(
      built.ledger.actions[1].values[order_id]);
  const auto text = [&](const std::string& stated) {
    return cause_after(built, 1, [&](CanonicalRow& row) {
      row.values[order_id] = static_cast<std::int64_t>(hash_text(stated));
    });
  };
  CHECK(text("ORD" + order.substr(3)) == Cause::case_changed);
  CHECK(text("Ord" + order.substr(3)) == Cause::case_changed);
  CHECK(text(order.substr(0, 8)) == Cause::text_cut);
  CHECK(text(order + " ") == Cause::value_changed);
}

TEST_CASE("an event id that nobody sent is a finding, unless an event came without one",
          "[assertions][difference]") {
  LedgerBuilder built = plain_purchases(3);
  const auto other_id = [](CanonicalRow& row) { row.event_id = Uuid::from_bits(1, 2); };
  CHECK(cause_after(built, 1, other_id) == Cause::id_changed);
  CHECK(cause_after(built, 1, [](CanonicalRow& row) { row.id_form = IdForm::foreign; }) ==
        Cause::id_changed);
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.seen.id == built.ledger.actions[1].id &&
        record.emission.source == Source::server)
      record.emission.id_form = IdForm::absent;
  CHECK(cause_after(built, 1, other_id) == Cause::none);
}

TEST_CASE("times that are wrong are shifted by a zone, cut, or just wrong",
          "[assertions][difference]") {
  const SimTime sent{*parse_rfc3339("2026-03-02T10:20:30.456Z")};
  const auto of = [&](const char* stated) {
    const std::array all{sent};
    return difference::of_time(all, *parse_rfc3339(stated));
  };
  CHECK(of("2026-03-02T19:20:30.456Z") == Cause::zone_shifted);
  CHECK(of("2026-03-02T04:50:30.456Z") == Cause::zone_shifted);  // Five and a half hours.
  CHECK(of("2026-03-02T10:20:30Z") == Cause::time_cut);
  CHECK(of("2026-03-02T00:00:00Z") == Cause::time_cut);
  CHECK(of("2026-03-02T10:27:30.456Z") == Cause::wrong_time);
  CHECK(of("2026-03-03T10:20:30.456Z") == Cause::wrong_time);
}

TEST_CASE("doubling that strikes what nobody sent again is not blamed on sending again",
          "[assertions][difference]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const Action seen = action(i, lane_count * (i + 1), page_view);
    built.act(seen);
    const EmissionKey key = built.queue(emission(seen, Source::client));
    built.send({key});
    if (i % 3 == 0) built.send({key});
  }
  const auto causes = [&](auto doubles) {
    RowSet rows = RightPipeline{built}.rows();
    for (std::uint32_t i = 0; i < 60; ++i)
      if (doubles(i)) rows.rows.push_back(row_at(built, rows, i));
    return Judged(built, rows).trial().causes();
  };
  const auto retried = causes([](std::uint32_t i) { return i % 3 == 0; });
  REQUIRE(retried.size() == 1);
  CHECK(retried[0].cause == Cause::retransmit);
  const auto any = causes([](std::uint32_t i) { return i % 2 == 0; });
  REQUIRE(any.size() == 1);
  CHECK(any[0].cause == Cause::multiplied);
}

TEST_CASE("a cause is marked by what its actions have in common, and by what they are worth",
          "[assertions][marks]") {
  const LedgerBuilder built = plain_purchases(90);  // Countries turn with the users.
  const auto told = [&](auto is_lost) {
    RowSet rows = RightPipeline{built}.rows();
    for (std::uint32_t i = 90; i-- > 0;)
      if (is_lost(i)) rows = without(built, rows, i);
    const Judged judged(built, rows);
    std::vector<CauseCount> causes = judged.trial().causes();
    Marks marks(built.scenario, causes);
    marks.add(built.ledger, LedgerView(built.scenario, built.ledger), judged.trial().judgement(0));
    marks.tell(causes);
    return causes;
  };
  const auto is_japanese = [&](std::uint32_t i) {
    return built.ledger.actions[i].traits[country] == 2;
  };
  const auto japan = told(is_japanese);
  REQUIRE(japan.size() == 1);
  CHECK(japan[0].mark.where == "country = JP");
  CHECK(japan[0].mark.hit == japan[0].mark.all);
  CHECK(japan[0].mark.hit == japan[0].actions);
  REQUIRE(japan[0].revenue.size() == 1);
  std::int64_t sum = 0;
  for (std::uint32_t i = 0; i < 90; ++i)
    if (is_japanese(i)) sum += built.ledger.actions[i].values[revenue];
  CHECK(japan[0].revenue[0].second == "USD");
  CHECK(japan[0].revenue[0].first ==
        std::to_string(sum / 100) + "." + std::to_string(sum % 100 + 100).substr(1));
  CHECK(japan[0].revenue_rank == 1);
  const auto anywhere = told([](std::uint32_t i) { return i % 7 == 0; });
  REQUIRE(anywhere.size() == 1);
  CHECK(anywhere[0].mark.where.empty());
}

}  // namespace parallax::test
