// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "sim/run/command_parts.h"
#include "sim/run/interrupt.h"
#include "sim/run/page_server.h"
#include "sim/run/report_page.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

/// Hands a file or an address to the desktop. False where there is none.
bool open_in_browser(const std::string& what) {
  std::string program = "xdg-open", argument = what;
  char* const words[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ) != 0) return false;
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int serve(const fs::path& folder, const ReportCommand& command) {
  const std::atomic<int>& interrupts = watch_interrupts();
  const auto server = PageServer::start(folder, command.port);
  if (!server) return complain(exit_usage, server.error().text());
  fmt::print("parallax report: {} serves {}, until Ctrl-C\n", (*server)->url(), folder.string());
  std::fflush(stdout);
  if (command.open && !open_in_browser((*server)->url()))
    complain(exit_pass, "no browser could be opened: is xdg-open installed?");
  while (interrupts == 0) ::pause();
  return exit_pass;
}

}  // namespace

int command_report(const ReportCommand& command) {
  const fs::path folder = command.folder;
  if (!fs::exists(folder / "run.json"))
    return complain(exit_usage, folder.string() + ": is no run folder: it has no run.json");
  const std::optional<Scenario> scenario = load_or_explain((folder / "scenario.json").string(), {});
  if (!scenario) return exit_usage;
  if (const Result<void> written = write_report_page(folder, *scenario); !written)
    return complain(exit_for(written.error()), written.error().text());
  if (command.serve) return serve(folder, command);
  const fs::path page = fs::absolute(folder / "report.html");
  fmt::print("{}\n", page.string());
  if (command.open && !open_in_browser(page.string()))
    return complain(exit_internal, "no browser could be opened: is xdg-open installed?");
  return exit_pass;
}

}  // namespace parallax
