// SPDX-License-Identifier: Apache-2.0
#include "assertions/causes.h"

#include <algorithm>
#include <bit>

namespace parallax {

void CauseTally::add(ActionVerdict verdict, Cause cause, const JudgedAction& action) {
  Group& group = groups_[{verdict, cause}];
  group.count.verdict = verdict;
  group.count.cause = cause;
  ++group.count.actions;
  if (group.count.examples.size() < examples_max) group.count.examples.push_back(action.id);
  for (std::uint64_t left = action.struck; left != 0; left &= left - 1)
    ++group.faults[static_cast<std::size_t>(std::countr_zero(left))];
}

std::vector<CauseCount> CauseTally::ranked() const {
  std::vector<CauseCount> ranked;
  for (const auto& [key, group] : groups_) {
    CauseCount& count = ranked.emplace_back(group.count);
    for (std::size_t i = 0; i < max_faults; ++i)
      if (group.faults[i] > 0) count.faults.emplace_back(i, group.faults[i]);
    std::stable_sort(count.faults.begin(), count.faults.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const CauseCount& a, const CauseCount& b) { return a.actions > b.actions; });
  return ranked;
}

std::vector<CauseCount> Findings::ranked(const Verdicts& verdicts) const {
  CauseTally tally;
  for (const Finding& finding : all_)
    tally.add(finding.verdict, finding.cause, verdicts[finding.ref]);
  return tally.ranked();
}

std::vector<ActionId> first_examples(const std::vector<CauseCount>& causes) {
  std::vector<ActionId> examples;
  for (std::size_t i = 0; i < examples_max; ++i)
    for (const CauseCount& cause : causes)
      if (i < cause.examples.size() && examples.size() < examples_max)
        examples.push_back(cause.examples[i]);
  return examples;
}

void note_failing(const Evidence& block, const Selection& selection, std::vector<CaseRef>& cases) {
  for (const JudgedAction& judged : block.judged)
    if (severity(judged.verdict) != Verdict::pass && selection.holds(block.action_of(judged)))
      cases.push_back({block.part, judged.index});
}

std::vector<CauseCount> causes_of(const Verdicts& verdicts, const std::vector<CaseRef>& cases) {
  CauseTally tally;
  for (const CaseRef ref : cases) {
    const JudgedAction& judged = verdicts[ref];
    if (severity(judged.verdict) != Verdict::pass) tally.add(judged.verdict, judged.cause, judged);
  }
  return tally.ranked();
}

std::vector<CauseCount> rank_causes(const Verdicts& verdicts) {
  CauseTally tally;
  for (const Judgement* part : verdicts.parts)
    for (const JudgedAction& judged : part->actions)
      if (severity(judged.verdict) == Verdict::fail)
        tally.add(judged.verdict, judged.cause, judged);
  return tally.ranked();
}

}  // namespace parallax
