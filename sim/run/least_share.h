// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "assertions/judgement.h"
#include "sim/core/result.h"

/// How small a share of its cases a bug may strike and still be found in 95 % of the runs.
///
/// No check of single actions has a tolerance, so a bug is found where `needed` of its cases are
/// struck: one, or two where a single one has nothing to merge with. Each of n cases is struck with
/// the chance s, by its hash: the least share is the s at which fewer are struck in 5 % of the
/// runs. That is computed; whether it is so is checked by playing the share, and a tenth of it.
namespace parallax {

/// What a bug strikes one of at a time, and how many of them a run at full strength has.
struct Cases {
  std::string_view unit = "actions";
  /// SQL over the tables of a run folder (ledger_parquet.h) and `failed`: the actions that failed.
  std::string_view counted = "select count(*) from failed";
  unsigned needed = 1;  ///< Struck cases that show it; 0: its switch is no share.
  /// What a few struck cases may be taken for, where only many tell: a window that forgets one copy
  /// in a hundred is none. `none` stands for nothing.
  std::array<Cause, 2> few_are{};
};
/// Errors: the folder has no tables.
Result<std::int64_t> count_cases(const std::filesystem::path& run_folder, const Cases& cases);

/// How likely fewer than `needed` of so many cases are struck. `n` need not be whole: it may be
/// scaled up from a smaller run. Precondition: 0 <= share <= 1.
double chance_unseen(double share, double n, unsigned needed);
/// 1 where there are not even as many cases as needed.
double least_share(double n, unsigned needed);

/// Over how many seeds a share was played, and in how many the bug was found.
struct ShareCheck {
  unsigned seeds = 0;
  unsigned found = 0;
  unsigned tenth_seeds = 0;  ///< In which a tenth of the share was played too.
  unsigned found_at_tenth = 0;
};
/// Fewer of so many seeds than this are refused for what is found with the chance: 1 % of the right
/// ones are (binomial law).
unsigned fewest_found(unsigned seeds, double chance);
/// More than this are.
unsigned most_found(unsigned seeds, double chance);

/// `too_seldom`: the share is not found in 95 %. `too_often`: it is not the least one.
enum class ShareOutcome : std::uint8_t { holds, too_seldom, too_often };
ShareOutcome outcome_of(const ShareCheck& check, double n, unsigned needed);

}  // namespace parallax
