// SPDX-License-Identifier: Apache-2.0
// ratio -- Client rows per server row (or one event per another) stay inside a band, in each
// bucket. What the target says of its merged rows is held against the ledger first: a ratio that
// the pipeline itself distorted is a failure whatever the band.
#include <fmt/format.h>

#include <map>

#include "assertions/causes.h"
#include "assertions/interval.h"
#include "assertions/ratio_band.h"

namespace parallax {
namespace {

constexpr std::array<std::string_view, 2> direction{"below", "above"};

/// Why an action does not stand once on each side, as far as the ledger tells.
Cause deviation_of(const Arrival& arrival, bool client_is_ahead) {
  const bool too_many = client_is_ahead ? arrival.client_copies > 1 : arrival.server_copies > 1;
  if (too_many) return Cause::double_fire;
  const std::uint32_t retries =
      client_is_ahead ? arrival.client_deliveries_max : arrival.server_deliveries_max;
  if (retries > 1) return Cause::retransmit;
  const bool hidden = client_is_ahead ? arrival.server_may && !arrival.server_must
                                      : arrival.client_may && !arrival.client_must;
  if (hidden) return Cause::outcome_unknown;
  return arrival.struck != 0 ? Cause::destroyed_by_fault : Cause::abandoned_by_sdk;
}

class RatioAssertion final : public Assertion {
 public:
  explicit RatioAssertion(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), scenario_(scenario) {}

  AssertionReport judge(const Evidence& evidence) const override {
    AssertionReport report;
    const auto [low, high] = *plan_.between_millionths;
    report.tolerance = fmt::format("{} .. {}", ratio_text(static_cast<double>(low) / 1e6),
                                   ratio_text(static_cast<double>(high) / 1e6));
    report.expected = report.tolerance;
    plan_.per ? judge_counts(evidence, report) : judge_sides(evidence, report);
    if (report.found == Verdict::pass && !evidence.rows.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial";
    }
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  /// What one action stands for on either side, in which bucket.
  struct Pair {
    std::uint32_t action = no_owner;  ///< Index, or none for a phantom.
    SimTime bucket;
    std::int64_t client = 0, server = 0;
  };
  static constexpr std::uint32_t no_owner = 0xffff'ffff;

  SimTime bucket_of(SimTime at) const {
    return !plan_.by || at == no_time ? SimTime{} : at.floor(*plan_.by);
  }

  Selection selection() const { return {plan_.of, plan_.where}; }

  /// Whether the target says how many rows it merged, in each selected row.
  bool target_tells(const Evidence& evidence) const {
    bool any = false, all = true;
    each_row(evidence, [&](const CanonicalRow& row, const Action* owner) {
      if (!selection().holds(row, owner)) return;
      any = true;
      all = all && row.client_rows >= 0 && row.server_rows >= 0;
    });
    return any && all;
  }

  /// By row: in the order of the actions, phantoms last.
  std::vector<Pair> pairs_of_rows(const Evidence& evidence) const {
    std::vector<Pair> pairs;
    each_row(evidence, [&](const CanonicalRow& row, const Action* owner) {
      if (!selection().holds(row, owner)) return;
      const std::uint32_t action =
          owner == nullptr ? no_owner
                           : static_cast<std::uint32_t>(owner - evidence.ledger.actions.data());
      const bool same_action =
          !pairs.empty() && action != no_owner && pairs.back().action == action;
      if (!same_action) pairs.push_back({action, bucket_of(row.event_ts), 0, 0});
      pairs.back().client += row.client_rows;
      pairs.back().server += row.server_rows;
    });
    return pairs;
  }

  std::vector<Pair> pairs_of_ledger(const Evidence& evidence) const {
    std::vector<Pair> pairs;
    for (std::uint32_t i = 0; i < evidence.arrivals.size(); ++i) {
      const Arrival& arrival = evidence.arrivals[i];
      if (arrival.client_copies + arrival.server_copies == 0) continue;
      if (!selection().holds(evidence.ledger.actions[i])) continue;
      pairs.push_back(
          {i, bucket_of(arrival.event_first), arrival.client_copies, arrival.server_copies});
    }
    return pairs;
  }

  void judge_sides(const Evidence& evidence, AssertionReport& report) const {
    report.rule = "client rows per server row stay inside the band";
    const bool tells = target_tells(evidence);
    const std::vector<Pair> pairs = tells ? pairs_of_rows(evidence) : pairs_of_ledger(evidence);
    std::map<SimTime, RatioSums> buckets;
    RatioSums all;
    for (const Pair& pair : pairs) {
      buckets[pair.bucket].add(pair.client, pair.server);
      all.add(pair.client, pair.server);
    }
    report.sample = all.n;
    report.actual = fmt::format("{} ({} client, {} server, {})",
                                all.s == 0 ? "undefined" : ratio_text(judge(all).ratio), all.c,
                                all.s, tells ? "by the target's rows" : "by the ledger");
    if (all.n == 0) {
      report.why = "nothing was measured: no selected action arrived";
      return;
    }
    report.found = Verdict::pass;
    if (!plan_.by) buckets = {{SimTime{}, all}};
    std::map<SimTime, BandVerdict> judged;
    for (const auto& [bucket, sums] : buckets) {
      judged[bucket] = judge(sums);
      add_line(bucket, judged[bucket], sums.n, report);
    }
    name_causes(evidence, pairs, judged, report);
    if (tells) hold_against_ledger(evidence, pairs, report);
  }

  BandVerdict judge(const RatioSums& sums) const {
    return judge_band(sums, plan_.between_millionths->first, plan_.between_millionths->second);
  }

  void add_line(SimTime bucket, const BandVerdict& band, std::uint64_t n,
                AssertionReport& report) const {
    report.found = merge(report.found, band.verdict);
    const std::string name = plan_.by ? bucket_name(bucket, *plan_.by) : "all";
    const std::string actual =
        fmt::format("{} +- {} (n = {})", ratio_text(band.ratio), ratio_text(3 * band.deviation), n);
    if (plan_.by) report.lines.push_back({name, report.tolerance, actual, "", band.verdict});
    if (band.verdict == Verdict::fail && (report.why.empty() || report.sample_needed > 0)) {
      report.why =
          fmt::format("{} is {} the band: {}", name, direction[band.above ? 1 : 0], actual);
      report.sample_needed = 0;
    } else if (band.verdict == Verdict::unknown && report.found == Verdict::unknown) {
      report.sample_needed = std::max(report.sample_needed, band.needed);
      report.why = fmt::format("{}: too few for this band, {} actions are needed", name,
                               report.sample_needed);
    }
  }

  /// The actions that push the ratio out of its band, in the buckets where it is.
  void name_causes(const Evidence& evidence, const std::vector<Pair>& pairs,
                   const std::map<SimTime, BandVerdict>& judged, AssertionReport& report) const {
    if (report.found != Verdict::fail) return;
    CauseTally causes;
    for (const Pair& pair : pairs) {
      const BandVerdict& band = plan_.by ? judged.at(pair.bucket) : judged.begin()->second;
      if (band.verdict != Verdict::fail || pair.action == no_owner) continue;
      const bool pushes = band.above ? pair.client > pair.server : pair.client < pair.server;
      if (!pushes) continue;
      const Arrival& arrival = evidence.arrivals[pair.action];
      const JudgedAction& action = evidence.judgement.actions[pair.action];
      causes.add(action.verdict, deviation_of(arrival, band.above), action, arrival);
    }
    report.causes = causes.ranked();
  }

  /// The target's counts can only be what arrived: at least once for each side that surely did, at
  /// most as often as it was or may have been delivered.
  void hold_against_ledger(const Evidence& evidence, const std::vector<Pair>& pairs,
                           AssertionReport& report) const {
    Allowed client, server;
    for (const Pair& pair : pairs) {
      client.actual += pair.client;
      server.actual += pair.server;
      if (pair.action == no_owner) continue;
      client.low += evidence.arrivals[pair.action].client_must ? 1 : 0;
      server.low += evidence.arrivals[pair.action].server_must ? 1 : 0;
    }
    for (std::size_t i = 0; i < evidence.arrivals.size(); ++i) {
      if (!selection().holds(evidence.ledger.actions[i])) continue;
      client.high += evidence.arrivals[i].client_deliveries_max;
      server.high += evidence.arrivals[i].server_deliveries_max;
    }
    for (const auto& [name, allowed] : {std::pair{"client", client}, std::pair{"server", server}}) {
      if (judge_interval(allowed, Ratio::zero(), true) == Verdict::pass) continue;
      report.found = Verdict::fail;
      report.sample_needed = 0;
      report.why = fmt::format(
          "the pipeline distorts the ratio: its rows count {} {} rows, the ledger allows {} .. {}",
          clamp_to_int64(allowed.actual), name, clamp_to_int64(allowed.low),
          clamp_to_int64(allowed.high));
    }
  }

  void judge_counts(const Evidence& evidence, AssertionReport& report) const {
    const std::string& of = scenario_.plan.actions[*plan_.of].name;
    const std::string& per = scenario_.plan.actions[*plan_.per].name;
    report.rule = fmt::format("{} per {} stays inside the band", of, per);
    const Selection below(plan_.per, plan_.where);
    struct Counts {
      std::uint64_t of = 0, per = 0;
    };
    std::map<SimTime, Counts> buckets;
    Counts all;
    each_row(evidence, [&](const CanonicalRow& row, const Action* owner) {
      Counts& bucket = buckets[bucket_of(row.event_ts)];
      if (selection().holds(row, owner)) {
        ++bucket.of;
        ++all.of;
      }
      if (below.holds(row, owner)) {
        ++bucket.per;
        ++all.per;
      }
    });
    report.sample = all.per;
    report.actual =
        fmt::format("{} ({} {}, {} {})", all.per == 0 ? "undefined" : ratio_text(rate(all)), all.of,
                    of, all.per, per);
    if (all.per == 0) {
      report.why = fmt::format("nothing was measured: there is no row of {}", per);
      return;
    }
    report.found = Verdict::pass;
    if (!plan_.by) buckets = {{SimTime{}, all}};
    for (const auto& [bucket, counts] : buckets) {
      if (counts.of + counts.per == 0) continue;
      add_line(bucket,
               judge_rate(counts.of, counts.per, plan_.between_millionths->first,
                          plan_.between_millionths->second),
               counts.per, report);
    }
    if (report.found == Verdict::fail)
      report.causes =
          merge_causes(failing_causes(evidence, selection()), failing_causes(evidence, below));
  }

  template <class Counts>
  static double rate(const Counts& counts) {
    return static_cast<double>(counts.of) / static_cast<double>(counts.per);
  }

  static std::vector<CauseCount> merge_causes(std::vector<CauseCount> first,
                                              std::vector<CauseCount> second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }

  const AssertionPlan& plan_;
  const Scenario& scenario_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_ratio(const AssertionPlan& plan, const Scenario& scenario) {
  if (!plan.between_millionths || !plan.of)
    return Error{Error::Kind::invalid_input, "a ratio needs an action and a band", "of"};
  return std::unique_ptr<Assertion>(std::make_unique<RatioAssertion>(plan, scenario));
}

}  // namespace parallax
