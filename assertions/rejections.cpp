// SPDX-License-Identifier: Apache-2.0
#include "assertions/rejections.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>

#include "assertions/ledger_view.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

std::string_view wanted_name(FieldType type) {
  if (type == FieldType::integer) return "an integer";
  return type == FieldType::boolean ? "a boolean" : "a number";
}

/// Texts for the fields of an emission that are missing or of a wrong type.
std::vector<std::int64_t> right_reasons(const TrackingPlan& plan, const Emission& emission) {
  std::vector<std::int64_t> reasons;
  const auto add = [&](const std::string& text) {
    reasons.push_back(std::bit_cast<std::int64_t>(hash_text(text)));
  };
  const ActionPlan& action = plan.actions[emission.seen.type];
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldPlan& field = action.fields[i];
    const FieldForm form = emission.forms[i];
    const bool retyped = form == FieldForm::as_text && field.type != FieldType::string;
    const bool missing = field.required && field.on(emission.source) &&
                         (is_missing(form) || form == FieldForm::renamed);
    if (!retyped && !missing) continue;
    add(field.name);
    if (missing) add("missing field: " + field.name);
    if (retyped)
      add("wrong type: " + field.name + " is a string, not " +
          std::string(wanted_name(field.type)));
  }
  return reasons;
}

}  // namespace

void Rejections::note(const Evidence& block, const JudgedAction& judged) {
  for (const std::uint32_t i : block.view.emissions_of(judged.index)) {
    const Emission& emission = block.ledger.emissions[i].emission;
    if (!block.view.facts(i).reached || !identifies(emission.id_form)) continue;
    if (!block.view.brief(i).breaks_contract) {
      if (judged.verdict == ActionVerdict::lost)
        lost_.push_back(
            {emission.event_id, emission.source, false, {block.part, judged.index}, {}});
      continue;
    }
    std::vector<std::int64_t> reasons = right_reasons(block.scenario.plan, emission);
    const bool must = block.view.facts(i).set_aside && !reasons.empty() && !emission.other_name;
    cases_.push_back(
        {emission.event_id, emission.source, must, {block.part, judged.index}, std::move(reasons)});
  }
}

void Rejections::merge(const Rejections& later) {
  cases_.insert(cases_.end(), later.cases_.begin(), later.cases_.end());
  lost_.insert(lost_.end(), later.lost_.begin(), later.lost_.end());
}

Rejections::Found Rejections::compare(const RowSet& rejected) const {
  const auto key = [](const auto& of) { return std::tie(of.id, of.source); };
  struct Row {
    Uuid id;
    Source source;
    std::int64_t reason;  ///< 0: none.
  };
  std::vector<Row> rows;
  bool says_why = false;
  for (const CanonicalRow& row : rejected.rows) {
    if (!identifies(row.id_form)) continue;
    const bool has_reason = row.forms[0] == FieldForm::present;
    says_why = says_why || has_reason;
    rows.push_back(
        {row.event_id, row.source.value_or(Source::server), has_reason ? row.values[0] : 0});
  }
  const auto before = [&](const auto& a, const auto& b) { return key(a) < key(b); };
  std::sort(rows.begin(), rows.end(), before);
  Found found;
  std::vector<Row> allowed;
  for (const Case& one : cases_) {
    const Row wanted{one.id, one.source, 0};
    allowed.push_back(wanted);
    if (!one.must) continue;
    ++found.checked;
    const auto [first, last] = std::equal_range(rows.begin(), rows.end(), wanted, before);
    const bool right = !says_why || std::any_of(first, last, [&](const Row& row) {
      return std::find(one.reasons.begin(), one.reasons.end(), row.reason) != one.reasons.end();
    });
    if (first != last && right) continue;
    ++(first == last ? found.missing : found.other_reason);
    found.findings.note(one.ref, ActionVerdict::distorted,
                        first == last ? Cause::not_rejected : Cause::wrong_reason);
  }
  std::optional<std::pair<std::uint32_t, std::uint32_t>> told;  // Both sides are one action.
  for (const Case& one : lost_) {
    const std::pair action{one.ref.part, one.ref.index};
    if (told == action ||
        !std::binary_search(rows.begin(), rows.end(), Row{one.id, one.source, 0}, before))
      continue;
    told = action;
    found.findings.note(one.ref, ActionVerdict::lost, Cause::rejected_wrongly);
  }
  std::sort(allowed.begin(), allowed.end(), before);
  for (const Row& row : rows)
    if (!std::binary_search(allowed.begin(), allowed.end(), row, before)) ++found.valid;
  return found;
}

}  // namespace parallax
