// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

namespace parallax {

/// Positions in a list, ascending.
using Positions = std::vector<std::size_t>;

/// The part of 0 .. count-1 that is left when no single element can be taken away without `holds`
/// becoming false: delta debugging (ddmin: Zeller, Hildebrandt, "Simplifying and isolating
/// failure-inducing input", IEEE TSE 28(2), 2002). Deterministic. There may be other such parts,
/// and smaller ones.
/// Precondition: `holds` of all elements. It is asked at most count^2 + 3 count + 1 times, about
/// some parts again; one that answers false from some point on ends the search within 2 count
/// questions.
Positions minimal_part(std::size_t count, const std::function<bool(const Positions&)>& holds);

}  // namespace parallax
