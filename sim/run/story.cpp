// SPDX-License-Identifier: Apache-2.0
#include "sim/run/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/money.h"

namespace parallax {
namespace {

/// One line of a timeline with the instant it is sorted by.
struct Line {
  SimTime at;
  std::string text;
};

std::string field_text(const Evidence& evidence, const Emission& emission, std::size_t field) {
  const TrackingPlan& plan = evidence.scenario.plan;
  const FieldPlan& spec = plan.actions[emission.seen.type].fields[field];
  const std::int64_t value = emission.seen.values[field];
  switch (spec.type) {
    case FieldType::money:
      return format_money(value, plan.currencies[emission.seen.currency].exponent);
    case FieldType::string:
      return spec.form.text(value);
    case FieldType::boolean:
      return value != 0 ? "true" : "false";
    case FieldType::integer:
    case FieldType::number:
      break;
  }
  return std::to_string(value) + (spec.type == FieldType::number ? " millionths" : "");
}

std::string struck_by(const Scenario& scenario, std::uint64_t struck) {
  std::string text;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if ((struck >> i & 1U) != 0)
      text += (text.empty() ? ", struck by " : ", ") + scenario.faults[i].name;
  return text;
}

std::string describe(const Evidence& evidence, const EmissionRecord& record) {
  const Emission& emission = record.emission;
  const auto& fields = evidence.scenario.plan.actions[emission.seen.type].fields;
  std::string text = fmt::format("{} emission", name_of(emission.source));
  if (emission.copy > 0) text += fmt::format(" (copy {})", emission.copy);
  text += identifies(emission.id_form) ? " " + emission.event_id.text() : " without event_id";
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].type == FieldType::money && emission.forms[i] != FieldForm::absent)
      text += fmt::format(", {} {}", fields[i].name, field_text(evidence, emission, i));
  text += struck_by(evidence.scenario, emission.struck);
  if (record.fate == Fate::destroyed) text += "; destroyed before it was queued";
  if (record.fate == Fate::withheld)
    text += fmt::format("; withheld ({})", name_of(emission.withheld));
  return text;
}

class Storyteller {
 public:
  Storyteller(const Evidence& evidence, std::vector<ActionId> wanted)
      : evidence_(evidence), wanted_(std::move(wanted)), lines_(wanted_.size()) {
    std::sort(wanted_.begin(), wanted_.end());
    index_actions();
    add_emissions();
    add_attempts();
  }

  std::size_t index_of(ActionId id) const { return position(id); }
  const Action* action(std::size_t i) const { return actions_[i]; }
  const JudgedAction* judged(std::size_t i) const { return judged_[i]; }
  std::vector<std::string> lines(std::size_t i) {
    std::stable_sort(lines_[i].begin(), lines_[i].end(),
                     [](const Line& a, const Line& b) { return a.at < b.at; });
    std::vector<std::string> texts;
    for (const Line& line : lines_[i])
      texts.push_back(fmt::format("{}  {}", to_rfc3339(line.at), line.text));
    return texts;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t position(ActionId id) const {
    const auto at = std::lower_bound(wanted_.begin(), wanted_.end(), id);
    return at != wanted_.end() && *at == id ? static_cast<std::size_t>(at - wanted_.begin()) : none;
  }

  void index_actions() {
    actions_.resize(wanted_.size());
    judged_.resize(wanted_.size());
    for (std::size_t i = 0; i < evidence_.ledger.actions.size(); ++i) {
      const Action& action = evidence_.ledger.actions[i];
      const std::size_t at = position(action.id);
      if (at == none) continue;
      actions_[at] = &action;
      judged_[at] = &evidence_.judgement.actions[i];
      lines_[at].push_back(
          {action.at, fmt::format("action {}", evidence_.scenario.plan.actions[action.type].name)});
    }
  }

  void add_emissions() {
    for (const EmissionRecord& record : evidence_.ledger.emissions) {
      const std::size_t at = position(record.emission.seen.id);
      if (at != none) lines_[at].push_back({record.emission.captured, describe(evidence_, record)});
    }
    for (const AbandonRecord& record : evidence_.ledger.abandons) {
      const std::size_t at = position(record.emission.action);
      if (at != none)
        lines_[at].push_back(
            {record.at, fmt::format("{} SDK gave it up: {}", name_of(record.emission.source),
                                    name_of(record.why))});
    }
  }

  void add_attempts() {
    std::vector<std::pair<AttemptId, std::size_t>> involved;
    for (const DeliveryRecord& delivery : evidence_.ledger.deliveries)
      if (const std::size_t at = position(delivery.emission.action); at != none)
        involved.emplace_back(delivery.attempt, at);
    std::sort(involved.begin(), involved.end());
    involved.erase(std::unique(involved.begin(), involved.end()), involved.end());
    const auto each = [&](AttemptId id, const auto& tell) {
      auto at = std::lower_bound(involved.begin(), involved.end(), std::pair{id, std::size_t{0}});
      for (; at != involved.end() && at->first == id; ++at) tell(lines_[at->second]);
    };
    for (const AttemptRecord& attempt : evidence_.ledger.attempts)
      each(attempt.id, [&](std::vector<Line>& lines) {
        lines.push_back(
            {attempt.at,
             fmt::format("{} sends a batch of {}, try {}{}", name_of(attempt.source), attempt.size,
                         attempt.number, struck_by(evidence_.scenario, attempt.struck))});
      });
    for (const ReceiptRecord& receipt : evidence_.ledger.receipts)
      each(receipt.attempt, [&](std::vector<Line>& lines) {
        std::string text = fmt::format("receipt {}", name_of(receipt.receipt));
        if (receipt.status != 0) text += fmt::format(", HTTP {}", receipt.status);
        lines.push_back({receipt.at, text});
      });
  }

  const Evidence& evidence_;
  std::vector<ActionId> wanted_;
  std::vector<std::vector<Line>> lines_;
  std::vector<const Action*> actions_;
  std::vector<const JudgedAction*> judged_;
};

/// The rows of the judged action, as texts where the reader still gives them.
std::vector<std::string> row_lines(const Evidence& evidence, const JudgedAction& judged,
                                   RowReader& reader, std::string_view run_id) {
  std::vector<std::uint64_t> numbers;
  for (std::uint32_t i = 0; i < judged.rows; ++i)
    numbers.push_back(
        evidence.rows.rows[evidence.judgement.rows_by_action[judged.first_row + i]].number);
  if (numbers.empty()) return {"canonical row: none"};
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> lines;
  const Result<std::vector<std::string>> texts = reader.texts(run_id, numbers);
  if (!texts) return {fmt::format("canonical rows: {}", numbers.size())};
  for (const std::string& text : *texts) lines.push_back("canonical row: " + text);
  return lines;
}

}  // namespace

std::vector<RunReport::Example> tell_examples(const Evidence& evidence, RowReader& reader,
                                              std::string_view run_id,
                                              const std::vector<CauseCount>& causes,
                                              std::size_t max) {
  std::vector<ActionId> wanted;
  for (const CauseCount& cause : causes)
    for (std::size_t i = 0; i < cause.examples.size() && i < 2 && wanted.size() < max; ++i)
      if (std::find(wanted.begin(), wanted.end(), cause.examples[i]) == wanted.end())
        wanted.push_back(cause.examples[i]);
  Storyteller teller(evidence, wanted);
  std::vector<RunReport::Example> examples;
  for (const ActionId id : wanted) {
    const std::size_t at = teller.index_of(id);
    const Action& action = *teller.action(at);
    const JudgedAction& judged = *teller.judged(at);
    RunReport::Example example;
    example.action = fmt::format("{} a-{} by {}", evidence.scenario.plan.actions[action.type].name,
                                 id.value, user_id_text(action.user));
    example.verdict = judged.verdict;
    example.cause = judged.cause;
    example.timeline = teller.lines(at);
    for (std::string& line : row_lines(evidence, judged, reader, run_id))
      example.timeline.push_back(std::move(line));
    examples.push_back(std::move(example));
  }
  return examples;
}

}  // namespace parallax
