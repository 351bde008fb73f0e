// SPDX-License-Identifier: Apache-2.0
// drift -- A field or trait is distributed alike in two samples: among the client's events and
// among the server's, or in the rows of a span of time and in those of a baseline. Numbers by
// Kolmogorov-Smirnov, values by chi-square, a share of 0.1 % false alarms over all that is tested.
// What chance alone would give is printed as the noise floor; a drift must be above it and above
// the tolerance, and a floor above the tolerance is too small a sample. Client and server events
// are of the same actions, which makes the test more cautious, never less.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assertions/causes.h"
#include "assertions/tally_of.h"
#include "assertions/two_samples.h"
#include "assertions/witness.h"

namespace parallax {
namespace {

constexpr double alarm_of_all = 0.001;
/// What is tolerated where the scenario says nothing.
constexpr Ratio usual_within{100'000'000};
/// Cells for texts without a list: a text falls into one by its hash.
constexpr std::size_t hashed_cells = 64;

/// Something whose distribution is looked at.
struct Property {
  std::string name;
  std::optional<std::size_t> field;  ///< Else a trait.
  std::size_t trait = 0;
  bool is_number = false;
  std::vector<std::string> texts;             ///< Of the cells; empty: hashed.
  std::vector<std::int64_t> row_values = {};  ///< What rows hold, by cell; parallel to `texts`.
};

/// Both samples of a property.
struct Samples {
  std::array<Spread, 2> numbers;
  std::array<std::vector<std::uint64_t>, 2> cells;  ///< The last one: no value.

  void merge(const Samples& later) {
    for (std::size_t s = 0; s < 2; ++s) {
      numbers[s].merge(later.numbers[s]);
      for (std::size_t i = 0; i < cells[s].size(); ++i) cells[s][i] += later.cells[s][i];
    }
  }
};

Property field_property(const FieldPlan& plan, std::size_t index) {
  Property property;
  property.name = plan.name;
  property.field = index;
  property.is_number = plan.type == FieldType::money || plan.type == FieldType::integer ||
                       plan.type == FieldType::number;
  if (plan.type == FieldType::boolean) property.texts = {"false", "true"};
  if (plan.type == FieldType::string && plan.form.kind == TextForm::Kind::list)
    property.texts = plan.form.texts;
  for (std::size_t code = 0; code < property.texts.size(); ++code)
    property.row_values.push_back(comparable(plan, static_cast<std::int64_t>(code)));
  return property;
}

class DriftTally final : public Tally {
 public:
  DriftTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), scenario_(scenario), selection_(plan.of, plan.where) {
    const auto& fields = scenario.plan.actions[*plan.of].fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const bool is_key =
          fields[i].type == FieldType::string && fields[i].form.kind == TextForm::Kind::hex;
      if (plan.field ? *plan.field == i : !is_key)
        properties_.push_back(field_property(fields[i], i));
    }
    for (std::size_t i = 0; i < scenario.plan.traits.size() && !plan.field; ++i)
      properties_.push_back(
          {scenario.plan.traits[i].name, {}, i, false, scenario.plan.traits[i].values});
    for (const Property& property : properties_) {
      const std::size_t cells = property.texts.empty() ? hashed_cells : property.texts.size();
      samples_.emplace_back().cells.fill(std::vector<std::uint64_t>(cells + 1));
    }
  }

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (!selection_.holds(action)) continue;
      plan_.against == AssertionPlan::Against::sides ? add_sides(block, judged)
                                                     : add_rows(block, judged, action);
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const DriftTally&>(later);
    for (std::size_t s = 0; s < 2; ++s) sizes_[s] += other.sizes_[s];
    for (std::size_t i = 0; i < samples_.size(); ++i) samples_[i].merge(other.samples_[i]);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    const bool sides = plan_.against == AssertionPlan::Against::sides;
    report.rule = sides ? "client and server events are distributed alike"
                        : "rows are distributed as in the baseline";
    report.tolerance = format_ratio(within());
    report.sample = sizes_[0] + sizes_[1];
    report.expected = "at most " + report.tolerance;
    if (sizes_[0] == 0 || sizes_[1] == 0) {
      report.why = fmt::format("nothing was measured: {} {} and {} {} to compare", sizes_[0],
                               sides ? "client events" : "rows", sizes_[1],
                               sides ? "server events" : "rows of the baseline");
      return report;
    }
    report.found = Verdict::pass;
    double worst = -1;
    for (std::size_t i = 0; i < properties_.size(); ++i) judge(i, worst, report);
    if (report.found == Verdict::pass && !verdicts.complete && !sides) {
      report.found = Verdict::unknown;
      report.why = "the read is partial: the rows may be a choice of all";
    }
    return report;
  }

 private:
  Ratio within() const { return plan_.within.parts > 0 ? plan_.within : usual_within; }

  void add_sides(const Evidence& block, const JudgedAction& judged) {
    for (const std::uint32_t i : block.view.emissions_of(judged.index)) {
      const Emission& emission = block.ledger.emissions[i].emission;
      if (block.view.facts(i).accepted == 0 || emission.copy > 0) continue;
      const std::size_t side = emission.source == Source::client ? 0 : 1;
      ++sizes_[side];
      for (std::size_t p = 0; p < properties_.size(); ++p) {
        const auto field = properties_[p].field;
        const bool there = !field || states_value(emission, *field);
        const std::int64_t value = !there ? 0
                                   : field
                                       ? comparable(fields()[*field], emission.seen.values[*field])
                                       : emission.seen.traits[properties_[p].trait];
        // A field that the plan does not ask of this side says nothing about the other.
        if (field && (!fields()[*field].on_client || !fields()[*field].on_server)) continue;
        count(p, side, there, value);
      }
    }
  }

  void add_rows(const Evidence& block, const JudgedAction& judged, const Action& action) {
    for (std::uint32_t r = 0; r < judged.rows; ++r) {
      const CanonicalRow& row = block.row_of(judged, r);
      if (row.event_ts == no_time || row.type != *plan_.of) continue;
      const Micros at = row.event_ts - scenario_.time.start;
      const bool is_baseline = at >= plan_.baseline->first && at < plan_.baseline->second;
      const std::size_t side = is_baseline ? 1 : 0;
      ++sizes_[side];
      for (std::size_t p = 0; p < properties_.size(); ++p) {
        const auto field = properties_[p].field;
        const bool there = !field || row.forms[*field] == FieldForm::present ||
                           row.forms[*field] == FieldForm::as_text;
        const std::int64_t value = field ? row.values[*field] : action.traits[properties_[p].trait];
        count(p, side, there, value);
      }
    }
  }

  /// `value`: as rows hold it; of a trait its index.
  void count(std::size_t p, std::size_t side, bool there, std::int64_t value) {
    const Property& property = properties_[p];
    Samples& samples = samples_[p];
    auto& cells = samples.cells[side];
    if (!there) {
      ++cells.back();
    } else if (property.is_number) {
      samples.numbers[side].add(value);
    } else {
      ++cells[cell_of(property, value)];
    }
  }

  static std::size_t cell_of(const Property& property, std::int64_t value) {
    if (property.texts.empty())
      return static_cast<std::size_t>(mix64(static_cast<std::uint64_t>(value)) % hashed_cells);
    if (!property.field) return static_cast<std::size_t>(value);
    const auto& listed = property.row_values;
    return static_cast<std::size_t>(std::find(listed.begin(), listed.end(), value) -
                                    listed.begin());
  }

  const std::vector<FieldPlan>& fields() const { return scenario_.plan.actions[*plan_.of].fields; }

  void judge(std::size_t p, double& worst, AssertionReport& report) const {
    const Property& property = properties_[p];
    const Samples& samples = samples_[p];
    const double alarm = alarm_of_all / static_cast<double>(properties_.size());
    const bool numbers =
        property.is_number && samples.numbers[0].count() > 0 && samples.numbers[1].count() > 0;
    const auto filled = [](const std::vector<std::uint64_t>& cells) {
      return std::any_of(cells.begin(), cells.end(), [](std::uint64_t n) { return n > 0; });
    };
    if (!numbers && !(filled(samples.cells[0]) && filled(samples.cells[1]))) return;
    const SampleTest test = numbers
                                ? kolmogorov_smirnov(samples.numbers[0], samples.numbers[1], alarm)
                                : chi_square(samples.cells[0], samples.cells[1], alarm);
    const double tolerance = within().value();
    Verdict verdict = Verdict::pass;
    if (test.distance > tolerance && test.p < alarm) {
      verdict = Verdict::fail;
    } else if (test.floor > tolerance) {
      verdict = Verdict::unknown;
    }
    report.lines.push_back({property.name, report.expected,
                            fmt::format("{:.1f}% (noise floor {:.1f}%, p {:.2g})",
                                        100 * test.distance, 100 * test.floor, test.p),
                            moved_most(property, samples), verdict});
    if (test.distance > worst)
      report.actual = fmt::format("{:.1f}% ({})", 100 * test.distance, property.name);
    worst = std::max(worst, test.distance);
    conclude(property.name, test, verdict, report);
  }

  void conclude(const std::string& name, const SampleTest& test, Verdict verdict,
                AssertionReport& report) const {
    if (verdict == Verdict::fail) {
      const std::string more = fmt::format("{} differs by {:.1f}%", name, 100 * test.distance);
      report.why = report.found == Verdict::fail ? report.why + ", " + more : more;
      report.sample_needed = 0;
    } else if (verdict == Verdict::unknown && report.found != Verdict::fail) {
      const double times = test.floor / within().value();
      report.sample_needed = std::max(
          report.sample_needed, static_cast<std::uint64_t>(
                                    std::ceil(static_cast<double>(report.sample) * times * times)));
      report.why = fmt::format("too few for this tolerance, {} are needed", report.sample_needed);
    }
    report.found = parallax::merge(report.found, verdict);
  }

  /// "DE 12.0% -> 30.0%": the listed value whose share differs most, the reference first.
  static std::string moved_most(const Property& property, const Samples& samples) {
    if (property.is_number || property.texts.empty()) return "";
    std::array<double, 2> sums{};
    for (std::size_t s = 0; s < 2; ++s)
      for (const std::uint64_t n : samples.cells[s]) sums[s] += static_cast<double>(n);
    const auto share = [&](std::size_t s, std::size_t i) {
      return static_cast<double>(samples.cells[s][i]) / sums[s];
    };
    std::size_t most = 0;
    const auto gap = [&](std::size_t i) { return std::abs(share(0, i) - share(1, i)); };
    for (std::size_t i = 1; i < samples.cells[0].size(); ++i)
      if (gap(i) > gap(most)) most = i;
    if (gap(most) == 0) return "";
    const std::string name = most < property.texts.size() ? property.texts[most] : "no value";
    return fmt::format("{} {:.1f}% -> {:.1f}%", name, 100 * share(1, most), 100 * share(0, most));
  }

  const AssertionPlan& plan_;
  const Scenario& scenario_;
  Selection selection_;
  std::vector<Property> properties_;
  std::vector<Samples> samples_;  ///< Parallel to properties_.
  std::array<std::uint64_t, 2> sizes_{};
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_drift(const AssertionPlan& plan, const Scenario& scenario) {
  const bool is_baseline = plan.against == AssertionPlan::Against::baseline;
  if (!plan.of || is_baseline != plan.baseline.has_value())
    return Error{Error::Kind::invalid_input, "a drift needs an action, and a baseline its span",
                 "of"};
  return make_tally_of<DriftTally>(plan, scenario);
}

}  // namespace parallax
