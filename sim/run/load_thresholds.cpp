// SPDX-License-Identifier: Apache-2.0
#include "sim/run/load_thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "sim/run/report_text.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

using report_text::trimmed;

using Unit = LoadThreshold::Unit;
using Op = LoadThreshold::Op;

struct Metric {
  std::string_view name;
  Unit unit;
};
constexpr std::array metrics{Metric{"latency", Unit::duration}, Metric{"service", Unit::duration},
                             Metric{"lag", Unit::duration},     Metric{"achieved", Unit::share},
                             Metric{"delivered", Unit::share},  Metric{"errors", Unit::share},
                             Metric{"not_sent", Unit::share},   Metric{"events", Unit::rate},
                             Metric{"requests", Unit::rate}};

constexpr std::array<std::pair<std::string_view, Op>, 4> operators{
    {{"<=", Op::less_equal}, {">=", Op::greater_equal}, {"<", Op::less}, {">", Op::greater}}};

Error wrong(std::string_view text, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), fmt::format("--assert '{}'", text)};
}

const Metric* metric_named(std::string_view name) {
  const auto* const found = std::find_if(metrics.begin(), metrics.end(),
                                         [&](const Metric& metric) { return metric.name == name; });
  return found == metrics.end() ? nullptr : found;
}

std::string unknown_metric(std::string_view name) {
  std::array<std::string_view, metrics.size()> names;
  std::string list;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    names[i] = metrics[i].name;
    list += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  const std::string nearest = nearest_name(name, names);
  return fmt::format("\"{}\" is no metric of a load ({}){}", name, list,
                     nearest.empty() ? "" : "; did you mean " + nearest + "?");
}

/// "p99.9" as a share; nothing for what is no percentile above 0 and up to 100.
std::optional<Ratio> parse_percentile(std::string_view text) {
  if (!text.starts_with('p') || text.find('%') != std::string_view::npos) return std::nullopt;
  const std::optional<Ratio> share = parse_ratio(std::string(text.substr(1)) + "%");
  return share && share->parts > 0 ? share : std::nullopt;
}

std::optional<double> parse_value(std::string_view text, Unit unit) {
  if (unit == Unit::duration) {
    const std::optional<Micros> span = parse_duration(text);
    return span ? std::optional(static_cast<double>(*span)) : std::nullopt;
  }
  if (unit == Unit::rate) return parse_rate(text);
  const std::optional<Ratio> share = parse_ratio(text);
  return share ? std::optional(share->value()) : std::nullopt;
}

std::string value_text(double value, Unit unit) {
  if (unit == Unit::duration) return latency_text(static_cast<Micros>(std::llround(value)));
  if (unit == Unit::rate) return fmt::format("{:.0f}/s", value);
  return fmt::format("{:.5g}%", 100 * value);
}

bool holds(double value, Op op, double limit) {
  switch (op) {
    case Op::less:
      return value < limit;
    case Op::less_equal:
      return value <= limit;
    case Op::greater:
      return value > limit;
    case Op::greater_equal:
      return value >= limit;
  }
  return false;
}

std::string_view text_of(Op op) {
  return std::find_if(operators.begin(), operators.end(),
                      [&](const auto& known) { return known.second == op; })
      ->first;
}

const Histogram& series_of(std::string_view metric, const LoadTally& tally) {
  if (metric == "latency") return tally.latency;
  return metric == "service" ? tally.service : tally.lag;
}

double statistic_of(const LoadThreshold& threshold, const Histogram& series) {
  if (threshold.statistic == "mean") return series.mean();
  if (threshold.statistic == "min") return static_cast<double>(series.min());
  if (threshold.statistic == "max") return static_cast<double>(series.max());
  return static_cast<double>(series.percentile(threshold.percentile));
}

double figure_of(std::string_view metric, const LoadFigures& made) {
  if (metric == "achieved") return made.achieved;
  if (metric == "delivered") return made.delivered;
  if (metric == "errors") return made.errors;
  if (metric == "not_sent") return made.not_sent;
  return metric == "events" ? made.events_s : made.requests_s;
}

/// How many values there have to be before one of them can stand for the percentile.
std::uint64_t values_needed(const LoadThreshold& threshold) {
  const std::uint32_t beyond = Ratio::one - threshold.percentile.parts;
  if (threshold.percentile.parts == 0 || beyond == 0) return 1;
  return (Ratio::one + beyond - 1) / beyond;
}

}  // namespace

Result<LoadThreshold> parse_threshold(std::string_view text) {
  LoadThreshold threshold;
  threshold.text = trimmed(text);
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos)
    return wrong(text, "expected METRIC OP VALUE, such as latency.p99 < 50ms");
  const auto* const found =
      std::find_if(operators.begin(), operators.end(),
                   [&](const auto& known) { return text.substr(at).starts_with(known.first); });
  threshold.op = found->second;
  std::string_view name = trimmed(text.substr(0, at));
  const std::size_t dot = name.find('.');
  const Metric* const metric = metric_named(name.substr(0, dot));
  if (metric == nullptr) return wrong(text, unknown_metric(name.substr(0, dot)));
  threshold.metric = metric->name;
  threshold.unit = metric->unit;
  if (metric->unit == Unit::duration) {
    threshold.statistic = dot == std::string_view::npos ? "" : std::string(name.substr(dot + 1));
    const std::optional<Ratio> percentile = parse_percentile(threshold.statistic);
    constexpr std::array<std::string_view, 3> others{"min", "mean", "max"};
    if (!percentile && std::find(others.begin(), others.end(), threshold.statistic) == others.end())
      return wrong(text, fmt::format("say which {0}: {0}.min, .mean, .max, or a percentile such as "
                                     "{0}.p99.9",
                                     metric->name));
    threshold.percentile = percentile.value_or(Ratio{});
  } else if (dot != std::string_view::npos) {
    return wrong(text, fmt::format("{} has no part \"{}\"", metric->name, name.substr(dot + 1)));
  }
  const std::string_view value = trimmed(text.substr(at + found->first.size()));
  const std::optional<double> limit = parse_value(value, metric->unit);
  if (!limit) {
    constexpr std::array<std::string_view, 3> expected{"a duration such as 50ms",
                                                       "a share such as 99%", "a rate such as 20k"};
    return wrong(text, fmt::format("\"{}\" is not {}", value,
                                   expected[static_cast<std::size_t>(metric->unit)]));
  }
  threshold.limit = *limit;
  return threshold;
}

Result<std::vector<LoadThreshold>> parse_thresholds(const std::vector<std::string>& texts) {
  std::vector<LoadThreshold> thresholds;
  for (const std::string& text : texts) {
    Result<LoadThreshold> threshold = parse_threshold(text);
    if (!threshold) return threshold.error();
    thresholds.push_back(std::move(*threshold));
  }
  return thresholds;
}

AssertionReport check_threshold(const LoadThreshold& threshold, const LoadReport& load) {
  AssertionReport report;
  report.name = threshold.text;
  report.kind = "load";
  report.rule = threshold.text;
  report.expected =
      fmt::format("{} {}", text_of(threshold.op), value_text(threshold.limit, threshold.unit));
  const bool is_series = threshold.unit == Unit::duration;
  const LoadTally& tally = load.tally;
  const Histogram* const series = is_series ? &series_of(threshold.metric, tally) : nullptr;
  report.sample = is_series                      ? series->count()
                  : threshold.metric == "errors" ? tally.sent.requests - tally.struck.requests
                                                 : tally.planned.requests;
  const auto settle = [&](Verdict verdict, std::string why) {
    report.found = report.verdict = verdict;
    report.why = std::move(why);
    return report;
  };
  if (report.sample == 0 || tally.sent.requests == 0)
    return settle(Verdict::unknown, tally.errors.empty()
                                        ? "nothing was measured"
                                        : "nothing was measured: " + tally.errors.begin()->first);
  const double actual =
      is_series ? statistic_of(threshold, *series) : figure_of(threshold.metric, figures(load));
  report.actual = value_text(actual, threshold.unit);
  report.delta = fmt::format("{}{}", actual < threshold.limit ? "-" : "+",
                             value_text(std::abs(actual - threshold.limit), threshold.unit));
  if (const std::uint64_t needed = values_needed(threshold); report.sample < needed) {
    report.sample_needed = needed;
    return settle(Verdict::unknown,
                  fmt::format("{} answers cannot tell {}", report.sample, threshold.statistic));
  }
  if (holds(actual, threshold.op, threshold.limit)) return settle(Verdict::pass, "");
  const std::string limited = generator_limit(load);
  if (!limited.empty() && threshold.metric != "errors") return settle(Verdict::unknown, limited);
  const std::string name = threshold.metric + (is_series ? "." : "") + threshold.statistic;
  return settle(Verdict::fail,
                fmt::format("{} is {}, not {}", name, report.actual, report.expected));
}

void add_thresholds(const std::vector<LoadThreshold>& thresholds, RunReport& report) {
  std::vector<AssertionReport> checked;
  for (const LoadThreshold& threshold : thresholds) {
    const AssertionReport& check = checked.emplace_back(check_threshold(threshold, *report.load));
    if (merge(report.verdict, check.verdict) == report.verdict) continue;
    report.verdict = check.verdict;
    report.because = check.name + ": " + check.why;
  }
  report.assertions.insert(report.assertions.begin(), checked.begin(), checked.end());
}

std::vector<LoadThreshold> default_thresholds(const LoadSpec& spec) {
  if (spec.closed) return {};
  return {*parse_threshold("achieved >= 99%")};
}

}  // namespace parallax
