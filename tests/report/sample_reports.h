// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/run/report.h"

/// Hand-made reports of each kind.
namespace parallax::test {

/// A run of a shop in which everything holds.
RunReport passing_report();
/// The same shop against a pipeline that double counts: two failing assertions, one unknown.
RunReport failing_report();
/// The shop as a load of which a few requests were never answered.
RunReport load_report();
/// Nothing was measured.
RunReport unknown_report();
/// A failing report in which every text is an attack on whatever reads it.
RunReport hostile_report();

}  // namespace parallax::test
