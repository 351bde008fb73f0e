// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/run/explain_text.h"
#include "sim/run/report.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;

std::string text(std::string_view name) { return std::string(name); }

Json action_ids(const std::vector<ActionId>& ids) {
  Json list = Json::array();
  for (const ActionId id : ids) list.push_back(report_text::action_text(id));
  return list;
}

Json actions_json(const RunReport& report) {
  Json json;
  json["total"] = report.actions_total;
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    json[text(name_of(static_cast<ActionVerdict>(i)))] = report.actions[i];
  return json;
}

Json cause_json(const RunReport& report, const CauseCount& cause) {
  Json json;
  json["verdict"] = text(name_of(cause.verdict));
  json["cause"] = text(name_of(cause.cause));
  json["about"] = text(about(cause.cause));
  json["actions"] = cause.actions;
  if (!cause.mark.where.empty())
    json["mark"] = {{"where", cause.mark.where}, {"hit", cause.mark.hit}, {"all", cause.mark.all}};
  if (!cause.revenue.empty()) {
    json["revenue"] = Json::array();
    for (const auto& [amount, currency] : cause.revenue)
      json["revenue"].push_back({{"amount", amount}, {"currency", currency}});
    json["revenue_rank"] = cause.revenue_rank;
  }
  json["examples"] = action_ids(cause.examples);
  json["faults"] = Json::array();
  for (const auto& [index, actions] : cause.faults) {
    if (index >= report.faults.size()) continue;
    json["faults"].push_back({{"name", report.faults[index].name}, {"actions", actions}});
  }
  json["faults_of_all"] = report_text::faults_of_all(report, cause);
  return json;
}

Json causes_json(const RunReport& report, const std::vector<CauseCount>& causes) {
  Json list = Json::array();
  for (const CauseCount& cause : causes) list.push_back(cause_json(report, cause));
  return list;
}

Json assertion_json(const RunReport& report, const AssertionReport& assertion) {
  Json json;
  json["name"] = assertion.name;
  json["kind"] = assertion.kind;
  json["verdict"] = text(name_of(assertion.verdict));
  json["found"] = text(name_of(assertion.found));
  json["expected_to_fail"] = assertion.expected_to_fail;
  json["rule"] = assertion.rule;
  json["expected"] = assertion.expected;
  json["actual"] = assertion.actual;
  json["delta"] = assertion.delta;
  json["tolerance"] = assertion.tolerance;
  json["sample"] = assertion.sample;
  json["sample_needed"] = assertion.sample_needed;
  json["why"] = assertion.why;
  json["causes"] = causes_json(report, assertion.causes);
  json["lines"] = Json::array();
  for (const AssertionReport::Line& line : assertion.lines)
    json["lines"].push_back({{"bucket", line.bucket},
                             {"expected", line.expected},
                             {"actual", line.actual},
                             {"delta", line.delta},
                             {"verdict", text(name_of(line.verdict))}});
  json["examples"] = action_ids(assertion.examples);
  return json;
}

Json example_json(const RunReport::Example& example) {
  Json json;
  json["action"] = example.action;
  json["verdict"] = text(name_of(example.verdict));
  json["cause"] = text(name_of(example.cause));
  json["timeline"] = example.timeline;
  return json;
}

Json fault_json(const RunReport::Fault& fault) {
  Json json;
  json["name"] = fault.name;
  json["kind"] = fault.kind;
  json["struck"] = fault.struck;
  json["skipped"] = fault.skipped;
  json["unreached"] = fault.unreached;
  json["may_miss"] = fault.may_miss;
  return json;
}

Json delivery_json(const RunReport::Delivery& delivery) {
  Json json;
  json["emissions"] = delivery.emissions;
  json["withheld"] = delivery.withheld;
  json["destroyed"] = delivery.destroyed;
  json["abandoned"] = delivery.abandoned;
  json["attempts"] = delivery.attempts;
  json["retries"] = delivery.retries;
  json["accepted"] = delivery.accepted;
  json["rejected"] = delivery.rejected;
  json["unknown"] = delivery.unknown;
  json["events_sent"] = delivery.events_sent;
  json["statuses"] = Json::object();
  for (const auto& [status, attempts] : delivery.statuses)
    json["statuses"][std::to_string(status)] = attempts;
  json["errors"] = Json::array();
  for (const auto& [error, count] : delivery.errors)
    json["errors"].push_back({{"error", error}, {"count", count}});
  return json;
}

Json share_json(const LoadTally::Share& share) {
  return {{"requests", share.requests}, {"events", share.events}};
}

Json series_json(const Histogram& series) {
  Json json;
  json["count"] = series.count();
  json["above"] = series.above();
  json["min_us"] = series.min();
  json["mean_us"] = series.mean();
  constexpr std::array<std::pair<const char*, Ratio>, 6> percentiles{{{"p50_us", {500'000'000}},
                                                                      {"p90_us", {900'000'000}},
                                                                      {"p95_us", {950'000'000}},
                                                                      {"p99_us", {990'000'000}},
                                                                      {"p999_us", {999'000'000}},
                                                                      {"p9999_us", {999'900'000}}}};
  for (const auto& [name, share] : percentiles) json[name] = series.percentile(share);
  json["max_us"] = series.max();
  return json;
}

Json load_summary(const LoadReport& load) {
  const LoadTally& tally = load.tally;
  const LoadFigures made = figures(load);
  Json json;
  json["model"] = load.spec.closed ? "closed" : "open";
  json["asked"] = load.spec.describe();
  json["warmup_us"] = load.spec.warmup;
  json["length_us"] = tally.length;
  json["connections"] = load.spec.connections;
  json["batch"] = load.spec.batch;
  json["threads"] = load.spec.jobs;
  json["shard"] = load.spec.shard.index + 1;
  json["shards"] = load.spec.shard.of;
  json["shards_merged"] = load.shards_merged;
  json["planned"] = share_json(tally.planned);
  json["sent"] = share_json(tally.sent);
  json["accepted"] = share_json(tally.accepted);
  json["rejected"] = share_json(tally.rejected);
  json["unknown"] = share_json(tally.unknown);
  json["struck"] = share_json(tally.struck);
  json["not_sent"] = share_json(tally.not_sent);
  json["censored"] = tally.censored;
  json["bytes_out"] = tally.bytes_out;
  json["bytes_in"] = tally.bytes_in;
  json["reconnects"] = tally.reconnects;
  json["achieved"] = made.achieved;
  json["delivered"] = made.delivered;
  json["errors"] = made.errors;
  json["events_per_s"] = made.events_s;
  json["requests_per_s"] = made.requests_s;
  json["latency"] = series_json(tally.latency);
  json["service"] = series_json(tally.service);
  json["generator"] = {{"bottleneck", generator_limit(load)},
                       {"busy", made.busy},
                       {"cpu", made.cpu},
                       {"connections_taken", made.starved},
                       {"lag", series_json(tally.lag)}};
  json["populations"] = load.populations;
  return json;
}

Json timing_json(const RunReport::Timing& timing) {
  Json json;
  json["simulated_us"] = timing.simulated;
  json["traffic_us"] = timing.traffic;
  json["drain_us"] = timing.drain;
  json["settle_us"] = timing.settle;
  json["read_us"] = timing.read;
  json["judge_us"] = timing.judge;
  json["total_us"] = timing.total;
  return json;
}

}  // namespace

std::string report_json(const RunReport& report) {
  Json json;
  json["schema_version"] = schema_version;
  json["parallax"] = report.parallax_version;
  json["scenario"] = report.scenario;
  json["about"] = report.about;
  json["scenario_hash"] = report.scenario_hash;
  json["seed"] = report.seed;
  json["run_id"] = report.run_id;
  json["target"] = report.target;
  json["verdict"] = text(name_of(report.verdict));
  json["because"] = report.because;
  json["interrupted"] = report.interrupted;
  json["actions"] = actions_json(report);
  json["rows"] = {{"total", report.rows_total},
                  {"phantom", report.rows_phantom},
                  {"foreign", report.rows_foreign}};
  json["assertions"] = Json::array();
  for (const AssertionReport& assertion : report.assertions)
    json["assertions"].push_back(assertion_json(report, assertion));
  json["causes"] = causes_json(report, report.causes);
  json["examples"] = Json::array();
  for (const RunReport::Example& example : report.examples)
    json["examples"].push_back(example_json(example));
  json["faults"] = Json::array();
  for (const RunReport::Fault& fault : report.faults) json["faults"].push_back(fault_json(fault));
  json["delivery"] = delivery_json(report.delivery);
  if (report.load) json["load"] = load_summary(*report.load);
  json["deploys"] = Json::array();
  for (const DeployPlan& deploy : report.deploys)
    json["deploys"].push_back({{"at_us", deploy.at}, {"label", deploy.label}});
  if (report.explanation) json["explanation"] = explain_text::json(*report.explanation);
  json["timing"] = timing_json(report.timing);
  json["rerun"] = report.rerun;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace parallax
