// SPDX-License-Identifier: Apache-2.0
#include "sim/run/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>

#include "assertions/match.h"
#include "assertions/text_hashes.h"
#include "sim/run/row_story.h"
#include "sim/run/strike_text.h"

namespace parallax {
namespace {

/// One line of a timeline with the instant it is sorted by.
struct Line {
  SimTime at;
  std::string text;
};

/// ", struck by answer_lost (after_commit)"; `point` of a fault's plan says where.
template <class Point>
std::string struck_by(const Scenario& scenario, std::uint64_t struck, const Point& point) {
  std::string text;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if ((struck >> i & 1U) != 0)
      text += fmt::format("{}{} ({})", text.empty() ? ", struck by " : ", ",
                          scenario.faults[i].name, point(scenario.faults[i]));
  return text;
}

/// ", to another project, sku truncated": what departs from the plan.
std::string departures(const Scenario& scenario, const Emission& emission) {
  std::string text;
  if (emission.other_name) text += ", called " + sent_name(scenario.plan, emission);
  if (emission.user_form == UserForm::absent) {
    text += ", of no user";
  } else if (emission.user_form != UserForm::normal) {
    text += ", of user " + sent_user_id(emission);
  }
  if (emission.other_project) text += ", to another project";
  const auto& fields = scenario.plan.actions[emission.seen.type].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool planned = fields[i].on(emission.source);
    if (!planned && !emission.odd_fields) continue;
    if (emission.forms[i] != (planned ? FieldForm::present : FieldForm::absent))
      text += fmt::format(", {} {}", fields[i].name, name_of(emission.forms[i]));
  }
  return text;
}

std::string describe(const Scenario& scenario, const EmissionRecord& record) {
  const Emission& emission = record.emission;
  const auto& fields = scenario.plan.actions[emission.seen.type].fields;
  std::string text = fmt::format("{} emission", name_of(emission.source));
  if (emission.copy > 0) text += fmt::format(" (copy {})", emission.copy);
  text += identifies(emission.id_form) ? " " + emission.event_id.text() : " without event_id";
  text += departures(scenario, emission);
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].type == FieldType::money && emission.forms[i] != FieldForm::absent)
      text += fmt::format(", {} {}", fields[i].name, field_text(scenario.plan, emission, i));
  text += struck_by(scenario, emission.struck, [](const FaultPlan& plan) {
    return struck_at(plan, StrikePlace::Meets::emission, Strike::none);
  });
  if (record.fate == Fate::destroyed) text += "; destroyed before it was queued";
  if (record.fate == Fate::withheld)
    text += fmt::format("; withheld ({})", name_of(emission.withheld));
  return text;
}

/// The timelines of some actions of one lane.
class Storyteller {
 public:
  /// `wanted`: actions of the ledger. All must outlive it.
  Storyteller(const Scenario& scenario, const Ledger& ledger, std::vector<ActionId> wanted)
      : scenario_(scenario), ledger_(ledger), wanted_(std::move(wanted)), lines_(wanted_.size()) {
    std::sort(wanted_.begin(), wanted_.end());
    add_actions();
    add_emissions();
    add_attempts();
  }

  std::vector<std::string> timeline(ActionId id) {
    std::vector<Line>& lines = lines_[position(id)];
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.at < b.at; });
    std::vector<std::string> texts;
    texts.reserve(lines.size());
    for (const Line& line : lines)
      texts.push_back(fmt::format("{}  {}", to_rfc3339(line.at), line.text));
    return texts;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t position(ActionId id) const {
    const auto at = std::lower_bound(wanted_.begin(), wanted_.end(), id);
    return at != wanted_.end() && *at == id ? static_cast<std::size_t>(at - wanted_.begin()) : none;
  }

  void add_actions() {
    for (const Action& action : ledger_.actions)
      if (const std::size_t at = position(action.id); at != none)
        lines_[at].push_back(
            {action.at, fmt::format("action {}", scenario_.plan.actions[action.type].name)});
  }

  void add_emissions() {
    for (const EmissionRecord& record : ledger_.emissions) {
      const std::size_t at = position(record.emission.seen.id);
      if (at != none) lines_[at].push_back({record.emission.captured, describe(scenario_, record)});
    }
    for (const AbandonRecord& record : ledger_.abandons) {
      const std::size_t at = position(record.emission.action);
      if (at != none)
        lines_[at].push_back(
            {record.at, fmt::format("{} SDK gave it up: {}", name_of(record.emission.source),
                                    name_of(record.why)) +
                            struck_by(scenario_, record.struck, [](const FaultPlan&) {
                              return name_of(StrikePoint::queue);
                            })});
    }
  }

  void add_attempts() {
    std::vector<std::pair<AttemptId, std::size_t>> involved;
    for (const DeliveryRecord& delivery : ledger_.deliveries)
      if (const std::size_t at = position(delivery.emission.action); at != none)
        involved.emplace_back(delivery.attempt, at);
    std::sort(involved.begin(), involved.end());
    involved.erase(std::unique(involved.begin(), involved.end()), involved.end());
    const auto each = [&](AttemptId id, const auto& tell) {
      auto at = std::lower_bound(involved.begin(), involved.end(), std::pair{id, std::size_t{0}});
      for (; at != involved.end() && at->first == id; ++at) tell(lines_[at->second]);
    };
    for (const AttemptRecord& attempt : ledger_.attempts)
      each(attempt.id, [&](std::vector<Line>& lines) {
        lines.push_back(
            {attempt.at,
             fmt::format("{} sends a batch of {}, try {}{}", name_of(attempt.source), attempt.size,
                         attempt.number,
                         struck_by(scenario_, attempt.struck, [&](const FaultPlan& plan) {
                           return struck_at(plan, StrikePlace::Meets::attempt, attempt.strike);
                         }))});
      });
    for (const ReceiptRecord& receipt : ledger_.receipts)
      each(receipt.attempt, [&](std::vector<Line>& lines) {
        std::string text = fmt::format("receipt {}", name_of(receipt.receipt));
        if (receipt.status != 0) text += fmt::format(", HTTP {}", receipt.status);
        lines.push_back({receipt.at, text});
      });
  }

  const Scenario& scenario_;
  const Ledger& ledger_;
  std::vector<ActionId> wanted_;
  std::vector<std::vector<Line>> lines_;
};

/// The first two examples of each cause, in order.
std::vector<ActionId> choose(const std::vector<CauseCount>& causes, std::size_t max) {
  std::vector<ActionId> wanted;
  for (const CauseCount& cause : causes)
    for (std::size_t i = 0; i < cause.examples.size() && i < 2 && wanted.size() < max; ++i)
      if (std::find(wanted.begin(), wanted.end(), cause.examples[i]) == wanted.end())
        wanted.push_back(cause.examples[i]);
  return wanted;
}

const JudgedAction& judged_of(const Judgement& judgement, ActionId id) {
  const auto found = std::find_if(judgement.actions.begin(), judgement.actions.end(),
                                  [id](const JudgedAction& judged) { return judged.id == id; });
  assert(found != judgement.actions.end());
  return *found;
}

std::vector<std::uint64_t> numbers_of(const Judgement& judgement, const JudgedAction& judged) {
  const auto first = judgement.rows_by_action.begin() + judged.first_row;
  std::vector<std::uint64_t> numbers(first, first + judged.rows);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// The texts of rows by their number; empty where the reader does not give all of them any more.
std::map<std::uint64_t, std::string> read_texts(RowReader& reader, std::string_view run_id,
                                                std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::map<std::uint64_t, std::string> by_number;
  if (numbers.empty()) return by_number;
  Result<std::vector<std::string>> texts = reader.texts(run_id, numbers);
  if (!texts || texts->size() != numbers.size()) return by_number;
  for (std::size_t i = 0; i < numbers.size(); ++i) by_number[numbers[i]] = std::move((*texts)[i]);
  return by_number;
}

/// Whatever is asked of the rows of an example.
struct Told {
  std::vector<Emission> emissions;
  std::vector<std::uint64_t> numbers;    ///< Of its rows.
  std::optional<std::uint64_t> nearest;  ///< Where it has none: of the row most like it.
};

/// The row most like what was sent: of those that say the same name for the same user or place,
/// the one nearest in time.
std::optional<std::uint64_t> nearest_row(const TrackingPlan& plan, const Told& told,
                                         const std::vector<CanonicalRow>& rows) {
  constexpr int name_and_user = 10;
  const NameHashes names(plan);
  std::optional<std::uint64_t> best;
  std::pair<int, Micros> best_score{name_and_user - 1, 0};
  for (const CanonicalRow& row : rows)
    for (const Emission& emission : told.emissions) {
      const SimTime at = emission.server_ts != no_time ? emission.server_ts : emission.client_ts;
      const Micros gap = at < row.event_ts ? row.event_ts - at : at - row.event_ts;
      const std::pair score{likeness(row, emission, names.of(emission)), -gap};
      if (score.first < name_and_user || (best && score <= best_score)) continue;
      best_score = score;
      best = row.number;
    }
  return best;
}

void add_rows(const TrackingPlan& plan, const Told& told,
              const std::map<std::uint64_t, std::string>& texts,
              std::vector<std::string>& timeline) {
  if (told.numbers.empty()) timeline.emplace_back("canonical row: none");
  if (told.nearest && texts.contains(*told.nearest))
    timeline.push_back("nearest other row: " + texts.at(*told.nearest));
  if (!told.numbers.empty() && texts.empty())
    timeline.push_back(fmt::format("canonical rows: {}", told.numbers.size()));
  if (texts.empty()) return;
  for (const std::uint64_t number : told.numbers) {
    const std::string differs = differing_fields(plan, told.emissions, texts.at(number));
    timeline.push_back(differs.empty() ? "canonical row: " + texts.at(number)
                                       : "canonical row differs: " + differs);
  }
}

/// The rows that an action without one may have become: those of its lane, and of nobody.
Result<void> find_nearest(const JudgedRun& run, LaneIndex lane, const std::vector<Told*>& missing) {
  if (missing.empty()) return {};
  std::vector<CanonicalRow> rows;
  if (const Result<void> loaded = run.rows().load(lane, rows); !loaded) return loaded;
  const auto& phantoms = run.trial().phantoms();
  rows.insert(rows.end(), phantoms.begin(), phantoms.end());
  for (Told* const told : missing) told->nearest = nearest_row(run.scenario().plan, *told, rows);
  return {};
}

}  // namespace

Result<std::vector<RunReport::Example>> tell_examples(const JudgedRun& run, RowReader& reader,
                                                      std::string_view run_id,
                                                      const std::vector<CauseCount>& causes,
                                                      std::size_t max) {
  const std::vector<ActionId> wanted = choose(causes, max);
  std::map<LaneIndex, std::vector<ActionId>> by_lane;
  for (const ActionId id : wanted) by_lane[lane_of(id.value)].push_back(id);
  std::map<ActionId, std::vector<std::string>> timelines;
  std::map<ActionId, Told> told;
  Ledger ledger;
  for (const auto& [lane, ids] : by_lane) {
    if (const Result<void> loaded = run.ledger().load(lane, ledger); !loaded) return loaded.error();
    const Judgement& judgement = run.trial().judgement(lane);
    Storyteller teller(run.scenario(), ledger, ids);
    std::vector<Told*> missing;
    for (const ActionId id : ids) {
      timelines[id] = teller.timeline(id);
      Told& one = told[id];
      one.numbers = numbers_of(judgement, judged_of(judgement, id));
      for (const EmissionRecord& record : ledger.emissions)
        if (record.emission.seen.id == id) one.emissions.push_back(record.emission);
      if (one.numbers.empty()) missing.push_back(&one);
    }
    if (const Result<void> found = find_nearest(run, lane, missing); !found) return found.error();
  }
  std::vector<std::uint64_t> all;
  std::vector<RunReport::Example> examples;
  for (const ActionId id : wanted) {
    const JudgedAction& judged = judged_of(run.trial().judgement(lane_of(id.value)), id);
    all.insert(all.end(), told[id].numbers.begin(), told[id].numbers.end());
    if (told[id].nearest) all.push_back(*told[id].nearest);
    RunReport::Example& example = examples.emplace_back();
    example.action = fmt::format("{} a-{} by {}", run.scenario().plan.actions[judged.type].name,
                                 id.value, user_id_text(judged.user));
    example.verdict = judged.verdict;
    example.cause = judged.cause;
    example.timeline = std::move(timelines[id]);
  }
  const std::map<std::uint64_t, std::string> texts = read_texts(reader, run_id, std::move(all));
  for (std::size_t i = 0; i < examples.size(); ++i)
    add_rows(run.scenario().plan, told[wanted[i]], texts, examples[i].timeline);
  return examples;
}

}  // namespace parallax
