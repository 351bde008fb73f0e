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
  if (hidden) return arrival.set_aside ? Cause::set_aside : Cause::outcome_unknown;
  if (arrival.other_project) return Cause::other_project;
  if (arrival.held_back) return Cause::held_back;
  return arrival.struck != 0 ? Cause::destroyed_by_fault : Cause::abandoned_by_sdk;
}

/// What the pairs of actions (or of phantom rows) add up to, by bucket.
struct Sides {
  std::map<SimTime, RatioSums> buckets;
  /// Actions that stand more often on one side.
  struct Deviant {
    CaseRef ref;
    SimTime bucket;
    bool client_is_ahead = false;
    Cause cause = Cause::none;
  };
  std::vector<Deviant> deviants;
  Allowed client, server;  ///< What the rows count; at least what surely arrived.

  void add(SimTime bucket, std::int64_t client_rows, std::int64_t server_rows) {
    buckets[bucket].add(client_rows, server_rows);
    client.actual += client_rows;
    server.actual += server_rows;
  }
  void merge(const Sides& later) {
    for (const auto& [bucket, sums] : later.buckets) buckets[bucket].merge(sums);
    deviants.insert(deviants.end(), later.deviants.begin(), later.deviants.end());
    client.merge(later.client);
    server.merge(later.server);
  }
};

class RatioTally final : public Tally {
 public:
  RatioTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), scenario_(scenario), of_(plan.of, plan.where), per_(plan.per, plan.where) {}

  void add(const Evidence& block) override {
    if (plan_.per) {
      add_counts(block);
    } else {
      add_rows(block);
      add_ledger(block);
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const RatioTally&>(later);
    by_rows_.merge(other.by_rows_);
    by_ledger_.merge(other.by_ledger_);
    target_tells_ = target_tells_ && other.target_tells_;
    any_row_ = any_row_ || other.any_row_;
    for (const auto& [bucket, counts] : other.counts_) {
      counts_[bucket].of += counts.of;
      counts_[bucket].per += counts.per;
    }
    baseline_.of += other.baseline_.of;
    baseline_.per += other.baseline_.per;
    append(other.failing_of_, failing_of_);
    append(other.failing_per_, failing_per_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    const auto [low, high] = *plan_.between_millionths;
    report.tolerance = fmt::format("{} .. {}", ratio_text(static_cast<double>(low) / 1e6),
                                   ratio_text(static_cast<double>(high) / 1e6));
    report.expected = report.tolerance;
    plan_.per ? judge_counts(verdicts, report) : judge_sides(verdicts, report);
    if (report.found == Verdict::pass && !verdicts.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial";
    }
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  SimTime bucket_of(SimTime at) const {
    return !plan_.by || at == no_time ? SimTime{} : at.floor(*plan_.by);
  }

  /// `i`: which action of the block.
  static void note(const Evidence& block, std::size_t i, SimTime bucket, std::int64_t client,
                   std::int64_t server, Sides& sides) {
    sides.add(bucket, client, server);
    if (client != server)
      sides.deviants.push_back({{block.part, block.judged[i].index},
                                bucket,
                                client > server,
                                deviation_of(block.arrivals[i], client > server)});
  }

  void look_at(const CanonicalRow& row) {
    any_row_ = true;
    target_tells_ = target_tells_ && row.client_rows >= 0 && row.server_rows >= 0;
  }

  /// What the target says of its merged rows: all of an action's rows together.
  void add_rows(const Evidence& block) {
    for (std::size_t n = 0; n < block.judged.size(); ++n) {
      const JudgedAction& judged = block.judged[n];
      const Action& action = block.action_of(judged);
      std::int64_t client = 0, server = 0;
      SimTime bucket;
      bool any = false;
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const CanonicalRow& row = block.row_of(judged, i);
        if (!of_.holds(row, &action)) continue;
        look_at(row);
        if (!any) bucket = bucket_of(row.event_ts);
        any = true;
        client += row.client_rows;
        server += row.server_rows;
      }
      if (!any) continue;
      note(block, n, bucket, client, server, by_rows_);
      by_rows_.client.low += block.arrivals[n].client_must ? 1 : 0;
      by_rows_.server.low += block.arrivals[n].server_must ? 1 : 0;
    }
    for (const CanonicalRow& row : block.phantoms) {
      if (!of_.holds(row, nullptr)) continue;
      look_at(row);
      by_rows_.add(bucket_of(row.event_ts), row.client_rows, row.server_rows);
    }
  }

  void add_ledger(const Evidence& block) {
    for (std::size_t i = 0; i < block.judged.size(); ++i) {
      if (!of_.holds(block.action_of(block.judged[i]))) continue;
      const Arrival& arrival = block.arrivals[i];
      by_rows_.client.high += arrival.client_deliveries_max;
      by_rows_.server.high += arrival.server_deliveries_max;
      if (arrival.client_copies + arrival.server_copies == 0) continue;
      note(block, i, bucket_of(arrival.event_first), arrival.client_copies, arrival.server_copies,
           by_ledger_);
    }
  }

  void judge_sides(const Verdicts& verdicts, AssertionReport& report) const {
    report.rule = "client rows per server row stay inside the band";
    const bool tells = any_row_ && target_tells_;
    const Sides& sides = tells ? by_rows_ : by_ledger_;
    RatioSums all;
    for (const auto& [bucket, sums] : sides.buckets) all.merge(sums);
    report.sample = all.n;
    report.actual = fmt::format("{} ({} client, {} server, {})",
                                all.s == 0 ? "undefined" : ratio_text(judge(all).ratio), all.c,
                                all.s, tells ? "by the target's rows" : "by the ledger");
    if (all.n == 0) {
      report.why = "nothing was measured: no selected action arrived";
      return;
    }
    report.found = Verdict::pass;
    std::map<SimTime, BandVerdict> judged;
    for (const auto& [bucket, sums] : sides.buckets) {
      judged[bucket] = judge(sums);
      add_line(bucket, judged[bucket], sums.n, report);
    }
    name_causes(verdicts, sides, judged, report);
    if (tells) hold_against_ledger(report);
  }

  BandVerdict judge(const RatioSums& sums) const {
    return judge_band(sums, plan_.between_millionths->first, plan_.between_millionths->second);
  }

  void add_line(SimTime bucket, const BandVerdict& band, std::uint64_t n,
                AssertionReport& report) const {
    report.found = parallax::merge(report.found, band.verdict);
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
  static void name_causes(const Verdicts& verdicts, const Sides& sides,
                          const std::map<SimTime, BandVerdict>& judged, AssertionReport& report) {
    if (report.found != Verdict::fail) return;
    CauseTally causes;
    for (const Sides::Deviant& deviant : sides.deviants) {
      const BandVerdict& band = judged.at(deviant.bucket);
      if (band.verdict != Verdict::fail || band.above != deviant.client_is_ahead) continue;
      const JudgedAction& action = verdicts[deviant.ref];
      causes.add(action.verdict, deviant.cause, action);
    }
    report.causes = causes.ranked();
  }

  /// The target's counts can only be what arrived: at least once for each side that surely did, at
  /// most as often as it was or may have been delivered.
  void hold_against_ledger(AssertionReport& report) const {
    for (const auto& [name, allowed] :
         {std::pair{"client", by_rows_.client}, std::pair{"server", by_rows_.server}}) {
      if (judge_interval(allowed, Ratio::zero(), true) == Verdict::pass) continue;
      report.found = Verdict::fail;
      report.sample_needed = 0;
      report.why = fmt::format(
          "the pipeline distorts the ratio: its rows count {} {} rows, the ledger allows {} .. {}",
          clamp_to_int64(allowed.actual), name, clamp_to_int64(allowed.low),
          clamp_to_int64(allowed.high));
    }
  }

  void add_counts(const Evidence& block) {
    each_row(block, [&](const CanonicalRow& row, const Action* owner) {
      Rate& bucket = is_baseline(row) ? baseline_ : counts_[bucket_of(row.event_ts)];
      if (of_.holds(row, owner)) ++bucket.of;
      if (per_.holds(row, owner)) ++bucket.per;
    });
    note_failing(block, of_, failing_of_);
    note_failing(block, per_, failing_per_);
  }

  bool is_baseline(const CanonicalRow& row) const {
    if (!plan_.baseline || row.event_ts == no_time) return false;
    const Micros at = row.event_ts - scenario_.time.start;
    return at >= plan_.baseline->first && at < plan_.baseline->second;
  }

  /// The rate itself, or how it changed from the baseline's.
  BandVerdict judge_bucket(Rate counts) const {
    const auto [low, high] = *plan_.between_millionths;
    return plan_.baseline ? judge_change(counts, baseline_, low, high)
                          : judge_rate(counts.of, counts.per, low, high);
  }

  void judge_counts(const Verdicts& verdicts, AssertionReport& report) const {
    const std::string& of = scenario_.plan.actions[*plan_.of].name;
    const std::string& per = scenario_.plan.actions[*plan_.per].name;
    report.rule = fmt::format("{} per {} stays inside the band", of, per);
    Rate all;
    for (const auto& [bucket, counts] : counts_) {
      all.of += counts.of;
      all.per += counts.per;
    }
    report.sample = all.per;
    report.actual =
        fmt::format("{} ({} {}, {} {})", all.per == 0 ? "undefined" : ratio_text(rate(all)), all.of,
                    of, all.per, per);
    if (all.per == 0) {
      report.why = fmt::format("nothing was measured: there is no row of {}", per);
      return;
    }
    if (plan_.baseline) {
      report.rule = fmt::format("{} per {} stays near its baseline", of, per);
      report.actual += fmt::format(", baseline {} ({} {}, {} {})",
                                   baseline_.per == 0 ? "undefined" : ratio_text(rate(baseline_)),
                                   baseline_.of, of, baseline_.per, per);
      report.actual = ratio_text(judge_bucket(all).ratio) + " (now " + report.actual + ")";
      if (baseline_.of == 0 || baseline_.per == 0) {
        report.why = "nothing was measured: the baseline has no rate";
        return;
      }
    }
    report.found = Verdict::pass;
    for (const auto& [bucket, counts] : counts_) {
      if (counts.of + counts.per == 0) continue;
      add_line(bucket, judge_bucket(counts), counts.per, report);
    }
    if (report.found != Verdict::fail) return;
    report.causes = causes_of(verdicts, failing_of_);
    const std::vector<CauseCount> below = causes_of(verdicts, failing_per_);
    report.causes.insert(report.causes.end(), below.begin(), below.end());
  }

  static double rate(const Rate& counts) {
    return static_cast<double>(counts.of) / static_cast<double>(counts.per);
  }

  const AssertionPlan& plan_;
  const Scenario& scenario_;
  Selection of_, per_;
  Sides by_rows_, by_ledger_;
  bool target_tells_ = true;  ///< Each selected row says how many rows it merged.
  bool any_row_ = false;
  std::map<SimTime, Rate> counts_;
  Rate baseline_;  ///< In its span; not in counts_.
  std::vector<CaseRef> failing_of_, failing_per_;
};

class RatioAssertion final : public Assertion {
 public:
  RatioAssertion(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), scenario_(scenario) {}
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<RatioTally>(plan_, scenario_);
  }

 private:
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
