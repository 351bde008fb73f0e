// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/oracle.h"

#include <fmt/format.h>

#include "assertions/trial.h"
#include "sim/run/connection.h"
#include "sim/run/run_folder.h"
#include "sim/run/secrets.h"
#include "sim/run/serve/declared_rows.h"
#include "sim/run/serve/teller.h"
#include "sim/run/settle.h"
#include "sim/run/summary.h"
#include "sim/run/version.h"
#include "sim/run/wall_clock.h"

namespace parallax::serve {
namespace {

Refusal internal(const Error& error) { return {500, error.text(), {}}; }

RunReport blank_report(const Declared& declared, const Stage& stage, const TargetPlan& target) {
  RunReport report;
  report.parallax_version = version_text;
  report.scenario = declared.request.name;
  report.about = "Actions that a test declared.";
  report.scenario_hash = scenario_hash(stage.scenario);
  report.run_id = declared.id;
  report.target = target.read.kind + " " + (target.read.kind == "http" ? target.read.url : "");
  return report;
}

/// All of a run is one part. Leaves the part as the judge last saw it.
void try_part(Trial& trial, Part& part, const LedgerView& view) {
  trial.judge(part, view);
  if (trial.gather_strays()) {
    trial.ask(part, view);
    if (!trial.settle().empty()) trial.judge(part, view);
  }
  trial.conclude();
}

void count(const Trial& trial, const Stage& stage, std::uint64_t foreign, RunReport& report) {
  report.assertions = trial.reports();
  report.causes = trial.causes();
  report.actions_total = trial.actions();
  report.actions = trial.counts();
  report.rows_total = trial.facts().own + foreign;
  report.rows_phantom = trial.phantoms().size();
  report.rows_foreign = foreign;
  report.delivery.emissions = stage.ledger.emissions.size();
  report.tables = false;
}

}  // namespace

std::optional<Refusal> judge(const Declared& declared, const Reading& reading, Judged& judged) {
  if (declared.actions.empty())
    return Refusal{409, "nothing was declared: there is nothing to judge", {}};
  const Clock::time_point start = Clock::now();
  Part part;
  Stage stage;
  if (auto refusal = set_stage(declared, stage)) return refusal;
  part.ledger = std::move(stage.ledger);
  stage.ledger = {};

  const TargetPlan& target = reading.target;
  const Connection connection(stage.scenario.plan, target, {});
  Result<std::unique_ptr<RowReader>> reader = connection.make_reader();
  if (!reader) return internal(reader.error());
  DeclaredRows rows(**reader, declared, stage);
  const IdIndex no_ids;  // All rows come marked with their lane.
  const MakeRowStore make = [&] {
    return std::make_unique<RowStore>(no_ids, stage.scenario.plan, declared.id,
                                      SpillLimit{reading.folder});
  };
  Result<Settled> settled = settle_and_read(rows, target.settle, declared.id, false, make, nullptr);
  if (!settled) return internal(settled.error());
  if (const auto loaded = settled->rows->load(0, part.rows); !loaded)
    return internal(loaded.error());

  const LedgerView view(stage.scenario, part.ledger);
  Trial trial(stage.scenario, settled->rows->facts(), 1);
  try_part(trial, part, view);
  RunReport report = blank_report(declared, stage, target);
  count(trial, stage, rows.foreign(), report);
  report.delivery.emissions = part.ledger.emissions.size();
  conclude({settled->problem}, report);
  report.timing.settle = settled->settle_took;
  report.timing.read = settled->read_took;
  report.timing.total = since(start);
  judged.report = *without_secrets(std::move(report), target.secrets);
  tell(declared, stage, trial, part, rows, judged);
  return std::nullopt;
}

}  // namespace parallax::serve
