// SPDX-License-Identifier: Apache-2.0
// Which rows: of all predicates, and all pairs of them, the one under which a single factor on the
// ratio explains most. C | C + S is binomial; the gain is that of two shares (before, after) over
// one, among the rows that the predicates select. Another predicate has to be worth ln(actions).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "assertions/explain_sums.h"
#include "sim/core/math.h"

namespace parallax::explain {
namespace {

constexpr std::size_t runners_up_max = 5;
/// Of the suspects by score, so many are compared with the best for the rows that they share.
constexpr std::size_t compared_max = 60;
constexpr double same_rows_min = 0.98;

using Table = std::vector<Quad>;

/// Every cell of both windows, with whether it is of the later one.
template <class Take>
void each_cell(const Facts& facts, const Explanation& e, Take take) {
  for (std::size_t i = 0; i < facts.cells.size(); ++i) {
    const bool later = e.after_window.holds(facts.cells[i].bucket);
    if (later || e.before_window.holds(facts.cells[i].bucket)) take(i, later);
  }
}

/// Infinite where no server row is left.
double ratio_of(double client, double server) {
  if (server > 0) return client / server;
  return client > 0 ? std::numeric_limits<double>::infinity() : 0;
}

/// Rows of a kind that there was not before are held against all rows of before.
Quad comparable(Quad quad, const Explanation& e) {
  constexpr double rows_min = 20;
  if (quad.client0 + quad.server0 >= rows_min) return quad;
  quad.client0 = e.before.client;
  quad.server0 = e.before.server;
  return quad;
}

Suspect suspect(const Quad& quad, const Explanation& e, double actions,
                std::vector<std::pair<std::size_t, std::uint8_t>> predicates) {
  Suspect out;
  const Quad held = comparable(quad, e);
  out.score = gain(held) / e.dispersion -
              static_cast<double>(predicates.size()) * math::log(std::max(actions, 2.0));
  out.before = ratio_of(held.client0, held.server0);
  out.after = ratio_of(quad.client1, quad.server1);
  const double ratio = e.before.ratio();
  out.excess = (quad.client1 - ratio * quad.server1) / e.after.server -
               (quad.client0 - ratio * quad.server0) / e.before.server;
  out.predicates = std::move(predicates);
  return out;
}

void scan_single(const Facts& facts, const Explanation& e, double actions,
                 std::vector<Suspect>& out) {
  for (std::size_t a = 0; a < facts.attributes.size(); ++a) {
    Table table(facts.attributes[a].predicates.size());
    each_cell(facts, e, [&](std::size_t i, bool later) {
      table[facts.code(i, a)].add(facts.cells[i], later);
    });
    for (std::size_t v = 0; v < table.size(); ++v)
      out.push_back(suspect(table[v], e, actions, {{a, static_cast<std::uint8_t>(v)}}));
  }
}

void scan_pairs(const Facts& facts, const Explanation& e, double actions,
                std::vector<Suspect>& out) {
  for (std::size_t a = 0; a < facts.attributes.size(); ++a)
    for (std::size_t b = a + 1; b < facts.attributes.size(); ++b) {
      const std::size_t width = facts.attributes[b].predicates.size();
      Table table(facts.attributes[a].predicates.size() * width);
      each_cell(facts, e, [&](std::size_t i, bool later) {
        table[facts.code(i, a) * width + facts.code(i, b)].add(facts.cells[i], later);
      });
      for (std::size_t v = 0; v < table.size(); ++v)
        if (const Suspect found = suspect(table[v], e, actions,
                                          {{a, static_cast<std::uint8_t>(v / width)},
                                           {b, static_cast<std::uint8_t>(v % width)}});
            found.score > 0)
          out.push_back(found);
    }
}

std::string text_of(const Facts& facts, const Suspect& one) {
  std::string out;
  for (const auto& [attribute, code] : one.predicates)
    out += (out.empty() ? "" : " and ") + facts.attributes[attribute].predicates[code];
  return out.empty() ? "all of them" : out;
}

/// Actions that both select, of those that either does.
double overlap(const Facts& facts, const Explanation& e, const Suspect& a, const Suspect& b) {
  double both = 0, either = 0;
  each_cell(facts, e, [&](std::size_t i, bool) {
    const bool in_a = holds(facts, a, i), in_b = holds(facts, b, i);
    both += in_a && in_b ? facts.cells[i].actions : 0;
    either += in_a || in_b ? facts.cells[i].actions : 0;
  });
  return either > 0 ? both / either : 0;
}

double share_of(const Facts& facts, const Explanation& e, const Suspect& one) {
  double selected = 0, all = 0;
  each_cell(facts, e, [&](std::size_t i, bool later) {
    if (!later) return;
    all += facts.cells[i].actions;
    if (holds(facts, one, i)) selected += facts.cells[i].actions;
  });
  return all > 0 ? selected / all : 0;
}

/// Whether `one` is `other` with a predicate more.
bool narrows(const Suspect& one, const Suspect& other) {
  return one.predicates.size() > other.predicates.size() &&
         std::all_of(other.predicates.begin(), other.predicates.end(), [&](const auto& p) {
           return std::find(one.predicates.begin(), one.predicates.end(), p) !=
                  one.predicates.end();
         });
}

}  // namespace

bool holds(const Facts& facts, const Suspect& suspect, std::size_t cell) {
  return std::all_of(suspect.predicates.begin(), suspect.predicates.end(),
                     [&](const auto& p) { return facts.code(cell, p.first) == p.second; });
}

void scan_predicates(const Facts& facts, Explanation& out) {
  double actions = 0;
  Quad all;
  each_cell(facts, out, [&](std::size_t i, bool later) {
    actions += facts.cells[i].actions;
    all.add(facts.cells[i], later);
  });
  std::vector<Suspect> found{suspect(all, out, actions, {})};
  scan_single(facts, out, actions, found);
  scan_pairs(facts, out, actions, found);
  std::stable_sort(found.begin(), found.end(), [](const Suspect& a, const Suspect& b) {
    return a.score != b.score ? a.score > b.score : a.predicates.size() < b.predicates.size();
  });
  found.resize(std::min(found.size(), compared_max));
  for (Suspect& one : found) one.text = text_of(facts, one);
  out.best = found.front();
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (overlap(facts, out, out.best, found[i]) > same_rows_min) {
      if (!narrows(found[i], out.best)) out.best.same_rows.push_back(found[i].text);
    } else if (out.runners_up.size() < runners_up_max) {
      out.runners_up.push_back(found[i]);
    }
  }
  out.best.share = share_of(facts, out, out.best);
  for (Suspect& one : out.runners_up) one.share = share_of(facts, out, one);
  out.remainder = out.move() - out.best.excess;
}

}  // namespace parallax::explain
