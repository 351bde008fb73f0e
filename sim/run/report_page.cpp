// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/run/load_report.h"
#include "sim/run/page_tables.h"
#include "sim/run/report.h"
#include "sim/run/run_folder.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// A file of the folder; null where it is not there.
Result<Json> read_json(const fs::path& file) {
  if (!fs::exists(file)) return Json();
  std::ifstream in(file, std::ios::binary);
  Json json = Json::parse(in, nullptr, false, true);
  if (json.is_discarded())
    return Error{Error::Kind::invalid_input, "is damaged: no JSON", file.string()};
  return json;
}

std::string quoted_ratio(std::int64_t millionths) {
  return fmt::format("{:.6g}", static_cast<double>(millionths) / 1e6);
}

/// When faults may strike, as spans of the scenario's time. Those without a "when" strike always.
Json windows_json(const Scenario& scenario) {
  Json out = Json::array();
  for (const FaultPlan& fault : scenario.faults) {
    const SelectorPlan& who = fault.selector;
    const Micros until = std::min(who.until, scenario.time.length);
    const bool always = who.from <= 0 && until == scenario.time.length;
    out.push_back({{"name", fault.name},
                   {"kind", fault.fault},
                   {"from", who.from},
                   {"until", until},
                   {"always", always}});
  }
  return out;
}

/// The bands that the scenario's ratio assertions ask for, by action.
Json bands_json(const Scenario& scenario) {
  Json out = Json::array();
  for (const AssertionPlan& plan : scenario.assertions)
    if (plan.that == "ratio" && plan.of && !plan.per && plan.between_millionths)
      out.push_back({{"action", scenario.plan.actions[*plan.of].name},
                     {"name", plan.name},
                     {"low", quoted_ratio(plan.between_millionths->first)},
                     {"high", quoted_ratio(plan.between_millionths->second)}});
  return out;
}

Json plan_json(const Scenario& scenario) {
  Json actions = Json::array();
  for (const ActionPlan& action : scenario.plan.actions) {
    Json fields = Json::array();
    for (const FieldPlan& field : action.fields)
      fields.push_back({{"name", field.name},
                        {"type", std::string(name_of(field.type))},
                        {"owner", std::string(name_of(field.owner))}});
    actions.push_back({{"name", action.name},
                       {"client", action.client},
                       {"server", action.server},
                       {"fields", std::move(fields)}});
  }
  constexpr std::array identities{"shared", "derived", "independent"};
  return {{"actions", std::move(actions)},
          {"money", money_field(scenario.plan)},
          {"steps", funnel_steps(scenario)},
          {"identity", identities[static_cast<std::size_t>(scenario.plan.identity.kind)]}};
}

/// What each cause means, by name.
Json causes_json() {
  Json out;
  for (auto i = static_cast<int>(Cause::retransmit); i <= static_cast<int>(Cause::outcome_unknown);
       ++i) {
    const auto cause = static_cast<Cause>(i);
    out[std::string(name_of(cause))] = about(cause);
  }
  return out;
}

constexpr std::uint32_t per_mille = Ratio::one / 1'000;

/// A latency of a load: percentiles as [share in millionths, microseconds], and how often each
/// length came, by tenths of a factor of ten, as [step, requests in a thousand].
Json series_json(const Histogram& histogram) {
  constexpr std::array<std::uint32_t, 15> shares{100'000, 250'000, 500'000, 750'000, 900'000,
                                                 950'000, 975'000, 990'000, 995'000, 997'500,
                                                 999'000, 999'500, 999'900, 999'990, 1'000'000};
  Json percentiles = Json::array();
  for (const std::uint32_t share : shares)
    percentiles.push_back({share, histogram.percentile(Ratio{share * (Ratio::one / 1'000'000)})});
  std::map<int, int> steps;
  for (std::uint32_t i = 0; i < 1'000 && !histogram.empty(); ++i) {
    const Micros at = histogram.percentile(Ratio{i * per_mille + per_mille / 2});
    ++steps[at < 1 ? 0
                   : 1 + static_cast<int>(std::floor(10 * std::log10(static_cast<double>(at))))];
  }
  Json distribution = Json::array();
  for (const auto& [step, requests] : steps) distribution.push_back({step, requests});
  return {{"count", histogram.count()},
          {"percentiles", std::move(percentiles)},
          {"distribution", std::move(distribution)}};
}

/// Null where the run was no load.
Result<Json> load_page_json(const RunFolder& folder) {
  if (!fs::exists(folder.load())) return Json();
  std::ifstream in(folder.load(), std::ios::binary);
  const auto load = parse_load_json({std::istreambuf_iterator<char>(in), {}});
  if (!load) return Error{load.error().kind, load.error().what, folder.load().string()};
  return Json{{"latency", series_json(load->tally.latency)},
              {"service", series_json(load->tally.service)},
              {"lag", series_json(load->tally.lag)}};
}

/// The actions that report.json names: each can be looked at.
std::vector<std::string> named_actions(const Json& report) {
  std::set<std::string> ids;
  const auto take = [&ids](const Json& holder) {
    for (const Json& id : holder.value("examples", Json::array()))
      if (id.is_string()) ids.insert(id.get<std::string>());
  };
  for (const Json& cause : report.value("causes", Json::array())) take(cause);
  for (const Json& assertion : report.value("assertions", Json::array())) {
    take(assertion);
    for (const Json& cause : assertion.value("causes", Json::array())) take(cause);
  }
  return {ids.begin(), ids.end()};
}

/// As the content of a script element: nothing in it can end the element.
std::string script_text(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
    c == '<' ? out += "\\u003c" : out += c;
  return out;
}

Result<Json> read_report(const fs::path& folder) {
  const fs::path file = folder / "report.json";
  Result<Json> report = read_json(file);
  if (report && report->is_null())
    return Error{Error::Kind::invalid_input, "is missing: `parallax judge` of the folder writes it",
                 file.string()};
  return report;
}

/// All but the tables.
Result<Json> page_json(const RunFolder& folder, const Scenario& scenario) {
  Result<Json> report = read_report(folder.root);
  if (!report) return report;
  Result<Json> written = read_json(folder.scenario());
  if (!written) return written;
  Result<Json> target = read_json(folder.target());
  if (!target) return target;
  Result<Json> load = load_page_json(folder);
  if (!load) return load;
  const PageTime time = page_time(scenario.time);
  Json page;
  page["report"] = std::move(*report);
  page["time"] = {
      {"start_us", time.start.since_epoch}, {"length_us", time.length}, {"bucket_us", time.bucket}};
  page["windows"] = windows_json(scenario);
  page["bands"] = bands_json(scenario);
  page["plan"] = plan_json(scenario);
  page["causes"] = causes_json();
  page["load"] = std::move(*load);
  page["scenario"] = std::move(*written);
  page["target"] = std::move(*target);
  return page;
}

std::string page_text(const Json& page) {
  const auto [before, after] = embedded_page();
  std::string out(before);
  out += script_text(page);
  return out.append(after);
}

}  // namespace

Result<void> write_report_page(const fs::path& root, const Scenario& scenario,
                               std::size_t size_max) {
  const RunFolder folder{root};
  Result<Json> page = page_json(folder, scenario);
  if (!page) return page.error();
  PageSample sample;
  sample.wanted = named_actions((*page)["report"]);
  std::string text;
  do {
    (*page)["tables"] = Json::object();
    if (has_page_tables(folder.ledger())) {
      Result<Json> tables = page_tables(scenario, folder.ledger(), sample);
      if (!tables) return tables.error();
      (*page)["tables"] = std::move(*tables);
    }
    text = page_text(*page);
    sample.odd_max /= 2, sample.ok_max /= 2;
  } while (text.size() > size_max && sample.odd_max > 0);
  return write_whole(root / "report.html", text);
}

}  // namespace parallax
