// SPDX-License-Identifier: Apache-2.0
// sampling -- A user is in the sample or out of it, for both sides alike: no side sends for a user
// whom the other leaves out, no row stands for one who is out, and the share of users who are in is
// the declared rate. Each user is drawn by a hash of their own, so the share of n users varies by
// sqrt(rate (1 - rate) / n); a user all of whose emissions were destroyed counts for either side.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

/// What is tolerated where the scenario says nothing.
constexpr Ratio usual_within{50'000'000};

class SamplingTally final : public Tally {
 public:
  SamplingTally(const AssertionPlan& plan, const Scenario& scenario)
      : selection_(plan.of, plan.where),
        rate_(plan.rate.value_or(scenario.population.sampling)),
        within_(plan.within.parts > 0 ? plan.within : usual_within) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (selection_.holds(action) && action.consent == Consent::granted && !action.refused)
        look_at(block, judged, action);
    }
    if (ends_part(block)) count_users();
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const SamplingTally&>(later);
    users_ += other.users_;
    seen_ += other.seen_;
    hidden_ += other.hidden_;
    parted_ += other.parted_;
    leaked_.merge(other.leaked_);
    sent_.merge(other.sent_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "both sides sample the same users, at the declared rate";
    report.expected = format_ratio(rate_);
    report.tolerance = "+- " + format_ratio(within_);
    report.sample = users_;
    if (users_ == 0) {
      report.why = "nothing was measured: no user did anything that might be sent";
      return report;
    }
    report.found = Verdict::pass;
    judge_rate(verdicts.complete, report);
    Findings all = leaked_;
    all.merge(sent_);
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    add_line("sides differ", parted_, report);
    add_line("leaked", leaked_.size(), report);
    if (parted_ > 0 || leaked_.size() > 0) {
      report.found = Verdict::fail;
      report.sample_needed = 0;
      report.why = fmt::format(
          "{} users are sent by one side and left out by the other, {} rows stand for users "
          "outside "
          "the sample",
          parted_, leaked_.size());
    }
    return report;
  }

 private:
  enum Flag : std::uint8_t {
    stands = 1,       ///< A row of theirs does.
    may_stand = 2,    ///< They are in the sample, or a row might stand all the same.
    client_sent = 4,  // The next three in the order of Source.
    server_sent = 8,
    client_left = 16,  ///< An emission was withheld for sampling.
    server_left = 32,
  };

  void look_at(const Evidence& block, const JudgedAction& judged, const Action& action) {
    unsigned flags = 0;
    if (action.sampled) flags |= may_stand;
    if (judged.rows > 0) flags |= stands | may_stand;
    if (judged.rows > 0 && !action.sampled)
      leaked_.note(block, judged, ActionVerdict::leaked, Cause::sampling_ignored);
    bool sent = false;
    for (const std::uint32_t i : block.view.emissions_of(judged.index)) {
      const Emission& emission = block.ledger.emissions[i].emission;
      const bool is_client = emission.source == Source::client;
      if (emission.withheld == Withheld::sampling) flags |= is_client ? client_left : server_left;
      if (emission.withheld != Withheld::no) continue;
      flags |= is_client ? client_sent : server_sent;
      sent = true;
    }
    if (sent && !action.sampled && judged.rows == 0)
      sent_.note(block, judged, ActionVerdict::leaked, Cause::sent_anyway);
    of_part_.emplace_back(action.user, static_cast<std::uint8_t>(flags));
  }

  /// Users of a part are in no other.
  void count_users() {
    std::sort(of_part_.begin(), of_part_.end());
    for (std::size_t i = 0; i < of_part_.size();) {
      const std::uint32_t user = of_part_[i].first;
      unsigned flags = 0;
      for (; i < of_part_.size() && of_part_[i].first == user; ++i) flags |= of_part_[i].second;
      const auto has = [flags](unsigned all) { return (flags & all) == all; };
      ++users_;
      if (has(stands)) ++seen_;
      if (!has(stands) && has(may_stand)) ++hidden_;
      if (has(client_sent | server_left) || has(server_sent | client_left)) ++parted_;
    }
    of_part_ = {};
  }

  /// The share of users with a row, or who would have one had nothing destroyed it.
  void judge_rate(bool complete, AssertionReport& report) const {
    const double n = static_cast<double>(users_), rate = rate_.value();
    const double low = static_cast<double>(seen_) / n;
    const double high = static_cast<double>(seen_ + hidden_) / n;
    const double doubt = doubt_of(rate, n);
    const double off = std::max({0.0, rate - high, low - rate});
    const std::string range = hidden_ == 0
                                  ? fmt::format("{:.2f}%", 100 * low)
                                  : fmt::format("{:.2f}% .. {:.2f}%", 100 * low, 100 * high);
    report.actual = fmt::format("{} (of {} users)", range, users_);
    if (off > 0) report.delta = fmt::format("{:.2f} points", 100 * off);
    Verdict verdict = complete ? Verdict::pass : Verdict::unknown;
    if (off > within_.value() + doubt) {
      verdict = Verdict::fail;
      report.why =
          fmt::format("{} of the users are in the sample, not {}", range, format_ratio(rate_));
    } else if (doubt > within_.value()) {
      verdict = Verdict::unknown;
      const double deviations = 3 / within_.value();
      report.sample_needed =
          static_cast<std::uint64_t>(std::ceil(deviations * deviations * rate * (1 - rate)));
      report.why = fmt::format("{} users are too few for this tolerance, {} are needed", users_,
                               report.sample_needed);
    } else if (!complete) {
      report.why = "the read is partial: it proves presence, never absence";
    }
    report.lines.push_back({"share", report.expected, report.actual, report.delta, verdict});
    report.found = parallax::merge(report.found, verdict);
  }

  static void add_line(const char* name, std::uint64_t n, AssertionReport& report) {
    report.lines.push_back({name, "0", fmt::format("{}", n), n > 0 ? fmt::format("+{}", n) : "",
                            n > 0 ? Verdict::fail : Verdict::pass});
  }

  Selection selection_;
  Ratio rate_, within_;
  std::uint64_t users_ = 0;
  std::uint64_t seen_ = 0;    ///< With a row.
  std::uint64_t hidden_ = 0;  ///< In the sample, and without any.
  std::uint64_t parted_ = 0;  ///< Sent by one side, left out by the other.
  std::vector<std::pair<std::uint32_t, std::uint8_t>> of_part_;  ///< User and Flags.
  Findings leaked_, sent_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_sampling(const AssertionPlan& plan,
                                                 const Scenario& scenario) {
  return make_tally_of<SamplingTally>(plan, scenario);
}

}  // namespace parallax
