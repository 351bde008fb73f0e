// SPDX-License-Identifier: Apache-2.0
// How often does the judge accuse a right pipeline? Three tables, for assertions/README.md:
//   false_alarms [SEEDS (1000)] [DRAWS (100000)] [NULL_SEEDS (60)]
// mixed: the clean pipeline under a mix of faults drawn anew for each seed. null: every assertion
// on days in which nothing is wrong. law: what each statistical verdict rests on, fed from just the
// distribution whose alarms it states.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>

#include "assertions/burn.h"
#include "assertions/ratio_band.h"
#include "assertions/share.h"
#include "assertions/two_samples.h"
#include "fault/fault.h"
#include "sim/core/prng.h"
#include "sim/run/runner.h"
#include "sim/run/scratch_folder.h"
#include "sim/scenario/load.h"

namespace {

using namespace parallax;
namespace fs = std::filesystem;
using Set = std::vector<std::pair<std::string, std::string>>;

struct Counts {
  std::uint64_t runs = 0, fails = 0, unknowns = 0;
  void add(Verdict verdict) {
    ++runs;
    fails += verdict == Verdict::fail ? 1U : 0U;
    unknowns += verdict == Verdict::unknown ? 1U : 0U;
  }
};

fs::path scenario_file(const char* name) {
  return fs::path(PARALLAX_SOURCE_DIR) / "scenarios" / name;
}

Result<Scenario> load(const char* name, const Set& set) {
  LoadOptions options;
  options.faults = fault_kinds();
  options.set = set;
  Loaded loaded = load_scenario(scenario_file(name), options);
  if (loaded.ok()) return std::move(loaded.scenario);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) return Error{Error::Kind::invalid_input, problem.text(), {}};
  return Error{Error::Kind::invalid_input, "cannot be loaded", name};
}

Result<RunReport> play(const char* name, const Set& set, const fs::path& folder) {
  const Result<Scenario> scenario = load(name, set);
  if (!scenario) return scenario.error();
  RunOptions options;
  options.folder = folder;
  return run_scenario(*scenario, load_target_text("{}", name).target, options);
}

/// A third of the faults off, the others at one of three rates: swarms find what one even mix
/// hides.
Set mix_of(int seed, const std::vector<FaultPlan>& faults) {
  constexpr std::array<const char*, 6> rates{"0", "0", "0.01", "0.1", "0.5", "0.5"};
  const Prng draw = Prng(static_cast<std::uint64_t>(seed)).stream("mix");
  Set set{{"/seed", std::to_string(seed)}};
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const bool bursts = faults[i].selector.choice == SelectorPlan::Choice::burst;
    const std::uint64_t pick = draw.at(i).below(rates.size());
    set.emplace_back(fmt::format("/faults/{}/{}rate", i, bursts ? "burst/" : ""), rates[pick]);
  }
  return set;
}

/// Plays `name` over the seeds; the verdicts of each assertion by its kind and name.
bool play_all(const char* name, int seeds, const std::function<Set(int)>& set_of,
              const fs::path& folder) {
  std::map<std::string, Counts> counts;
  std::uint64_t actions = 0, struck = 0;
  bool good = true;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Result<RunReport> report = play(name, set_of(seed), folder);
    if (!report) {
      fmt::print(stderr, "{}, seed {}: {}\n", name, seed, report.error().text());
      return false;
    }
    actions += report->actions_total;
    for (const RunReport::Fault& fault : report->faults) struck += fault.struck;
    for (const AssertionReport& assertion : report->assertions) {
      counts[assertion.kind].add(assertion.verdict);
      if (assertion.verdict != Verdict::fail) continue;
      fmt::print(stderr, "{}, seed {}: {} fails: {}\n", name, seed, assertion.name, assertion.why);
      good = false;
    }
  }
  fmt::print("\n{}: {} runs, {} actions, faults struck {} times\n\n", name, seeds, actions, struck);
  fmt::print("| assertion | judged | false alarms | unknown |\n| --- | ---: | ---: | ---: |\n");
  for (const auto& [kind, count] : counts)
    fmt::print("| `{}` | {} | {} | {} |\n", kind, count.runs, count.fails, count.unknowns);
  std::fflush(stdout);
  return good;
}

std::uint64_t binomial(Prng& draw, std::uint64_t n, double p) {
  std::uint64_t hits = 0;
  for (std::uint64_t i = 0; i < n; ++i) hits += draw.unit() < p ? 1U : 0U;
  return hits;
}

/// Whether a rule alarms over so many days of 3,000 actions in even steps, wrong at just the rate
/// at which it begins where one in a hundred may be.
bool burns_by_chance(const BurnRule& rule, Micros length, Prng& draw) {
  constexpr std::uint64_t actions = 3'000;
  const double edge = 0.01 * rule.factor_tenths / 10;
  std::map<SimTime, Tried> steps;
  for (std::uint64_t i = 0; i < actions; ++i) {
    const SimTime at{static_cast<Micros>(i) * (length / static_cast<Micros>(actions))};
    steps[at.floor(burn_step)] += {1, draw.unit() < edge ? 1U : 0U};
  }
  const auto burn = judge_burn(BurnWindows(steps), rule, Ratio{Ratio::one / 100});
  return burn && burn->since;
}

/// One verdict drawn from the law whose alarms are stated.
struct Law {
  const char* check;
  const char* null;
  double stated;  ///< Share of false alarms, at most.
  std::function<bool(Prng&)> alarms;
};

const std::vector<Law>& laws() {
  constexpr double three_sigma = rare_chance, drift_alarm = 0.001;
  static const std::vector<Law> all{
      {"order, latency, fields within, slo as a whole", "1 % wrong of 2,000, 1 % allowed",
       three_sigma,
       [](Prng& draw) {
         const auto allowed = Ratio{Ratio::one / 100};
         return judge_share(binomial(draw, 2'000, 0.01), 2'000, allowed).verdict == Verdict::fail;
       }},
      {"slo, x14.4 in 1h and 5m", "a day of 3,000 wrong at 14.4 %, 1 % allowed", three_sigma,
       [](Prng& draw) { return burns_by_chance(burn_rules[0], day, draw); }},
      {"slo, x6 in 6h and 30m", "a day of 3,000 wrong at 6 %, 1 % allowed", three_sigma,
       [](Prng& draw) { return burns_by_chance(burn_rules[1], day, draw); }},
      {"slo, x3 in 1d and 2h", "a week of 3,000 wrong at 3 %, 1 % allowed", three_sigma,
       [](Prng& draw) { return burns_by_chance(burn_rules[2], 7 * day, draw); }},
      {"slo, x1 in 3d and 6h", "a week of 3,000 wrong at 1 %, 1 % allowed", three_sigma,
       [](Prng& draw) { return burns_by_chance(burn_rules[3], 7 * day, draw); }},
      {"sampling", "55 % of 2,000 users, 50 % declared within 5 %", three_sigma,
       [](Prng& draw) {
         const double share = static_cast<double>(binomial(draw, 2'000, 0.55)) / 2'000;
         return share - 0.5 > 0.05 + doubt_of(0.5, 2'000);
       }},
      {"ratio, client per server", "1.05 of 2,000 actions, band up to 1.05", three_sigma,
       [](Prng& draw) {
         RatioSums sums;
         for (int i = 0; i < 2'000; ++i) sums.add(draw.unit() < 0.05 ? 2 : 1, 1);
         return judge_band(sums, 950'000, 1'050'000).verdict == Verdict::fail;
       }},
      {"ratio, one event per another", "90 % of 2,000, band from 0.90", three_sigma,
       [](Prng& draw) {
         const std::uint64_t of = binomial(draw, 2'000, 0.9);
         return judge_rate(of, 2'000, 900'000, 1'100'000).verdict == Verdict::fail;
       }},
      {"ratio against a baseline", "half of 2,000 twice, band from 1.0", three_sigma,
       [](Prng& draw) {
         const Rate now{binomial(draw, 2'000, 0.5), 2'000}, then{binomial(draw, 2'000, 0.5), 2'000};
         return judge_change(now, then, 1'000'000, 1'200'000).verdict == Verdict::fail;
       }},
      {"drift of a number", "two samples of 1,000 from one distribution", drift_alarm,
       [](Prng& draw) {
         Spread a, b;
         for (int i = 0; i < 1'000; ++i) {
           a.add(static_cast<std::int64_t>(draw.exponential() * 10'000));
           b.add(static_cast<std::int64_t>(draw.exponential() * 10'000));
         }
         const SampleTest test = kolmogorov_smirnov(a, b, drift_alarm);
         return test.distance > test.floor;
       }},
      {"drift of values", "two samples of 1,000 over five values", drift_alarm, [](Prng& draw) {
         std::vector<std::uint64_t> a(5), b(5);
         for (int i = 0; i < 1'000; ++i) {
           ++a[draw.below(15) % 5];
           ++b[draw.below(15) % 5];
         }
         return chi_square(a, b, drift_alarm).p < drift_alarm;
       }}};
  return all;
}

/// Between which rates the true one lies with 95 % (Wilson, JASA 1927). Precondition: n > 0.
std::pair<double, double> interval_of(double rate, double n) {
  constexpr double z = 1.96;
  const double middle = rate + z * z / (2 * n);
  const double reach = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (middle - reach) / scale), (middle + reach) / scale};
}

/// A rate is above what is stated when it is by more than three deviations of so many draws.
bool draw_laws(std::uint64_t draws) {
  if (draws == 0) return true;
  bool good = true;
  fmt::print("\n| check | drawn from | stated | measured | 95 % interval | draws |\n");
  fmt::print("| --- | --- | ---: | ---: | ---: | ---: |\n");
  for (const Law& law : laws()) {
    Prng draw = Prng(1).stream(law.check);
    std::uint64_t alarms = 0;
    for (std::uint64_t i = 0; i < draws; ++i) alarms += law.alarms(draw) ? 1U : 0U;
    const double n = static_cast<double>(draws), rate = static_cast<double>(alarms) / n;
    const auto [low, high] = interval_of(rate, n);
    fmt::print("| {} | {} | {:.3f} % | {:.3f} % | {:.3f} .. {:.3f} % | {} |\n", law.check, law.null,
               100 * law.stated, 100 * rate, 100 * low, 100 * high, draws);
    std::fflush(stdout);
    good = good && rate <= law.stated + 3 * std::sqrt(law.stated / n);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 1'000;
  const auto draws = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  const int null_seeds = argc > 3 ? std::atoi(argv[3]) : 60;
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) {
    fmt::print(stderr, "{}\n", scratch.error().text());
    return EXIT_FAILURE;
  }
  const fs::path folder = scratch->path() / "run";
  const Result<Scenario> mixed = load("fault/mixed.json", {});
  if (!mixed) {
    fmt::print(stderr, "{}\n", mixed.error().text());
    return EXIT_FAILURE;
  }
  bool good = draw_laws(draws);
  const auto mixes = [&mixed](int seed) { return mix_of(seed, mixed->faults); };
  const auto quiet = [](int seed) { return Set{{"/seed", std::to_string(seed)}}; };
  if (seeds > 0) good = play_all("fault/mixed.json", seeds, mixes, folder) && good;
  if (null_seeds > 0)
    good = play_all("smoke/every_assertion.json", null_seeds, quiet, folder) && good;
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
