// SPDX-License-Identifier: Apache-2.0
// How tasks and stories are written: Markdown with a title, header lines and sections.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "sim/run/lesson.h"
#include "sim/run/report_text.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

constexpr std::size_t hints_max = 3;

struct Section {
  std::string name;  ///< "Answer", "Wrong: no dedupe".
  std::string text;  ///< Without the SQL block.
  std::string sql;
};

/// A text taken apart, nothing judged yet.
struct Document {
  std::string title;
  std::map<std::string, std::string> header;
  std::vector<Section> sections;
};

std::string trimmed(std::string_view text) {
  return std::string(report_text::trimmed(text, " \t\r\n"));
}

std::vector<std::string> words(const std::string& list) {
  std::vector<std::string> out;
  for (const std::string& word : report_text::split(list, ","))
    if (const std::string name = trimmed(word); !name.empty()) out.push_back(name);
  return out;
}

Document take_apart(std::string_view text) {
  Document out;
  bool in_sql = false, in_code = false;
  for (const std::string& line : report_text::split(text, "\n")) {
    const bool fence = line.starts_with("```");
    if (fence && !in_code && line == "```sql" && !out.sections.empty()) {
      in_sql = in_code = true;
    } else if (fence && in_sql) {
      in_sql = in_code = false;
    } else if (in_sql) {
      out.sections.back().sql += line + "\n";
    } else if (!in_code && line.starts_with("# ")) {
      out.title = line.substr(2);
    } else if (!in_code && line.starts_with("## ")) {
      out.sections.push_back({line.substr(3), {}, {}});
    } else if (!out.sections.empty()) {
      if (fence) in_code = !in_code;
      out.sections.back().text += line + "\n";
    } else if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
      out.header[trimmed(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    }
  }
  for (Section& section : out.sections) section.text = trimmed(section.text);
  return out;
}

/// "1. text", continued on indented lines; one string an item.
std::vector<std::string> items(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& line : report_text::split(text, "\n")) {
    const std::size_t dot = line.find(". ");
    const bool begins =
        dot != std::string::npos && dot > 0 && line.find_first_not_of("0123456789") == dot;
    if (begins) {
      out.push_back(trimmed(line.substr(dot + 2)));
    } else if (!out.empty()) {
      out.back() += " " + trimmed(line);
    }
  }
  return out;
}

/// Reads a document and keeps the first thing that is wrong with it.
class Reader {
 public:
  Reader(std::string file, std::string_view text)
      : file_(std::move(file)), document_(take_apart(text)) {
    if (document_.title.empty()) fail("the first line has to be a title, \"# ...\"");
  }

  const std::string& title() const { return document_.title; }
  const std::vector<Section>& sections() const { return document_.sections; }
  const std::optional<Error>& error() const { return error_; }

  void fail(const std::string& what) {
    if (!error_) error_ = Error{Error::Kind::invalid_input, what, file_};
  }
  /// The header's value, checked against `choices` unless there are none.
  std::string word(const std::string& key, std::vector<std::string_view> choices) {
    const auto found = document_.header.find(key);
    const std::string value = found == document_.header.end() ? "" : found->second;
    if (value.empty()) fail(fmt::format("the header line \"{}: ...\" is missing", key));
    if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end())
      return value;
    fail(fmt::format("{}: found \"{}\", expected one of {}", key, value, fmt::join(choices, ", ")));
    return value;
  }
  void check_header(std::vector<std::string_view> known) {
    for (const auto& [key, value] : document_.header) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const std::string nearest = nearest_name(key, known);
      fail(fmt::format("unknown header line \"{}: {}\"{}", key, value,
                       nearest.empty() ? "" : ", did you mean " + nearest + "?"));
    }
  }
  bool has(const std::string& section) const { return find(section) != nullptr; }
  std::string text(const std::string& section) {
    const Section* const found = find(section);
    if (found == nullptr || found->text.empty())
      fail(fmt::format("the section \"## {}\" is missing or empty", section));
    return found == nullptr ? "" : found->text;
  }
  std::string sql(const std::string& section) {
    const Section* const found = find(section);
    if (found == nullptr || found->sql.empty())
      fail(fmt::format("the section \"## {}\" has no block ```sql", section));
    return found == nullptr ? "" : found->sql;
  }

 private:
  const Section* find(const std::string& name) const {
    for (const Section& section : document_.sections)
      if (section.name == name) return &section;
    return nullptr;
  }

  std::string file_;
  Document document_;
  std::optional<Error> error_;
};

/// "teaching/webshop/03-dedupe.md" -> "dedupe": the number only orders the tasks.
std::string task_name(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  const std::size_t begin = name.find_first_not_of("0123456789-");
  name.erase(0, std::min(begin, name.size()));
  return name.substr(0, name.rfind(".md"));
}

void read_wrong(Reader& reader, Task& task) {
  constexpr std::string_view mark = "Wrong: ";
  constexpr std::array known{"Task", "Hints", "Answer", "Why"};
  for (const Section& section : reader.sections()) {
    if (section.name.starts_with(mark)) {
      WrongQuery wrong{section.name.substr(mark.size()), section.text, section.sql};
      if (wrong.why.empty() || wrong.sql.empty())
        reader.fail(fmt::format("\"## {}\" needs a sentence and a block ```sql", section.name));
      task.wrong.push_back(std::move(wrong));
    } else if (std::find(known.begin(), known.end(), section.name) == known.end()) {
      reader.fail(fmt::format("unknown section \"## {}\"", section.name));
    }
  }
  if (task.wrong.size() < 2) reader.fail("a task needs two wrong queries, \"## Wrong: ...\"");
}

}  // namespace

Result<Task> parse_task(const std::string& file, std::string_view text) {
  Reader reader(file, text);
  reader.check_header({"level", "answer", "columns", "key", "ordered", "tolerance"});
  Task task;
  task.name = task_name(file);
  task.title = reader.title();
  task.level = reader.word("level", {"1", "2", "3"}).front() - '0';
  task.plan = reader.word("answer", {"query", "plan"}) == "plan";
  task.columns = words(reader.word("columns", {}));
  task.key = words(reader.word("key", {}));
  task.ordered = reader.word("ordered", {"yes", "no"}) == "yes";
  const std::string tolerance = reader.word("tolerance", {});
  if (const std::optional<Ratio> ratio = parse_ratio(tolerance)) {
    task.tolerance = *ratio;
  } else {
    reader.fail(
        fmt::format("tolerance: found \"{}\", expected a share such as 0 or 0.1%", tolerance));
  }
  for (const std::string& key : task.key)
    if (std::find(task.columns.begin(), task.columns.end(), key) == task.columns.end())
      reader.fail(fmt::format("key: {} is none of the columns", key));
  task.text = reader.text("Task");
  task.hints = items(reader.text("Hints"));
  if (task.hints.empty() || task.hints.size() > hints_max)
    reader.fail(fmt::format("found {} hints, expected 1 to {}", task.hints.size(), hints_max));
  task.answer = reader.sql("Answer");
  task.explanation = reader.text("Why");
  read_wrong(reader, task);
  if (reader.error()) return *reader.error();
  return task;
}

Result<Dataset> parse_story(const std::string& file, std::string_view text) {
  Reader reader(file, text);
  reader.check_header({"about"});
  Dataset out;
  out.title = reader.title();
  out.about = reader.word("about", {});
  out.story = reader.text("Story");
  out.tables = reader.text("Tables");
  if (reader.has("Prepare")) out.prepare = reader.sql("Prepare");
  if (reader.error()) return *reader.error();
  return out;
}

}  // namespace parallax
