// SPDX-License-Identifier: Apache-2.0
// Every number of the report page is computed twice: by the page's SQL, and here by loops over the
// journals, which no SQL has touched.
#include "sim/run/page_tables.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "fault/fault.h"
#include "sim/core/ledger.h"
#include "sim/core/money.h"
#include "sim/run/report_page.h"
#include "sim/run/run_folder.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Json = nlohmann::ordered_json;

/// A run of a scenario with its ledger and the page's tables.
struct Played {
  TempFolder folder;
  Scenario scenario;
  RunReport report;
  Ledger ledger;
  Json tables;

  Played(const std::string& file, const std::vector<std::string>& bugs, PageSample sample = {}) {
    LoadOptions load;
    load.faults = fault_kinds();
    Loaded loaded = load_scenario(source(file), load);
    REQUIRE(loaded.ok());
    scenario = std::move(loaded.scenario);
    LoadedTarget target = load_target_text("{}", file);
    target.target.send.bugs = bugs;
    RunOptions options;
    options.folder = folder / "run";
    Result<RunReport> ran = run_scenario(scenario, target.target, options);
    if (!ran) FAIL(ran.error().text());
    report = std::move(*ran);
    const std::filesystem::path tables_in = options.folder / "ledger";
    Result<Ledger> read = read_ledger(std::vector{tables_in / "journal-0.plx"});
    if (!read) FAIL(read.error().text());
    ledger = std::move(*read);
    Result<Json> made = page_tables(scenario, tables_in, sample);
    if (!made) FAIL(made.error().text());
    tables = std::move(*made);
  }

  /// Calls `use(cell)` for every row; `cell("name")` is its value in that column.
  template <class Use>
  void each(const std::string& table, Use use) const {
    const Json& columns = tables.at(table).at("columns");
    for (const Json& row : tables.at(table).at("rows"))
      use([&](const std::string& name) -> const Json& {
        const auto at = std::find(columns.begin(), columns.end(), name);
        if (at == columns.end()) FAIL(table + " has no column " + name);
        return row.at(static_cast<std::size_t>(at - columns.begin()));
      });
  }
  template <class Test>
  std::int64_t sum(const std::string& table, const std::string& column, Test test) const {
    std::int64_t out = 0;
    each(table, [&](const auto& cell) {
      if (test(cell)) out += cell(column).template get<std::int64_t>();
    });
    return out;
  }
  std::int64_t sum(const std::string& table, const std::string& column) const {
    return sum(table, column, [](const auto&) { return true; });
  }
  const std::string& name_of_type(const Action& action) const {
    return scenario.plan.actions[action.type].name;
  }
};

/// A shop in small with every fault, and a pipeline that does not remove duplicates.
const Played& faulty() {
  static const Played played("scenarios/fault/mixed.json", {"no_dedupe"});
  return played;
}
/// No fault and no bug: what happened is what must be there.
const Played& clean() {
  static const Played played("scenarios/smoke/plain.json", {});
  return played;
}

std::int64_t as_int(std::size_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

TEST_CASE("the page counts as many actions of each verdict as the report", "[run][page]") {
  const Played& played = faulty();
  for (std::size_t i = 0; i < action_verdict_count; ++i) {
    const std::string verdict(name_of(static_cast<ActionVerdict>(i)));
    CAPTURE(verdict);
    const auto is = [&](const auto& cell) { return cell("verdict") == verdict; };
    CHECK(played.sum("verdicts_over_time", "actions", is) == as_int(played.report.actions[i]));
    CHECK(played.sum("sampled", "actions", is) == as_int(played.report.actions[i]));
    if (verdict != "ok")
      CHECK(played.sum("causes", "actions", is) == as_int(played.report.actions[i]));
  }
  for (const CauseCount& cause : played.report.causes) {
    const auto is = [&](const auto& cell) {
      return cell("verdict") == std::string(name_of(cause.verdict)) &&
             cell("cause") == std::string(name_of(cause.cause));
    };
    CHECK(played.sum("causes", "actions", is) == as_int(cause.actions));
  }
  CHECK(played.report.causes.size() > 1);
}

TEST_CASE("the page counts emissions by side as the journal has them", "[run][page]") {
  const Played& played = faulty();
  std::map<std::pair<std::string, Source>, std::int64_t> queued;
  for (const EmissionRecord& record : played.ledger.emissions)
    if (record.fate == Fate::queued)
      ++queued[{played.name_of_type(record.emission.seen), record.emission.source}];
  std::int64_t looked_at = 0;
  for (const ActionPlan& action : played.scenario.plan.actions) {
    const auto is = [&](const auto& cell) { return cell("event_name") == action.name; };
    CHECK(played.sum("sides", "sent_client", is) == queued[{action.name, Source::client}]);
    CHECK(played.sum("sides", "sent_server", is) == queued[{action.name, Source::server}]);
    looked_at += queued[{action.name, Source::client}];
  }
  CHECK(looked_at > 100);
}

TEST_CASE("without faults the table was made of what the SDKs sent", "[run][page]") {
  const Played& played = clean();
  CHECK(played.sum("sides", "read_client") == played.sum("sides", "sent_client"));
  CHECK(played.sum("sides", "read_server") == played.sum("sides", "sent_server"));
  CHECK(played.sum("sides", "read_client") > 0);
}

TEST_CASE("the page counts what happened and what stands in the table", "[run][page]") {
  const Played& played = faulty();
  std::map<std::string, std::int64_t> happened;
  for (const Action& action : played.ledger.actions)
    if (!action.refused) ++happened[played.name_of_type(action)];
  for (const auto& [name, actions] : happened) {
    const auto is = [&, event = name](const auto& cell) { return cell("event_name") == event; };
    CHECK(played.sum("counts", "happened", is) == actions);
    CHECK(played.sum("counts_over_time", "must", is) == played.sum("counts", "must", is));
  }
  CHECK(played.sum("counts", "rows") ==
        as_int(played.report.rows_total - played.report.rows_foreign));
  CHECK(played.sum("counts", "phantom") == as_int(played.report.rows_phantom));
  const auto kept = static_cast<std::size_t>(ActionVerdict::recovered);
  CHECK(played.sum("counts", "right_rows") <=
        as_int(played.report.actions[0] + played.report.actions[kept]));
}

TEST_CASE("the page adds money up exactly, by currency", "[run][page]") {
  for (const Played* played : {&faulty(), &clean()}) {
    const TrackingPlan& plan = played->scenario.plan;
    REQUIRE(money_field(plan) == "revenue");
    std::map<std::string, std::int64_t> minor;
    for (const Action& action : played->ledger.actions) {
      const auto field = plan.actions[action.type].field_index("revenue");
      if (field && !action.refused)
        minor[plan.currencies[action.currency].code] += action.values[*field];
    }
    REQUIRE(!minor.empty());
    std::map<std::string, std::string> on_page;
    played->each("money", [&](const auto& cell) {
      on_page[cell("currency")] = cell("happened").template get<std::string>();
    });
    for (const CurrencyPlan& currency : plan.currencies) {
      if (minor[currency.code] == 0) continue;
      const std::string exact = format_money(minor[currency.code], currency.exponent);
      CHECK(on_page[currency.code].substr(0, exact.size()) == exact);
    }
  }
  clean().each("money", [](const auto& cell) {
    CHECK(cell("rows") == cell("must"));
    CHECK(cell("must") == cell("happened"));
  });
}

TEST_CASE("the page's latencies are those of the receipts", "[run][page]") {
  const Played& played = faulty();
  std::map<AttemptId, const AttemptRecord*> attempts;
  for (const AttemptRecord& attempt : played.ledger.attempts) attempts[attempt.id] = &attempt;
  std::map<std::string, std::vector<Micros>> spans;
  for (const ReceiptRecord& receipt : played.ledger.receipts) {
    if (receipt.receipt != Receipt::accepted) continue;
    const AttemptRecord& attempt = *attempts.at(receipt.attempt);
    spans[std::string(name_of(attempt.source)) + " answer"].push_back(receipt.at - attempt.at);
  }
  std::size_t found = 0;
  played.each("latency", [&](const auto& cell) {
    const auto kind = spans.find(cell("kind"));
    if (kind == spans.end()) return;
    ++found;
    std::vector<Micros>& all = kind->second;
    std::sort(all.begin(), all.end());
    CHECK(cell("n") == as_int(all.size()));
    CHECK(cell("max") == all.back());
    CHECK(cell("p50") == all[(all.size() + 1) / 2 - 1]);
    const auto is = [&](const auto& other) { return other("kind") == kind->first; };
    CHECK(played.sum("latency_distribution", "n", is) == as_int(all.size()));
    CHECK(played.sum("latency_over_time", "n", is) == as_int(all.size()));
  });
  CHECK(found == 2);
}

TEST_CASE("the page's clock errors are those that faults injected", "[run][page]") {
  const Played& played = faulty();
  std::int64_t clocks = 0, right = 0;
  for (const EmissionRecord& record : played.ledger.emissions) {
    const Emission& emission = record.emission;
    if (emission.source != Source::client || emission.copy != 0 || record.fate != Fate::queued)
      continue;
    ++clocks;
    right += emission.clock_error > -100 * millisecond && emission.clock_error < 100 * millisecond;
  }
  const auto injected = [](const auto& cell) { return cell("series") == "injected"; };
  CHECK(played.sum("skew", "n", injected) == clocks);
  CHECK(played.sum("skew", "n",
                   [&](const auto& cell) { return injected(cell) && cell("step") == 0; }) == right);
  CHECK(right < clocks);
}

TEST_CASE("every action is in the table of rows an action, and every row", "[run][page]") {
  const Played& played = faulty();
  CHECK(played.sum("multiplicity", "actions") == as_int(played.report.actions_total));
  std::int64_t rows = 0;
  played.each("multiplicity", [&](const auto& cell) {
    rows +=
        cell("rows").template get<std::int64_t>() * cell("actions").template get<std::int64_t>();
  });
  CHECK(rows ==
        as_int(played.report.rows_total - played.report.rows_foreign - played.report.rows_phantom));
}

TEST_CASE("the funnel is that of the sessions that were played", "[run][page]") {
  const bool right = GENERATE(true, false);
  const Played& played = right ? clean() : faulty();
  const std::vector<std::string> steps = funnel_steps(played.scenario);
  REQUIRE(steps.size() >= 3);
  CHECK(steps.front() == "page_view");
  std::map<std::uint64_t, std::vector<const Action*>> sessions;
  for (const Action& action : played.ledger.actions)
    if (!action.refused) sessions[action.session].push_back(&action);
  std::vector<std::int64_t> reached(steps.size());
  for (auto& [session, actions] : sessions) {
    std::sort(actions.begin(), actions.end(),
              [](const Action* a, const Action* b) { return a->at < b->at; });
    std::size_t step = 0;
    for (const Action* action : actions)
      if (step < steps.size() && played.name_of_type(*action) == steps[step]) ++reached[step++];
  }
  std::size_t at = 0;
  played.each("funnel", [&](const auto& cell) {
    CHECK(cell("event_name") == steps[at]);
    CHECK(cell("happened") == reached[at]);
    CHECK(cell("reachable") <= reached[at]);
    if (right) CHECK(cell("measured") == reached[at]);
    ++at;
  });
  CHECK(at == steps.size());
  CHECK((right || reached.front() > reached.back()));
}

TEST_CASE("without faults the table knows everybody and nobody else", "[run][page]") {
  const Played& played = clean();
  std::set<std::uint64_t> users, sessions;
  for (const Action& action : played.ledger.actions) {
    users.insert(action.user);
    sessions.insert(action.session);
  }
  played.each("identity", [&](const auto& cell) {
    CHECK(cell("actual") == cell("low"));
    if (cell("what") == "users") CHECK(cell("low") == as_int(users.size()));
    if (cell("what") == "sessions") CHECK(cell("low") == as_int(sessions.size()));
  });
}

TEST_CASE("the page's strikes are those of the fault ledger", "[run][page]") {
  const Played& played = faulty();
  std::int64_t all = 0;
  for (const RunReport::Fault& fault : played.report.faults) {
    CAPTURE(fault.name);
    const std::int64_t strikes = played.sum(
        "strikes", "strikes", [&](const auto& cell) { return cell("fault") == fault.name; });
    CHECK(strikes == as_int(fault.struck));
    all += strikes;
  }
  CHECK(all > 50);
}

TEST_CASE("the sample is bounded, tells every cause, and holds what is asked for", "[run][page]") {
  const auto ids = [](const Played& played) {
    std::set<std::string> out;
    played.each("sample_actions", [&](const auto& cell) { out.insert(cell("action_id")); });
    return out;
  };
  PageSample sample;
  sample.odd_max = 12;
  sample.ok_max = 3;
  const std::string wanted = "a-" + std::to_string(faulty().ledger.actions.back().id.value);
  sample.wanted = {wanted};
  const Played small("scenarios/fault/mixed.json", {"no_dedupe"}, sample);
  CHECK(ids(small).size() <= 16);
  CHECK(ids(small).contains(wanted));
  std::size_t kinds = 0;
  small.each("sampled", [&](const auto& cell) {
    ++kinds;
    CHECK(cell("shown") > 0);
  });
  CHECK(kinds > 3);
  CHECK(small.sum("sampled", "shown") == as_int(ids(small).size()));
  std::set<std::string> of_rows;
  small.each("sample_rows", [&](const auto& cell) { of_rows.insert(cell("action_id")); });
  for (const std::string& id : of_rows) CHECK(ids(small).contains(id));
}

TEST_CASE("a page that would be too large shows fewer actions one by one", "[run][page]") {
  const Played& played = faulty();
  const std::filesystem::path folder = played.folder / "run";
  REQUIRE(write_whole(folder / "report.json", report_json(played.report)));
  REQUIRE(write_report_page(folder, played.scenario));
  const std::size_t whole = std::filesystem::file_size(folder / "report.html");
  CHECK(whole < page_size_max);
  REQUIRE(write_report_page(folder, played.scenario, whole - 1));
  const std::size_t part = std::filesystem::file_size(folder / "report.html");
  CHECK(part < whole);
  CHECK(part > whole / 2);
}

TEST_CASE("a page without one of its tables is an error that says what to do", "[run][page]") {
  const Played& played = clean();
  const TempFolder folder;
  for (const char* name :
       {"actions", "emissions", "attempts", "deliveries", "abandons", "verdicts"})
    std::filesystem::copy_file(played.folder / "run" / "ledger" / (std::string(name) + ".parquet"),
                               folder / (std::string(name) + ".parquet"));
  const Result<Json> made = page_tables(played.scenario, folder.path(), {});
  REQUIRE(!made);
  CHECK(made.error().kind == Error::Kind::invalid_input);
  CHECK(made.error().text().find("rows.parquet") != std::string::npos);
  CHECK(made.error().text().find("parallax judge") != std::string::npos);
}

TEST_CASE("charts over time have at most 120 buckets of a round width", "[run][page]") {
  for (const Micros length : {second, 90 * second, hour, day, 7 * day, 45 * day, 366 * day}) {
    TimePlan time;
    time.length = length;
    const PageTime page = page_time(time);
    CAPTURE(length, page.bucket);
    CHECK((length + page.bucket - 1) / page.bucket <= 120);
    CHECK((day % page.bucket == 0 || page.bucket % day == 0));
  }
}

}  // namespace parallax::test
