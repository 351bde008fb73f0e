// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/drive/target.h"
#include "sim/proxy/proxy.h"
#include "sim/proxy/resend.h"
#include "sim/run/command_parts.h"
#include "sim/run/command_proxy.h"
#include "sim/run/fault_control.h"
#include "sim/run/interrupt.h"
#include "sim/run/listen.h"
#include "sim/run/proxy_scenario.h"
#include "sim/run/report_text.h"
#include "sim/run/run_folder.h"
#include "sim/run/text_table.h"
#include "sim/run/version.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

Error unusable(const std::string& option, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), option};
}

/// Where requests may go: this machine, or a host that was named.
Result<Url> upstream_of(const std::string& option, const std::string& text,
                        const std::vector<std::string>& allowed) {
  Result<Url> url = parse_url(text);
  if (!url) return unusable(option, url.error().what);
  if (url->target != "/")
    return unusable(option, "expected a URL without a path: requests keep their own");
  if (is_loopback_url(text)) return url;
  if (std::find(allowed.begin(), allowed.end(), url->host) != allowed.end()) return url;
  return unusable(option, "the host " + url->host + " is not this machine: add --allow-host " +
                              url->host + " if traffic may go there");
}

Result<proxy::ProxyOptions> options_of(const ProxyCommand& command) {
  proxy::ProxyOptions options;
  Result<ListenAddress> address = parse_listen(command.listen, command.allow_remote);
  if (!address) return address.error();
  options.host = std::move(address->host);
  options.port = address->port;
  Result<Url> upstream = upstream_of("--upstream", command.upstream, command.allow_hosts);
  if (!upstream) return upstream.error();
  options.upstream = std::move(*upstream);
  options.verify_tls = !command.insecure;
  options.simulated = command.simulated;
  options.shared_path = command.path;
  options.wall_clock = wall_now;
  return options;
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-"
                    : fmt::format("{:.1f} %",
                                  100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string number(std::uint64_t value) { return report_text::with_thousands(value); }

void print_faults(const Scenario& scenario, const proxy::ProxyCounts& counts) {
  if (scenario.faults.empty()) return;
  using Align = TextTable::Align;
  TextTable table({Align::left, Align::left, Align::right, Align::right, Align::right}, 100);
  table.add({"fault", "kind", "struck", "reached", "share"});
  for (std::size_t i = 0; i < scenario.faults.size() && i < counts.faults.size(); ++i) {
    const std::uint64_t struck = counts.faults[i].struck;
    const std::uint64_t reached = struck + counts.faults[i].skipped;
    table.add({scenario.faults[i].name, scenario.faults[i].fault, number(struck), number(reached),
               share(struck, reached)});
  }
  fmt::print("\n{}", table.text());
}

void print_summary(const Scenario& scenario, const proxy::ProxyCounts& counts,
                   const fs::path& folder, const ProxyCommand& command) {
  fmt::print("\nparallax proxy: {} requests over {} connections\n",
             number(counts.with_events + counts.untouched + counts.refused),
             number(counts.connections));
  fmt::print("  with events  {}: {} events, {} actions; stored, and in the ledger\n",
             number(counts.with_events), number(counts.events), number(counts.actions));
  fmt::print("  untouched    {}\n", number(counts.untouched));
  if (counts.refused > 0)
    fmt::print("  refused      {}: no HTTP, or beyond a limit\n", number(counts.refused));
  if (counts.unplanned > 0)
    fmt::print("  unplanned    {} events of no action of the scenario: passed, not in the ledger\n",
               number(counts.unplanned));
  fmt::print("  attempts     {}: {} accepted, {} rejected, {} unknown\n", number(counts.attempts),
             number(counts.accepted), number(counts.rejected), number(counts.unknown));
  print_faults(scenario, counts);
  for (const auto& [problem, times] : counts.problems)
    fmt::print("\n  {} x  {}", number(times), report_text::one_line(problem));
  if (!counts.problems.empty()) fmt::print("\n");
  if (command.target.empty())
    fmt::print("\njudge it   parallax judge {} --target TARGET\n", shell_word(folder.string()));
  fmt::print("send again parallax replay {} --target URL\n", shell_word(folder.string()));
  std::fflush(stdout);
}

void print_start(const proxy::Proxy& served, const proxy::ProxyOptions& options,
                 const Scenario& scenario, std::size_t left_out, const FaultControl& control) {
  const bool v6 = options.host.find(':') != std::string::npos;
  fmt::print("parallax proxy: listening on http://{}:{}, for {}://{}{}\n",
             v6 ? "[" + options.host + "]" : options.host, served.port(),
             options.upstream.tls ? "https" : "http", options.upstream.authority(),
             options.upstream.tls && !options.verify_tls
                 ? " (its certificate is NOT verified: --insecure)"
                 : "");
  std::vector<std::string> names;
  for (const FaultPlan& fault : scenario.faults) names.push_back(fault.name);
  fmt::print("  faults    {}\n",
             names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
  if (left_out > 0)
    fmt::print("            {} more of the scenario are not of the wire: the clients' own\n",
               left_out);
  fmt::print("  control   {}\n  folder    {}\n", control.url(), options.folder.string());
  std::fflush(stdout);
}

/// The scenario as the proxy plays it.
std::optional<Scenario> scenario_of(const ProxyCommand& command, std::size_t& left_out) {
  std::vector<std::pair<std::string, std::string>> set;
  if (command.seed) set.emplace_back("/seed", std::to_string(*command.seed));
  const std::optional<Scenario> whole = load_or_explain(command.scenario, set);
  if (!whole) return std::nullopt;
  Loaded loaded = load_proxied(proxied_json(*whole, command.simulated ? no_time : wall_now()),
                               command.scenario);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) fmt::print(stderr, "error: {}\n", problem.text());
  if (!loaded.ok()) return std::nullopt;
  left_out = whole->faults.size() - loaded.scenario.faults.size();
  return std::move(loaded.scenario);
}

int serve(const ProxyCommand& command, const Scenario& scenario, std::size_t left_out,
          proxy::ProxyOptions options) {
  const RunInfo info{version_text,
                     command.run_id.empty()
                         ? fmt::format("{}-proxied-{:x}", scenario.name, wall_now().since_epoch)
                         : command.run_id,
                     scenario.seed,
                     scenario_hash(scenario),
                     1,
                     Shard{}};
  const Result<RunFolder> folder = prepare_run_folder(options.folder, scenario, TargetPlan{}, info);
  if (!folder) return complain(exit_for(folder.error()), folder.error().text());
  const std::atomic<int>& interrupts = watch_interrupts();
  Scenario opened = scenario;
  proxy::open_plan(opened);
  const auto served = proxy::Proxy::start(std::move(opened), options);
  if (!served) return complain(exit_usage, served.error().text());
  auto control = FaultControl::start(**served, scenario, options.folder, command.control);
  if (!control) return complain(exit_usage, control.error().text());
  print_start(**served, options, scenario, left_out, **control);
  const Result<void> ended = (*served)->run(interrupts);
  const Scenario last = (*control)->scenario();
  control->reset();
  const proxy::ProxyCounts counts = (*served)->counts();
  print_summary(last, counts, options.folder, command);
  if (!ended) return complain(exit_internal, ended.error().text());
  if (counts.events == 0)
    return complain(exit_unknown, "no event of the scenario's plan came by: nothing is measured");
  return exit_pass;
}

}  // namespace

int command_proxy(const ProxyCommand& command) {
  Result<proxy::ProxyOptions> options = options_of(command);
  if (!options) return complain(exit_usage, options.error().text());
  std::size_t left_out = 0;
  const std::optional<Scenario> scenario = scenario_of(command, left_out);
  if (!scenario) return exit_usage;
  options->folder = command.out.empty() ? fs::path("parallax-runs") / (scenario->name + "-proxied")
                                        : fs::path(command.out);
  const int code = serve(command, *scenario, left_out, *options);
  if (code != exit_pass || command.target.empty()) return code;
  RunCommand judge;
  judge.target = command.target;
  judge.allow_hosts = command.allow_hosts;
  judge.quiet = command.quiet;
  return command_judge(options->folder, judge);
}

int command_resend(const fs::path& folder, const RunCommand& command) {
  const Result<Url> upstream = upstream_of("--target", command.target, command.allow_hosts);
  if (!upstream)
    return complain(exit_usage,
                    upstream.error().text() + "; a run of real traffic is sent again to a URL");
  const auto resent =
      proxy::resend(proxied_requests(folder), *upstream, true, {}, watch_interrupts());
  if (!resent) return complain(exit_for(resent.error()), resent.error().text());
  fmt::print("parallax replay: {} stored requests sent to {}\n", number(resent->requests),
             upstream->authority());
  for (const auto& [status, times] : resent->statuses)
    fmt::print("  {:<10} {}\n", status == 0 ? "no answer" : std::to_string(status), number(times));
  if (resent->problem.empty()) return resent->requests > 0 ? exit_pass : exit_unknown;
  return complain(exit_unknown, resent->problem);
}

}  // namespace parallax
