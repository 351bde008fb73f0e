// SPDX-License-Identifier: Apache-2.0
// person -- Put together, a person's rows are that person's. Before a login rows name a device's
// anonymous id; a row that names a user and an id ties the two, the first user for good (as
// PostHog's identify does, which merges no two users). Then no row is somebody else's, and a visit
// in which the app knew who it was is nobody's stranger. Who was logged in where is the ledger's
// truth, not what a side sent. For scenarios whose "identity" has a "login".
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"
#include "assertions/text_hashes.h"
#include "sim/scenario/login_plan.h"

namespace parallax {
namespace {

class PersonTally final : public Tally {
 public:
  PersonTally(const AssertionPlan& plan, const Scenario& scenario)
      : selection_(plan.of, plan.where),
        scenario_(&scenario),
        logins_(login_plan(scenario)),
        accounts_(logins_, scenario) {}

  void add(const Evidence& block) override {
    if (!logins_.login) return;
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (!accounts_.is_by_server(action.type)) {
        if (accounts_.begin(action).user != Accounts::nobody) known_visits_.insert(action.session);
        accounts_.end(action);
      }
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const CanonicalRow& row = block.row_of(judged, i);
        const bool names_user = row.lane != CanonicalRow::no_lane;
        if (names_user && row.device != 0) users_.try_emplace(row.device, row.user);
        if (selection_.holds(action))
          rows_.push_back({{block.part, judged.index},
                           names_user ? row.user : 0,
                           names_user ? 0 : id_of(block, judged, row),
                           user_key(action.user),
                           action.session});
      }
    }
    if (ends_part(block)) conclude_part();
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const PersonTally&>(later);
    row_count_ += other.row_count_;
    tied_ += other.tied_;
    wrong_.merge(other.wrong_);
    loose_.merge(other.loose_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "each person's rows can be put together, and nobody else's are among them";
    Findings all = wrong_;
    all.merge(loose_);
    conclude_cases({all.size(), row_count_, Ratio::zero(), "rows",
                    logins_.login ? "no selected action has a row"
                                  : "the scenario's \"identity\" has no \"login\""},
                   verdicts, report);
    report.causes = all.ranked(verdicts);
    report.examples = first_examples(report.causes);
    add_line("somebody else's", wrong_.size(), report);
    add_line("tied to nobody", loose_.size(), report);
    report.lines.push_back({"tied by a login", "", fmt::format("{}", tied_), "", Verdict::pass});
    if (report.found == Verdict::fail)
      report.why = fmt::format(
          "{} rows are taken for somebody else's, {} of visits with a known user for a stranger's",
          wrong_.size(), loose_.size());
    return report;
  }

 private:
  struct Row {
    CaseRef ref;
    std::uint64_t user = 0;   ///< That it names; 0: none.
    std::uint64_t id = 0;     ///< Otherwise what it goes by.
    std::uint64_t truth = 0;  ///< Key of who acted.
    std::uint64_t visit = 0;
  };

  /// The key of the device that the row names in place of a user; a text of another kind is
  /// nobody's but its own, and where there is none, the visit's.
  static std::uint64_t id_of(const Evidence& block, const JudgedAction& judged,
                             const CanonicalRow& row) {
    for (const std::uint32_t i : block.view.emissions_of(judged.index)) {
      const Emission& said = block.ledger.emissions[i].emission;
      if (said.user_form == UserForm::anonymous && stated_user(said) == row.user)
        return device_key(said.seen.device);
    }
    return row.user != 0 ? row.user : row.session;
  }

  /// Links may come after the rows that they tie: those of a part are judged when all are seen.
  void conclude_part() {
    for (const Row& row : rows_) {
      ++row_count_;
      std::uint64_t person = row.user;
      if (person == 0) {
        const auto tied = users_.find(row.id);
        if (tied != users_.end()) {
          person = tied->second;
          ++tied_;
        }
      }
      // The one person whom an anonymous id stands for, where no user is tied to it.
      const bool is_stranger = person == 0;
      if (is_stranger) person = strangers_.try_emplace(row.id, row.truth).first->second;
      if (person != row.truth) {
        wrong_.note(row.ref, ActionVerdict::misattributed, Cause::wrong_user);
      } else if (is_stranger && known_visits_.count(row.visit) > 0) {
        loose_.note(row.ref, ActionVerdict::misattributed, Cause::not_linked);
      }
    }
    rows_ = {};
    users_ = {};
    strangers_ = {};
    known_visits_ = {};
    accounts_ = Accounts(logins_, *scenario_);
  }

  static void add_line(const char* name, std::uint64_t n, AssertionReport& report) {
    report.lines.push_back({name, "0", fmt::format("{}", n), n > 0 ? fmt::format("+{}", n) : "",
                            n > 0 ? Verdict::fail : Verdict::pass});
  }

  Selection selection_;
  const Scenario* scenario_;
  LoginPlan logins_;
  Accounts accounts_;
  // Of the part that is looked at. Looked up only.
  std::vector<Row> rows_;
  std::unordered_map<std::uint64_t, std::uint64_t> users_;      ///< Device id -> user.
  std::unordered_map<std::uint64_t, std::uint64_t> strangers_;  ///< Device id -> who acted first.
  std::unordered_set<std::uint64_t> known_visits_;
  std::uint64_t row_count_ = 0, tied_ = 0;
  Findings wrong_, loose_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_person(const AssertionPlan& plan,
                                               const Scenario& scenario) {
  return make_tally_of<PersonTally>(plan, scenario);
}

}  // namespace parallax
