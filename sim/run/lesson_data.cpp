// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lesson_data.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "sim/core/duckdb.h"
#include "sim/journey/instrument.h"
#include "sim/run/generate.h"
#include "sim/run/lane_store.h"
#include "sim/run/ledger_parquet.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using duckdb::quote_literal;

constexpr std::array tables{"actions", "emissions", "attempts", "deliveries", "abandons"};

/// What comes after the key and the times in `emissions`: traits and business fields.
constexpr const char* raw_events_sql = R"sql(
create table raw_events as
select e.event_name, e.event_id, e.user_id, e.device_id, e.session_id, e.sequence_id, e.client_ts,
  e.server_ts, t.arrives_at as ingestion_ts, e.source, e.schema_version, e.consent_state,
  t.number - 1 as retry_count, e.page, e.currency,
  e.* exclude (event_name, event_id, user_id, device_id, session_id, sequence_id, client_ts,
    server_ts, source, schema_version, consent_state, page, currency, action_id, copy, fate,
    withheld, captured_at, clock_error_us, faults, points, faults_skipped, field_forms,
    departures)
from deliveries d join attempts t using (attempt_id)
  join emissions e on e.action_id = d.action_id and e.source = d.source and e.copy = d.copy
where t.strike in ('none', 'after_commit')
order by t.arrives_at, t.attempt_id, e.action_id, e.copy
)sql";

/// The events go nowhere: what a collector would have is read from the ledger, which also knows
/// when each event arrived.
class NoFile final : public EventFile {
 public:
  std::unique_ptr<EventBlock> make_block() const override { return std::make_unique<Count>(); }
  Result<void> write(const EventBlock&) override { return {}; }
  Result<void> close() override { return {}; }
  std::uint64_t bytes() const override { return 0; }

 private:
  struct Count final : EventBlock {
    void add(std::span<const Emission* const> added) override { events += added.size(); }
    void clear() override { events = 0; }
  };
};

Result<void> export_truth(const Scenario& scenario, const fs::path& folder, const fs::path& truth) {
  GenerateOptions options;
  options.journals = folder;
  options.run_id = derived_run_id(scenario.name, scenario.seed);
  NoFile file;
  if (const auto played = generate(scenario, file, options); !played) return played.error();
  const std::array journals{folder / "journal-0.plx"};
  Result<LaneStore> lanes = LaneStore::scan(journals, {folder}, 1);
  if (!lanes) return lanes.error();
  const LedgerParts parts{lane_count, [&lanes](std::size_t lane, Ledger& out) {
                            return lanes->load(static_cast<LaneIndex>(lane), out);
                          }};
  for (const LedgerTable table : ledger_tables)
    if (const Result<void> done = export_table(scenario, parts, table, truth); !done) return done;
  std::error_code ignored;
  fs::remove(journals.front(), ignored);
  return {};
}

Result<void> fill_database(const Dataset& dataset, const fs::path& truth, const fs::path& file) {
  duckdb::OpenOptions options;
  options.threads = 1;  // One thread keeps the order of the rows.
  auto database = duckdb::Database::open(file, options);
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  for (const std::string table : tables) {
    const std::string path = quote_literal((truth / (table + ".parquet")).string());
    const Result<void> seen =
        sql->run(fmt::format("create temp view {} as from read_parquet({})", table, path));
    if (!seen) return seen;
  }
  if (const Result<void> raw = sql->run(raw_events_sql); !raw) return raw;
  if (dataset.prepare.empty()) return {};
  const Result<void> prepared = sql->run(dataset.prepare);
  if (!prepared)
    return Error{Error::Kind::invalid_input, prepared.error().what, dataset.name + ", Prepare"};
  return {};
}

}  // namespace

Result<LessonData> make_lesson_data(const Dataset& dataset, const Scenario& scenario,
                                    const fs::path& folder) {
  const LessonData data{folder / "truth", folder / (dataset.name + ".duckdb")};
  std::error_code failed;
  fs::create_directories(data.truth, failed);
  if (failed) return Error{Error::Kind::io, failed.message(), data.truth.string()};
  if (const Result<void> done = export_truth(scenario, folder, data.truth); !done)
    return done.error();
  fs::remove(data.database, failed);
  if (const Result<void> done = fill_database(dataset, data.truth, data.database); !done)
    return done.error();
  return data;
}

Result<std::vector<std::string>> lesson_tables(const fs::path& file) {
  duckdb::OpenOptions options;
  options.read_only = true;
  auto database = duckdb::Database::open(file, options);
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  auto rows = sql->query(
      "select table_name from duckdb_tables() where not temporary and not internal order by 1");
  if (!rows) return rows.error();
  std::vector<std::string> out;
  for (const auto& row : rows->texts()) out.push_back(row.front());
  return out;
}

}  // namespace parallax
