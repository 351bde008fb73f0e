// SPDX-License-Identifier: Apache-2.0
// `parallax monitor` on tables that Parallax did not make: a web export in CSV with epoch
// milliseconds, a shop's orders in another with offsets, dead letters as NDJSON. Written by hand
// here, with one defect a check.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/core/time.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using nlohmann::json;

constexpr int days = 10, orders_a_day = 60;

/// What is wrong with the tables.
struct Defects {
  bool server_loses_vouchers = false;  ///< Every order with a voucher, from the sixth day on.
  bool amounts_differ = false;         ///< Every tenth order of the later days by a cent.
  bool reasons = false;                ///< The missing orders stand in the dead letters.
  bool clock_wrong = false;            ///< Every eighth device of the later days, by three hours.
  bool consent_differs = false;
};

struct Tables {
  std::string web = "visitor;event;uuid;ts;os;voucher;total;waehrung;agreed\n";
  std::string shop = "kind,message_id,customer,created,amount,currency,voucher,consent\n";
  std::string dead;
};

void add_order(int number, const Defects& defects, Tables& out) {
  const int at = number / orders_a_day;
  const bool later = at >= days / 2;
  const bool voucher = number % 3 == 0;
  const Micros when = parse_rfc3339("2026-05-04T00:00:00Z")->since_epoch + at * day +
                      (number % orders_a_day) * 20 * minute + 5 * minute;
  const std::string id = fmt::format("ORDER-{:05}", number);
  const std::string user = fmt::format("{}", number % 37);
  const char* os = number % 2 == 0 ? "Android" : "macOS";
  const bool blocked = number % 29 == 0;
  const Micros skew = defects.clock_wrong && later && number % 8 == 0 ? 3 * hour : 0;
  if (!blocked)
    out.web +=
        fmt::format("{};Order Completed;{};{};{};{};{}.50;EUR;{}\n", user, id, (when + skew) / 1000,
                    os, voucher ? "SPRING" : "", 20 + number % 7,
                    defects.consent_differs && later && number % 5 == 0 ? "denied" : "granted");
  if (defects.server_loses_vouchers && later && voucher) {
    if (defects.reasons)
      out.dead += fmt::format(
          R"({{"message_id":"{}","kind":"Order Completed","why":"unknown field: voucher","t":"{}"}})"
          "\n",
          id, to_rfc3339({when}));
    return;
  }
  const bool cent = defects.amounts_differ && later && number % 10 == 1;
  const std::string local = to_rfc3339({when + 300 * millisecond + 2 * hour}).substr(0, 23);
  out.shop += fmt::format("Order Completed,{},{},{}+02:00,{}.{},EUR,{},granted\n", id, user, local,
                          20 + number % 7, cent ? "49" : "50", voucher ? "SPRING" : "");
}

constexpr const char* file = R"({
  "about": "The shop's weekly check.",
  "raw": [
    { "path": "web.csv", "source": "client", "columns": {
        "event_name": "event", "event_id": "uuid", "user_id": "visitor", "client_ts": "ts",
        "revenue": "total", "currency": "waehrung", "consent_state": "agreed" } },
    { "path": "shop.csv", "source": "server", "columns": {
        "event_name": "kind", "event_id": "message_id", "user_id": "customer",
        "server_ts": "created", "revenue": "amount", "consent_state": "consent" } } ],
  "rejected": { "path": "dead.ndjson", "source": "server", "columns": {
        "event_id": "message_id", "event_name": "kind", "reason": "why", "ingestion_ts": "t" } },
  "deploys": [ { "at": "2026-05-09T00:00:00Z", "label": "vouchers" } ]
})";

struct Answer {
  int code = -1;
  std::string text;
  json report;
};

Answer monitor(const Defects& defects, const std::vector<std::string>& more = {}) {
  const TempFolder folder;
  Tables tables;
  for (int i = 0; i < days * orders_a_day; ++i) add_order(i, defects, tables);
  if (tables.dead.empty())
    tables.dead = R"({"message_id":"x","kind":"Other","why":"too old","t":"2026-05-04T00:00:00Z"})";
  write_file(folder / "web.csv", tables.web);
  write_file(folder / "shop.csv", tables.shop);
  write_file(folder / "dead.ndjson", tables.dead);
  write_file(folder / "tables.json", file);
  std::vector<std::string> words{"monitor", "--read", (folder / "tables.json").string(), "--out",
                                 (folder / "out").string()};
  words.insert(words.end(), more.begin(), more.end());
  const Output output = parallax(words);
  INFO(output.err);
  REQUIRE(output.code <= 1);
  return {output.code, output.out, json::parse(read_file(folder / "out/monitor.json"))};
}

const json& check_named(const Answer& answer, const std::string& name) {
  for (const json& check : answer.report.at("checks"))
    if (check.at("name") == name) return check;
  FAIL("no check " << name);
  throw std::logic_error("not reached");
}

std::size_t alerts(const Answer& answer, const std::string& name) {
  std::size_t sum = 0;
  for (const json& alert : check_named(answer, name).at("alerts"))
    sum += alert.get<bool>() ? 1U : 0U;
  return sum;
}

}  // namespace

TEST_CASE("tables in another shape without a defect raise no alert", "[run][monitor]") {
  const Answer answer = monitor({});
  INFO(answer.text);
  CHECK(answer.code == 0);
  CHECK(answer.report.at("alerts") == 0);
  CHECK(answer.report.at("explanations").at(0).at("finding") == "quiet");
  CHECK(answer.report.at("client_rows") == 579);
  CHECK(answer.report.at("server_rows") == 600);
  CHECK(check_named(answer, "ratio").at("rows").size() == days);
}

TEST_CASE("a loss at the server is found by day, by id, and explained", "[run][monitor]") {
  Defects defects;
  defects.server_loses_vouchers = true;
  const Answer answer = monitor(defects);
  INFO(answer.text);
  CHECK(answer.code == 1);
  CHECK(alerts(answer, "ratio") == days / 2);
  CHECK(alerts(answer, "joinability") >= 1);
  const json& e = answer.report.at("explanations").at(0);
  CHECK(e.at("finding") == "cause");
  CHECK(e.at("suspects").at(0).at("where") == "voucher = SPRING");
  CHECK(e.at("mechanism").get<std::string>().starts_with("server row missing"));
  CHECK(e.at("deploy").at("label") == "vouchers");
  CHECK(answer.text.find("# Consistency report") == 0);
}

TEST_CASE("what the dead letters say is the reason of the loss", "[run][monitor]") {
  Defects defects;
  defects.server_loses_vouchers = defects.reasons = true;
  const Answer answer = monitor(defects);
  INFO(answer.text);
  CHECK(alerts(answer, "losses") == 1);
  const json& e = answer.report.at("explanations").at(0);
  CHECK(e.at("mechanism").get<std::string>().find("rejected, unknown field: voucher") !=
        std::string::npos);
}

TEST_CASE("amounts, clocks and consent that differ are alerts of their own", "[run][monitor]") {
  Defects amounts, clocks, consent;
  amounts.amounts_differ = clocks.clock_wrong = consent.consent_differs = true;
  const std::vector<std::string> spans{"--baseline", "2026-05-04..2026-05-09", "--window",
                                       "2026-05-09..2026-05-14"};
  const Answer cents = monitor(amounts, spans);
  CHECK(alerts(cents, "revenue") == 1);
  CHECK(check_named(cents, "orders").at("rows").size() == 10);
  const Answer skewed = monitor(clocks, spans);
  CHECK(alerts(skewed, "hours") == 1);
  CHECK(alerts(skewed, "latency") == 0);
  const Answer denied = monitor(consent, spans);
  CHECK(alerts(denied, "consent") == 2);
  for (const Answer* answer : {&cents, &skewed, &denied}) CHECK(alerts(*answer, "ratio") == 0);
}

TEST_CASE("bounds of an SLO file decide what is an alert", "[run][monitor]") {
  const TempFolder folder;
  write_file(folder / "slo.json", R"({"revenue": "20%"})");
  Defects defects;
  defects.amounts_differ = true;
  const Answer answer = monitor(defects, {"--slo", (folder / "slo.json").string()});
  CHECK(alerts(answer, "revenue") == 0);
  write_file(folder / "slo.json", R"({"revenu": "20%"})");
  const Output wrong =
      parallax({"monitor", "--read", "x.json", "--slo", (folder / "slo.json").string()});
  CHECK(wrong.code == 4);
}

TEST_CASE("a monitor file that cannot be used says what is wrong", "[run][monitor]") {
  const TempFolder folder;
  const auto complaint = [&](const std::string& text) {
    write_file(folder / "m.json", text);
    const Output output = parallax({"monitor", "--read", (folder / "m.json").string()});
    CHECK(output.code == 4);
    return output.err;
  };
  CHECK(complaint("{}").find("raw") != std::string::npos);
  CHECK(complaint(R"({"raw": {"path": "gone.csv"}})").find("/raw/path") != std::string::npos);
  write_file(folder / "a.csv", "event_name,source,event_id,client_ts\nbuy,web,1,2026-05-04\n");
  CHECK(complaint(R"({"raw": {"path": "a.csv"}})").find("web in 1 rows") != std::string::npos);
  write_file(folder / "b.csv", "what,when\nbuy,2026-05-04\n");
  CHECK(complaint(R"({"raw": {"path": "b.csv", "source": "client"}})").find("event_name") !=
        std::string::npos);
  const Output spans =
      parallax({"monitor", "--read", (folder / "m.json").string(), "--baseline", "2026-05-04"});
  CHECK(spans.code == 4);
  CHECK(spans.err.find("2026-03-02..2026-03-05") != std::string::npos);
}

}  // namespace parallax::test
