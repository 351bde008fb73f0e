// SPDX-License-Identifier: Apache-2.0
#include "sim/run/monitor_file.h"

#include <array>

#include "sim/core/ratio.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load_file.h"
#include "sim/scenario/node.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

struct Bound {
  const char* name;
  double MonitorBounds::*member;
  bool is_span;
  const char* about;
};
constexpr std::array bounds{
    Bound{"ratio", &MonitorBounds::ratio, false, "Change of a day's ratio against the baseline."},
    Bound{"joined", &MonitorBounds::joined, false, "Least share that is found by event_id."},
    Bound{"hours", &MonitorBounds::hours, false, "Actions in another hour by the client's clock."},
    Bound{"revenue", &MonitorBounds::revenue, false, "Orders whose amounts differ."},
    Bound{"latency_p95", &MonitorBounds::latency_p95, true, "95th percentile of a latency."},
    Bound{"rejected", &MonitorBounds::rejected, false, "Rows rejected for one reason."},
    Bound{"clean", &MonitorBounds::clean, false, "Actions wrong in the clean table."},
    Bound{"consent", &MonitorBounds::consent, false, "Consent that differs or is ignored."},
    Bound{"sampling", &MonitorBounds::sampling, false, "Users that only one side knows."},
    Bound{"missing", &MonitorBounds::missing, false, "Growth of a field's empty share."},
    Bound{"drift", &MonitorBounds::drift, false, "Population stability index."}};

bool is_instant(std::string_view text) { return parse_rfc3339(text).has_value(); }

const Shape* table_shape(ShapeBook& book) {
  const Shape* text = book.text();
  return book.object({{"path", text, "A file, relative to this one.", true},
                      {"table", text, "Of a database."},
                      {"query", text, "SELECT over a database, instead of a table."},
                      {"source", book.words({"client", "server"}), "Whose rows all of them are."},
                      {"columns", book.map(text), "Our column names -> theirs."}});
}

const Shape* monitor_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* table = table_shape(book);
  const Shape* words = book.list(text, 1, 100);
  const Shape* at = book.text("an RFC 3339 time", "", is_instant);
  const Shape* deploy = book.object(
      {{"at", at, "When.", true}, {"label", text, "What people call the release.", true}});
  return book.object(
      {{"$schema", text, "For editors."},
       {"about", text, "One sentence."},
       {"raw", book.any_of({table, book.list(table, 1, 100)}), "What each side reported.", true},
       {"clean", table, "One row an action."},
       {"rejected", table, "What was not taken, with a reason."},
       {"client", words, "Values of source that mean the client."},
       {"server", words, "Values of source that mean the server."},
       {"events", words, "Default: those that both sides report."},
       {"deploys", book.list(deploy, 0, 100), "Releases."}});
}

MonitorTable table_of(const Node& node, const fs::path& folder) {
  MonitorTable out;
  out.path = folder / fs::path(node["path"].word());
  read_text(node["table"], out.table);
  read_text(node["query"], out.query);
  read_text(node["source"], out.source);
  const Node columns = node["columns"];
  for (std::size_t i = 0; i < columns.size(); ++i)
    out.columns.emplace_back(columns.name(i), columns.at(i).word());
  return out;
}

void check_table(const Node& node, const MonitorTable& table, Problems& problems) {
  std::error_code none;
  if (!fs::is_regular_file(table.path, none)) problems.error(node["path"], "a file that is there");
}

void read_words(const Node& list, std::vector<std::string>& out) {
  if (!list.is(Json::Kind::list)) return;
  out.clear();
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list.at(i).word());
}

void compile(const Node& root, const fs::path& folder, MonitorPlan& plan, Problems& problems) {
  const auto take = [&](const Node& node) {
    MonitorTable table = table_of(node, folder);
    check_table(node, table, problems);
    return table;
  };
  read_text(root["about"], plan.about);
  const Node raw = root["raw"];
  if (raw.is(Json::Kind::object)) plan.raw.push_back(take(raw));
  if (raw.is(Json::Kind::list))
    for (std::size_t i = 0; i < raw.size(); ++i) plan.raw.push_back(take(raw.at(i)));
  if (root["clean"]) plan.clean = take(root["clean"]);
  if (root["rejected"]) plan.rejected = take(root["rejected"]);
  read_words(root["client"], plan.client);
  read_words(root["server"], plan.server);
  read_words(root["events"], plan.events);
  const Node deploys = root["deploys"];
  for (std::size_t i = 0; i < deploys.size(); ++i)
    if (const auto at = parse_rfc3339(deploys.at(i)["at"].word()))
      plan.deploys.emplace_back(*at, deploys.at(i)["label"].word());
}

bool is_database(const fs::path& file) {
  return file.extension() == ".duckdb" || file.extension() == ".db";
}

/// Reads and checks a file; nothing where it cannot be used at all.
std::optional<Json> document_of(const fs::path& file, std::vector<Problem>& problems) {
  const auto text = read_whole_file(file);
  if (text) return parse_json(*text, file.string(), 0, problems);
  problems.push_back(
      {file.string(), "", "a file that cannot be read", text.error().what, "", false});
  return std::nullopt;
}

}  // namespace

std::vector<std::pair<std::string, double>> bounds_of(const MonitorBounds& of) {
  std::vector<std::pair<std::string, double>> out;
  for (const Bound& bound : bounds) out.emplace_back(bound.name, of.*bound.member);
  return out;
}

LoadedMonitor load_monitor(const fs::path& file) {
  LoadedMonitor loaded;
  if (is_database(file)) {
    loaded.plan.raw.push_back({file, "raw_events", "", "", {}});
    loaded.plan.clean = MonitorTable{file, "clean_events", "", "", {}};
    loaded.plan.rejected = MonitorTable{file, "rejected", "", "", {}};
    std::error_code none;
    if (!fs::is_regular_file(file, none))
      loaded.problems.push_back(
          {file.string(), "", "no such file", "a DuckDB database", "", false});
    return loaded;
  }
  auto document = document_of(file, loaded.problems);
  if (!document) return loaded;
  const std::vector<std::string> files{file.string()};
  Problems problems(files);
  const Node root(&*document);
  ShapeBook book;
  check_shape(root, *monitor_shape(book), problems);
  compile(root, file.parent_path(), loaded.plan, problems);
  for (Problem& problem : problems.list()) loaded.problems.push_back(std::move(problem));
  return loaded;
}

LoadedBounds load_bounds(const fs::path& file) {
  LoadedBounds loaded;
  auto document = document_of(file, loaded.problems);
  if (!document) return loaded;
  const std::vector<std::string> files{file.string()};
  Problems problems(files);
  const Node root(&*document);
  ShapeBook book;
  std::vector<Key> keys;
  for (const Bound& bound : bounds)
    keys.push_back({bound.name, bound.is_span ? book.duration(0) : book.ratio(), bound.about});
  check_shape(root, *book.object(std::move(keys)), problems);
  for (const Bound& bound : bounds) {
    const Node node = root[bound.name];
    if (bound.is_span) {
      if (const auto span = duration_of(node))
        loaded.bounds.*bound.member = static_cast<double>(*span) / second;
    } else if (const auto share = ratio_of(node)) {
      loaded.bounds.*bound.member = share->value();
    }
  }
  for (Problem& problem : problems.list()) loaded.problems.push_back(std::move(problem));
  return loaded;
}

}  // namespace parallax
