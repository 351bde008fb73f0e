// SPDX-License-Identifier: Apache-2.0
// identity -- All that one person did stands under the id of that person, and nothing else does.
// The truth is who acted, not what a side sent: a backend that does not know the client's id tells
// the target the wrong person, and no row differs from what was sent. "id" says what ties a
// person's rows together: the user id that both sides know, the device id that a cookie carries, or
// the session id that the request passes on.
#include <fmt/format.h>

#include <algorithm>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class IdentityTally final : public Tally {
 public:
  IdentityTally(const AssertionPlan& plan, const Scenario&)
      : plan_(plan), selection_(plan.of, plan.where), id_(plan.id.value_or(OwnerId::user)) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (judged.rows == 0 || !selection_.holds(action)) continue;
      persons_.push_back(action.user);
      for (std::uint32_t i = 0; i < judged.rows; ++i)
        look_at(block, judged, action, block.row_of(judged, i));
    }
    if (!ends_part(block)) return;
    person_count_ += distinct(persons_);
    torn_count_ += distinct(torn_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const IdentityTally&>(later);
    rows_ += other.rows_;
    named_ += other.named_;
    person_count_ += other.person_count_;
    torn_count_ += other.torn_count_;
    wrong_.merge(other.wrong_);
    nameless_.merge(other.nameless_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = fmt::format("each person's rows stand under their {} id", name_of(id_));
    Findings all = wrong_;
    all.merge(nameless_);
    conclude_cases({all.size(), named_ > 0 ? rows_ : 0, Ratio::zero(), "rows",
                    "no selected row says whose it is"},
                   verdicts, report);
    if (named_ == 0) return report;
    report.expected = "0 persons torn";
    report.actual = fmt::format("{} torn (of {} persons)", torn_count_, person_count_);
    report.delta = torn_count_ > 0 ? fmt::format("{}", torn_count_) : "";
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    add_line("another's id", wrong_.size(), report);
    add_line("no known id", nameless_.size(), report);
    if (report.found == Verdict::fail)
      report.why =
          fmt::format("{} rows of {} persons stand under somebody else's id, {} under none",
                      wrong_.size(), torn_count_, nameless_.size());
    return report;
  }

 private:
  struct Whose {
    std::uint64_t said = 0;   ///< By the row; 0: nothing.
    std::uint64_t truth = 0;  ///< Of who acted.
    Cause cause = Cause::none;
  };

  Whose whose(const CanonicalRow& row, const Action& action) const {
    switch (id_) {
      case OwnerId::user:
        return {row.user, user_key(action.user), Cause::wrong_user};
      case OwnerId::device:
        return {row.device, device_key(action.device), Cause::wrong_device};
      case OwnerId::session:
        break;
    }
    return {row.session, session_key(action.session), Cause::wrong_session};
  }

  void look_at(const Evidence& block, const JudgedAction& judged, const Action& action,
               const CanonicalRow& row) {
    const Whose is = whose(row, action);
    ++rows_;
    named_ += is.said != 0 ? 1 : 0;
    if (is.said == is.truth) return;
    torn_.push_back(action.user);
    // A user id that is none of ours is a stranger to everybody: an anonymous one never linked.
    const bool nobody = is.said == 0 || (id_ == OwnerId::user && row.lane == CanonicalRow::no_lane);
    (nobody ? nameless_ : wrong_)
        .note(block, judged, ActionVerdict::misattributed, nobody ? Cause::not_linked : is.cause);
  }

  /// How many different ones; empties the list.
  static std::uint64_t distinct(std::vector<std::uint32_t>& users) {
    std::sort(users.begin(), users.end());
    const auto end = std::unique(users.begin(), users.end());
    const auto count = static_cast<std::uint64_t>(end - users.begin());
    users = {};
    return count;
  }

  static void add_line(const char* name, std::uint64_t n, AssertionReport& report) {
    report.lines.push_back({name, "0", fmt::format("{}", n), n > 0 ? fmt::format("+{}", n) : "",
                            n > 0 ? Verdict::fail : Verdict::pass});
  }

  const AssertionPlan& plan_;
  Selection selection_;
  OwnerId id_;
  std::uint64_t rows_ = 0;
  std::uint64_t named_ = 0;  ///< Rows that say anything at all.
  std::uint64_t person_count_ = 0, torn_count_ = 0;
  std::vector<std::uint32_t> persons_, torn_;  ///< Of the part that is looked at.
  Findings wrong_, nameless_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_identity(const AssertionPlan& plan,
                                                 const Scenario& scenario) {
  return make_tally_of<IdentityTally>(plan, scenario);
}

}  // namespace parallax
