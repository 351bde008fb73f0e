// SPDX-License-Identifier: Apache-2.0
// How: what is wrong with the rows of one action, counted so that the parts add up to the move.
// With R the ratio before, an action adds client - R * server; one row on each side is what is
// expected, and each row too few or too many is a part by itself. Sum over a window / its server
// rows = its ratio - R.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "assertions/explain_sums.h"

namespace parallax::explain {
namespace {

constexpr double ten_thousand = 10'000;
/// Parts smaller than so much of the move are told together.
constexpr double step_share_min = 0.02;
constexpr std::size_t multiplicities_max = 8;

/// A mechanism on one side, inside or outside of the best suspect's rows.
struct Key {
  std::uint16_t why = 0;
  bool client = false;
  bool inside = false;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Part {
  double before = 0, after = 0;                  ///< Of the ratio.
  double actions_before = 0, actions_after = 0;  ///< That it is true of.
  double by() const { return after - before; }
};

void add(Part& part, double value, double actions, bool later) {
  (later ? part.after : part.before) += value;
  (later ? part.actions_after : part.actions_before) += actions;
}

/// Parts by mechanism; why 0 is the rows that are as expected.
std::map<Key, Part> parts_of(const Facts& facts, const Explanation& e) {
  std::map<Key, Part> parts;
  const double ratio = e.before.ratio();
  for (std::size_t i = 0; i < facts.cells.size(); ++i) {
    const Cell& cell = facts.cells[i];
    const bool later = e.after_window.holds(cell.bucket);
    if (!later && !e.before_window.holds(cell.bucket)) continue;
    const double n = cell.actions, each = n / (later ? e.after.server : e.before.server);
    const bool inside = holds(facts, e.best, i);
    add(parts[{0, false, false}], each * cell.expected * (1 - ratio), n, later);
    if (cell.client != cell.expected)
      add(parts[{cell.why_client, true, inside}], each * (cell.client - cell.expected), n, later);
    if (cell.server != cell.expected)
      add(parts[{cell.why_server, false, inside}], -ratio * each * (cell.server - cell.expected), n,
          later);
  }
  return parts;
}

/// A mechanism is told apart inside and outside of the suspect's rows only where that is the
/// answer.
std::map<Key, Part> joined(const std::map<Key, Part>& parts, const Explanation& e) {
  Key main;
  for (const auto& [key, part] : parts)
    if (key.why != 0 && std::abs(part.by()) > std::abs(main.why == 0 ? 0 : parts.at(main).by()))
      main = key;
  std::map<Key, Part> out;
  for (const auto& [each, part] : parts) {
    Key key = each;
    const bool apart = key.why == main.why && key.client == main.client && main.inside &&
                       !e.best.predicates.empty();
    key.inside = key.inside && apart;
    Part& sum = out[key];
    add(sum, part.before, part.actions_before, false);
    add(sum, part.after, part.actions_after, true);
  }
  return out;
}

/// Rounds to ten-thousandths so that the steps still sum to the rounded whole: by largest
/// remainder.
void round_steps(const std::vector<double>& exact, std::int64_t whole, std::vector<Step>& steps) {
  std::int64_t sum = 0;
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].by = static_cast<std::int64_t>(std::floor(exact[i] * ten_thousand));
    sum += steps[i].by;
  }
  const auto rest = [&](std::size_t i) {
    return exact[i] * ten_thousand - static_cast<double>(steps[i].by);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rest(a) > rest(b); });
  for (std::size_t i = 0; sum != whole; i = (i + 1) % order.size()) {
    steps[order[i]].by += sum < whole ? 1 : -1;
    sum += sum < whole ? 1 : -1;
  }
}

std::int64_t rounded(double ratio) { return std::llround(ratio * ten_thousand); }

}  // namespace

void build_steps(const Facts& facts, Explanation& out) {
  const double actions0 = std::max(out.before.actions, 1.0);
  const double actions1 = std::max(out.after.actions, 1.0);
  const std::map<Key, Part> parts = joined(parts_of(facts, out), out);
  const bool split =
      std::any_of(parts.begin(), parts.end(), [](const auto& entry) { return entry.first.inside; });
  std::vector<double> exact;
  double small = 0;
  for (const auto& [key, part] : parts) {
    if (key.why == 0 || std::abs(part.by()) < step_share_min * std::abs(out.move())) {
      small += part.by();
      continue;
    }
    Step step;
    step.why = key.why;
    step.client = key.client;
    step.text = facts.whys[key.why];
    if (key.inside) step.text += ", " + out.best.text;
    const bool rest_of_split = split && parts.contains({key.why, key.client, true}) && !key.inside;
    if (rest_of_split) step.text += ", all others";
    step.before = part.actions_before / actions0;
    step.after = part.actions_after / actions1;
    out.steps.push_back(std::move(step));
    exact.push_back(part.by());
  }
  out.steps.push_back({"everything else", 0, 0, 0, 0, false});
  exact.push_back(small);
  round_steps(exact, rounded(out.after.ratio()) - rounded(out.before.ratio()), out.steps);
  std::stable_sort(out.steps.begin(), out.steps.end() - 1,
                   [](const Step& a, const Step& b) { return std::abs(a.by) > std::abs(b.by); });
}

void count_multiplicities(const Facts& facts, Explanation& out) {
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::array<double, 2>> counts;
  std::array<double, 2> all{};
  for (const Cell& cell : facts.cells)
    for (const bool later : {false, true}) {
      if (!(later ? out.after_window : out.before_window).holds(cell.bucket)) continue;
      if (cell.expected == 0 && cell.client + cell.server == 0) continue;
      counts[{cell.client, cell.server}][later ? 1 : 0] += cell.actions;
      all[later ? 1 : 0] += cell.actions;
    }
  for (const auto& [rows, actions] : counts)
    out.multiplicities.push_back({rows.first, rows.second, actions[0] / std::max(all[0], 1.0),
                                  actions[1] / std::max(all[1], 1.0)});
  const auto moved = [](const Multiplicity& m) { return std::abs(m.after - m.before); };
  std::stable_sort(out.multiplicities.begin(), out.multiplicities.end(),
                   [&](const auto& a, const auto& b) { return moved(a) > moved(b); });
  out.multiplicities.resize(std::min(out.multiplicities.size(), multiplicities_max));
}

void find_safe_metrics(const Facts& facts, Explanation& out) {
  constexpr double still = 0.01;
  constexpr std::array names{"distinct {} actions seen by either side, joined by event_id",
                             "distinct {} actions with a server row",
                             "distinct {} actions with a client row"};
  std::array<std::array<double, 2>, names.size()> seen{};
  std::array<double, 2> whole{};
  for (const Cell& cell : facts.cells)
    for (const std::size_t later : {0U, 1U}) {
      if (!(later == 1 ? out.after_window : out.before_window).holds(cell.bucket)) continue;
      const double n = cell.actions;
      if (facts.knows_unseen) whole[later] += n * cell.expected;
      seen[0][later] += cell.client + cell.server > 0 ? n : 0;
      seen[1][later] += cell.server > 0 ? n : 0;
      seen[2][later] += cell.client > 0 ? n : 0;
    }
  if (!facts.knows_unseen)
    whole = {static_cast<double>(out.before_window.until - out.before_window.from),
             static_cast<double>(out.after_window.until - out.after_window.from)};
  for (std::size_t i = 0; i < names.size(); ++i) {
    SafeMetric metric;
    metric.name = fmt::format(fmt::runtime(names[i]), facts.event);
    metric.before = seen[i][0] / std::max(whole[0], 1.0);
    metric.after = seen[i][1] / std::max(whole[1], 1.0);
    metric.stands_still =
        facts.knows_unseen && std::abs(metric.after - metric.before) < still * metric.before;
    out.safe.push_back(std::move(metric));
  }
  if (!facts.knows_unseen) return;
  std::stable_sort(out.safe.begin(), out.safe.end(), [](const SafeMetric& a, const SafeMetric& b) {
    return a.stands_still && !b.stands_still;
  });
}

}  // namespace parallax::explain
