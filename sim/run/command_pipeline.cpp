// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>

#include "sim/pipeline/pipeline.h"
#include "sim/run/command_parts.h"
#include "sim/run/commands.h"
#include "sim/run/connection.h"
#include "sim/run/interrupt.h"
#include "sim/run/listen.h"
#include "sim/run/target_commands.h"

namespace parallax {
namespace {

constexpr int interrupt_look_ms = 200;

/// The topic to consume, from "BROKERS/TOPIC" or a target file. Null: none that can be used, which
/// was said.
std::optional<KafkaSource> source_of(const PipelineCommand& command) {
  const std::string& from = command.from_kafka;
  const std::size_t slash = from.find('/');
  LoadedTarget loaded;
  if (from.ends_with(".json")) {
    loaded = load_target(from);
  } else if (slash != std::string::npos) {
    loaded.target.send.kind = "kafka";
    loaded.target.send.brokers = from.substr(0, slash);
    loaded.target.send.topic = from.substr(slash + 1);
  }
  for (const Problem& problem : loaded.problems)
    fmt::print(stderr, "{}: {}\n", problem.warning ? "warning" : "error", problem.text());
  if (!loaded.ok()) return std::nullopt;
  const TargetPlan::Send& send = loaded.target.send;
  if (send.kind != "kafka" || send.topic.empty()) {
    complain(exit_usage, fmt::format("--from-kafka {}: expected HOST:PORT/TOPIC, or a target file "
                                     "with \"send\": {{\"kind\": \"kafka\"}}",
                                     from));
    return std::nullopt;
  }
  TargetPlan sent;  // What the file reads from is not our business.
  sent.send = send;
  if (const Result<void> near = check_hosts(sent, command.allow_hosts); !near) {
    complain(exit_usage, "--from-kafka: " + near.error().text());
    return std::nullopt;
  }
  return kafka_source(send, command.group);
}

}  // namespace

int command_pipeline(const PipelineCommand& command) {
  PipelineOptions options;
  const Result<ListenAddress> listen = parse_listen(command.listen, command.allow_remote);
  if (!listen) return complain(exit_usage, listen.error().text());
  options.host = listen->host;
  options.port = listen->port;
  options.data = command.data;
  options.leaves_clean_table = true;
  for (const std::string& text : command.bugs) {
    const Result<BugSwitch> bug = parse_bug(text);
    if (!bug) return complain(exit_usage, bug.error().text());
    options.bugs.push_back(*bug);
  }
  if (!command.policy.empty()) {
    const Result<PolicyKind> policy = find_policy(command.policy);
    if (!policy) return complain(exit_usage, policy.error().text());
    options.policy = policy->name;
  }
  if (!command.scenario.empty()) {
    const std::optional<Scenario> scenario = load_or_explain(command.scenario, {});
    if (!scenario) return exit_usage;
    options.contract = scenario->plan;
  }
  if (!command.from_kafka.empty()) {
    options.source = source_of(command);
    if (!options.source) return exit_usage;
  }
  const std::atomic<int>& interrupts = watch_interrupts();
  const Result<std::unique_ptr<Pipeline>> pipeline = Pipeline::start(options);
  if (!pipeline) {
    const bool usage = pipeline.error().kind == Error::Kind::invalid_input ||
                       pipeline.error().kind == Error::Kind::unsupported;
    return complain(usage ? exit_usage : exit_internal, pipeline.error().text());
  }
  fmt::print("parallax pipeline: listening on {}, data in {}\n", (*pipeline)->url(), command.data);
  if (options.source)
    fmt::print("consuming topic {} at {} for group {}\n", options.source->topic,
               options.source->cluster.brokers, options.source->group);
  std::fflush(stdout);
  // Not pause(): it would sleep through a signal that comes just before it.
  while (interrupts == 0) ::poll(nullptr, 0, interrupt_look_ms);
  (*pipeline)->stop();
  return exit_pass;
}

}  // namespace parallax
