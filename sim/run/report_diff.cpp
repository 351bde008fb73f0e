// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

std::optional<Verdict> verdict_of(std::string_view name) {
  for (const Verdict verdict : {Verdict::pass, Verdict::unknown, Verdict::fail})
    if (name == name_of(verdict)) return verdict;
  return std::nullopt;
}

Error no_report(const std::string& folder, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), folder + "/report.json"};
}

/// A report.json that has what is read from it below.
Result<Json> parsed(std::string_view text, const std::string& folder) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return no_report(folder, "is no JSON object");
  if (json.value("schema_version", Json(0)) != Json(1))
    return no_report(folder, "/schema_version: expected 1");
  for (const char* key : {"actions", "rows", "delivery"})
    if (!json.contains(key) || !json[key].is_object())
      return no_report(folder, fmt::format("/{}: expected an object", key));
  for (const char* key : {"assertions", "causes", "faults"})
    if (!json.contains(key) || !json[key].is_array())
      return no_report(folder, fmt::format("/{}: expected a list", key));
  if (!json.contains("verdict") || !json["verdict"].is_string() ||
      !verdict_of(json["verdict"].get<std::string>()))
    return no_report(folder, "/verdict: expected pass, unknown or fail");
  return json;
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> number_at(const Json* json, const std::string& key) {
  if (json == nullptr) return std::nullopt;
  const auto found = json->find(key);
  if (found == json->end() || !found->is_number()) return std::nullopt;
  return found->is_number_integer() ? found->get<std::int64_t>()
                                    : static_cast<std::int64_t>(found->get<double>());
}

std::string shown(std::int64_t number) {
  const std::string digits =
      report_text::with_thousands(static_cast<std::uint64_t>(number < 0 ? -number : number));
  return number < 0 ? "-" + digits : digits;
}

/// Adds the line where the sides differ, else counts it.
void compare_texts(DiffSection& section, const std::string& what, std::optional<std::string> a,
                   std::optional<std::string> b, int worse = 0) {
  if (a == b) {
    ++section.same;
    return;
  }
  section.lines.push_back({what, std::move(a), std::move(b), {}, {}, worse});
}

/// `bad`: more of it is worse.
void compare_numbers(DiffSection& section, const std::string& what, std::optional<std::int64_t> a,
                     std::optional<std::int64_t> b, bool bad = false) {
  if (a == b) {
    ++section.same;
    return;
  }
  DiffLine line{what, {}, {}, a, b, 0};
  if (a) line.a = shown(*a);
  if (b) line.b = shown(*b);
  if (bad) line.worse = a.value_or(0) < b.value_or(0) ? 1 : -1;
  section.lines.push_back(std::move(line));
}

/// Items of two lists by the name that `name_of_item` gives them: those of A first, then what only
/// B has. `visit` gets null for a side without it.
void pair_up(const Json& a, const Json& b,
             const std::function<std::string(const Json&)>& name_of_item,
             const std::function<void(const std::string&, const Json*, const Json*)>& visit) {
  const auto find = [&](const Json& list, const std::string& name) -> const Json* {
    for (const Json& item : list)
      if (name_of_item(item) == name) return &item;
    return nullptr;
  };
  for (const Json& item : a) visit(name_of_item(item), &item, find(b, name_of_item(item)));
  for (const Json& item : b)
    if (find(a, name_of_item(item)) == nullptr) visit(name_of_item(item), nullptr, &item);
}

std::optional<std::string> optional_text(const Json* json, const char* key) {
  if (json == nullptr) return std::nullopt;
  return text_at(*json, key);
}

DiffSection run_section(const Json& a, const Json& b) {
  DiffSection section{"run", {}, 0};
  for (const char* key : {"scenario", "scenario_hash", "target", "parallax", "because"})
    compare_texts(section, key, text_at(a, key), text_at(b, key));
  compare_numbers(section, "seed", number_at(&a, "seed"), number_at(&b, "seed"));
  return section;
}

DiffSection object_section(const char* name, const Json& a, const Json& b) {
  DiffSection section{name, {}, 0};
  static constexpr std::array<std::string_view, 12> bad{
      "lost", "duplicated", "collapsed", "distorted", "misattributed", "mistimed",
      "late", "leaked",     "phantom",   "rejected",  "unevaluated",   "abandoned"};
  for (const auto& [key, value] : a.at(name).items()) {
    if (!value.is_number()) continue;
    const bool worse = std::find(bad.begin(), bad.end(), key) != bad.end();
    compare_numbers(section, key, number_at(&a.at(name), key), number_at(&b.at(name), key), worse);
  }
  return section;
}

DiffSection assertion_section(const Json& a, const Json& b, Verdict& worsened) {
  DiffSection section{"assertions", {}, 0};
  const auto name = [](const Json& item) { return text_at(item, "name"); };
  pair_up(a.at("assertions"), b.at("assertions"), name,
          [&](const std::string& what, const Json* left, const Json* right) {
            const auto from = optional_text(left, "verdict"), to = optional_text(right, "verdict");
            const Verdict was = verdict_of(from.value_or("pass")).value_or(Verdict::unknown);
            const Verdict is = verdict_of(to.value_or("pass")).value_or(Verdict::unknown);
            if (is > was) worsened = merge(worsened, is);
            compare_texts(section, what, from, to, (is > was) - (is < was));
            if (left == nullptr || right == nullptr) return;
            for (const char* key : {"expected", "actual"})
              compare_texts(section, what + ", " + key, text_at(*left, key), text_at(*right, key));
          });
  return section;
}

DiffSection cause_section(const Json& a, const Json& b) {
  DiffSection section{"causes", {}, 0};
  const auto name = [](const Json& item) {
    return text_at(item, "verdict") + "/" + text_at(item, "cause");
  };
  pair_up(a.at("causes"), b.at("causes"), name,
          [&](const std::string& what, const Json* left, const Json* right) {
            const bool bad = !what.starts_with("excused") && !what.starts_with("recovered");
            compare_numbers(section, what, left == nullptr ? 0 : number_at(left, "actions"),
                            right == nullptr ? 0 : number_at(right, "actions"), bad);
          });
  return section;
}

DiffSection fault_section(const Json& a, const Json& b) {
  DiffSection section{"faults", {}, 0};
  const auto name = [](const Json& item) { return text_at(item, "name"); };
  pair_up(a.at("faults"), b.at("faults"), name,
          [&](const std::string& what, const Json* left, const Json* right) {
            compare_numbers(section, what + ", struck", number_at(left, "struck"),
                            number_at(right, "struck"));
          });
  return section;
}

DiffSection load_section(const Json& a, const Json& b) {
  DiffSection section{"load", {}, 0};
  if (!a.contains("load") || !b.contains("load")) return section;
  for (const char* key : {"events_per_s", "requests_per_s"})
    compare_numbers(section, key, number_at(&a["load"], key), number_at(&b["load"], key));
  for (const char* series : {"latency", "service"})
    for (const char* key : {"p50_us", "p99_us", "max_us"}) {
      const Json none = Json::object();
      const Json left = a["load"].value(series, none), right = b["load"].value(series, none);
      compare_numbers(section, fmt::format("{}.{}", series, key), number_at(&left, key),
                      number_at(&right, key), true);
    }
  return section;
}

ReportDiff::Side side_of(const Json& json, const std::string& folder) {
  ReportDiff::Side side;
  side.folder = folder;
  side.scenario = text_at(json, "scenario");
  side.scenario_hash = text_at(json, "scenario_hash");
  side.run_id = text_at(json, "run_id");
  side.target = text_at(json, "target");
  side.because = text_at(json, "because");
  side.seed = static_cast<std::uint64_t>(number_at(&json, "seed").value_or(0));
  side.verdict = verdict_of(text_at(json, "verdict")).value_or(Verdict::unknown);
  return side;
}

}  // namespace

bool ReportDiff::same() const {
  return a.verdict == b.verdict && std::all_of(sections.begin(), sections.end(),
                                               [](const auto& s) { return s.lines.empty(); });
}

Result<ReportDiff> diff_reports(std::string_view a, const std::string& folder_a, std::string_view b,
                                const std::string& folder_b) {
  const Result<Json> left = parsed(a, folder_a);
  if (!left) return left.error();
  const Result<Json> right = parsed(b, folder_b);
  if (!right) return right.error();
  ReportDiff diff;
  diff.a = side_of(*left, folder_a);
  diff.b = side_of(*right, folder_b);
  if (diff.b.verdict > diff.a.verdict) diff.worsened = diff.b.verdict;
  diff.sections = {run_section(*left, *right),
                   object_section("actions", *left, *right),
                   object_section("rows", *left, *right),
                   assertion_section(*left, *right, diff.worsened),
                   cause_section(*left, *right),
                   fault_section(*left, *right),
                   object_section("delivery", *left, *right),
                   load_section(*left, *right)};
  return diff;
}

}  // namespace parallax
