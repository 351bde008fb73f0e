// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "sim/run/command_parts.h"
#include "sim/run/explain_text.h"
#include "sim/run/interrupt.h"
#include "sim/run/report_text.h"
#include "sim/run/runner.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using explain::Explanation;
using explain::ratio_text;
using explain::share_text;
using explain::step_text;

constexpr std::size_t width = 100;

void paragraph(const std::string& head, const std::string& text) {
  std::string start = head;
  for (const std::string& line :
       report_text::wrapped(report_text::one_line(text), width - head.size())) {
    fmt::print("{}{}\n", start, line);
    start.assign(head.size(), ' ');
  }
}

std::string question(const Scenario& scenario, const Explanation& e) {
  std::string released;
  for (const DeployPlan& deploy : scenario.deploys)
    released += (released.empty() ? "" : " and ") + fmt::format("\"{}\"", deploy.label);
  return fmt::format(
      "Yesterday the ratio of {} client rows to server rows jumped from {:.2f} to {:.2f}. {} {} "
      "released lately. Which are the three fastest checks that isolate the cause, and what can be "
      "reported meanwhile whatever the cause turns out to be?",
      e.event, e.before.ratio(), e.after.ratio(), released,
      scenario.deploys.size() > 1 ? "were" : "was");
}

/// What the counts of rows an action say by themselves.
std::string multiplicity_result(const Explanation& e) {
  std::string out;
  std::size_t told = 0;
  for (const explain::Multiplicity& m : e.multiplicities) {
    if (told == 3) break;
    ++told;
    out += fmt::format("{}{} client and {} server: {} before, {} after", out.empty() ? "" : "; ",
                       m.client, m.server, share_text(m.before), share_text(m.after));
  }
  const explain::Step* step = e.mechanism();
  if (step == nullptr) return out + ".";
  return out +
         fmt::format(". So {}.", step->text.find("missing") != std::string::npos
                                     ? "rows of one side are missing; nothing is counted twice"
                                     : "one side has rows too many; none are missing");
}

std::string where_result(const Explanation& e) {
  if (e.best.predicates.empty())
    return "no attribute tells them apart: it is true across the board, so look at the one code "
           "path "
           "that all of them take.";
  return fmt::format(
      "{} went from {} to {} ({} of the actions) and makes up {} of the move of {}; "
      "everything else makes up {}.",
      e.best.text, ratio_text(e.best.before), ratio_text(e.best.after), share_text(e.best.share),
      step_text(std::llround(e.best.excess * 1e4)), step_text(std::llround(e.move() * 1e4)),
      step_text(std::llround(e.remainder * 1e4)));
}

std::string follow_result(const Explanation& e) {
  const explain::Step* step = e.mechanism();
  std::string out = step == nullptr ? "nothing" : step->text;
  for (const std::string& note : e.notes) out += ". " + note;
  if (e.change) out += fmt::format("; since {}", explain::bucket_text(e, *e.change));
  if (e.deploy) out += fmt::format(", with the deploy \"{}\"", e.deploy->label);
  return out + ".";
}

void tell(const Scenario& scenario, const Explanation& e) {
  paragraph("", question(scenario, e));
  const std::array checks{
      std::pair{"Join both sides by event_id and count the rows of each action. ",
                multiplicity_result(e)},
      std::pair{"Split the ratio by everything the release touched, one attribute at a time, then "
                "two. ",
                where_result(e)},
      std::pair{"Follow the odd rows from the app to the table: recorded, sent, acknowledged, "
                "rejected, renamed, stored, counted? And since when? ",
                follow_result(e)}};
  for (std::size_t i = 0; i < checks.size(); ++i) {
    fmt::print("\n");
    paragraph(fmt::format("Check {}  ", i + 1), checks[i].first);
    paragraph("   found  ", checks[i].second);
  }
  const explain::SafeMetric& safe = e.safe.front();
  fmt::print("\n");
  paragraph("Meanwhile ", fmt::format("report {}: {} of what happened before, {} after. It stands "
                                      "still, and a rollback would not move it.",
                                      safe.name, share_text(safe.before), share_text(safe.after)));
}

}  // namespace

int command_challenge(const ChallengeCommand& command) {
  const fs::path file = fs::path(command.folder) / (command.name + ".json");
  if (!fs::exists(file))
    return complain(exit_usage,
                    fmt::format("{}: there is no such challenge; the incidents in {} are "
                                "those that can be played",
                                command.name, command.folder));
  std::vector<std::pair<std::string, std::string>> set;
  if (command.seed) set.emplace_back("/seed", std::to_string(*command.seed));
  const std::optional<Scenario> scenario = load_or_explain(file.string(), set);
  if (!scenario) return exit_usage;
  RunCommand run;
  run.quiet = true;
  const auto target = choose_target(run, *scenario, file.string());
  if (!target) return exit_usage;
  Progress progress(Progress::kind_for_stderr(false));
  RunOptions options;
  options.folder = command.out.empty() ? fs::path("parallax-runs") /
                                             fmt::format("{}-{}", scenario->name, scenario->seed)
                                       : fs::path(command.out);
  options.rerun = rerun_command("run", run, file.string(), scenario->seed);
  options.progress = &progress;
  options.interrupted = &watch_interrupts();
  Result<RunReport> report = run_scenario(*scenario, *target, options);
  progress.finish();
  if (!report) return complain(exit_for(report.error()), report.error().text());
  add_explanation(*scenario, *target, *report);
  if (!report->explanation || report->explanation->finding != explain::Finding::cause)
    return complain(exit_unknown, "the run shows no jump that could be explained");
  tell(*scenario, *report->explanation);
  fmt::print("\n");
  return deliver(run, *scenario, *report);
}

}  // namespace parallax
