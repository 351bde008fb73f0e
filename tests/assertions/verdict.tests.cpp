// SPDX-License-Identifier: Apache-2.0
// Each verdict and cause on the smallest ledger that shows it, and nothing else blamed.
#include <algorithm>

#include "assertions/text_hashes.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Ten purchases, read rightly, then changed.
struct Ten {
  LedgerBuilder built = ten_purchases();
  RowSet rows = RightPipeline{built}.rows();

  CanonicalRow& row(std::size_t n) { return row_at(built, rows, n); }
  void lose(std::size_t n) {
    rows.rows.erase(rows.rows.begin() + static_cast<std::ptrdiff_t>(row_index(built, rows, n)));
  }
  JudgedAction judge(std::size_t n, std::vector<std::uint32_t> late = {}) const {
    const Judged judged(built, rows, late);
    CHECK(judged.count(ActionVerdict::ok) == 9);
    return judged[n];
  }
};

}  // namespace

TEST_CASE("a right pipeline has ten right actions", "[assertions][verdict]") {
  const Ten ten;
  const Judged judged(ten.built, ten.rows);
  CHECK(judged.count(ActionVerdict::ok) == 10);
  CHECK(judged.trial().phantoms().empty());
  CHECK(judged.trial().facts().foreign == 0);
}

TEST_CASE("an acknowledged action without a row is lost", "[assertions][verdict]") {
  Ten ten;
  ten.lose(4);
  const JudgedAction judged = ten.judge(4);
  CHECK(judged.verdict == ActionVerdict::lost);
  CHECK(judged.cause == Cause::after_acknowledgement);
}

TEST_CASE("when exactly the last is missing the tail is named", "[assertions][verdict]") {
  Ten ten;
  ten.lose(9);
  CHECK(ten.judge(9).cause == Cause::last_batch);
}

TEST_CASE("when everything is missing no tail is blamed", "[assertions][verdict]") {
  Ten ten;
  ten.rows.rows.clear();
  const Judged judged(ten.built, ten.rows);
  CHECK(judged.count(ActionVerdict::lost) == 10);
  CHECK(judged[9].cause == Cause::after_acknowledgement);
}

TEST_CASE("a row that appears after the deadline is late", "[assertions][verdict]") {
  Ten ten;
  const auto late = static_cast<std::uint32_t>(row_index(ten.built, ten.rows, 3));
  const JudgedAction judged = ten.judge(3, {late});
  CHECK(judged.verdict == ActionVerdict::late);
  CHECK(judged.cause == Cause::after_deadline);
}

TEST_CASE("rows of another run are foreign and rows of nothing are phantoms",
          "[assertions][verdict]") {
  Ten ten;
  CanonicalRow foreign = ten.row(0);
  foreign.run = hash_text("somebody-else");
  CanonicalRow phantom = ten.row(0);
  phantom.event_id = Uuid::from_bits(77, 77);
  phantom.session = 12345;
  ten.rows.rows.insert(ten.rows.rows.end(), {foreign, phantom});
  const Judged judged(ten.built, ten.rows);
  CHECK(judged.count(ActionVerdict::ok) == 10);
  CHECK(judged.trial().facts().foreign == 1);
  REQUIRE(judged.trial().phantoms().size() == 1);
  CHECK(judged.trial().phantoms()[0].number == 11);
}

TEST_CASE("a row without a run id counts as this run's", "[assertions][verdict]") {
  Ten ten;
  for (CanonicalRow& row : ten.rows.rows) row.run = 0;
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("rows without their id are found by their place in the session",
          "[assertions][verdict]") {
  Ten ten;
  for (CanonicalRow& row : ten.rows.rows) row.id_form = IdForm::absent;
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("rows without id and session are found by user, name and time", "[assertions][verdict]") {
  Ten ten;
  for (CanonicalRow& row : ten.rows.rows) {
    row.id_form = IdForm::absent;
    row.session = 0;
    row.sequence = -1;
    row.event_ts = row.event_ts + millisecond;
  }
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("a wrong user, session or device is misattributed", "[assertions][verdict]") {
  Ten ten;
  SECTION("user") {
    ten.row(2).user = user_key_of("u-999");
    CHECK(ten.judge(2).verdict == ActionVerdict::misattributed);
    CHECK(ten.judge(2).cause == Cause::wrong_user);
  }
  SECTION("user gone") {
    ten.row(2).user = 0;
    CHECK(ten.judge(2).cause == Cause::wrong_user);
  }
  SECTION("session") {
    ten.row(2).session = 5;
    CHECK(ten.judge(2).cause == Cause::wrong_session);
  }
  SECTION("position in the session") {
    ten.row(2).sequence += 1;
    CHECK(ten.judge(2).cause == Cause::wrong_session);
  }
  SECTION("device") {
    ten.row(2).device = 5;
    CHECK(ten.judge(2).cause == Cause::wrong_device);
  }
}

TEST_CASE("a column that the target does not have is not held against it",
          "[assertions][verdict]") {
  Ten ten;
  for (CanonicalRow& row : ten.rows.rows) {
    row.device = row.session = 0;
    row.sequence = -1;
    row.client_ts = row.server_ts = no_time;
    row.source.reset();
    row.server_authoritative.reset();
    row.consent.reset();
    row.currency = CanonicalRow::no_currency;
    row.client_rows = row.server_rows = -1;
  }
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("the wrong clock and times that nobody sent are mistimed", "[assertions][verdict]") {
  Ten ten;
  SECTION("the client's clock although the server's arrived") {
    ten.row(2).event_ts = ten.row(2).client_ts;
    CHECK(ten.judge(2).verdict == ActionVerdict::mistimed);
    CHECK(ten.judge(2).cause == Cause::wrong_clock);
  }
  SECTION("an hour off") {
    ten.row(2).event_ts = ten.row(2).event_ts + hour;
    CHECK(ten.judge(2).cause == Cause::zone_shifted);
  }
  SECTION("no event time") {
    ten.row(2).event_ts = no_time;
    CHECK(ten.judge(2).cause == Cause::wrong_time);
  }
  SECTION("a client_ts that nobody sent") {
    ten.row(2).client_ts = ten.row(2).client_ts - minute;
    CHECK(ten.judge(2).cause == Cause::wrong_time);
  }
}

TEST_CASE("a millisecond of rounding is no wrong time", "[assertions][verdict]") {
  Ten ten;
  ten.row(2).event_ts = ten.row(2).event_ts + millisecond;
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("wrong fields are distorted and the cause is told", "[assertions][verdict]") {
  Ten ten;
  CanonicalRow& row = ten.row(2);
  SECTION("a hundredfold amount") {
    row.values[revenue] *= 100;
    CHECK(ten.judge(2).cause == Cause::wrong_unit);
    CHECK(ten.judge(2).field == revenue);
    CHECK(ten.judge(2).fields == 1U << revenue);
  }
  SECTION("one minor unit off") {
    row.values[tax] += 1;
    CHECK(ten.judge(2).cause == Cause::rounded);
    CHECK(ten.judge(2).field == tax);
  }
  SECTION("gone") {
    row.forms[order_id] = FieldForm::null;
    CHECK(ten.judge(2).cause == Cause::field_missing);
  }
  SECTION("unreadable") {
    row.forms[tax] = FieldForm::other;
    CHECK(ten.judge(2).cause == Cause::value_changed);
  }
  SECTION("another currency") {
    row.currency = 1;
    CHECK(ten.judge(2).cause == Cause::wrong_currency);
  }
  SECTION("renamed") {
    row.event_name = hash_text("Purchase Completed");
    row.type = CanonicalRow::no_type;
    CHECK(ten.judge(2).cause == Cause::name_changed);
  }
  SECTION("the flag denies the server") {
    row.server_authoritative = false;
    CHECK(ten.judge(2).cause == Cause::flag_wrong);
  }
  SECTION("the row says it came from the client") {
    row.source = Source::client;
    CHECK(ten.judge(2).cause == Cause::wrong_side);
  }
  SECTION("the target merged no server row although it acknowledged one") {
    row.server_rows = 0;
    CHECK(ten.judge(2).cause == Cause::after_acknowledgement);
  }
  SECTION("the client's time is left out of what it was merged into") {
    row.client_ts = no_time;
    CHECK(ten.judge(2).cause == Cause::wrong_side);
  }
  SECTION("nothing of the client is left, in a target that does not count what it merged") {
    row.client_rows = row.server_rows = -1;
    row.client_ts = no_time;
    CHECK(ten.judge(2).cause == Cause::after_acknowledgement);
  }
  const JudgedAction judged = ten.judge(2);
  CHECK(judged.verdict == ActionVerdict::distorted);
}

TEST_CASE("a number handed on as text is the same number", "[assertions][verdict]") {
  Ten ten;
  ten.row(2).forms[revenue] = FieldForm::as_text;
  CHECK(Judged(ten.built, ten.rows).count(ActionVerdict::ok) == 10);
}

TEST_CASE("several findings stay beside the headline", "[assertions][verdict]") {
  Ten ten;
  ten.row(2).values[tax] += 1;
  ten.row(2).device = 5;
  ten.row(2).event_ts = ten.row(2).event_ts + hour;
  const JudgedAction judged = ten.judge(2);
  CHECK(judged.verdict == ActionVerdict::distorted);
  CHECK(judged.findings ==
        (bit_of(ActionVerdict::distorted) | bit_of(ActionVerdict::misattributed) |
         bit_of(ActionVerdict::mistimed)));
}

TEST_CASE("the owner's value wins where the sides differ", "[assertions][verdict]") {
  LedgerBuilder built;
  built.act(action(0));
  Emission rounded = client_emission(0);
  rounded.seen.values[revenue] = 1'100;
  built.send({built.queue(rounded)});
  SECTION("the server's when it surely arrived") {
    built.send({built.queue(server_emission(0))});
    RowSet rows = RightPipeline{built}.rows();
    CHECK(Judged(built, rows)[0].verdict == ActionVerdict::ok);
    rows.rows[0].values[revenue] = 1'100;
    CHECK(Judged(built, rows)[0].cause == Cause::wrong_side);
  }
  SECTION("the client's when the server's was destroyed, and the flag says so") {
    built.queue(server_emission(0), Fate::destroyed);
    RowSet rows = RightPipeline{built}.rows();
    CHECK(Judged(built, rows)[0].verdict == ActionVerdict::ok);
    rows.rows[0].server_authoritative = true;
    CHECK(Judged(built, rows)[0].cause == Cause::flag_wrong);
  }
  SECTION("either while the server's arrival is open") {
    const AttemptId open = built.send({built.queue(server_emission(0))}, lost_answer());
    CHECK(Judged(built, RightPipeline{built}.rows())[0].verdict == ActionVerdict::ok);
    CHECK(Judged(built, RightPipeline{built, {open}}.rows())[0].verdict == ActionVerdict::ok);
  }
  SECTION("the client's where the server's lacks the field") {
    Emission gap = server_emission(0);
    gap.forms[revenue] = FieldForm::null;
    built.send({built.queue(gap)});
    CHECK(Judged(built, RightPipeline{built}.rows())[0].verdict == ActionVerdict::ok);
  }
}

TEST_CASE("a field that nobody sent must stay empty", "[assertions][verdict]") {
  LedgerBuilder built;
  built.act(action(0));
  for (const Source side : both_sources) {
    Emission gap = emission(action(0), side);
    gap.forms[tax] = FieldForm::absent;
    built.send({built.queue(gap)});
  }
  RowSet rows = RightPipeline{built}.rows();
  CHECK(Judged(built, rows)[0].verdict == ActionVerdict::ok);
  rows.rows[0].forms[tax] = FieldForm::present;
  CHECK(Judged(built, rows)[0].cause == Cause::value_changed);
}

TEST_CASE("money sent in minor units is judged as it was sent", "[assertions][verdict]") {
  LedgerBuilder built;
  built.act(action(0));
  Emission cents = client_emission(0);
  cents.forms[revenue] = FieldForm::minor_units;
  built.send({built.queue(cents)});
  const RowSet rows = RightPipeline{built}.rows();
  CHECK(rows.rows[0].values[revenue] == cents.seen.values[revenue] * 100);
  CHECK(Judged(built, rows)[0].verdict == ActionVerdict::ok);
}

TEST_CASE("every verdict and cause has a name and a sentence", "[assertions][verdict]") {
  std::vector<std::string_view> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(Cause::outcome_unknown); ++i) {
    names.push_back(name_of(static_cast<Cause>(i)));
    CHECK(about(static_cast<Cause>(i)).size() > 15);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(severity(ActionVerdict::excused) == Verdict::pass);
  CHECK(severity(ActionVerdict::lost) == Verdict::fail);
  CHECK(severity(ActionVerdict::leaked) == Verdict::fail);
  CHECK(severity(ActionVerdict::unevaluated) == Verdict::unknown);
}

TEST_CASE("a clock's column that is filled from the other clock is mistimed",
          "[assertions][mistimed]") {
  LedgerBuilder built = ten_purchases();
  built.deliver(action(10, 11, page_view));
  RowSet rows = RightPipeline{built}.rows();
  CHECK(Judged(built, rows).count(ActionVerdict::ok) == 11);
  CanonicalRow& view = *std::find_if(rows.rows.begin(), rows.rows.end(),
                                     [](const auto& row) { return row.server_ts == no_time; });
  view.server_ts = view.client_ts;
  const Judged judged(built, rows);
  CHECK(judged[10].verdict == ActionVerdict::mistimed);
  CHECK(judged[10].cause == Cause::wrong_clock);
  // A target with one column of times may call it as it likes.
  for (CanonicalRow& row : rows.rows) row.client_ts = no_time;
  CHECK(Judged(built, rows)[10].verdict == ActionVerdict::ok);
}

}  // namespace parallax::test
