// SPDX-License-Identifier: Apache-2.0
// Makes a run folder with as many actions as wanted and the canonical rows of a perfect pipeline,
// with a few defects planted, for `parallax judge` to be timed on:
//
//   judge_scale SCENARIO USERS FOLDER [EVERY]
//
// Every attempt that no fault struck is accepted. One row in EVERY (default 1'000) is doubled and
// one is left out; 0 plants nothing. Prints what the verdicts must be.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "assertions/ledger_view.h"
#include "assertions/witness.h"
#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/run/lane_store.h"
#include "sim/run/report.h"
#include "sim/run/run_folder.h"
#include "sim/run/traffic.h"
#include "sim/run/version.h"
#include "sim/run/workers.h"
#include "sim/scenario/load.h"
#include "sim/scenario/target.h"

namespace parallax {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void stop(const std::string& why) {
  fmt::print(stderr, "judge_scale: {}\n", why);
  std::exit(1);
}
void need(const Result<void>& result) {
  if (!result) stop(result.error().text());
}
template <class T>
T need(Result<T> result) {
  if (!result) stop(result.error().text());
  return std::move(*result);
}

/// Accepts what is not struck, at once and without looking.
class PerfectTarget final : public Target {
 public:
  void start(SendRequest request) override {
    const bool accepted = request.strike == Strike::none;
    done_ = SendResult();
    done_.ticket = request.ticket;
    done_.receipt = accepted ? Receipt::accepted : Receipt::unknown;
    done_.status = static_cast<std::uint16_t>(accepted ? 200 : 0);
    in_flight_ = 1;
  }
  SendResult wait() override {
    in_flight_ = 0;
    return done_;
  }
  std::size_t in_flight() const override { return in_flight_; }
  std::size_t capacity() const override { return 1; }

 private:
  SendResult done_;
  std::size_t in_flight_ = 0;
};

/// Bodies are not looked at.
class NoFormat final : public WireFormat {
 public:
  void begin_batch(TextBuffer&) const override {}
  void add_event(const Emission&, TextBuffer&) const override {}
  void end_batch(SimTime, TextBuffer&) const override {}
  char* write_event(const Emission&, char* out) const override { return out; }
  std::size_t event_room() const override { return 0; }
  std::string_view content_type() const override { return {}; }
  std::string_view path() const override { return {}; }
};

/// Appends canonical rows to a table whose columns are the plan's.
class RowWriter {
 public:
  RowWriter(duckdb::Connection& connection, const TrackingPlan& plan, std::string run_id)
      : connection_(connection), plan_(plan), run_id_(std::move(run_id)) {
    for (const ActionPlan& action : plan.actions)
      for (const FieldPlan& field : action.fields)
        if (std::none_of(fields_.begin(), fields_.end(),
                         [&](const FieldPlan& f) { return f.name == field.name; }))
          fields_.push_back(field);
    need(connection_.run("create table staged (" + std::string(envelope) + columns() + ")"));
    appender_.emplace(need(duckdb::Appender::open(connection_, "staged")));
  }

  /// Either may be null, not both; the server wins.
  void write(const Emission* client, const Emission* server) {
    const Emission& lead = server != nullptr ? *server : *client;
    const Action& seen = lead.seen;
    duckdb::Appender& out = *appender_;
    out.text(lead.event_id.text());
    out.text(run_id_);
    out.text(plan_.actions[seen.type].name);
    out.text(user_id_text(seen.user));
    out.text(device_id_text(seen.device));
    out.text(session_id_text(seen.session));
    out.integer(seen.sequence);
    const SimTime client_ts = client != nullptr ? client->client_ts : no_time;
    const SimTime server_ts = server != nullptr ? server->server_ts : no_time;
    out.time(client_ts);
    out.time(server_ts);
    out.time(server_ts != no_time ? server_ts : client_ts);
    out.integer(client != nullptr ? 1 : 0);
    out.integer(server != nullptr ? 1 : 0);
    out.text(name_of(lead.source));
    out.boolean(server != nullptr);
    out.text(name_of(seen.consent));
    out.text(plan_.currencies[seen.currency].code);
    for (const FieldPlan& field : fields_) write_field(field, client, server);
    out.end_row();
    ++rows;
  }

  /// Money becomes decimal, and the staging table goes.
  void finish() {
    need(appender_->close());
    std::string list = "* replace (";
    for (const FieldPlan& field : fields_)
      if (field.type == FieldType::money)
        list += fmt::format("{}(\"{}\"::decimal(18, 0) * 0.01)::decimal(18, 2) as \"{}\"",
                            list.ends_with('(') ? "" : ", ", field.name, field.name);
    if (list.ends_with('('))
      list = "*";
    else
      list += ")";
    need(connection_.run("create table clean_events as select " + list + " from staged"));
    need(connection_.run("drop table staged"));
    need(connection_.run("checkpoint"));
  }

  std::uint64_t rows = 0;

 private:
  static constexpr std::string_view envelope =
      "event_id varchar, run_id varchar, event_name varchar, user_id varchar, device_id varchar, "
      "session_id varchar, sequence_id bigint, client_ts timestamp, server_ts timestamp, event_ts "
      "timestamp, client_rows integer, server_rows integer, source varchar, "
      "is_server_authoritative boolean, consent_state varchar, currency varchar";

  std::string columns() const {
    std::string text;
    for (const FieldPlan& field : fields_) {
      const bool is_text = field.type == FieldType::string;
      text += fmt::format(", \"{}\" {}", field.name, is_text ? "varchar" : "bigint");
    }
    return text;
  }

  /// As the owner sent it; as the other side did where the owner is not there.
  void write_field(const FieldPlan& field, const Emission* client, const Emission* server) {
    const Action& seen = (server != nullptr ? server : client)->seen;
    const auto index = plan_.actions[seen.type].field_index(field.name);
    if (!index) return appender_->null();
    const FieldPlan& spec = plan_.actions[seen.type].fields[*index];
    const bool server_owns = spec.owner == Source::server;
    for (const Emission* side : {server_owns ? server : client, server_owns ? client : server}) {
      if (side == nullptr || !states_value(*side, *index)) continue;
      std::int64_t value = side->seen.values[*index];
      if (spec.type == FieldType::string) return appender_->text(spec.form.text(value));
      const int exponent = plan_.currencies[seen.currency].exponent;
      for (int i = exponent; spec.type == FieldType::money && i < 2; ++i) value *= 10;
      return appender_->integer(value);
    }
    appender_->null();
  }

  duckdb::Connection& connection_;
  const TrackingPlan& plan_;
  std::string run_id_;
  std::vector<FieldPlan> fields_;
  std::optional<duckdb::Appender> appender_;
};

Scenario load(const std::string& file, const std::string& users) {
  LoadOptions options;
  options.faults = fault_kinds();
  options.set = {{"/population/users", users}};
  Loaded loaded = load_scenario(file, options);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) stop(problem.text());
  return std::move(loaded.scenario);
}

void play(const Scenario& scenario, const RunFolder& folder, const std::string& run_id) {
  const FaultChain faults = need(FaultChain::make(scenario, scenario.seed));
  const World world(scenario, scenario.seed);
  const Instrumentation instrumentation(scenario, scenario.seed, run_id);
  const NoFormat format;
  const Prng root(scenario.seed);
  const LaneContext context{
      world, instrumentation, faults, root.stream("network"), root.stream("backoff"), {}};
  TrafficOptions options;
  options.jobs = core_count();
  options.journals = folder.ledger();
  options.format = &format;
  options.make_target = [] {
    return Result<std::unique_ptr<Target>>(std::make_unique<PerfectTarget>());
  };
  need(play_traffic(context, options));
}

struct Planted {
  std::uint64_t actions = 0, doubled = 0, lost = 0;
};

/// The rows of all actions of which something was accepted, lane by lane.
Planted write_rows(const Scenario& scenario, const LaneStore& ledger, std::uint64_t every,
                   RowWriter& out) {
  Planted planted;
  Ledger lane;
  for (LaneIndex i = 0; i < lane_count; ++i) {
    need(ledger.load(i, lane));
    const LedgerView view(scenario, lane);
    for (std::uint32_t action = 0; action < lane.actions.size(); ++action) {
      const Emission* sides[2] = {nullptr, nullptr};
      for (const std::uint32_t e : view.emissions_of(action)) {
        const Emission& emission = lane.emissions[e].emission;
        const Emission*& side = sides[static_cast<std::size_t>(emission.source)];
        const bool counts = emission.seen.consent == Consent::granted && view.facts(e).accepted > 0;
        if (counts && side == nullptr) side = &emission;
      }
      if (sides[0] == nullptr && sides[1] == nullptr) continue;
      const std::uint64_t turn = every > 0 ? planted.actions++ % every : 1;
      if (turn == 0) ++planted.lost;
      if (turn == every / 2 && every > 0) ++planted.doubled;
      if (turn == 0) continue;
      out.write(sides[0], sides[1]);
      if (turn == every / 2 && every > 0) out.write(sides[0], sides[1]);
    }
  }
  return planted;
}

int run(const std::string& file, const std::string& users, const fs::path& root,
        std::uint64_t every) {
  const Scenario scenario = load(file, users);
  const std::string run_id = fmt::format("{}-scale", scenario.name);
  const fs::path database = root / "rows.duckdb";
  const std::string target = fmt::format(
      R"({{"send": {{"kind": "file", "path": "/dev/null"}}, "read": {{"kind": "duckdb", "path": "{}",
 "query": "select * from clean_events where run_id = $1"}}}})",
      fs::absolute(database).string());
  const LoadedTarget loaded = load_target_text(target, "target");
  if (!loaded.ok()) stop(loaded.problems.front().text());
  const RunInfo info{version_text, run_id, scenario.seed, scenario_hash(scenario), 1, {}};
  const RunFolder folder = need(prepare_run_folder(root, scenario, loaded.target, info));
  need(write_whole(root / "target.json", target));
  play(scenario, folder, run_id);

  fs::remove(database);
  auto store = need(duckdb::Database::open(database));
  auto connection = need(store.connect());
  RowWriter writer(connection, scenario.plan, run_id);
  const auto journals = journal_files(folder.ledger());
  const LaneStore ledger = need(LaneStore::scan(journals, {root, 256U << 20U}, core_count()));
  const Planted planted = write_rows(scenario, ledger, every, writer);
  writer.finish();
  fmt::print("{} actions, {} emissions, {} rows; planted: {} lost, {} doubled\n",
             ledger.counts().actions, ledger.counts().emissions, writer.rows, planted.lost,
             planted.doubled);
  return 0;
}

}  // namespace
}  // namespace parallax

int main(int count, char** words) {
  if (count < 4) {
    fmt::print(stderr, "judge_scale SCENARIO USERS FOLDER [EVERY]\n");
    return 4;
  }
  return parallax::run(words[1], words[2], words[3],
                       count > 4 ? std::strtoull(words[4], nullptr, 10) : 1'000);
}
