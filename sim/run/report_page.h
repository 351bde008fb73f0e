// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Largest report.html, in bytes.
constexpr std::size_t page_size_max = 4'900'000;

/// Writes report.html of a run folder that has its report.json: one file without any link to the
/// outside. All it says comes from the folder: report.json, load.json where it was a load, the
/// effective scenario (`scenario` is it, loaded) and target with secrets masked, and the tables in
/// ledger/. Single actions are a sample, so that the page stays below `size_max`; it says of how
/// many.
///
/// Errors: report.json or a table is missing or damaged, the disk is full.
Result<void> write_report_page(const std::filesystem::path& folder, const Scenario& scenario,
                               std::size_t size_max = page_size_max);

/// The page without its data, which goes between `before` and `after`; made by page/build.mjs.
struct PageTemplate {
  std::string_view before, after;
};
PageTemplate embedded_page();

}  // namespace parallax
