// SPDX-License-Identifier: Apache-2.0
#include "assertions/explain.h"

#include <algorithm>
#include <cmath>

#include "assertions/explain_sums.h"

namespace parallax::explain {
namespace {

/// Below so many rows of the server a window says nothing.
constexpr double server_rows_min = 50;
/// A move is told from this many standard errors on.
constexpr double errors_min = 4;
/// The mix is the explanation where it makes at least so much of the move.
constexpr double mix_share_min = 0.5;

bool is_beyond_chance(const Explanation& e) {
  const double error = std::hypot(e.before.error(), e.after.error());
  return std::abs(e.move()) > errors_min * error;
}

}  // namespace

double Sums::error() const { return server > 0 ? std::sqrt(spread) / server : 0; }

const Step* Explanation::mechanism() const {
  const Step* largest = nullptr;
  for (const Step& step : steps)
    if (step.why != 0 && (largest == nullptr || std::abs(step.by) > std::abs(largest->by)))
      largest = &step;
  return largest;
}

Sums sums_of(const Facts& facts, Window window) {
  Sums out;
  for (const Cell& cell : facts.cells) {
    if (!window.holds(cell.bucket)) continue;
    const double n = cell.actions;
    out.actions += n * cell.expected;
    out.client += n * cell.client;
    out.server += n * cell.server;
  }
  const double ratio = out.ratio();
  for (const Cell& cell : facts.cells) {
    if (!window.holds(cell.bucket)) continue;
    const double off = cell.client - ratio * cell.server;
    out.spread += cell.actions * off * off;
  }
  return out;
}

double dispersion_of(const Sums& sums) {
  const double independent = sums.server * sums.ratio() * (1 + sums.ratio());
  // At least a part of a hundred: a window in which every action has one row on each side has no
  // spread at all, and one odd action would then be a certainty.
  return independent > 0 ? std::max(sums.spread / independent, 0.01) : 1;
}

Explanation explain(const Facts& facts, const std::optional<Windows>& windows) {
  Explanation out;
  out.event = facts.event;
  out.start = facts.start;
  out.bucket = facts.bucket;
  if (windows) {
    out.before_window = windows->before;
    out.after_window = windows->after;
  } else if (!find_change(facts, out)) {
    out.before_window = out.after_window = {0, facts.buckets};
  }
  out.before = sums_of(facts, out.before_window);
  out.after = sums_of(facts, out.after_window);
  out.dispersion = dispersion_of(out.before);
  count_multiplicities(facts, out);
  find_safe_metrics(facts, out);
  const bool enough = out.before.server >= server_rows_min && out.before.client > 0 &&
                      out.after.client >= server_rows_min && out.after.server > 0;
  out.needed = server_rows_min;
  if (!enough) return out;
  out.finding = Finding::quiet;
  if ((!windows && !out.change) || !is_beyond_chance(out)) return out;
  decompose(facts, out);
  if (const Parts* parts = unproven(out)) {
    if (parts->mix / out.move() < mix_share_min) return out;
    out.mix_attribute = parts->attribute;
    out.finding = Finding::mix;
    return out;
  }
  out.finding = Finding::cause;
  find_deploy(facts, out);
  scan_predicates(facts, out);
  build_steps(facts, out);
  return out;
}

}  // namespace parallax::explain
