// SPDX-License-Identifier: Apache-2.0
#include "sim/run/least_share.h"

#include <cassert>
#include <string>

#include "sim/core/duckdb.h"
#include "sim/core/math.h"

namespace parallax {
namespace {

constexpr double unseen = 0.05, refused = 0.01;

/// `base` to the `exponent`; 0 where that is too little to count.
double power(double base, double exponent) {
  constexpr double least = -700;
  if (base <= 0) return 0;
  const double log = exponent * math::log(base);
  return log < least ? 0 : math::exp(log);
}

/// How likely at most `hits` of `n` are hit.
double at_most(unsigned hits, double n, double chance) {
  const double odds = chance / (1 - chance);
  double term = power(1 - chance, n), sum = term;
  for (unsigned i = 0; i < hits; ++i) {
    term *= (n - i) / (i + 1) * odds;
    sum += term;
  }
  return sum;
}

}  // namespace

Result<std::int64_t> count_cases(const std::filesystem::path& run_folder, const Cases& cases) {
  auto database = duckdb::Database::open({});
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  std::string views;
  for (const char* const table : {"actions", "verdicts", "attempts", "deliveries", "rows"})
    views += std::string("create view ") + table + " as from read_parquet(" +
             duckdb::quote_literal(
                 (run_folder / "ledger" / (table + std::string(".parquet"))).string()) +
             ");";
  views +=
      "create view failed as select a.* from actions a join verdicts v using (action_id) "
      "where v.verdict not in ('ok', 'recovered', 'excused')";
  if (const Result<void> made = sql->run(views); !made) return made.error();
  return sql->integer(std::string(cases.counted));
}

double chance_unseen(double share, double n, unsigned needed) {
  assert(share >= 0 && share <= 1 && needed > 0);
  if (n < needed) return 1;
  return share >= 1 ? 0 : at_most(needed - 1, n, share);
}

double least_share(double n, unsigned needed) {
  double low = 0, high = 1;
  if (n < needed) return high;
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (chance_unseen(middle, n, needed) > unseen ? low : high) = middle;
  }
  return high;
}

unsigned fewest_found(unsigned seeds, double chance) {
  unsigned fewest = 0;
  // By those that are missed, which are few: a small power of the chance would be lost.
  const auto at_most_found = [&](unsigned found) {
    return 1 - at_most(seeds - found - 1, seeds, 1 - chance);
  };
  while (fewest < seeds && at_most_found(fewest) < refused) ++fewest;
  return fewest;
}

unsigned most_found(unsigned seeds, double chance) {
  unsigned most = 0;
  while (most < seeds && 1 - at_most(most, seeds, chance) >= refused) ++most;
  return most;
}

ShareOutcome outcome_of(const ShareCheck& check, double n, unsigned needed) {
  if (check.found < fewest_found(check.seeds, 1 - unseen)) return ShareOutcome::too_seldom;
  const double chance = 1 - chance_unseen(least_share(n, needed) / 10, n, needed);
  return check.found_at_tenth > most_found(check.tenth_seeds, chance) ? ShareOutcome::too_often
                                                                      : ShareOutcome::holds;
}

}  // namespace parallax
