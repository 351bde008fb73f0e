// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/teller.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/run/report_text.h"

namespace parallax::serve {
namespace {

constexpr std::size_t examples_max = 8;
constexpr std::size_t lines_max = 20;  ///< Of wrong actions in a message.
constexpr std::size_t found_width = 120;

Micros distance(SimTime a, SimTime b) { return a < b ? b - a : a - b; }

bool has_value(FieldForm form) { return form == FieldForm::present || form == FieldForm::as_text; }

/// A row's text beside what the decoder makes of it.
struct TextRow {
  std::string text;
  CanonicalRow row;
};

/// Rows by number as the target gives them now. One that has changed its place since it was judged
/// is left out.
std::map<std::uint64_t, TextRow> read_texts(DeclaredRows& rows, const Declared& declared,
                                            const Stage& stage,
                                            const std::map<std::uint64_t, CanonicalRow>& wanted) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, row] : wanted) numbers.push_back(number);
  std::map<std::uint64_t, TextRow> by_number;
  const auto texts = rows.texts(declared.id, numbers);
  if (!texts || texts->size() != numbers.size()) return by_number;
  RowDecoder decoder(stage.scenario.plan, {});
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    TextRow read{(*texts)[i], {}};
    const CanonicalRow& judged = wanted.at(numbers[i]);
    if (decoder.decode(read.text, read.row) && read.row.event_name == judged.event_name &&
        read.row.ingestion_ts == judged.ingestion_ts)
      by_number.emplace(numbers[i], std::move(read));
  }
  return by_number;
}

/// A row's text without what is null in it, for people.
std::string brief(const std::string& text) {
  std::vector<Problem> none;
  auto json = parse_json(text, "row", 0, none);
  if (!json) return text;
  strip_nulls(*json);
  return write_json_line(*json);
}

/// A value of a row's text: a column, or inside its properties.
std::string value_in(const Json& row, std::string_view column) {
  const Json* value = row.find(column);
  if (value == nullptr)
    if (const Json* properties = row.find("properties");
        properties != nullptr && properties->kind == Json::Kind::object)
      value = properties->find(column);
  if (value == nullptr || value->kind == Json::Kind::null) return "nothing";
  return report_text::cut_to(report_text::one_line(write_json_line(*value)), found_width);
}

class Teller {
 public:
  Teller(const Declared& declared, const Stage& stage, const Trial& trial, const Part& part,
         DeclaredRows& rows, Judged& judged)
      : declared_(declared),
        stage_(stage),
        judgement_(trial.judgement(0)),
        phantoms_(trial.phantoms()),
        part_(part),
        rows_(rows),
        out_(judged) {}

  void tell() {
    choose();
    texts_ = read_texts(rows_, declared_, stage_, wanted_);
    for (std::size_t i = 0; i < judgement_.actions.size(); ++i) out_.actions.push_back(told(i));
    for (std::size_t i = 0; i < phantoms_.size() && i < rows_told_max; ++i)
      if (const auto row = texts_.find(phantoms_[i].number); row != texts_.end())
        out_.phantoms.push_back(row->second.text);
    write_message();
    add_examples();
  }

 private:
  bool is_wrong(std::size_t i) const {
    return severity(judgement_.actions[i].verdict) != Verdict::pass;
  }

  /// Which actions are told with their rows, and so which rows are needed.
  void choose() {
    std::map<std::uint64_t, const CanonicalRow*> by_number;
    for (const CanonicalRow& row : part_.rows) by_number[row.number] = &row;
    for (const bool wrong : {true, false})
      for (std::size_t i = 0; i < judgement_.actions.size(); ++i)
        if (is_wrong(i) == wrong && chosen_.size() < actions_told_max) chosen_[i] = nullptr;
    for (auto& [i, near] : chosen_) {
      const JudgedAction& action = judgement_.actions[i];
      for (std::uint32_t r = 0; r < action.rows && r < rows_told_max; ++r) {
        const std::uint64_t number = judgement_.rows_by_action[action.first_row + r];
        wanted_[number] = *by_number.at(number);
      }
      if (action.rows > 0 || !is_wrong(i)) continue;
      near = nearest(i);
      if (near != nullptr) wanted_[near->number] = *near;
    }
    for (std::size_t i = 0; i < phantoms_.size() && i < rows_told_max; ++i)
      wanted_[phantoms_[i].number] = phantoms_[i];
  }

  int likeness(const CanonicalRow& row, std::size_t i) const {
    const Expected& expected = stage_.expected[i];
    const auto user = stage_.users.find(row.user);
    const bool same_user =
        expected.user != 0 && user != stage_.users.end() && user->second == expected.user;
    const bool near = row.event_ts == no_time || distance(row.event_ts, declared_.actions[i].at) <=
                                                     declared_.request.tolerances.window;
    int score = (same_user ? 4 : 0) + (near ? 2 : 0);
    if (row.type != expected.row.type) return same_user && near ? score : 0;
    score += 4;
    for (std::size_t field = 0; field < max_fields; ++field)
      if ((expected.fields >> field & 1U) != 0 && has_value(row.forms[field]) &&
          row.values[field] == expected.row.values[field])
        score += expected.key == field ? 8 : 1;
    // A name alone, at another time, is no likeness.
    return score > 4 ? score : 0;
  }

  const CanonicalRow* nearest(std::size_t i) const {
    const CanonicalRow* best = nullptr;
    int best_score = 0;
    for (const CanonicalRow& row : rows_.strangers())
      if (const int score = likeness(row, i); score > best_score) {
        best = &row;
        best_score = score;
      }
    return best;
  }

  std::vector<Difference> differences(const TextRow& read, std::size_t i) const {
    const DeclaredAction& action = declared_.actions[i];
    const Expected& expected = stage_.expected[i];
    std::vector<Problem> none;
    const auto json = parse_json(read.text, "row", 0, none);
    std::vector<Difference> out;
    if (!json) return out;
    const auto differs = [&](std::string_view column, const std::string& wanted) {
      out.push_back({std::string(column), value_in(*json, column), wanted});
    };
    const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
    if (read.row.event_name != expected.row.event_name) differs("event_name", quoted(action.name));
    if (expected.says_id && read.row.event_id != expected.row.event_id)
      differs("event_id", quoted(action.event_id));
    if (expected.user != 0 && read.row.user != expected.row.user)
      differs("user_id", quoted(action.user));
    if (read.row.event_ts != no_time &&
        distance(read.row.event_ts, action.at) > declared_.request.tolerances.time)
      differs("event_ts", to_rfc3339(action.at));
    if (read.row.type != expected.row.type) return out;
    const ActionPlan& plan = stage_.scenario.plan.actions[expected.row.type];
    for (std::size_t field = 0; field < plan.fields.size(); ++field)
      if ((expected.fields >> field & 1U) != 0 && !says(read.row, expected, plan, field))
        differs(plan.fields[field].name,
                write_json_line(action.field(plan.fields[field].name)->value));
    if (!action.currency.empty() && read.row.currency != expected.row.currency &&
        value_in(*json, "currency") != "nothing")
      differs("currency", quoted(action.currency));
    return out;
  }

  bool says(const CanonicalRow& row, const Expected& expected, const ActionPlan& plan,
            std::size_t field) const {
    if (!has_value(row.forms[field])) return false;
    if (plan.fields[field].type != FieldType::money)
      return row.values[field] == expected.row.values[field];
    return std::abs(row.values[field] - expected.row.values[field]) <=
           allowed_minor(declared_.request.tolerances, stage_.scenario.plan, expected);
  }

  ToldRow told_row(std::uint64_t number, std::size_t i) const {
    const auto read = texts_.find(number);
    if (read == texts_.end()) return {};
    return {read->second.text, differences(read->second, i)};
  }

  ToldAction told(std::size_t i) const {
    const DeclaredAction& action = declared_.actions[i];
    const JudgedAction& judged = judgement_.actions[i];
    ToldAction out{action.id,
                   action.action_key,
                   action.name,
                   action.label(),
                   judged.verdict,
                   judged.cause,
                   "",
                   judged.rows,
                   {},
                   {},
                   {}};
    const auto chosen = chosen_.find(i);
    if (chosen != chosen_.end()) {
      for (std::uint32_t r = 0; r < judged.rows && r < rows_told_max; ++r)
        out.rows.push_back(told_row(judgement_.rows_by_action[judged.first_row + r], i));
      if (chosen->second != nullptr) out.nearest.push_back(told_row(chosen->second->number, i));
    }
    if (is_wrong(i)) out.why = why(judged);
    out.timeline = timeline(i, out);
    return out;
  }

  /// The cause in words of a declaration: nobody knows whether the event of a lost action was ever
  /// acknowledged.
  static std::string why(const JudgedAction& judged) {
    switch (judged.cause) {
      case Cause::after_acknowledgement:
        return "It was done, and no row stands for it.";
      case Cause::last_batch:
        return "It was done, and neither it nor anything after it has a row: settled too early, or "
               "what comes last is lost.";
      case Cause::multiplied:
        return "It was done once, and more than one row stands for it.";
      case Cause::id_regenerated:
        return "Its rows carry different event ids.";
      default:
        return std::string(about(judged.cause));
    }
  }

  std::vector<std::string> timeline(std::size_t i, const ToldAction& out) const {
    const DeclaredAction& action = declared_.actions[i];
    std::vector<std::pair<SimTime, std::string>> lines;
    lines.emplace_back(action.at, "done: " + action.label());
    lines.emplace_back(action.received, "declared");
    const JudgedAction& judged = judgement_.actions[i];
    for (std::uint32_t r = 0; r < out.rows.size(); ++r) {
      const auto read = texts_.find(judgement_.rows_by_action[judged.first_row + r]);
      if (read == texts_.end()) continue;
      lines.emplace_back(read->second.row.event_ts, "row: " + brief(read->second.text));
      if (read->second.row.ingestion_ts != no_time)
        lines.emplace_back(read->second.row.ingestion_ts, "row ingested");
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> texts;
    for (const auto& [at, text] : lines)
      texts.push_back(at == no_time ? text : fmt::format("{}  {}", to_rfc3339(at), text));
    if (judged.rows == 0) texts.emplace_back("row: none");
    return texts;
  }

  static std::string said(const std::vector<Difference>& differences) {
    std::string text;
    for (const Difference& d : differences)
      text += fmt::format("{}{} is {} instead of {}", text.empty() ? "" : "; ", d.column, d.found,
                          d.expected);
    return text;
  }

  void add_lines(const ToldAction& action) {
    out_.message += fmt::format("  {}: {}, {}\n    {}\n", action.label, name_of(action.verdict),
                                name_of(action.cause), action.why);
    // Of a leak it does not matter what it says.
    const bool leaked = action.verdict == ActionVerdict::leaked;
    for (const ToldRow& row : action.rows)
      if (!row.differences.empty() && !leaked)
        out_.message += fmt::format("    its row: {}\n", said(row.differences));
    for (const ToldRow& row : action.rows)
      if (leaked || action.rows_total > 1)
        out_.message += fmt::format("    row: {}\n", brief(row.json));
    for (const ToldRow& row : action.nearest)
      out_.message +=
          fmt::format("    nearest row: {}\n",
                      row.differences.empty() ? brief(row.json) : said(row.differences));
  }

  void write_message() {
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < out_.actions.size(); ++i) wrong += is_wrong(i) ? 1U : 0U;
    const RunReport& report = out_.report;
    std::string& text = out_.message;
    text = fmt::format("{}  {}: {} of {} actions right", name_of(report.verdict), report.scenario,
                       out_.actions.size() - wrong, out_.actions.size());
    if (!report.because.empty()) text += fmt::format("\n  {}", report.because);
    text += '\n';
    std::size_t lines = 0;
    for (std::size_t i = 0; i < out_.actions.size() && lines < lines_max; ++i) {
      if (!is_wrong(i)) continue;
      add_lines(out_.actions[i]);
      ++lines;
    }
    if (wrong > lines) text += fmt::format("  and {} more\n", wrong - lines);
    if (!phantoms_.empty())
      text += fmt::format("  rows that no declared action explains: {}\n", phantoms_.size());
    for (const std::string& row : out_.phantoms) text += fmt::format("    row: {}\n", brief(row));
  }

  void add_examples() {
    for (const ToldAction& action : out_.actions) {
      if (severity(action.verdict) == Verdict::pass) continue;
      if (out_.report.examples.size() == examples_max) return;
      out_.report.examples.push_back({action.label, action.verdict, action.cause, action.timeline});
    }
  }

  const Declared& declared_;
  const Stage& stage_;
  const Judgement& judgement_;
  const std::vector<CanonicalRow>& phantoms_;
  const Part& part_;
  DeclaredRows& rows_;
  Judged& out_;
  std::map<std::size_t, const CanonicalRow*> chosen_;  ///< Action -> its nearest row, or null.
  std::map<std::uint64_t, CanonicalRow> wanted_;       ///< By number.
  std::map<std::uint64_t, TextRow> texts_;
};

}  // namespace

void tell(const Declared& declared, const Stage& stage, const Trial& trial, const Part& part,
          DeclaredRows& rows, Judged& judged) {
  Teller(declared, stage, trial, part, rows, judged).tell();
}

}  // namespace parallax::serve
