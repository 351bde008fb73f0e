// SPDX-License-Identifier: Apache-2.0
#include "sim/run/cli_explain.h"

#include <CLI/CLI.hpp>

namespace parallax {
namespace {

void add_explain(CLI::App& app, ExplainCommand& command, std::function<int()>& action) {
  CLI::App* explain =
      app.add_subcommand("explain", "Say why client rows per server row moved in a run");
  explain->add_option("folder", command.folder, "Run folder")->required();
  explain->add_option("--of", command.of,
                      "The event (default: that of the scenario's ratio assertion)");
  explain->add_flag("--json", command.json, "The explanation as JSON");
  explain->footer(
      "Examples:\n  parallax explain parallax-runs/ratio-jump-118\n"
      "  parallax explain parallax-runs/shop-7 --of purchase --json");
  explain->callback([&] { action = [&command] { return command_explain(command); }; });
}

void add_shrink(CLI::App& app, ExplainLine& line, std::function<int()>& action) {
  CLI::App* shrink = app.add_subcommand(
      "shrink", "Find which faults a failure needs, and the smallest scenario that shows it");
  ShrinkCommand& command = line.shrink;
  RunCommand& run = command.run;
  shrink->add_option("source", command.source, "Scenario file, or run folder")->required();
  shrink->add_option("--finding", command.finding,
                     "VERDICT/CAUSE as a report names them, or an assertion (default: the first "
                     "that fails)");
  shrink->add_option("--out", command.out,
                     "Scenario file to write (default RUN/shrunk.json, or "
                     "parallax-runs/NAME-SEED-shrunk.json)");
  shrink->add_option("--runs", command.runs_max, "Runs at most (default 60)")
      ->check(CLI::Range(2U, 10'000U));
  shrink->add_option("--limit", command.limit, "Time at most (default 10m)");
  shrink->add_option("--seed", line.seed, "Instead of the scenario's seed");
  shrink->add_option("--target", run.target, "Target file, or the URL of a `parallax pipeline`");
  shrink->add_option("--allow-host", run.allow_hosts,
                     "A host besides this machine that traffic may go to (repeatable)");
  shrink->add_option("--bug", run.bugs, "Switch a bug of the embedded pipeline on: NAME[:share]")
      ->type_name("BUG");
  shrink->add_flag("--json", run.json, "What was found as JSON");
  shrink->footer(
      "Examples:\n  parallax shrink parallax-runs/shop-7\n"
      "  parallax shrink scenarios/examples/shop.json --bug short_window");
  shrink->callback([&line, &command, &action, shrink] {
    if (shrink->count("--seed") > 0) command.run.seed = line.seed;
    action = [&command] { return command_shrink(command); };
  });
}

void add_blame(CLI::App& app, BlameCommand& command, std::function<int()>& action) {
  CLI::App* blame = app.add_subcommand(
      "blame", "Say which faults each finding of a run needs, by playing it without them");
  blame->add_option("folder", command.folder, "Run folder")->required();
  blame->add_option("--runs", command.runs_max, "Runs at most (default 60)")
      ->check(CLI::Range(1U, 10'000U));
  blame->add_flag("--json", command.json, "What was found as JSON");
  blame->footer("Example:\n  parallax blame parallax-runs/two-at-once-40");
  blame->callback([&command, &action] { action = [&command] { return command_blame(command); }; });
}

void add_challenge(CLI::App& app, ExplainLine& line, std::function<int()>& action) {
  CLI::App* challenge = app.add_subcommand(
      "challenge", "Play an incident: the three fastest checks, what they find, a safe metric");
  ChallengeCommand& command = line.challenge;
  challenge->add_option("name", command.name, "An incident, such as ratio-jump")->required();
  challenge->add_option("--folder", command.folder, "Where incidents are (scenarios/incident)");
  challenge->add_option("--out", command.out, "Run folder (default parallax-runs/NAME-SEED)");
  challenge->add_option("--seed", line.seed, "Instead of the scenario's seed");
  challenge->footer("Example:\n  parallax challenge ratio-jump");
  challenge->callback([&line, &command, &action, challenge] {
    if (challenge->count("--seed") > 0) command.seed = line.seed;
    action = [&command] { return command_challenge(command); };
  });
}

void add_monitor(CLI::App& app, MonitorCommand& command, std::function<int()>& action) {
  CLI::App* monitor = app.add_subcommand(
      "monitor", "Hold your own client rows against your server rows, and explain what moved");
  monitor
      ->add_option("--read", command.read,
                   "Monitor file (JSON), or a DuckDB database with raw_events and clean_events")
      ->required();
  monitor->add_option("--baseline", command.baseline,
                      "FROM..UNTIL, the end excluded (default: up to the strongest change)");
  monitor->add_option("--window", command.window, "FROM..UNTIL that is held against it");
  monitor->add_option("--slo", command.slo, "JSON with bounds: {\"ratio\": \"5%\", ...}");
  monitor->add_option("--out", command.out, "Folder for monitor.md and monitor.json");
  monitor->add_flag("--json", command.json, "Print JSON instead of Markdown");
  monitor->footer(
      "Examples:\n  parallax monitor --read tables.json --out weekly\n"
      "  parallax monitor --read warehouse.duckdb --baseline 2026-03-02..2026-03-05 "
      "--window 2026-03-05..2026-03-08");
  monitor->callback(
      [&command, &action] { action = [&command] { return command_monitor(command); }; });
}

}  // namespace

void add_explain_commands(CLI::App& app, ExplainLine& line, std::function<int()>& action) {
  add_explain(app, line.explain, action);
  add_shrink(app, line, action);
  add_blame(app, line.blame, action);
  add_challenge(app, line, action);
  add_monitor(app, line.monitor, action);
}

}  // namespace parallax
