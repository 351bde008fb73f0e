// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/run/load_report.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

Json share_json(const LoadTally::Share& share) { return {share.requests, share.events}; }
LoadTally::Share share_of(const Json& json) {
  return {json.at(0).get<std::uint64_t>(), json.at(1).get<std::uint64_t>()};
}

Json histogram_json(const Histogram& histogram) {
  return {{"above", histogram.above()},
          {"min_us", histogram.min()},
          {"max_us", histogram.max()},
          {"sum_us", histogram.sum()},
          {"cells", histogram.cells()}};
}

/// Throws Error where the histogram is none.
Histogram histogram_of(const Json& json) {
  const auto cells = json.at("cells").get<std::vector<Histogram::Cell>>();
  Result<Histogram> made = Histogram::restore(
      cells, json.at("above").get<std::uint64_t>(), json.at("min_us").get<Micros>(),
      json.at("max_us").get<Micros>(), json.at("sum_us").get<std::uint64_t>());
  if (!made) throw Error(made.error());
  return std::move(*made);
}

/// Names the tally's parts once for both directions.
template <class Tally, class Visit>
void each_share(Tally& tally, Visit visit) {
  visit("planned", tally.planned);
  visit("sent", tally.sent);
  visit("accepted", tally.accepted);
  visit("rejected", tally.rejected);
  visit("unknown", tally.unknown);
  visit("not_sent", tally.not_sent);
  visit("overflowed", tally.overflowed);
  visit("struck", tally.struck);
}

template <class Tally, class Visit>
void each_number(Tally& tally, Visit visit) {
  visit("censored", tally.censored);
  visit("bytes_out", tally.bytes_out);
  visit("bytes_in", tally.bytes_in);
  visit("reconnects", tally.reconnects);
  visit("length_us", tally.length);
  visit("threads_us", tally.threads);
  visit("cpu_us", tally.cpu);
  visit("busy_us", tally.busy);
  visit("starved_us", tally.starved);
}

template <class Tally, class Visit>
void each_histogram(Tally& tally, Visit visit) {
  visit("latency", tally.latency);
  visit("service", tally.service);
  visit("lag", tally.lag);
}

template <class Spec, class Visit>
void each_setting(Spec& spec, Visit visit) {
  visit("closed", spec.closed);
  visit("rate", spec.rate);
  visit("warmup_us", spec.warmup);
  visit("length_us", spec.length);
  visit("connections", spec.connections);
  visit("batch", spec.batch);
  visit("in_flight_max", spec.in_flight_max);
  visit("jobs", spec.jobs);
  visit("shard", spec.shard.index);
  visit("shards", spec.shard.of);
}

Json tally_json(const LoadTally& tally) {
  Json json;
  each_share(tally, [&](const char* name, const auto& part) { json[name] = share_json(part); });
  each_number(tally, [&](const char* name, const auto& part) { json[name] = part; });
  json["statuses"] = Json::array();
  for (const auto& [status, requests] : tally.statuses)
    json["statuses"].push_back({status, requests});
  json["errors"] = tally.errors;
  each_histogram(tally,
                 [&](const char* name, const auto& part) { json[name] = histogram_json(part); });
  return json;
}

LoadTally tally_of(const Json& json) {
  LoadTally tally;
  each_share(tally, [&](const char* name, auto& part) { part = share_of(json.at(name)); });
  each_number(tally, [&](const char* name, auto& part) { json.at(name).get_to(part); });
  for (const Json& entry : json.at("statuses"))
    tally.statuses[entry.at(0).get<int>()] = entry.at(1).get<std::uint64_t>();
  json.at("errors").get_to(tally.errors);
  each_histogram(tally, [&](const char* name, auto& part) { part = histogram_of(json.at(name)); });
  return tally;
}

}  // namespace

std::string load_json(const LoadReport& report) {
  Json json;
  json["populations"] = report.populations;
  json["users"] = report.users;
  json["shards_merged"] = report.shards_merged;
  json["thresholds"] = report.thresholds;
  Json& spec = json["spec"];
  each_setting(report.spec, [&](const char* name, const auto& value) { spec[name] = value; });
  spec["stages"] = Json::array();
  for (const Stage& stage : report.spec.stages)
    spec["stages"].push_back({{"length_us", stage.length}, {"rate", stage.rate}});
  json["tally"] = tally_json(report.tally);
  return json.dump(1) + "\n";
}

Result<LoadReport> parse_load_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  LoadReport report;
  try {
    json.at("populations").get_to(report.populations);
    json.at("users").get_to(report.users);
    json.at("shards_merged").get_to(report.shards_merged);
    json.at("thresholds").get_to(report.thresholds);
    const Json& spec = json.at("spec");
    each_setting(report.spec, [&](const char* name, auto& value) { spec.at(name).get_to(value); });
    for (const Json& stage : spec.at("stages"))
      report.spec.stages.push_back(
          {stage.at("length_us").get<Micros>(), stage.at("rate").get<double>()});
    report.tally = tally_of(json.at("tally"));
  } catch (const nlohmann::json::exception&) {
    return Error{Error::Kind::invalid_input, "is damaged", "load.json"};
  } catch (const Error& error) {
    return error;
  }
  return report;
}

}  // namespace parallax
