// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/run/command_parts.h"
#include "sim/run/interrupt.h"
#include "sim/run/report_text.h"
#include "sim/run/shrink.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using report_text::one_line;
using report_text::with_thousands;

constexpr std::size_t width = 100;

/// One remark: its name, then the text in lines of their own.
void say(std::string_view name, const std::string& text) {
  constexpr std::size_t indent = 9;
  bool first = true;
  for (const std::string& line : report_text::wrapped(one_line(text), width - indent)) {
    fmt::print("{:<{}}{}\n", first ? name : "", indent, line);
    first = false;
  }
}

std::string faults_sentence(const Shrunk& shrunk) {
  if (shrunk.needed.empty())
    return "no fault: the target does this to traffic that nothing has damaged";
  const std::string text = needed_text(shrunk.needed);
  if (!shrunk.minimal) return text + ", at most: the search ended before it knew";
  return text + (shrunk.needed.size() == 1 ? ": without it this is gone"
                                           : ": without any one of them this is gone");
}

std::string size_sentence(const Shrunk& shrunk) {
  std::string text =
      fmt::format("{} users over {}", with_thousands(shrunk.users), format_duration(shrunk.length));
  if (shrunk.users != shrunk.users_before || shrunk.length != shrunk.length_before)
    text += fmt::format(" instead of {} over {}", with_thousands(shrunk.users_before),
                        format_duration(shrunk.length_before));
  if (shrunk.actions > 0)
    text += fmt::format("; {} action{} it", with_thousands(shrunk.actions),
                        shrunk.actions == 1 ? " shows" : "s show");
  return text;
}

nlohmann::ordered_json json_of(const Scenario& scenario, const Shrunk& shrunk,
                               const fs::path& file) {
  nlohmann::ordered_json json;
  json["scenario"] = scenario.name;
  json["seed"] = scenario.seed;
  json["assertion"] = shrunk.finding.assertion;
  if (shrunk.finding.cause) {
    json["verdict"] = std::string(name_of(shrunk.finding.cause->first));
    json["cause"] = std::string(name_of(shrunk.finding.cause->second));
  }
  json["needed"] = shrunk.needed;
  json["spared"] = shrunk.spared;
  json["minimal"] = shrunk.minimal;
  json["users"] = shrunk.users;
  json["length"] = format_duration(shrunk.length);
  json["actions"] = shrunk.actions;
  json["runs"] = shrunk.runs;
  json["file"] = file.string();
  return json;
}

/// Scenario, target and where the result goes: of a run folder, or of a scenario file.
struct Origin {
  std::string scenario;
  RunCommand run;
  fs::path out;
};
Origin origin_of(const ShrinkCommand& command) {
  Origin source{command.source, command.run, command.out};
  const fs::path folder = command.source;
  if (!fs::exists(folder / "run.json")) {
    source.scenario = scenario_files({command.source}).front().string();
    return source;
  }
  source.scenario = (folder / "scenario.json").string();
  if (source.run.target.empty() && fs::exists(folder / "target.json"))
    source.run.target = (folder / "target.json").string();
  if (source.out.empty()) source.out = folder / "shrunk.json";
  return source;
}

void print(const Scenario& scenario, const Shrunk& shrunk, const RunCommand& run, bool is_embedded,
           const fs::path& file, Micros took) {
  say("finding",
      fmt::format("{}, seed {}: {}", scenario.name, scenario.seed, shrunk.finding.text()));
  say("needs", faults_sentence(shrunk));
  if (!shrunk.spared.empty()) say("not", fmt::format("{}", fmt::join(shrunk.spared, ", ")));
  say("in", size_sentence(shrunk));
  say("after", fmt::format("{} runs, {}", shrunk.runs, report_text::wall_time(took)));
  say("wrote", file.string());
  RunCommand again;
  if (!is_embedded) again = run;  // The file names the bugs of the embedded one.
  again.bugs.clear();
  fmt::print("{:<9}{}\n", "rerun", rerun_command("run", again, file.string(), scenario.seed));
}

}  // namespace

int command_shrink(const ShrinkCommand& command) {
  const Clock::time_point start = Clock::now();
  if (fs::is_directory(command.source) && !fs::exists(fs::path(command.source) / "run.json"))
    return complain(exit_usage, command.source + ": is no run folder: it has no run.json");
  Origin source = origin_of(command);
  std::vector<std::pair<std::string, std::string>> set = command.run.set;
  if (command.run.seed) set.emplace_back("/seed", std::to_string(*command.run.seed));
  const std::optional<Scenario> scenario = load_or_explain(source.scenario, set);
  if (!scenario) return exit_usage;
  const std::optional<TargetPlan> target = choose_target(source.run, *scenario, source.scenario);
  if (!target) return exit_usage;
  if (source.out.empty())
    source.out = fs::path("parallax-runs") /
                 fmt::format("{}-{}-shrunk.json", scenario->name, scenario->seed);
  const auto limit = parse_duration(command.limit);
  if (!limit || *limit <= 0)
    return complain(exit_usage,
                    fmt::format("--limit {}: expected a duration such as 5m", command.limit));

  Progress progress(Progress::kind_for_stderr(command.run.json));
  ShrinkOptions options;
  options.wanted = command.finding;
  options.runs_max = command.runs_max;
  options.limit = *limit;
  options.progress = &progress;
  options.interrupted = &watch_interrupts();
  const Result<Shrunk> shrunk = shrink(*scenario, *target, options);
  progress.finish();
  if (!shrunk) {
    const bool nothing = shrunk.error().kind == Error::Kind::invalid_input;
    return complain(nothing ? exit_nothing_selected : exit_internal, shrunk.error().text());
  }
  std::error_code code;
  if (source.out.has_parent_path()) fs::create_directories(source.out.parent_path(), code);
  if (const Result<void> written = write_whole(source.out, shrunk->scenario_json); !written)
    return complain(exit_internal, written.error().text());
  if (command.run.json) {
    std::cout << json_of(*scenario, *shrunk, source.out).dump(2) << '\n';
  } else {
    print(*scenario, *shrunk, source.run, target->send.kind == "embedded", source.out,
          since(start));
  }
  if (*options.interrupted != 0) return exit_interrupted;
  return shrunk->minimal ? exit_pass : exit_unknown;
}

}  // namespace parallax
