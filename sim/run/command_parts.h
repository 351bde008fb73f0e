// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/result.h"
#include "sim/run/commands.h"
#include "sim/run/live.h"
#include "sim/run/report.h"
#include "sim/scenario/target.h"

/// What the commands that run or judge something have in common.
namespace parallax {

/// Prints "parallax: TEXT" to stderr and returns `code`.
int complain(int code, const std::string& text);
int exit_for(const Error& error);
/// The worst of two exit codes of scenarios: internal, usage, fail, unknown, pass.
int worst(int a, int b);
/// Standard output is a terminal, and NO_COLOR does not forbid colours.
bool colour_on_stdout();
/// Quoted for a shell where it has to be.
std::string shell_word(const std::string& word);
/// The command line that repeats one scenario: `words` ("run") and the options of `command`.
std::string rerun_command(const std::string& words, const RunCommand& command,
                          const std::string& file, std::uint64_t seed);
/// The target of a scenario: --target, else the scenario's inline one, else embedded; checked.
std::optional<TargetPlan> choose_target(const RunCommand& command, const Scenario& scenario,
                                        const std::string& file);
/// "2/4": the second of four. Nothing where it is none; there are at most lane_count.
std::optional<Shard> parse_shard(const std::string& text);
/// Colour where standard output is a terminal and NO_COLOR is not set.
TerminalStyle style_of(const RunCommand& command);
bool reports_are_known(const std::vector<std::string>& wishes);
/// Writes the run folder's reports and those asked for. exit_pass, or the code of what went wrong.
int write_reports(const RunCommand& command, const Scenario& scenario, const RunReport& report);
/// The same, and prints the terminal's. The exit code. What
/// failed is added to `annotations`, or where there are none, printed where GitHub runs us.
int deliver(const RunCommand& command, const Scenario& scenario, const RunReport& report,
            Annotations* annotations = nullptr);
/// Prints annotations where GitHub runs us.
void annotate(const Annotations& annotations);
/// The live page where the command asks for one, told by `progress`, which it must outlive; null
/// where not. Says on standard error where it is. Errors: the port is taken.
Result<std::unique_ptr<Live>> start_live(const RunCommand& command, Progress& progress);
/// Fills the report's deploys and, where the scenario names any and the run left its tables, the
/// explanation. One that fails is told on stderr and is no failure of the run.
void add_explanation(const Scenario& scenario, const TargetPlan& target, RunReport& report);

}  // namespace parallax
