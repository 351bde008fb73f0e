// SPDX-License-Identifier: Apache-2.0
// Whether what is played is what the scenario asked for. Every check is a test of fit at a false
// alarm rate of 1e-6 (tests/support/statistics.h), on the shop with twice its users and a fixed
// seed, and is shown to fail when something a little different is played.
#include <map>
#include <set>

#include "fault/chain.h"
#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
#include "sim/journey/visits.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"
#include "tests/support/statistics.h"

namespace parallax::test {
namespace {

using Sets = std::vector<std::pair<std::string, std::string>>;

Scenario shop_with(const Sets& more) {
  LoadOptions options;
  options.faults = fault_kinds();
  options.set = {{"/faults", R"([{"fault": "ad_block"}])"},
                 {"/population/users", "20000"},
                 {"/population/sampling", "0.4"}};
  options.set.insert(options.set.end(), more.begin(), more.end());
  const Loaded loaded = load_scenario(source("scenarios/examples/shop.json"), options);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) FAIL(problem.text());
  return loaded.scenario;
}

struct Visit {
  Action who;  ///< As it started.
  std::vector<Action> actions;
};

/// What was played, in the order of lanes and of time, beside what was asked for.
struct Played {
  const Scenario& asked;
  Scenario scenario;
  std::vector<Visit> visits;

  Played(const Scenario& as, const Sets& deviation) : asked(as), scenario(shop_with(deviation)) {
    const World world(scenario, scenario.seed);
    for (LaneIndex lane = 0; lane < lane_count; ++lane) {
      LaneJourney journey(world, lane);
      std::map<std::uint64_t, std::size_t> open;
      for (Step step; journey.next(step);) {
        if (step.kind == Step::Kind::session_start) {
          open[step.action->session] = visits.size();
          visits.push_back({*step.action, {}});
        } else if (step.kind == Step::Kind::action) {
          visits[open.at(step.action->session)].actions.push_back(*step.action);
        }
      }
    }
  }
  /// Whoever started long before the end was not cut by it.
  bool whole(const Visit& visit) const {
    return visit.who.at < asked.time.start + asked.time.length - 6 * hour;
  }
  /// The first visit of each user.
  std::vector<const Visit*> users() const {
    std::map<std::uint32_t, const Visit*> first;
    for (const Visit& visit : visits) {
      const Visit*& known = first[visit.who.user];
      if (known == nullptr || visit.who.at < known->who.at) known = &visit;
    }
    std::vector<const Visit*> all;
    for (const auto& [user, visit] : first) all.push_back(visit);
    return all;
  }
};

double weight_sum(const std::vector<Weighted>& choices) {
  double sum = 0;
  for (const Weighted& choice : choices) sum += choice.weight;
  return sum;
}

double sessions(const Played& played) {
  const double mean = expected_sessions(played.asked);
  return p_of_sum(static_cast<double>(played.visits.size()), mean, mean);  // Poisson
}

double hours_of_the_week(const Played& played) {
  std::vector<double> counts(168), weights(168);
  for (const Visit& visit : played.visits)
    ++counts[static_cast<std::size_t>((visit.who.at - played.asked.time.start) / hour)];
  const auto& curve = curve_weights(played.asked.population.sessions.curve);
  std::copy(curve.begin(), curve.end(), weights.begin());
  return p_of_counts(counts, weights);
}

/// Where sessions go from one state, leaving included. States are told by their pages.
double ways_from(const Played& played, const std::string& name) {
  const TrackingPlan& plan = played.asked.plan;
  for (const JourneyPlan& journey : played.asked.journeys)
    for (const StatePlan& state : journey.states) {
      if (state.name != name) continue;
      std::map<std::string, double> counts;
      for (const Visit& visit : played.visits) {
        if (!played.whole(visit)) continue;
        for (std::size_t i = 0; i < visit.actions.size(); ++i) {
          if (plan.pages[visit.actions[i].page] != name) continue;
          const bool last = i + 1 == visit.actions.size();
          ++counts[last ? "leave" : plan.pages[visit.actions[i + 1].page]];
        }
      }
      std::vector<double> seen, weights;
      for (const Weighted& way : state.next) {
        const bool leaves = way.index == StatePlan::leaves;
        seen.push_back(counts[leaves ? "leave" : journey.states[way.index].name]);
        weights.push_back(way.weight);
      }
      return p_of_counts(seen, weights);
    }
  return 0;
}
double ways_from_home(const Played& played) { return ways_from(played, "home"); }
double ways_from_product(const Played& played) { return ways_from(played, "product"); }
double ways_from_cart(const Played& played) { return ways_from(played, "cart"); }

double journeys(const Played& played) {
  std::vector<double> counts(2), weights;
  for (const Visit& visit : played.visits)
    if (!visit.actions.empty())
      ++counts[played.asked.plan.pages[visit.actions[0].page] == "home" ? 0 : 1];
  for (const JourneyPlan& journey : played.asked.journeys) weights.push_back(journey.weight);
  return p_of_counts(counts, weights);
}

double think_time(const Played& played) {
  std::vector<double> uniform;
  for (const Visit& visit : played.visits)
    for (std::size_t i = 0; played.whole(visit) && i + 1 < visit.actions.size(); ++i) {
      if (played.asked.plan.pages[visit.actions[i].page] != "product") continue;
      const Micros gap = visit.actions[i + 1].at - visit.actions[i].at;
      uniform.push_back(1 - std::exp(-static_cast<double>(gap) / (20.0 * second)));
    }
  return p_of_uniform(uniform);
}

/// Ranks 1, 2, 3-4, 5-8 ... of the articles.
double zipf_slope(const Played& played) {
  const std::uint16_t cart = *played.asked.plan.action_index("add_to_cart");
  const FieldChoice& choice = played.asked.actions[cart].fields[0];
  const auto bin = [](std::uint32_t rank) {
    return rank == 1 ? 0U : static_cast<unsigned>(std::log2(rank - 1)) + 1;
  };
  std::vector<double> counts(bin(choice.items) + 1), weights(counts.size());
  for (std::uint32_t rank = 1; rank <= choice.items; ++rank)
    weights[bin(rank)] += std::pow(rank, -choice.theta);
  for (const Visit& visit : played.visits)
    for (const Action& action : visit.actions)
      if (action.type == cart) ++counts[bin(static_cast<std::uint32_t>(action.values[0]))];
  return p_of_counts(counts, weights);
}

/// Logarithms of the amounts are normal.
double order_values(const Played& played) {
  const std::uint16_t purchase = *played.asked.plan.action_index("purchase");
  const FieldChoice& choice = played.asked.actions[purchase].fields[1];
  std::vector<double> uniform;
  for (const Visit& visit : played.visits)
    for (const Action& action : visit.actions) {
      const auto& currency = played.asked.plan.currencies[action.currency];
      if (action.type != purchase || currency.exponent != 2) continue;
      const double z =
          std::log(static_cast<double>(action.values[1]) / static_cast<double>(choice.low)) /
          choice.sigma;
      uniform.push_back(cdf(boost::math::normal(), z));
    }
  return p_of_uniform(uniform);
}

double refused_share(const Played& played) {
  const std::uint16_t result = *played.asked.plan.action_index("login_success");
  const std::uint16_t attempt = *played.asked.plan.action_index("login_attempt");
  double tried = 0, refused = 0;
  for (const Visit& visit : played.visits)
    for (const Action& action : visit.actions) {
      tried += action.type == result ? 1 : 0;
      refused += action.type == result && action.refused ? 1 : 0;
    }
  return p_of_share(refused, tried, 1 - played.asked.actions[attempt].succeeds.value());
}

/// Two visits of one user are on two devices where the user has two and picks the other: half.
double devices(const Played& played) {
  const auto& choices = played.asked.population.devices;
  std::map<std::uint32_t, std::vector<std::uint64_t>> owned;
  for (const Visit& visit : played.visits) owned[visit.who.user].push_back(visit.who.device);
  double pairs = 0, differ = 0;
  for (const auto& [user, used] : owned) {
    if (used.size() < 2) continue;
    ++pairs;
    differ += used[0] != used[1] ? 1 : 0;
  }
  return p_of_share(differ, pairs, choices[1].weight / weight_sum(choices) / 2);
}

double trait(const Played& played, const std::string& name, bool of_session) {
  const std::size_t index = *played.asked.plan.trait_index(name);
  const auto& pick = played.asked.population.traits[index].pick;
  std::vector<double> counts(pick.size()), weights;
  for (const Weighted& choice : pick) weights.push_back(choice.weight);
  if (of_session) {
    for (const Visit& visit : played.visits) ++counts[visit.who.traits[index]];
  } else {
    for (const Visit* visit : played.users()) ++counts[visit->who.traits[index]];
  }
  return p_of_counts(counts, weights);
}
double countries(const Played& played) { return trait(played, "country", false); }
double platforms(const Played& played) { return trait(played, "platform", false); }
double campaigns(const Played& played) { return trait(played, "campaign", true); }

/// Who refuses from the start, and, by the time of an action, who has withdrawn since.
double consent(const Played& played) {
  const ConsentPlan& plan = played.asked.population.consent;
  double mean = 0, variance = 0, denied = 0;
  for (const Visit* visit : played.users()) {
    if (visit->actions.empty()) continue;
    const Action& action = visit->actions[0];
    const double gone = static_cast<double>(action.at - played.asked.time.start) /
                        static_cast<double>(played.asked.time.length);
    const double p =
        plan.denied.value() + (1 - plan.denied.value()) * plan.withdrawn_later.value() * gone;
    mean += p;
    variance += p * (1 - p);
    denied += action.consent == Consent::denied ? 1 : 0;
  }
  return p_of_sum(denied, mean, variance);
}

double sampling(const Played& played) {
  double sampled = 0;
  const auto users = played.users();
  for (const Visit* visit : users) sampled += visit->who.sampled ? 1 : 0;
  return p_of_share(sampled, static_cast<double>(users.size()),
                    played.asked.population.sampling.value());
}

/// Of the users on the web, how many lose what their client emits; nobody else does.
double ad_blockers(const Played& played) {
  const Scenario& scenario = played.scenario;
  const auto chain = FaultChain::make(scenario, scenario.seed);
  REQUIRE(chain);
  LaneFaults faults(*chain);
  const Instrumentation instrumentation(scenario, scenario.seed, "realism");
  const std::size_t platform = *scenario.plan.trait_index("platform");
  double web = 0, blocked = 0;
  for (const Visit* visit : played.users()) {
    if (visit->actions.empty() || visit->actions[0].consent == Consent::denied ||
        !visit->who.sampled)
      continue;
    Emission emission;
    instrumentation.emit(visit->actions[0], Source::client, emission);
    Captures copies;
    std::vector<Destroyed> destroyed;
    const bool lost = faults.capture_in_place(emission, copies, destroyed).destroyed;
    const bool on_web = visit->who.traits[platform] == 0;
    if (lost && !on_web) return 0;
    web += on_web ? 1 : 0;
    blocked += lost ? 1 : 0;
  }
  return p_of_share(blocked, web, played.asked.population.ad_blocker.share.value());
}

/// A check, and what to play instead so that it must see it: about the least that 20'000 users
/// show.
struct Row {
  const char* name;
  double (*p)(const Played&);
  Sets deviation;
};

const std::vector<Row>& rows() {
  static const std::string states = "/journeys/buy/states";
  static const std::vector<Row> all{
      {"sessions", sessions, {{"/population/sessions/per_user_day", "0.36"}}},
      {"hours of the week", hours_of_the_week, {{"/population/sessions/curve", "office-week"}}},
      {"hours of the week, flat", hours_of_the_week, {{"/population/sessions/curve", "flat"}}},
      {"ways from home", ways_from_home, {{states + "/home/next/product", "7"}}},
      {"ways from product", ways_from_product, {{states + "/product/next/cart", "4"}}},
      {"ways from cart", ways_from_cart, {{states + "/cart/next/checkout", "6"}}},
      {"journeys", journeys, {{"/journeys/buy/weight", "9"}}},
      {"think time", think_time, {{states + "/product/think", "22s"}}},
      {"think time, exact",
       think_time,
       {{states + "/product/think", "null"}, {states + "/product/wait", "20s"}}},
      {"Zipf slope", zipf_slope, {{"/actions/add_to_cart/fields/sku/theta", "1.05"}}},
      {"order values",
       order_values,
       {{"/actions/purchase/fields/subtotal/log_normal", "[40.00, 0.75]"}}},
      {"refused share", refused_share, {{"/actions/login_attempt/succeeds", "0.94"}}},
      {"devices", devices, {{"/population/devices/2", "5"}}},
      {"countries", countries, {{"/population/traits/country/pick/DE", "3"}}},
      {"platforms", platforms, {{"/population/traits/platform/pick/web", "8"}}},
      {"campaigns", campaigns, {{"/population/context/campaign/pick/search", "3"}}},
      {"consent", consent, {{"/population/consent/denied", "0.12"}}},
      {"consent withdrawn", consent, {{"/population/consent/withdrawn_later", "0.08"}}},
      {"sampling", sampling, {{"/population/sampling", "0.43"}}},
      {"ad blockers", ad_blockers, {{"/population/ad_blocker/share", "0.19"}}},
  };
  return all;
}

}  // namespace

TEST_CASE("what is played is what the scenario asked for", "[run][realism]") {
  const Scenario asked = shop_with({});
  const Played played(asked, {});
  for (const Row& row : rows()) {
    INFO(row.name);
    CHECK(row.p(played) >= alarm);
  }
}

TEST_CASE("each check of realism sees a deviation", "[run][realism]") {
  const Scenario asked = shop_with({});
  for (const Row& row : rows()) {
    INFO(row.name);
    CHECK(row.p(Played(asked, row.deviation)) < alarm);
  }
}

TEST_CASE("the tests of fit have the level they state", "[run][realism]") {
  // Over 2'000 honest samples, p below 5 % comes 100 +- 5 * 9.7 times.
  int shares = 0, counts = 0, uniforms = 0;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Prng draw(seed);
    double hits = 0;
    std::vector<double> classes(4), values;
    for (int i = 0; i < 400; ++i) {
      hits += draw.unit() < 0.3 ? 1 : 0;
      ++classes[draw.below(4)];
      values.push_back(draw.unit());
    }
    shares += p_of_share(hits, 400, 0.3) < 0.05 ? 1 : 0;
    counts += p_of_counts(classes, {1, 1, 1, 1}) < 0.05 ? 1 : 0;
    uniforms += p_of_uniform(values) < 0.05 ? 1 : 0;
  }
  for (const int rejected : {shares, counts, uniforms}) {
    CHECK(rejected > 51);
    CHECK(rejected < 149);
  }
}

TEST_CASE("the counts that scenarios show says are those that are played", "[run][realism]") {
  for (const char* story : {"saas", "mobile", "media", "marketplace", "bank"}) {
    LoadOptions options;
    options.faults = fault_kinds();
    const Loaded loaded =
        load_scenario(source("scenarios/examples/" + std::string(story) + ".json"), options);
    REQUIRE(loaded.ok());
    const std::vector<double> expected = expected_actions(loaded.scenario);
    std::vector<double> played(expected.size());
    const World world(loaded.scenario, loaded.scenario.seed);
    for (LaneIndex lane = 0; lane < lane_count; ++lane) {
      LaneJourney journey(world, lane);
      for (Step step; journey.next(step);)
        if (step.kind == Step::Kind::action) ++played[step.action->type];
    }
    // Actions come in bunches (a session's pings): at most 100 a session bounds the variance by 100
    // times the mean; 5 deviations, and the few per cent that the run's end and the curve cost.
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO(story << " " << loaded.scenario.plan.actions[i].name << " expected " << expected[i]
                 << " played " << played[i]);
      CHECK(std::abs(played[i] - expected[i]) <
            5 * std::sqrt(6 * expected[i]) + 0.05 * expected[i]);
    }
  }
}

}  // namespace parallax::test
