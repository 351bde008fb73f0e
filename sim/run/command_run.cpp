// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "sim/pipeline/pipeline.h"
#include "sim/pipeline/postgres_pipeline.h"
#include "sim/run/command_parts.h"
#include "sim/run/command_proxy.h"
#include "sim/run/connection.h"
#include "sim/run/explain_run.h"
#include "sim/run/interrupt.h"
#include "sim/run/proxy_scenario.h"
#include "sim/run/report_page.h"
#include "sim/run/run_folder.h"
#include "sim/run/runner.h"
#include "sim/run/wall_clock.h"
#include "sim/scenario/json.h"
#include "sim/scenario/target.h"

namespace parallax {
namespace fs = std::filesystem;

int complain(int code, const std::string& text) {
  fmt::print(stderr, "parallax: {}\n", text);
  return code;
}

int exit_for(const Error& error) {
  return error.kind == Error::Kind::invalid_input ? exit_usage : exit_internal;
}

bool colour_on_stdout() {
  const char* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string shell_word(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "-_./:=,%@+") == std::string::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') quoted += "'\\'";
    quoted += c;
  }
  quoted += '\'';
  return quoted;
}

int worst(int a, int b) {
  const auto rank = [](int code) {
    switch (code) {
      case exit_pass:
        return 0;
      case exit_unknown:
        return 1;
      case exit_interrupted:
        return 2;
      case exit_fail:
        return 3;
      case exit_usage:
        return 4;
      default:
        return 5;
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

std::string rerun_command(const std::string& words, const RunCommand& command,
                          const std::string& file, std::uint64_t seed) {
  const char* name = std::getenv("PARALLAX_COMMAND");  // NOLINT(concurrency-mt-unsafe): one thread
  std::string text = name != nullptr && *name != '\0' ? name : "parallax";
  text += " " + words + " " + shell_word(file) + fmt::format(" --seed {}", seed);
  for (const auto& [pointer, value] : command.set)
    text.append(" --set ").append(shell_word(fmt::format("{}={}", pointer, value)));
  if (command.shard != "1/1") text += " --shard " + shell_word(command.shard);
  if (!command.target.empty()) text += " --target " + shell_word(command.target);
  for (const std::string& bug : command.bugs) text += " --bug " + shell_word(bug);
  if (!command.policy.empty()) text += " --policy " + shell_word(command.policy);
  for (const std::string& host : command.allow_hosts) text += " --allow-host " + shell_word(host);
  return text;
}

TerminalStyle style_of(const RunCommand& command) {
  TerminalStyle style;
  style.colour = colour_on_stdout();
  style.quiet = command.quiet;
  return style;
}

namespace {

std::optional<std::string> render(const std::string& kind, const RunReport& report) {
  if (kind == "json") return report_json(report);
  if (kind == "junit") return report_junit(report);
  if (kind == "markdown") return report_markdown(report);
  if (kind == "ctrf") return report_ctrf(report, wall_now());
  return std::nullopt;
}

std::pair<std::string, fs::path> kind_and_file(const std::string& wish) {
  const std::size_t equals = wish.find('=');
  return {wish.substr(0, equals), wish.substr(equals + 1)};
}

/// report.html is made in the run folder; elsewhere stands a copy.
Result<void> copy_page(const RunReport& report, const fs::path& file) {
  if (!report.tables)
    return Error{Error::Kind::invalid_input, "needs the tables: add --tables", "--report html"};
  std::ifstream in(fs::path(report.folder) / "report.html", std::ios::binary);
  return write_whole(file, std::string(std::istreambuf_iterator<char>(in), {}));
}

bool on_github() {
  const char* set = std::getenv("GITHUB_ACTIONS");  // NOLINT(concurrency-mt-unsafe): one thread
  return set != nullptr && std::string_view(set) == "true";
}

/// The page shows the tables: without them there is none, nor one of an earlier judgement.
Result<void> write_page(const fs::path& folder, const Scenario& scenario, const RunReport& report) {
  if (report.tables) return write_report_page(folder, scenario);
  std::error_code none;
  fs::remove(folder / "report.html", none);
  return {};
}

}  // namespace

void add_explanation(const Scenario& scenario, const TargetPlan& target, RunReport& report) {
  report.deploys = scenario.deploys;
  const auto event = explained_event(scenario);
  if (scenario.deploys.empty() || !event || !report.tables || report.actions_total == 0) return;
  auto explanation = explain_run(scenario, target, report.folder, *event);
  if (explanation) {
    report.explanation = std::move(*explanation);
  } else {
    complain(exit_pass, "no explanation: " + explanation.error().text());
  }
}

int write_reports(const RunCommand& command, const Scenario& scenario, const RunReport& report) {
  const fs::path folder = report.folder;
  std::vector<std::pair<std::string, fs::path>> files{{"json", folder / "report.json"},
                                                      {"junit", folder / "junit.xml"},
                                                      {"markdown", folder / "summary.md"}};
  for (const std::string& wish : command.reports) files.push_back(kind_and_file(wish));
  // The page is made from report.json; copies of it come last.
  for (const auto& [kind, file] : files)
    if (kind != "html")
      if (const Result<void> written = write_whole(file, *render(kind, report)); !written)
        return complain(exit_internal, written.error().text());
  if (const Result<void> written = write_page(folder, scenario, report); !written)
    return complain(exit_internal, written.error().text());
  for (const auto& [kind, file] : files)
    if (kind == "html")
      if (const Result<void> copied = copy_page(report, file); !copied)
        return complain(exit_for(copied.error()), copied.error().text());
  return exit_pass;
}

int deliver(const RunCommand& command, const Scenario& scenario, const RunReport& report,
            Annotations* collected) {
  if (const int failed = write_reports(command, scenario, report); failed != exit_pass)
    return failed;
  Annotations own;
  Annotations& annotations = collected != nullptr ? *collected : own;
  annotations.add(report, command.scenarios.empty() ? "" : command.scenarios.front());
  if (collected == nullptr) annotate(own);
  if (command.json) {
    std::cout << report_json(report);
  } else {
    print_report(report, style_of(command), std::cout);
  }
  return exit_code(report);
}

/// On standard error, which GitHub reads as well: standard output may be report.json.
void annotate(const Annotations& annotations) {
  if (on_github()) fmt::print(stderr, "{}", annotations.text());
}

Result<std::unique_ptr<Live>> start_live(const RunCommand& command, Progress& progress) {
  if (!command.live) return std::unique_ptr<Live>();
  Result<std::unique_ptr<Live>> live = Live::start(command.live_port);
  if (!live) return live;
  progress.listen(live->get());
  fmt::print(stderr, "parallax: live at {}\n", (*live)->url());
  return live;
}

std::optional<Shard> parse_shard(const std::string& text) {
  Shard shard;
  const char* const last = text.data() + text.size();
  const auto left = std::from_chars(text.data(), last, shard.index);
  if (left.ec != std::errc() || left.ptr == last || *left.ptr != '/') return std::nullopt;
  const auto right = std::from_chars(left.ptr + 1, last, shard.of);
  if (right.ec != std::errc() || right.ptr != last) return std::nullopt;
  if (shard.index < 1 || shard.index > shard.of || shard.of > lane_count) return std::nullopt;
  --shard.index;
  return shard;
}

bool reports_are_known(const std::vector<std::string>& wishes) {
  constexpr std::array<std::string_view, 5> kinds{"json", "junit", "ctrf", "markdown", "html"};
  for (const std::string& wish : wishes) {
    const auto [kind, file] = kind_and_file(wish);
    const bool known = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    if (known && wish.find('=') != std::string::npos && !file.empty()) continue;
    const std::string nearest = known ? "" : nearest_name(kind, kinds);
    complain(exit_usage, fmt::format("--report {}: expected KIND=FILE with KIND one of {}{}", wish,
                                     fmt::join(kinds, ", "),
                                     nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
    return false;
  }
  return true;
}

namespace {

struct Planned {
  std::string file;
  Scenario scenario;
  TargetPlan target;
  fs::path folder;
};

/// What outlives one scenario of a command.
struct Session {
  const std::atomic<int>& interrupts;
  Progress& progress;
  Live* live = nullptr;
  Annotations annotations{};
};

int play(const RunCommand& command, const Planned& planned, Session& session) {
  RunOptions options;
  options.folder = planned.folder;
  options.run_id = command.run_id;
  options.jobs = command.jobs;
  options.shard = *parse_shard(command.shard);
  options.rerun = rerun_command("run", command, planned.file, planned.scenario.seed);
  options.progress = &session.progress;
  options.interrupted = &session.interrupts;
  if (session.live != nullptr)
    session.live->begin(planned.scenario, planned.target.send.kind,
                        RunFolder{planned.folder}.ledger());
  Result<RunReport> report = run_scenario(planned.scenario, planned.target, options);
  session.progress.finish();
  if (report && session.live != nullptr) session.live->end(*report);
  if (!report) return complain(exit_for(report.error()), report.error().text());
  add_explanation(planned.scenario, planned.target, *report);
  RunCommand this_one = command;
  this_one.scenarios = {planned.file};
  return deliver(this_one, planned.scenario, *report, &session.annotations);
}

}  // namespace

int command_run(const RunCommand& command) {
  if (!reports_are_known(command.reports)) return exit_usage;
  const auto shard = parse_shard(command.shard);
  if (!shard || shard->of * command.jobs > lane_count)
    return complain(exit_usage, fmt::format("--shard {}: expected I/N such as 1/4, and N times "
                                            "--jobs at most {}",
                                            command.shard, lane_count));
  std::vector<std::pair<std::string, std::string>> set = command.set;
  if (command.seed) set.emplace_back("/seed", std::to_string(*command.seed));
  std::vector<Planned> plan;
  bool broken = false;
  for (const fs::path& file : scenario_files(command.scenarios)) {
    std::optional<Scenario> scenario = load_or_explain(file.string(), set);
    if (!scenario) {
      broken = true;
      continue;
    }
    if (scenario->name.find(command.select) == std::string::npos) continue;
    std::optional<TargetPlan> target = choose_target(command, *scenario, file.string());
    broken |= !target;
    if (!target) continue;
    const std::string leaf = fmt::format("{}-{}", scenario->name, scenario->seed);
    plan.push_back(
        {file.string(), std::move(*scenario), std::move(*target),
         command.out.empty() ? fs::path("parallax-runs") / leaf : fs::path(command.out)});
    plan.back().folder = command.out.empty() ? plan.back().folder : fs::path(command.out);
  }
  if (broken) return exit_usage;
  if (plan.empty()) return complain(exit_nothing_selected, "no scenario was selected");
  if (plan.size() > 1 && !command.out.empty())
    for (Planned& planned : plan)
      planned.folder /= fmt::format("{}-{}", planned.scenario.name, planned.scenario.seed);

  Progress progress(Progress::kind_for_stderr(command.quiet || command.json));
  const Result<std::unique_ptr<Live>> live = start_live(command, progress);
  if (!live) return complain(exit_usage, live.error().text());
  Session session{watch_interrupts(), progress, live->get()};
  int code = exit_pass;
  for (const Planned& planned : plan) {
    code = worst(code, play(command, planned, session));
    if (session.interrupts != 0) break;
  }
  annotate(session.annotations);
  return code;
}

int command_replay(const fs::path& folder, RunCommand command) {
  if (fs::exists(proxied_requests(folder))) return command_resend(folder, command);
  command.scenarios = {(folder / "scenario.json").string()};
  if (command.target.empty()) command.target = (folder / "target.json").string();
  if (!fs::exists(command.scenarios.front()))
    return complain(exit_usage,
                    fmt::format("{}: is no run folder: it has no scenario.json", folder.string()));
  return command_run(command);
}

/// Beyond so many actions, judging again leaves the tables out unless they are asked for.
constexpr std::uint64_t judged_tables_max = 250'000;

int command_judge(const fs::path& folder, const RunCommand& command) {
  std::optional<Scenario> scenario = load_or_explain((folder / "scenario.json").string(), {});
  if (!scenario) return exit_usage;
  RunCommand with_target = command;
  if (with_target.target.empty()) with_target.target = (folder / "target.json").string();
  std::optional<TargetPlan> target =
      choose_target(with_target, *scenario, (folder / "scenario.json").string());
  if (!target) return exit_usage;
  const auto proxied = open_proxied(folder, *scenario);
  if (!proxied) return complain(exit_for(proxied.error()), proxied.error().text());
  Progress progress(Progress::kind_for_stderr(command.quiet || command.json));
  RunOptions options;
  options.folder = folder;
  options.judge_jobs = command.judge_jobs;
  if (!command.tables) options.tables_actions_max = judged_tables_max;
  options.rerun = "parallax judge " + shell_word(folder.string());
  options.progress = &progress;
  Result<RunReport> report = *proxied ? judge_proxied(*scenario, *target, options, **proxied)
                                      : judge_folder(*scenario, *target, options);
  progress.finish();
  if (!report) return complain(exit_for(report.error()), report.error().text());
  add_explanation(*scenario, *target, *report);
  return deliver(command, *scenario, *report);
}

}  // namespace parallax
