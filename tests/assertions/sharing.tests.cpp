// SPDX-License-Identifier: Apache-2.0
// Too many rows for an action, or too few for several: which cause is told.
#include <algorithm>

#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Every stored film as a row of its own.
RowSet undeduplicated(const LedgerBuilder& built) {
  RowSet set;
  set.complete = true;
  for (const DeliveryRecord& delivery : built.ledger.deliveries) {
    const Emission* film = built.find(delivery.emission);
    const bool client = film->source == Source::client;
    set.rows.push_back(
        row_of(built.scenario.plan, client ? film : nullptr, client ? nullptr : film));
  }
  return set;
}

Emission copy_of(Emission emission, Micros later) {
  emission.copy = 1;
  emission.struck = 1;
  if (emission.client_ts != no_time) emission.client_ts = emission.client_ts + later;
  return emission;
}

JudgedAction first_of(const LedgerBuilder& built, const RowSet& rows) {
  return Judged(built, rows)[0];
}

}  // namespace

TEST_CASE("client and server rows of one id are not merged", "[assertions][duplicated]") {
  LedgerBuilder built = ten_purchases();
  const Judged judged(built, undeduplicated(built));
  CHECK(judged.count(ActionVerdict::duplicated) == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(judged[i].cause == Cause::not_merged);
  CHECK(judged[0].findings == bit_of(ActionVerdict::duplicated));
}

TEST_CASE("a batch that was sent again after a lost answer is a retransmission",
          "[assertions][duplicated]") {
  LedgerBuilder built;
  built.act(action(0, 1, page_view));
  const EmissionKey key = built.queue(emission(action(0, 1, page_view), Source::client));
  built.send({key}, lost_answer());
  built.send({key});
  const JudgedAction judged = first_of(built, undeduplicated(built));
  CHECK(judged.verdict == ActionVerdict::duplicated);
  CHECK(judged.cause == Cause::retransmit);
}

TEST_CASE("copies with the same id are a double fire", "[assertions][duplicated]") {
  LedgerBuilder built;
  built.deliver(action(0));
  built.send({built.queue(copy_of(client_emission(0), 300 * millisecond))});
  CHECK(first_of(built, undeduplicated(built)).cause == Cause::double_fire);
  CHECK(first_of(built, RightPipeline{built}.rows()).verdict == ActionVerdict::ok);
}

TEST_CASE("copies with a new id are a double fire of their own kind", "[assertions][duplicated]") {
  LedgerBuilder built;
  built.deliver(action(0));
  Emission copy = copy_of(client_emission(0), 300 * millisecond);
  copy.event_id = Uuid::from_bits(5, 5);
  built.send({built.queue(copy)});
  CHECK(first_of(built, RightPipeline{built}.rows()).cause == Cause::double_fire_new_id);
}

TEST_CASE("sides with an id each are a regenerated id, also beside a copy",
          "[assertions][duplicated]") {
  LedgerBuilder built;
  built.act(action(0));
  Emission server = server_emission(0);
  server.event_id = Uuid::from_bits(5, 5);
  built.send({built.queue(server)});
  built.send({built.queue(client_emission(0))});
  built.send({built.queue(copy_of(client_emission(0), second))});
  const JudgedAction judged = first_of(built, RightPipeline{built}.rows());
  CHECK(judged.verdict == ActionVerdict::duplicated);
  CHECK(judged.cause == Cause::id_regenerated);
}

TEST_CASE("a row of an emission without id beside the other side's is a missing id",
          "[assertions][duplicated]") {
  LedgerBuilder built;
  built.act(action(0));
  Emission blank = client_emission(0);
  blank.id_form = IdForm::absent;
  built.send({built.queue(blank)});
  built.send({built.queue(server_emission(0))});
  CHECK(first_of(built, RightPipeline{built}.rows()).verdict == ActionVerdict::ok);
  CHECK(first_of(built, undeduplicated(built)).cause == Cause::id_missing);
}

TEST_CASE("copies that differ in a field and both stand have changed", "[assertions][duplicated]") {
  LedgerBuilder built;
  built.act(action(0));
  built.send({built.queue(client_emission(0))});
  Emission copy = copy_of(client_emission(0), 0);
  copy.seen.values[tax] += 1;
  built.send({built.queue(copy)});
  CHECK(first_of(built, undeduplicated(built)).cause == Cause::payload_changed);
}

TEST_CASE("one emission with two rows was multiplied by the target", "[assertions][duplicated]") {
  LedgerBuilder built = ten_purchases();
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(rows.rows[0]);
  const Judged judged(built, rows);
  CHECK(judged.count(ActionVerdict::duplicated) == 1);
  CHECK(judged[0].cause == Cause::multiplied);
}

TEST_CASE("a dedupe that forgets is told from one that never was", "[assertions][duplicated]") {
  LedgerBuilder built;
  Sending late;
  late.later = 3 * hour;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.act(bought);
    built.send({built.queue(emission(bought, Source::server))});
    built.send({built.queue(emission(bought, Source::client))}, i % 4 == 0 ? late : Sending{});
  }
  RowSet forgetful = RightPipeline{built}.rows();
  for (std::size_t i = 0; i < 20; i += 4)
    forgetful.rows.push_back(row_of(built.scenario.plan, &film(built, i, Source::client), nullptr));
  const Judged window(built, forgetful);
  CHECK(window.count(ActionVerdict::duplicated) == 5);
  for (std::size_t i = 0; i < 20; i += 4) CHECK(window[i].cause == Cause::window_expired);
  const Judged never(built, undeduplicated(built));
  CHECK(never.count(ActionVerdict::duplicated) == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(never[i].cause == Cause::not_merged);
}

TEST_CASE("a dedupe keyed by payload is told where only differing copies stand twice",
          "[assertions][duplicated]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.act(bought);
    Emission client = emission(bought, Source::client);
    if (i % 4 == 0) client.seen.values[tax] += 1;
    built.send({built.queue(client)});
    built.send({built.queue(emission(bought, Source::server))});
  }
  RowSet rows = RightPipeline{built}.rows();
  for (std::size_t i = 0; i < 20; i += 4)
    rows.rows.push_back(row_of(built.scenario.plan, &film(built, i, Source::client), nullptr));
  const Judged judged(built, rows);
  CHECK(judged.count(ActionVerdict::duplicated) == 5);
  for (std::size_t i = 0; i < 20; i += 4) CHECK(judged[i].cause == Cause::payload_changed);
}

TEST_CASE("what neither side sent is found among several rows too", "[assertions][duplicated]") {
  LedgerBuilder built = ten_purchases();
  RowSet rows = undeduplicated(built);
  rows.rows[0].values[revenue] += 1;
  const Judged judged(built, rows);
  CHECK(judged[0].verdict == ActionVerdict::duplicated);
  CHECK((judged[0].findings & bit_of(ActionVerdict::distorted)) != 0);
  CHECK(judged[0].row_cause == Cause::rounded);
}

TEST_CASE("actions under one id collapse into the one that has the row",
          "[assertions][collapsed]") {
  LedgerBuilder built = ten_purchases();
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.seen.id == built.ledger.actions[6].id)
      record.emission.event_id = film(built, 5, Source::client).event_id;
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(judged.count(ActionVerdict::ok) == 9);
  CHECK(judged[5].verdict == ActionVerdict::ok);
  CHECK(judged[6].verdict == ActionVerdict::collapsed);
  CHECK(judged[6].cause == Cause::id_reused);
}

TEST_CASE("actions without an id collapse into the one id-less row", "[assertions][collapsed]") {
  LedgerBuilder built = ten_purchases();
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.seen.id.value % 2 == 0) record.emission.id_form = IdForm::absent;
  RowSet rows = RightPipeline{built}.rows();
  CHECK(Judged(built, rows).count(ActionVerdict::ok) == 10);
  // The one that is left has its client clock from another action that it absorbed.
  CanonicalRow first =
      row_of(built.scenario.plan, &film(built, 2, Source::client), &film(built, 0, Source::server));
  std::erase_if(rows.rows, [](const CanonicalRow& row) { return !identifies(row.id_form); });
  rows.rows.push_back(first);
  const Judged judged(built, rows);
  CHECK(judged.count(ActionVerdict::ok) == 6);
  CHECK(judged.count(ActionVerdict::collapsed) == 4);
  for (const std::size_t i : {2U, 4U, 6U, 8U}) CHECK(judged[i].cause == Cause::null_id);
}

TEST_CASE("id-less actions of a pipeline that keeps some are lost, not collapsed",
          "[assertions][collapsed]") {
  LedgerBuilder built = ten_purchases();
  for (EmissionRecord& record : built.ledger.emissions) record.emission.id_form = IdForm::absent;
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.erase(rows.rows.begin());
  CHECK(Judged(built, rows).count(ActionVerdict::lost) == 1);
}

TEST_CASE("a few actions without an id collapse into a row that says what it absorbed",
          "[assertions][collapsed]") {
  LedgerBuilder built = ten_purchases();
  for (EmissionRecord& record : built.ledger.emissions) record.emission.id_form = IdForm::absent;
  RowSet rows = RightPipeline{built}.rows();
  const auto is_of = [&](std::size_t action) {
    return [user = user_key(built.ledger.actions[action].user)](const CanonicalRow& row) {
      return row.user == user;
    };
  };
  std::erase_if(rows.rows, is_of(7));
  std::erase_if(rows.rows, is_of(3));
  CanonicalRow& absorbs = *std::find_if(rows.rows.begin(), rows.rows.end(), is_of(1));
  absorbs.client_rows += 2;
  SECTION("as many as are missing") {
    const Judged judged(built, rows);
    CHECK(judged.count(ActionVerdict::ok) == 8);
    for (const std::size_t i : {3U, 7U}) {
      CHECK(judged[i].verdict == ActionVerdict::collapsed);
      CHECK(judged[i].cause == Cause::null_id);
    }
  }
  SECTION("on the other side") {
    absorbs.client_rows -= 2;
    absorbs.server_rows += 2;
    CHECK(Judged(built, rows).count(ActionVerdict::collapsed) == 2);
  }
  SECTION("but not when it absorbed fewer") {
    --absorbs.client_rows;
    CHECK(Judged(built, rows).count(ActionVerdict::lost) == 2);
  }
}

TEST_CASE("honest repeats of one second collapse when taken for copies",
          "[assertions][collapsed]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 6; ++i) {
    Action click = action(i, 1, add_to_cart);
    click.at = TimePlan{}.start + static_cast<Micros>(i / 2) * minute +
               static_cast<Micros>(i % 2) * 400 * millisecond;
    click.values[sku] = 3;
    built.deliver(click);
  }
  RowSet rows = RightPipeline{built}.rows();
  CHECK(Judged(built, rows).count(ActionVerdict::ok) == 6);
  rows.rows.erase(rows.rows.begin() + static_cast<std::ptrdiff_t>(row_index(built, rows, 3)));
  SECTION("wholly") {
    const Judged judged(built, rows);
    CHECK(judged.count(ActionVerdict::ok) == 5);
    CHECK(judged[3].verdict == ActionVerdict::collapsed);
    CHECK(judged[3].cause == Cause::same_payload);
  }
  SECTION("or with one of their sides") {
    CanonicalRow& half = row_at(built, rows, 1);
    half.client_ts = no_time;
    half.client_rows = 0;
    const Judged judged(built, rows);
    CHECK(judged.count(ActionVerdict::collapsed) == 2);
    CHECK(judged[1].cause == Cause::same_payload);
  }
}

TEST_CASE("a lost action with other content than its neighbour is lost",
          "[assertions][collapsed]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 4; ++i) {
    Action click = action(i, 1, add_to_cart);
    click.at = TimePlan{}.start + static_cast<Micros>(i) * 100 * millisecond;
    built.deliver(click);
  }
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.erase(rows.rows.begin() + static_cast<std::ptrdiff_t>(row_index(built, rows, 1)));
  CHECK(Judged(built, rows)[1].verdict == ActionVerdict::lost);
}

}  // namespace parallax::test
