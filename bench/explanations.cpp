// SPDX-License-Identifier: Apache-2.0
// Does the explanation name the planted cause, and nothing where nothing broke? Plays each incident
// over many seeds and prints the table of assertions/README.md:
//   explanations [SEEDS (50)] [USERS (600)] [NAME]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "fault/fault.h"
#include "sim/run/explain_run.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"

namespace {

using namespace parallax;
namespace fs = std::filesystem;

/// What a right answer is.
struct Incident {
  const char* name;
  explain::Finding finding;
  const char* mechanism;  ///< How the largest step begins.
  const char* where;      ///< The best suspect; empty: whichever.
  int users_min = 0;      ///< Orders of one minute only collapse in a busy shop.
};
constexpr explain::Finding cause = explain::Finding::cause;
constexpr Incident incidents[]{
    {"ratio-jump", cause, "server row missing: never recorded", "discount > 0"},
    {"ratio-collapsed", cause, "server row missing: stored, and not counted", "discount > 0",
     4'000},
    {"ratio-contract", cause, "server row missing: rejected, wrong type: discount", "discount > 0"},
    {"ratio-renamed", cause, "server row missing: it arrived as order_completed", "discount > 0"},
    {"ratio-version", cause, "server row missing: stored, and not counted",
     "server_schema_version = 4"},
    {"ratio-banner", cause, "client row repeated", "discount > 0"},
    {"ratio-refused", cause, "client row of an action that the backend refused", "all of them"},
    {"mix-shift", explain::Finding::mix, "", ""},
    {"quiet-week", explain::Finding::quiet, "", ""},
};

struct Counts {
  int right = 0, accused = 0, failed = 0;
};

Result<explain::Explanation> play(const Incident& incident, int seed, int users,
                                  const fs::path& folder) {
  LoadOptions load;
  load.faults = fault_kinds();
  load.set = {{"/seed", std::to_string(seed)},
              {"/population/users", std::to_string(std::max(users, incident.users_min))}};
  const Loaded loaded = load_scenario(
      fs::path(PARALLAX_SOURCE_DIR) / "scenarios/incident" / (std::string(incident.name) + ".json"),
      load);
  if (!loaded.ok()) return Error{Error::Kind::invalid_input, loaded.problems.front().text(), {}};
  const std::string inline_target = loaded.scenario.target_json;
  const LoadedTarget target =
      load_target_text(inline_target.empty() ? "{}" : inline_target, incident.name);
  if (!target.ok()) return Error{Error::Kind::invalid_input, target.problems.front().text(), {}};
  RunOptions options;
  options.folder = folder;
  const Result<RunReport> report = run_scenario(loaded.scenario, target.target, options);
  if (!report) return report.error();
  return explain_run(loaded.scenario, target.target, folder, *explained_event(loaded.scenario));
}

void judge(const Incident& incident, const explain::Explanation& e, Counts& counts) {
  if (e.finding == cause) ++counts.accused;
  if (incident.finding != cause) {
    counts.right += e.finding != cause ? 1 : 0;
    return;
  }
  const explain::Step* step = e.mechanism();
  const bool named = e.finding == cause && step != nullptr &&
                     step->text.starts_with(incident.mechanism) &&
                     (*incident.where == '\0' || e.best.text == incident.where);
  counts.right += named ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 50;
  const int users = argc > 2 ? std::atoi(argv[2]) : 600;
  const std::string only = argc > 3 ? argv[3] : "";
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("parallax-explanations-{}", getpid());
  fmt::print("| incident | runs | right | a cause named |\n| --- | ---: | ---: | ---: |\n");
  bool good = true;
  for (const Incident& incident : incidents) {
    if (!only.empty() && only != incident.name) continue;
    Counts counts;
    for (int seed = 1; seed <= seeds; ++seed) {
      const auto explanation = play(incident, seed, users, folder);
      if (!explanation) {
        fmt::print(stderr, "{}, seed {}: {}\n", incident.name, seed, explanation.error().text());
        ++counts.failed;
        continue;
      }
      judge(incident, *explanation, counts);
    }
    fmt::print("| {} | {} | {} | {} |\n", incident.name, seeds - counts.failed, counts.right,
               counts.accused);
    std::fflush(stdout);
    const double least = incident.finding == cause ? 0.95 : 0.99;
    good = good && counts.failed == 0 && counts.right >= least * seeds;
  }
  std::error_code none;
  fs::remove_all(folder, none);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
