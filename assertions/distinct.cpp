// SPDX-License-Identifier: Apache-2.0
// distinct -- As many different values stand as the ledger allows: at least those that must be
// there, at most those and the ones that may. Of a field, or of the user, device or session ids:
// buyers, devices, visits.
#include <fmt/format.h>

#include "assertions/interval.h"
#include "assertions/tally_of.h"
#include "assertions/text_hashes.h"
#include "assertions/value_set.h"
#include "assertions/witness.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

class DistinctTally final : public Tally {
 public:
  DistinctTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), tracking_(scenario.plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    const Aggregate aggregate{selection_, plan_};
    each_allowed(block, aggregate, [&](std::size_t i, const Action& action, bool is_due) {
      const bool certain = find_allowed(block, block.judged[i].index);
      for (const std::uint64_t value : allowed_) {
        const auto mark = [&](bool in_bucket) {
          return is_due && certain && in_bucket ? ValueSet::must : ValueSet::may;
        };
        all_.add(value, mark(true));
        each_bucket(aggregate, block.arrivals[i], action, [&](const Bucket& bucket, bool sure) {
          buckets_[bucket].add(value, mark(sure));
        });
      }
    });
    each_row(block, [&](const CanonicalRow& row, const Action* owner) {
      const std::optional<std::uint64_t> value =
          selection_.holds(row, owner) ? value_of(row) : std::nullopt;
      if (!value) return;
      ++rows_;
      all_.add(*value, ValueSet::stands);
      if (aggregate.has_buckets())
        buckets_[aggregate.bucket_of(row, owner)].add(*value, ValueSet::stands);
    });
    note_failing(block, selection_, failing_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const DistinctTally&>(later);
    all_.merge(other.all_);
    for (const auto& [bucket, values] : other.buckets_) buckets_[bucket].merge(values);
    rows_ += other.rows_;
    append(other.failing_, failing_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    const std::string what = plan_.field ? tracking_.actions[*plan_.of].fields[*plan_.field].name
                                         : std::string(name_of(*plan_.id)) + " ids";
    report.rule = fmt::format("as many different {} as arrived", what);
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    const ValueSet::Counts counts = all_.counts();
    Series totals, buckets;
    totals[{0, Bucket{}}] = allowed_of(counts, rows_);
    for (const auto& [bucket, values] : buckets_)
      buckets[{0, bucket}] = allowed_of(values.counts(), 0);
    conclude(
        verdicts.complete, plan_, tracking_, totals, buckets,
        [](std::size_t, Wide value) { return fmt::format("{}", clamp_to_int64(value)); }, report);
    if (report.found == Verdict::fail) {
      report.causes = causes_of(verdicts, failing_);
      report.why = fmt::format("{} values are missing, {} are of nothing that arrived",
                               counts.missing, counts.strange);
    } else if (report.found == Verdict::unknown) {
      report.why = verdicts.complete ? "nothing was measured: no value had to be there"
                                     : "the read is partial: it proves presence, never absence";
    }
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  static Allowed allowed_of(const ValueSet::Counts& counts, std::uint64_t rows) {
    Allowed allowed;
    allowed.low = counts.must;
    allowed.high = counts.allowed;
    allowed.actual = counts.there;
    allowed.rows = rows;
    return allowed;
  }

  std::uint64_t id_of(const Action& seen) const {
    if (*plan_.id == OwnerId::user) return user_key(seen.user);
    return *plan_.id == OwnerId::device ? device_key(seen.device) : session_key(seen.session);
  }

  /// Fills `allowed_` with the values that the action's row may have; true when it is one, and the
  /// row surely has it.
  bool find_allowed(const Evidence& block, std::uint32_t action) {
    witnesses_.summon(block.ledger, block.view, action);
    allowed_.clear();
    bool may_be_missing = false;
    if (plan_.field) {
      values_.clear();
      may_be_missing = add_allowed_values(tracking_, witnesses_,
                                          tracking_.actions[*plan_.of].fields[*plan_.field],
                                          *plan_.field, values_);
      for (const std::int64_t value : values_)
        allowed_.push_back(mix64(static_cast<std::uint64_t>(value)));
    } else {
      for (const Witness& w : witnesses_) {
        allowed_.push_back(id_of(w.emission->seen));
        if (*plan_.id != OwnerId::user) continue;
        // A row may go by what was sent (an anonymous id), or by whom the target knows that to be.
        const std::uint64_t stated = stated_user(*w.emission);
        may_be_missing = may_be_missing || stated == 0;
        if (stated != 0) allowed_.push_back(stated);
      }
    }
    std::sort(allowed_.begin(), allowed_.end());
    allowed_.erase(std::unique(allowed_.begin(), allowed_.end()), allowed_.end());
    return allowed_.size() == 1 && !may_be_missing;
  }

  std::optional<std::uint64_t> value_of(const CanonicalRow& row) const {
    if (!plan_.field) {
      const std::uint64_t id = *plan_.id == OwnerId::user     ? row.user
                               : *plan_.id == OwnerId::device ? row.device
                                                              : row.session;
      return id == 0 ? std::nullopt : std::optional(id);
    }
    const FieldForm form = row.forms[*plan_.field];
    if (form != FieldForm::present && form != FieldForm::as_text) return std::nullopt;
    return mix64(static_cast<std::uint64_t>(row.values[*plan_.field]));
  }

  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Selection selection_;
  ValueSet all_;
  std::map<Bucket, ValueSet> buckets_;
  std::uint64_t rows_ = 0;
  std::vector<CaseRef> failing_;
  Witnesses witnesses_;  ///< Of the action looked at; reused, as the next two.
  std::vector<std::int64_t> values_;
  std::vector<std::uint64_t> allowed_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_distinct(const AssertionPlan& plan,
                                                 const Scenario& scenario) {
  if (bool(plan.id) == bool(plan.field) || (plan.field && !plan.of))
    return Error{Error::Kind::invalid_input, "a distinct needs ACTION.FIELD or an id", "of"};
  return make_tally_of<DistinctTally>(plan, scenario);
}

}  // namespace parallax
