// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/load.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "sim/scenario/compile.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load_file.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

constexpr std::size_t extends_max = 8;

/// Reads a file and what it extends into one document.
class Merger {
 public:
  Merger(std::vector<std::string>& files, std::vector<Problem>& problems)
      : files_(files), problems_(problems) {}

  std::optional<Json> merge(std::string_view text, const std::string& file) {
    const auto index = static_cast<std::uint16_t>(files_.size());
    files_.push_back(file);
    auto own = parse_json(text, file, index, problems_);
    if (!own) return std::nullopt;
    Json base = Json::object();
    base.file = index;
    const Json* extends = own->find("extends");
    if (extends != nullptr && extends->kind == Json::Kind::text) {
      auto read = read_base(*extends, file);
      if (!read) return std::nullopt;
      base = *std::move(read);
    }
    if (own->kind == Json::Kind::object) merge_patch(base, *own);
    return own->kind == Json::Kind::object ? std::move(base) : std::move(*own);
  }

 private:
  std::optional<Json> read_base(const Json& extends, const std::string& file) {
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    const std::string path = (folder / extends.text).lexically_normal().string();
    const auto refuse = [&](std::string expected) {
      problems_.push_back(
          {file, "/extends", "\"" + extends.text + "\"", std::move(expected), "", false});
      return std::nullopt;
    };
    const bool circle = std::any_of(files_.begin(), files_.end(), [&](const std::string& name) {
      return std::filesystem::path(name).lexically_normal() == path;
    });
    if (circle) return refuse("a file that does not extend this one in turn");
    if (files_.size() >= extends_max)
      return refuse("at most " + std::to_string(extends_max) + " files that extend each other");
    auto text = read_whole_file(path);
    if (!text) return refuse("a scenario file that can be read (" + text.error().what + ")");
    auto base = merge(text.value(), path);
    if (base) base->remove("$schema");
    return base;
  }

  std::vector<std::string>& files_;
  std::vector<Problem>& problems_;
};

void apply_set(Json& document, const LoadOptions& options, std::vector<std::string>& files,
               std::vector<Problem>& problems) {
  const auto index = static_cast<std::uint16_t>(files.size());
  files.emplace_back("--set");
  for (const auto& [pointer, text] : options.set) {
    std::vector<Problem> no_json;
    auto value = parse_json(text, "--set", index, no_json);
    if (!value || !no_json.empty()) {
      value = Json::of_text(text);
      value->file = index;
    }
    const auto put = put_at(document, pointer, *std::move(value));
    if (!put)
      problems.push_back({"--set", pointer, "\"" + pointer + "\"", put.error().what, "", false});
  }
}

/// A relative or missing start becomes an instant, so that a replay plays at the same time.
void resolve_start(Json& document, SimTime now) {
  const Json* time = document.find("time");
  if (time != nullptr && time->kind != Json::Kind::object) return;
  if (time == nullptr) document.put("time", Json::object());
  Json& plan = *document.find("time");
  const Json* start = plan.find("start");
  if (start == nullptr) {
    plan.put("start", Json::of_text(to_rfc3339(TimePlan{}.start)));
    return;
  }
  const std::string_view text = start->text;
  if (start->kind != Json::Kind::text || text.substr(0, 3) != "now") return;
  Micros ago = 0;
  if (text != "now") {
    if (text.substr(0, 4) != "now-") return;
    ago = parse_duration(text.substr(4)).value_or(-1);
    if (ago < 0) return;
  }
  Json instant = Json::of_text(to_rfc3339((now - ago).floor(hour)));
  instant.file = start->file;
  plan.put("start", std::move(instant));
}

void compile(const Json& document, const LoadOptions& options, Scenario& scenario,
             Problems& problems) {
  const Node root(&document);
  ShapeBook book;
  check_shape(root, *scenario_shape(book, options.faults), problems);
  if (!root.is(Json::Kind::object)) return;
  Compiler compiler{scenario, problems, options.faults};
  read_text(root["name"], scenario.name);
  read_text(root["about"], scenario.about);
  read_integer(root["seed"], scenario.seed);
  if (root["sent_at"].word() == "wall") scenario.sent_at = Scenario::SentAt::wall;
  if (root["sent_at"].word() == "omitted") scenario.sent_at = Scenario::SentAt::omitted;
  read_duration(root["network"]["round_trip_client"], scenario.network.round_trip_client);
  read_duration(root["network"]["round_trip_server"], scenario.network.round_trip_server);
  if (root["target"]) scenario.target_json = write_json(root["target"].json());
  compile_time(compiler, root["time"]);
  compile_traits(compiler, root["population"]);
  compile_actions(compiler, root["actions"]);
  compile_identity(compiler, root["actions"], root["identity"]);
  compile_sdk(compiler, root["sdk"]);
  compile_journeys(compiler, root["journeys"]);
  check_use_of_actions(compiler, root["actions"]);
  compile_population(compiler, root["population"]);
  compile_faults(compiler, root["faults"]);
  compile_assertions(compiler, root["assert"]);
  compile_deploys(compiler, root["deploys"]);
  check_visibility(compiler, root);
}

void number_pointers(const Node& node, std::map<std::string, std::size_t>& order) {
  order.emplace(node.pointer(), order.size());
  for (std::size_t i = 0; i < node.size(); ++i) number_pointers(node.at(i), order);
}

/// Problems in the order of the document; both passes report, so they come mixed.
void sort_problems(const Json& document, std::vector<Problem>& problems) {
  std::map<std::string, std::size_t> order;
  number_pointers(Node(&document), order);
  const auto place = [&](std::string pointer) {
    while (!pointer.empty() && !order.contains(pointer)) pointer.resize(pointer.rfind('/'));
    return order[pointer];
  };
  std::stable_sort(problems.begin(), problems.end(), [&](const Problem& a, const Problem& b) {
    return place(a.pointer) < place(b.pointer);
  });
}

}  // namespace

Result<std::string> read_whole_file(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    return Error{Error::Kind::io, failed ? failed.message() : "no file", file.string()};
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return Error{Error::Kind::io, "it cannot be read", file.string()};
  return text;
}

std::string Problem::text() const {
  std::string out = file + ": ";
  if (!pointer.empty()) out += pointer + ": ";
  if (warning) out += "warning: ";
  out += "found " + found + ", expected " + expected;
  if (!nearest.empty()) out += " (did you mean " + nearest + "?)";
  return out;
}

bool Loaded::ok() const {
  return std::all_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.warning; });
}

Loaded load_scenario_text(std::string_view json, const std::string& name,
                          const LoadOptions& options) {
  Loaded loaded;
  std::vector<std::string> files;
  auto document = Merger(files, loaded.problems).merge(json, name);
  if (!document) return loaded;
  apply_set(*document, options, files, loaded.problems);
  strip_nulls(*document);
  document->remove("extends");
  document->remove("$schema");
  if (document->kind == Json::Kind::object) resolve_start(*document, options.now);
  Problems problems(files);
  compile(*document, options, loaded.scenario, problems);
  sort_problems(*document, problems.list());
  for (Problem& problem : problems.list()) loaded.problems.push_back(std::move(problem));
  loaded.scenario.effective_json = write_json(*document);
  return loaded;
}

Loaded load_scenario(const std::filesystem::path& file, const LoadOptions& options) {
  auto text = read_whole_file(file);
  if (text) return load_scenario_text(text.value(), file.string(), options);
  Loaded loaded;
  loaded.problems.push_back({file.string(), "", "a file that cannot be read",
                             "a scenario file (" + text.error().what + ")", "", false});
  return loaded;
}

}  // namespace parallax
