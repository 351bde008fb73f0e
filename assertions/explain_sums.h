// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "assertions/explain.h"

/// The steps of an explanation; explain.cpp takes them in order.
namespace parallax::explain {

/// Counts of one side of a comparison: rows before and after.
struct Quad {
  double client0 = 0, server0 = 0, client1 = 0, server1 = 0;
  void add(const Cell& cell, bool later) {
    const double n = cell.actions;
    (later ? client1 : client0) += n * cell.client;
    (later ? server1 : server0) += n * cell.server;
  }
};

/// Twice the log-likelihood that two binomial shares of client rows instead of one gain.
double gain(const Quad& quad);

Sums sums_of(const Facts& facts, Window window);

/// Variance of rows over that of independent rows: an action's two rows go together.
double dispersion_of(const Sums& sums);

/// Fills change, its interval, its score and both windows. False where there are too few rows.
bool find_change(const Facts& facts, Explanation& out);
/// The deploy inside the interval of the change, or shortly before it.
void find_deploy(const Facts& facts, Explanation& out);

void decompose(const Facts& facts, Explanation& out);
/// The attribute within whose segments no change is proven; null where every attribute proves one.
const Parts* unproven(const Explanation& explanation);

/// Fills best, runners_up and remainder.
void scan_predicates(const Facts& facts, Explanation& out);

void count_multiplicities(const Facts& facts, Explanation& out);
/// After scan_predicates: the largest mechanism is told inside and outside of the best's rows.
void build_steps(const Facts& facts, Explanation& out);
void find_safe_metrics(const Facts& facts, Explanation& out);

/// Whether the suspect's predicates hold for the cell.
bool holds(const Facts& facts, const Suspect& suspect, std::size_t cell);

}  // namespace parallax::explain
