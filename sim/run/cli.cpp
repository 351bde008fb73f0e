// SPDX-License-Identifier: Apache-2.0
#include "sim/run/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <system_error>

#include "sim/core/id.h"
#include "sim/run/build_facts.h"
#include "sim/run/cli_explain.h"
#include "sim/run/cli_parts.h"
#include "sim/run/command_prove.h"
#include "sim/run/command_tree.h"
#include "sim/run/commands.h"

namespace parallax {

std::vector<std::pair<std::string, std::string>> split_sets(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::string>> set;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || word.front() != '/')
      throw CLI::ValidationError("--set", "expected /json/pointer=value, found " + word);
    set.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return set;
}

namespace {

/// Everything the words can fill; the chosen subcommand leaves what to do in `action`.
struct CommandLine {
  RunCommand run;
  LoadCommand load;
  MergeCommand merge;
  ReportCommand report;
  ProxyCommand proxy;
  TargetLine target;
  GenerateCommand generate;
  ShowCommand show;
  TeachingLine teaching;
  ExplainLine explain;
  std::vector<std::string> set;
  std::vector<std::string> files;
  std::string folder = "scenarios";
  std::string sdk;
  std::uint64_t seed = 0;
  std::function<int()> action;
};

void add_output_options(CLI::App& command, RunCommand& run) {
  command.add_option(
      "--report", run.reports,
      "Also write a report: KIND=FILE with KIND one of json, junit, ctrf, markdown, html "
      "(repeatable)");
  command.add_flag("--quiet,-q", run.quiet, "Only the last line");
  command.add_flag("--json", run.json, "Print report.json instead of the terminal report");
  command.add_option("--target", run.target, "Target file, or the URL of a `parallax pipeline`");
  command.add_option("--allow-host", run.allow_hosts,
                     "A host besides this machine that traffic may go to (repeatable)");
}

/// Of commands that play something.
CLI::Option* add_live(CLI::App& command, RunCommand& run) {
  return command
      .add_option("--live", run.live_port,
                  "Show the run as it happens on http://127.0.0.1:PORT (any free port without)")
      ->type_name("PORT")
      ->expected(0, 1)
      ->default_str("0");
}

void add_run(CLI::App& app, CommandLine& line) {
  CLI::App* run = app.add_subcommand("run", "Play scenarios against a target and judge");
  run->add_option("scenarios", line.run.scenarios, "Scenario files, or folders of them")
      ->required();
  add_output_options(*run, line.run);
  run->add_option("--seed", line.seed, "Instead of the scenario's seed");
  run->add_option("--out", line.run.out, "Run folder (default parallax-runs/NAME-SEED)");
  run->add_option("--set", line.set, "Override: /json/pointer=value (repeatable)");
  run->add_option("--select", line.run.select, "Only scenarios whose name contains this");
  run->add_option("--jobs", line.run.jobs, "Threads that play journeys; changes no result")
      ->check(CLI::Range(1U, lane_count));
  run->add_option("--bug", line.run.bugs,
                  "Switch a bug of the embedded pipeline on: NAME[:share] (see parallax bugs)")
      ->type_name("BUG");
  add_policy(*run, line.run.policy);
  run->add_option("--run-id", line.run.run_id, "Instead of the derived or fresh run id");
  run->add_option("--shard", line.run.shard,
                  "I/N: this part of the users; `parallax report merge` puts the parts together");
  run->footer(
      "Examples:\n  parallax run scenarios/examples/shop.json\n"
      "  parallax run scenarios/smoke --select skew\n"
      "  parallax run shop.json --bug no_dedupe --set /population/users=500\n"
      "  parallax run shop.json --target staging.target.json --allow-host staging.example");
  const CLI::Option* live = add_live(*run, line.run);
  run->callback([&line, run, live] {
    line.run.live = live->count() > 0;
    line.run.set = split_sets(line.set);
    if (run->count("--seed") > 0) line.run.seed = line.seed;
    line.action = [&line] { return command_run(line.run); };
  });
}

void add_rate_options(CLI::App& app, LoadCommand& load) {
  app.add_option("--rate", load.rate, "Events a second: 20k, 2.5k/s, 50/1s");
  app.add_option("--duration", load.duration, "How long, with --rate or --closed (default 30s)");
  app.add_option("--stage", load.stages,
                 "LENGTH:RATE, moving in a straight line from the rate before it (at first: "
                 "--rate, or 0); repeatable");
  app.add_flag("--closed", load.closed, "No rate: every connection sends when it has its answer");
  app.add_option("--warmup", load.warmup, "Before it, not measured (default 0s)");
  app.add_option("--connections", load.connections, "Keep-alive connections (default 16)")
      ->check(CLI::Range(1U, 65'000U));
  app.add_option("--batch", load.batch, "Events a request (default 50)")
      ->check(CLI::Range(1U, 10'000U));
  app.add_option("--max-in-flight", load.in_flight_max,
                 "Requests that may wait for an answer or a connection; what falls due beyond is "
                 "not sent (default 100000)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
  app.add_option("--assert", load.thresholds,
                 "METRIC OP VALUE: latency.p99 < 50ms, errors < 0.1%, achieved >= 99% (always "
                 "there); metrics: latency service lag (.min .mean .max .p99 ...), achieved "
                 "delivered errors not_sent, events requests (a second); repeatable");
  app.add_option("--shard", load.run.shard, "I/N: this part of the users and of the rate");
}

void add_load(CLI::App& app, CommandLine& line) {
  CLI::App* load =
      app.add_subcommand("load", "Play a scenario as a load test: latency, rate and correctness");
  RunCommand& run = line.load.run;
  load->add_option("scenario", run.scenarios, "Scenario file")->required()->expected(1);
  add_rate_options(*load, line.load);
  add_output_options(*load, run);
  load->add_option("--users", line.load.users, "Instead of the scenario's number of users");
  load->add_option("--seed", line.seed, "Instead of the scenario's seed");
  load->add_option("--out", run.out, "Run folder (default parallax-runs/NAME-SEED-load)");
  load->add_option("--set", line.set, "Override: /json/pointer=value (repeatable)");
  load->add_option("--jobs", run.jobs, "Threads that send, each with its part of everything")
      ->check(CLI::Range(1U, lane_count));
  load->add_option("--bug", run.bugs, "Switch a bug of the embedded pipeline on: NAME[:share]")
      ->type_name("BUG");
  add_policy(*load, run.policy);
  load->add_option("--run-id", run.run_id, "Instead of the derived or fresh run id");
  load->footer(
      "Examples:\n  parallax load scenarios/examples/shop.json --rate 20k --duration 10s\n"
      "  parallax load shop.json --target staging.target.json --allow-host staging.example \\\n"
      "    --stage 30s:1k --stage 1m:20k --stage 1m:20k --assert 'latency.p99 < 50ms'");
  const CLI::Option* live = add_live(*load, run);
  load->callback([&line, load, live] {
    line.load.run.live = live->count() > 0;
    line.load.run.set = split_sets(line.set);
    if (load->count("--seed") > 0) line.load.run.seed = line.seed;
    line.action = [&line] { return command_load(line.load); };
  });
}

void add_folder_commands(CLI::App& app, CommandLine& line) {
  CLI::App* replay = app.add_subcommand(
      "replay", "Repeat the run of a run folder; of real traffic, send it to --target again");
  replay->add_option("folder", line.folder, "Run folder")->required();
  add_output_options(*replay, line.run);
  replay->add_option("--out", line.run.out, "Run folder of the new run");
  replay->footer("Example:\n  parallax replay parallax-runs/shop-7 --out again");
  replay->callback(
      [&line] { line.action = [&line] { return command_replay(line.folder, line.run); }; });
  CLI::App* judge = app.add_subcommand("judge", "Read a run's target again and judge anew");
  judge->add_option("folder", line.folder, "Run folder")->required();
  add_output_options(*judge, line.run);
  judge
      ->add_option("--jobs", line.run.judge_jobs,
                   "Threads that judge (default: the cores); changes no result")
      ->check(CLI::Range(1U, lane_count));
  judge->add_flag(
      "--tables", line.run.tables,
      "Write the tables of more than 250'000 actions too: verdicts, and what is missing");
  judge->footer(
      "Examples:\n  parallax judge parallax-runs/shop-7\n"
      "  parallax judge parallax-runs/big-7 --tables");
  judge->callback(
      [&line] { line.action = [&line] { return command_judge(line.folder, line.run); }; });
}

void add_report(CLI::App& app, CommandLine& line) {
  CLI::App* report = app.add_subcommand(
      "report", "Write report.html of a run folder anew, open or serve it; or merge shards");
  report->require_subcommand(0, 1);
  ReportCommand& page = line.report;
  CLI::Option* folder = report->add_option("folder", page.folder, "Run folder");
  report->add_flag("--open", page.open, "Open it in the browser");
  CLI::Option* serve =
      report->add_option("--serve", page.port, "Serve it on 127.0.0.1:PORT (any free one without)")
          ->expected(0, 1)
          ->default_str("0");
  report->footer(
      "Examples:\n  parallax report parallax-runs/shop-7 --open\n"
      "  parallax report parallax-runs/shop-7 --serve 8200\n"
      "  parallax report merge a1 a2 --out a");
  report->callback([&line, report, folder, serve] {
    if (!report->get_subcommands().empty()) return;
    if (folder->count() == 0) throw CLI::RequiredError("folder, or a subcommand");
    line.report.serve = serve->count() > 0;
    line.action = [&line] { return command_report(line.report); };
  });
  CLI::App* merge =
      report->add_subcommand("merge", "One report with one verdict from the shards of a run");
  merge->add_option("folders", line.merge.folders, "Run folders of the shards")->required();
  merge->add_option("--out", line.merge.run.out, "Run folder of the whole")->required();
  add_output_options(*merge, line.merge.run);
  merge->footer(
      "Example:\n  parallax load shop.json --rate 20k --run-id a --shard 1/2 --out a1\n"
      "  parallax load shop.json --rate 20k --run-id a --shard 2/2 --out a2\n"
      "  parallax report merge a1 a2 --out a");
  merge->callback([&line] { line.action = [&line] { return command_merge(line.merge); }; });
}

void add_show(CLI::App& show, CommandLine& line) {
  show.add_option("scenario", line.show.scenario, "Its name, or its file")->required();
  show.add_option("--svg", line.show.svg, "Into this SVG file instead (- for standard output)");
  show.add_option("--in", line.show.folder, "Where a name is looked for (default: scenarios)");
  show.add_option("--set", line.set, "Override: /json/pointer=value (repeatable)");
  show.footer(
      "Examples:\n  parallax scenarios show shop\n"
      "  parallax scenarios show scenarios/examples/bank.json --svg bank.svg");
  show.callback([&line] {
    line.show.set = split_sets(line.set);
    line.action = [&line] { return command_show(line.show); };
  });
}

void add_look_commands(CLI::App& app, CommandLine& line) {
  CLI::App* validate = app.add_subcommand("validate", "Check scenario files, all errors at once");
  validate->add_option("files", line.run.scenarios, "Scenario files, or folders of them")
      ->required();
  validate->add_option("--set", line.set, "Override: /json/pointer=value (repeatable)");
  validate->add_option("--target", line.run.target,
                       "Target file: checked too, and whether it can do what the faults ask");
  validate->add_option("--allow-host", line.run.allow_hosts,
                       "A host besides this machine that the target may name (repeatable)");
  validate->footer(
      "Examples:\n  parallax validate scenarios/examples/shop.json\n"
      "  parallax validate scenarios --target staging.target.json");
  validate->callback([&line] {
    line.run.set = split_sets(line.set);
    line.action = [&line] { return command_validate(line.run); };
  });
  CLI::App* scenarios = app.add_subcommand("scenarios", "List scenarios with one line each");
  scenarios->add_option("folder", line.folder, "Where to look (default: scenarios)");
  scenarios->footer(
      "Examples:\n  parallax scenarios scenarios/smoke\n  parallax scenarios show shop");
  CLI::App* show =
      scenarios->add_subcommand("show", "Draw a scenario: journeys, who emits what, faults");
  scenarios->callback([&line, show] {
    if (!show->parsed()) line.action = [&line] { return command_scenarios(line.folder); };
  });
  add_show(*show, line);
  app.add_subcommand("faults", "List the fault catalogue with parameters")
      ->footer("Example:\n  parallax faults")
      ->callback([&line] { line.action = command_faults; });
  CLI::App* bugs = app.add_subcommand("bugs", "List the bug switches of the reference pipeline");
  bugs->footer("Examples:\n  parallax bugs\n  parallax bugs prove");
  bugs->callback([&line, bugs] {
    if (bugs->get_subcommands().empty()) line.action = command_bugs;
  });
  add_prove(*bugs, line.action);
  CLI::App* sdks = app.add_subcommand("sdks", "List the SDK models, or everything about one");
  sdks->add_option("name", line.sdk, "A profile such as posthog-js@1.449")->type_name("SDK");
  sdks->footer("Example:\n  parallax sdks segment-node@3.1");
  sdks->callback([&line] { line.action = [&line] { return command_sdks(line.sdk); }; });
  app.add_subcommand("schema", "Print the JSON Schema of scenario files")
      ->footer("Example:\n  parallax schema > scenarios/schema.json")
      ->callback([&line] { line.action = command_schema; });
}

void add_generate(CLI::App& app, CommandLine& line) {
  CLI::App* generate = app.add_subcommand(
      "generate", "Write a scenario's raw events, damaged as scripted, to files");
  GenerateCommand& to = line.generate;
  generate->add_option("scenario", to.scenario, "Scenario file")->required();
  generate
      ->add_option("--out,-o", to.out,
                   "Folder for the events and the ledger, or - for standard output alone")
      ->required();
  generate
      ->add_option_function<std::string>(
          "stream", [&to](const std::string&) { to.stream = true; },
          "A last - sends the events to standard output, and --out has the ledger")
      ->type_name("-")
      ->check(CLI::IsMember({"-"}));
  generate
      ->add_option("--format", to.format,
                   "ndjson (default), csv, parquet or duckdb; the last two not to -")
      ->type_name("ndjson|csv|parquet|duckdb");
  generate->add_option("--wire", to.wire, "Wire format of an ndjson line (default shared)");
  generate->add_option("--users", to.users, "Instead of the scenario's population.users");
  generate->add_option("--length", to.length, "Instead of the scenario's time.length (30d)");
  generate->add_option("--seed", to.seed, "Instead of the scenario's seed");
  generate->add_option("--set", line.set, "Override: /json/pointer=value (repeatable)");
  generate->add_option("--shard", to.shard,
                       "i/n: only the i-th of n parts of the users; all parts together are the "
                       "whole");
  generate->add_option("--jobs", to.jobs, "Threads that play journeys; changes no byte")
      ->check(CLI::Range(1U, lane_count));
  const std::map<std::string, bool> switches{{"on", true}, {"off", false}};
  generate->add_option("--faults", to.faults, "on (default) or off")
      ->type_name("on|off")
      ->transform(CLI::CheckedTransformer(switches));
  const std::map<std::string, bool> ledgers{{"journal", true}, {"off", false}};
  CLI::Option* ledger =
      generate
          ->add_option("--ledger", to.ledger,
                       "journal (default: what happened, for parallax judge) or off")
          ->type_name("journal|off")
          ->transform(CLI::CheckedTransformer(ledgers));
  generate->add_flag("--quiet,-q", to.quiet, "Only the last line");
  generate->footer(
      "Examples:\n  parallax generate shop.json --out data --users 100000 --jobs 2\n"
      "  parallax generate shop.json --out data --format parquet --faults off\n"
      "  parallax generate shop.json -o - --length 30d | head\n"
      "  parallax generate shop.json --out data - | my-producer   # and data has the ledger\n"
      "Afterwards, when a pipeline has taken data/events.ndjson:\n"
      "  parallax judge data --target warehouse.target.json");
  generate->callback([&line, ledger] {
    GenerateCommand& command = line.generate;
    command.set = split_sets(line.set);
    if (!command.has_folder() && ledger->count() > 0 && command.ledger)
      throw CLI::ValidationError("--ledger",
                                 "-o - has no folder for a ledger: --out DIR - has one");
    if (command.stream && command.has_folder() && !command.ledger)
      throw CLI::ValidationError("--ledger", "off leaves nothing for --out: say -o -");
    line.action = [&command] { return command_generate(command); };
  });
}

void add_everything(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", version_facts, "Print the version and how it was built");
  app.require_subcommand(1);
  app.footer(
      "Example:\n  parallax run scenarios/examples/shop.json\n"
      "Topics (scenario, faults, targets, verdicts, ...): parallax help");
  add_run(app, line);
  add_generate(app, line);
  add_load(app, line);
  add_report(app, line);
  add_folder_commands(app, line);
  add_look_commands(app, line);
  add_explain_commands(app, line.explain, line.action);
  add_proxy(app, line.proxy, line.action);
  add_target_commands(app, line.target, line.action);
  add_teaching_commands(app, line.teaching, line.action);
  add_diff(app, line.action);
  add_compare(app, line.action);
  add_about_commands(app, line.action);
}

constexpr const char* about_parallax =
    "Plays user journeys before both cameras, client and server, damages the film,\nand proves "
    "that "
    "the pipeline kept exactly one canonical row per action.";

}  // namespace

CommandNode command_line_tree() {
  CLI::App app(about_parallax, "parallax");
  CommandLine line;
  add_everything(app, line);
  return describe(app);
}

int run_command_line(int argc, char** argv) {
  CLI::App app(about_parallax, "parallax");
  CommandLine line;
  try {
    add_everything(app, line);
    app.parse(argc, argv);
    return line.action();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_pass : exit_usage;
  } catch (const std::exception& error) {
    if (const auto* system = dynamic_cast<const std::system_error*>(&error);
        system != nullptr && system->code() == std::errc::broken_pipe)
      return exit_broken_pipe;
    // What prints to a standard error that nobody reads may not throw here.
    std::fputs(fmt::format("parallax: internal error: {}\n", error.what()).c_str(), stderr);
    return exit_internal;
  }
}

}  // namespace parallax
