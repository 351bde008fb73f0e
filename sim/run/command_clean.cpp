// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "sim/core/duckdb.h"
#include "sim/core/postgres.h"
#include "sim/core/subprocess.h"
#include "sim/run/command_parts.h"
#include "sim/run/run_folder.h"
#include "sim/run/secrets.h"
#include "sim/run/target_commands.h"
#include "sim/scenario/load_file.h"

namespace parallax {
namespace {

constexpr Micros clean_takes_max = 10 * minute;

/// The statement as one could paste it.
std::string pasted(const TargetPlan& target, const std::string& run_id) {
  if (target.read.kind != "postgres")
    return "PARALLAX_RUN_ID=" + shell_word(run_id) + " sh -c " + shell_word(target.clean);
  std::string text = target.clean;
  const std::string literal = duckdb::quote_literal(run_id);
  for (auto at = text.find("$1"); at != std::string::npos; at = text.find("$1", at + 1))
    text.replace(at, 2, literal);
  return text;
}

Result<void> run_sql(const TargetPlan& target, const std::string& run_id) {
  auto session = postgres::Connection::open(target.read.dsn, clean_takes_max);
  if (!session) return session.error();
  const bool of_run = target.clean.find("$1") != std::string::npos;
  const auto done = session->query(
      target.clean, of_run ? std::vector<std::string>{run_id} : std::vector<std::string>{});
  return done ? Result<void>() : done.error();
}

Result<void> run_shell(const TargetPlan& target, const std::string& run_id) {
  auto child =
      Subprocess::start(target.clean, Subprocess::Pipe::input, {{"PARALLAX_RUN_ID", run_id}});
  if (!child) return child.error();
  const Result<int> code = child->finish(clean_takes_max);
  if (!code) return code.error();
  if (*code == 0) return {};
  return Error{Error::Kind::io, fmt::format("ended with {}: {}", *code, child->complaint()),
               target.clean};
}

/// A folder's target.json shows secrets as ***, which open no door.
bool holds_masks(const std::string& file) {
  const Result<std::string> text = read_whole_file(file);
  return text && text->find("***") != std::string::npos;
}

}  // namespace

int command_clean(const CleanCommand& command) {
  const Result<RunInfo> info = read_run_info(command.folder);
  if (!info) return complain(exit_usage, info.error().text());
  RunCommand choice;
  choice.target =
      command.target.empty() ? RunFolder{command.folder}.target().string() : command.target;
  choice.allow_hosts = command.allow_hosts;
  if (command.target.empty() && command.run && holds_masks(choice.target))
    return complain(exit_usage, choice.target +
                                    ": a run folder keeps no secrets; name the target "
                                    "file with --target");
  const std::optional<TargetPlan> target = choose_target(choice, Scenario{}, choice.target);
  if (!target) return exit_usage;
  if (target->clean.empty())
    return complain(exit_usage, choice.target +
                                    ": has no \"clean\", such as \"clean\": \"delete from "
                                    "clean_events where run_id = $1\"");
  fmt::print("{}\n", without_secrets(pasted(*target, info->run_id), target->secrets));
  if (!command.run) return exit_pass;
  const Result<void> done = target->read.kind == "postgres" ? run_sql(*target, info->run_id)
                                                            : run_shell(*target, info->run_id);
  if (!done) return complain(exit_unknown, without_secrets(done.error().text(), target->secrets));
  fmt::print("done\n");
  return exit_pass;
}

}  // namespace parallax
