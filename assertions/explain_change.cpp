// SPDX-License-Identifier: Apache-2.0
// When: the split of the whole time into two parts whose ratios differ most.
#include <algorithm>
#include <cmath>

#include "assertions/explain_sums.h"
#include "sim/core/math.h"

namespace parallax::explain {
namespace {

/// Supremum of a likelihood ratio over split points: chance reaches 20 about once in ten thousand
/// quiet series (Andrews 1993, table 1, continued by its asymptotic tail).
constexpr double change_score_min = 20;
/// Splits leave at least a part of so many on either side.
constexpr std::int32_t trim = 12;
/// 95 % of a chi-square of one degree of freedom.
constexpr double drop_95 = 3.84;
/// What is noticed so long after a deploy may still be its doing: clients update, caches expire.
constexpr Micros deploy_reach = 3 * hour;

double log_likelihood(double hits, double misses) {
  const double all = hits + misses;
  const auto term = [all](double x) { return x > 0 ? x * math::log(x / all) : 0; };
  return term(hits) + term(misses);
}

std::vector<Quad> quads_by_split(const Facts& facts) {
  const auto buckets = static_cast<std::size_t>(facts.buckets);
  std::vector<double> client(buckets), server(buckets);
  for (const Cell& cell : facts.cells) {
    const auto at = static_cast<std::size_t>(cell.bucket);
    client[at] += static_cast<double>(cell.actions) * cell.client;
    server[at] += static_cast<double>(cell.actions) * cell.server;
  }
  std::vector<Quad> out(buckets + 1);
  for (std::size_t i = 0; i < buckets; ++i) {
    out[i + 1].client0 = out[i].client0 + client[i];
    out[i + 1].server0 = out[i].server0 + server[i];
  }
  for (Quad& quad : out) {
    quad.client1 = out.back().client0 - quad.client0;
    quad.server1 = out.back().server0 - quad.server0;
  }
  return out;
}

}  // namespace

double gain(const Quad& q) {
  return 2 * (log_likelihood(q.client0, q.server0) + log_likelihood(q.client1, q.server1) -
              log_likelihood(q.client0 + q.client1, q.server0 + q.server1));
}

bool find_change(const Facts& facts, Explanation& out) {
  const std::int32_t margin = std::max(facts.buckets / trim, 1);
  if (facts.buckets < 2 * margin + 1) return false;
  const std::vector<Quad> splits = quads_by_split(facts);
  const double dispersion = dispersion_of(sums_of(facts, {0, facts.buckets}));
  const auto score = [&](std::int32_t at) {
    return gain(splits[static_cast<std::size_t>(at)]) / dispersion;
  };
  std::int32_t best = margin;
  for (std::int32_t at = margin; at <= facts.buckets - margin; ++at)
    if (score(at) > score(best)) best = at;
  out.before_window = {0, best};
  out.after_window = {best, facts.buckets};
  out.change_score = score(best);
  if (out.change_score < change_score_min) return true;
  out.change = best;
  out.change_between = {best, best};
  const double enough = out.change_score - drop_95;
  for (std::int32_t at = margin; at <= facts.buckets - margin; ++at) {
    if (score(at) < enough) continue;
    out.change_between.from = std::min(out.change_between.from, at);
    out.change_between.until = std::max(out.change_between.until, at);
  }
  return true;
}

void find_deploy(const Facts& facts, Explanation& out) {
  const Window at =
      out.change ? out.change_between : Window{out.before_window.until, out.after_window.from};
  const Micros from = (at.from - 1) * facts.bucket - deploy_reach;
  const Micros until = (at.until + 1) * facts.bucket;
  const Micros change = (out.change ? *out.change : at.until) * facts.bucket;
  for (const Deploy& deploy : facts.deploys) {
    if (deploy.at < from || deploy.at > until) continue;
    const auto distance = [&](const Deploy& d) { return std::abs(d.at - change); };
    if (!out.deploy || distance(deploy) < distance(*out.deploy)) out.deploy = deploy;
  }
}

}  // namespace parallax::explain
