// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "sim/run/cli_parts.h"

namespace parallax {

void add_proxy(CLI::App& app, ProxyCommand& line, std::function<int()>& action) {
  CLI::App* proxy = app.add_subcommand(
      "proxy", "Stand between real clients and a real pipeline: wire faults, ledger, until Ctrl-C");
  proxy->add_option("--listen", line.listen, "HOST:PORT (default 127.0.0.1:8300; port 0: any)");
  proxy->add_option("--upstream", line.upstream, "URL of the pipeline, http or https")->required();
  proxy
      ->add_option("--scenario", line.scenario,
                   "Its tracking plan says which events count, its wire faults strike")
      ->required();
  proxy->add_option("--out", line.out, "Run folder (default parallax-runs/NAME-proxied)");
  proxy->add_option("--control", line.control,
                    "Port of 127.0.0.1 on which faults can be changed (default: any)");
  proxy->add_option("--target", line.target, "Judge against this target when it is stopped");
  proxy->add_option("--path", line.path,
                    "Where events of the shared format are sent (default /v1/events); vendors' "
                    "SDKs have their own paths");
  proxy->add_flag("--simulated", line.simulated,
                  "The clients are `parallax run`: time is what their clock header says");
  proxy->add_option("--run-id", line.run_id, "Of events that state none");
  proxy->add_option("--seed", line.seed, "Instead of the scenario's seed");
  proxy->add_option("--allow-host", line.allow_hosts,
                    "A host besides this machine that traffic may go to (repeatable)");
  proxy->add_flag("--allow-remote", line.allow_remote, "Allow an address that is not loopback");
  proxy->add_flag("--insecure", line.insecure, "Do not verify the pipeline's certificate");
  proxy->add_flag("--quiet", line.quiet, "Of a judgement, only the last line");
  proxy->footer(
      "Examples:\n  parallax proxy --upstream http://127.0.0.1:8100 --scenario shop.json\n"
      "  parallax proxy --upstream https://collector.staging.example --allow-host "
      "collector.staging.example \\\n      --scenario shop.json --target staging.target.json\n"
      "  curl -d '{\"fault\":\"status\",\"code\":503,\"rate\":0.1}' "
      "http://127.0.0.1:PORT/v1/faults");
  proxy->callback([&line, &action] { action = [&line] { return command_proxy(line); }; });
}

}  // namespace parallax
