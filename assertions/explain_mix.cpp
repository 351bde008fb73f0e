// SPDX-License-Identifier: Apache-2.0
// Mix or rate: did segments change, or only their shares? By Kitagawa, "Components of a difference
// between two rates", JASA 50 (1955): dR = sum mean(w) dr + sum (mean(r) - mean(R)) dw, with
// w = a segment's share of the server rows and r its client rows per server row.
#include <algorithm>
#include <cmath>

#include "assertions/explain_sums.h"

namespace parallax::explain {
namespace {

/// A segment with fewer server rows in a window has no ratio to compare.
constexpr double server_rows_min = 20;
/// Within the segments nothing is proven below so many standard errors: the root of the score that
/// a change point needs, since the windows were chosen to differ most.
constexpr double errors_max = 4.5;

struct Segment {
  Quad rows;
  double spread0 = 0, spread1 = 0;
};

std::vector<Segment> segments_of(const Facts& facts, std::size_t attribute,
                                 const Explanation& out) {
  std::vector<Segment> segments(facts.attributes[attribute].predicates.size());
  const auto each = [&](auto take) {
    for (std::size_t i = 0; i < facts.cells.size(); ++i) {
      const Cell& cell = facts.cells[i];
      const bool later = out.after_window.holds(cell.bucket);
      if (later || out.before_window.holds(cell.bucket))
        take(segments[facts.code(i, attribute)], cell, later);
    }
  };
  each([](Segment& s, const Cell& cell, bool later) { s.rows.add(cell, later); });
  each([](Segment& s, const Cell& cell, bool later) {
    const double server = later ? s.rows.server1 : s.rows.server0;
    const double client = later ? s.rows.client1 : s.rows.client0;
    if (server <= 0) return;
    const double off = cell.client - client / server * cell.server;
    (later ? s.spread1 : s.spread0) += cell.actions * off * off;
  });
  return segments;
}

/// A value may be missing because the row that has it is: then it is an effect, and no mix.
bool has_missing(const Attribute& attribute) {
  return std::any_of(attribute.predicates.begin(), attribute.predicates.end(),
                     [](const std::string& text) { return text.ends_with(" is missing"); });
}

bool comparable(const std::vector<Segment>& segments) {
  for (const Segment& s : segments) {
    const bool there = s.rows.client0 + s.rows.server0 + s.rows.client1 + s.rows.server1 > 0;
    if (there && (s.rows.server0 < server_rows_min || s.rows.server1 < server_rows_min))
      return false;
  }
  return true;
}

Parts parts_of(const std::vector<Segment>& segments, const Explanation& out) {
  Parts parts;
  double variance = 0;
  const double mean = (out.before.ratio() + out.after.ratio()) / 2;
  for (const Segment& s : segments) {
    if (s.rows.server0 <= 0 || s.rows.server1 <= 0) continue;
    const double w0 = s.rows.server0 / out.before.server, w1 = s.rows.server1 / out.after.server;
    const double r0 = s.rows.client0 / s.rows.server0, r1 = s.rows.client1 / s.rows.server1;
    const double w = (w0 + w1) / 2;
    parts.rate += w * (r1 - r0);
    parts.mix += ((r0 + r1) / 2 - mean) * (w1 - w0);
    variance += w * w *
                (s.spread0 / (s.rows.server0 * s.rows.server0) +
                 s.spread1 / (s.rows.server1 * s.rows.server1));
  }
  parts.rate_error = std::sqrt(variance);
  return parts;
}

}  // namespace

void decompose(const Facts& facts, Explanation& out) {
  for (std::size_t i = 0; i < facts.attributes.size(); ++i) {
    if (has_missing(facts.attributes[i])) continue;
    const std::vector<Segment> segments = segments_of(facts, i, out);
    if (!comparable(segments)) continue;
    out.parts.push_back(parts_of(segments, out));
    out.parts.back().attribute = facts.attributes[i].name;
  }
}

const Parts* unproven(const Explanation& e) {
  const Parts* best = nullptr;
  for (const Parts& parts : e.parts) {
    if (std::abs(parts.rate) > errors_max * parts.rate_error) continue;
    if (best == nullptr || std::abs(parts.rate) < std::abs(best->rate)) best = &parts;
  }
  return best;
}

}  // namespace parallax::explain
