// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/run/command_parts.h"
#include "sim/run/fewer_faults.h"
#include "sim/run/interrupt.h"
#include "sim/run/report_text.h"
#include "sim/run/run_folder.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t width = 100;

/// "answer_lost and delay", "no fault", "not known".
std::string needs_text(const FindingGroup& group) {
  if (!group.known) return "not known";
  return group.needed.empty() ? "no fault" : group.needed;
}

std::string name_of(const FindingGroup& group) {
  return group.verdict + (group.cause.empty() ? "" : "/" + group.cause);
}

void print(const std::vector<FindingGroup>& groups, const std::string& how, const fs::path& file) {
  using Align = TextTable::Align;
  TextTable table({Align::left, Align::right, Align::left, Align::left, Align::left}, width, 0);
  table.add({"finding", "actions", "needs", "proof", "for example"});
  for (const FindingGroup& group : groups)
    table.add({name_of(group), report_text::with_thousands(group.actions), needs_text(group),
               group.proof, group.example});
  fmt::print("{}\n{}\nwrote    {}\n", table.text(), how, file.string());
}

nlohmann::ordered_json json_of(const std::vector<FindingGroup>& groups, unsigned runs) {
  nlohmann::ordered_json json{{"runs", runs}, {"findings", nlohmann::ordered_json::array()}};
  for (const FindingGroup& group : groups) {
    auto& one = json["findings"].emplace_back(nlohmann::ordered_json{{"verdict", group.verdict}});
    if (!group.cause.empty()) one["cause"] = group.cause;
    one["actions"] = group.actions;
    if (group.known) one["needed"] = group.needed;
    if (!group.proof.empty()) one["proof"] = group.proof;
    one["example"] = group.example;
  }
  return json;
}

}  // namespace

int command_blame(const BlameCommand& command) {
  const RunFolder folder{command.folder};
  const Result<RunInfo> info = read_run_info(folder.root);
  if (!info) return complain(exit_usage, info.error().text());
  if (!fs::exists(folder.ledger() / verdicts_file))
    return complain(exit_usage, (folder.ledger() / verdicts_file).string() +
                                    ": is missing; parallax judge " + shell_word(command.folder) +
                                    " --tables writes it");
  const std::optional<Scenario> scenario = load_or_explain(folder.scenario().string(), {});
  if (!scenario) return exit_usage;
  RunCommand run;
  if (fs::exists(folder.target())) run.target = folder.target().string();
  const std::optional<TargetPlan> target =
      choose_target(run, *scenario, folder.scenario().string());
  if (!target) return exit_usage;

  unsigned runs = 0;
  std::string how = "The target cannot be played again: this is what the ledger alone can tell.";
  Progress progress(Progress::kind_for_stderr(command.json));
  const std::atomic<int>& interrupted = watch_interrupts();
  if (target->send.kind == "embedded") {
    const Result<unsigned> proved = prove_by_replay(
        *scenario, *target, folder.root, {info->run_id, command.runs_max, &progress, &interrupted});
    progress.finish();
    if (!proved) {
      if (interrupted != 0) return exit_interrupted;
      return complain(exit_for(proved.error()), proved.error().text());
    }
    runs = *proved;
    how =
        fmt::format("Played again {} time{}: without a fault that is needed, the finding is gone.",
                    runs, runs == 1 ? "" : "s");
  } else if (const auto told = export_findings(*scenario, folder.ledger()); !told) {
    return complain(exit_internal, told.error().text());
  }
  const Result<std::vector<FindingGroup>> groups = finding_groups(folder.ledger());
  if (!groups) return complain(exit_internal, groups.error().text());
  if (command.json) {
    std::cout << json_of(*groups, runs).dump(2) << '\n';
  } else if (groups->empty()) {
    fmt::print("No action has a finding: there is nothing to blame.\n");
  } else {
    print(*groups, how, folder.ledger() / findings_file);
  }
  return groups->empty() ? exit_nothing_selected : exit_pass;
}

}  // namespace parallax
