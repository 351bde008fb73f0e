// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/runs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sim/run/connection.h"
#include "sim/run/secrets.h"
#include "sim/run/serve/answers.h"
#include "sim/run/wall_clock.h"

namespace parallax::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view body_name = "body";
constexpr std::size_t slug_max = 40;

std::optional<Json> parse_body(const std::string& text, std::vector<Problem>& problems) {
  return parse_json(text, std::string(body_name), 0, problems);
}

Refusal bad_body(std::vector<Problem> problems) {
  return {400, "the request is not as it should be", std::move(problems)};
}

/// "Checkout, twice" -> "checkout-twice".
std::string slug_of(const std::string& name) {
  std::string slug;
  for (const char c : name) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (fits && slug.size() < slug_max) slug += small;
    if (!fits && !slug.empty() && slug.back() != '-') slug += '-';
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "run" : slug;
}

/// What a settle may ask for otherwise than the target says.
std::optional<Refusal> read_patience(const std::string& body, TargetPlan::Settle& settle) {
  if (body.find_first_not_of(" \t\r\n") == body.npos) return std::nullopt;
  std::vector<Problem> found;
  const auto json = parse_body(body, found);
  if (!json) return bad_body(std::move(found));
  ShapeBook book;
  const std::vector<std::string> files{std::string(body_name)};
  Problems problems(files);
  const Node root(&*json);
  check_shape(root,
              *book.object({{"quiet", book.duration(0, settle.limit), "No new row for so long."},
                            {"limit", book.duration(millisecond, settle.limit),
                             "At most the target's own."}}),
              problems);
  if (problems.any_error()) return bad_body(std::move(problems.list()));
  read_duration(root["quiet"], settle.quiet);
  read_duration(root["limit"], settle.limit);
  return std::nullopt;
}

Result<void> write_reports(const fs::path& folder, const std::string& verdict, const Judged& judged,
                           const std::vector<std::string>& secrets) {
  const std::vector<std::pair<const char*, std::string>> files{
      {"verdict.json", verdict},
      {"report.json", report_json(judged.report)},
      {"junit.xml", report_junit(judged.report)},
      {"summary.md", report_markdown(judged.report)}};
  for (const auto& [name, text] : files)
    if (const auto written = write_whole(folder / name, without_secrets(text, secrets)); !written)
      return written;
  return {};
}

}  // namespace

struct Runs::Run {
  std::mutex declaring;
  std::unique_ptr<DeclaredRun> declared;
  TargetPlan target;
  std::mutex settling;

  std::mutex reading;  ///< Of what follows.
  std::shared_ptr<const Judged> judged;
  std::string verdict;             ///< JSON.
  std::size_t judged_actions = 0;  ///< Declared when it was judged.

  Declared snapshot() {
    const std::lock_guard lock(declaring);
    return declared->declared();
  }

  RunLine line() {
    const Declared now = snapshot();
    RunLine line{now.id,      now.request.name,   to_rfc3339(now.created),
                 "declaring", now.actions.size(), {}};
    const std::lock_guard lock(reading);
    if (!judged) return line;
    line.state = judged_actions == now.actions.size() ? "judged" : "outdated";
    line.verdict = judged->report.verdict;
    return line;
  }
};

Reply reply_of(const Refusal& refusal) {
  return {refusal.status, "application/json", refusal_json(refusal)};
}

Runs::~Runs() {
  if (lock_ >= 0) ::close(lock_);
}

/// Two servers would both go on with a run's file, and neither would know of the other's actions.
Result<void> Runs::lock_folder() {
  std::error_code code;
  fs::create_directories(options_.out, code);
  if (code)
    return Error{Error::Kind::io, "cannot make the folder: " + code.message(),
                 options_.out.string()};
  const fs::path file = options_.out / "lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) return Error{Error::Kind::io, "cannot be written", file.string()};
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    return Error{Error::Kind::invalid_input, "another parallax serve has this folder",
                 options_.out.string()};
  return {};
}

Result<std::unique_ptr<Runs>> Runs::open(RunsOptions options) {
  std::unique_ptr<Runs> runs(new Runs(std::move(options)));
  const fs::path& out = runs->options_.out;
  if (const auto locked = runs->lock_folder(); !locked) return locked.error();
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(out, code)) {
    if (!fs::exists(entry.path() / DeclaredRun::file_name)) continue;
    auto declared = DeclaredRun::open(entry.path());
    if (!declared) return declared.error();
    auto run = std::make_shared<Run>();
    if (const auto refused = runs->target_of((*declared)->declared().request, run->target))
      return Error{Error::Kind::invalid_input, refused->message, entry.path().string()};
    const std::string id = (*declared)->declared().id;
    run->declared = std::move(*declared);
    runs->runs_[id] = std::move(run);
  }
  return runs;
}

std::shared_ptr<Runs::Run> Runs::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : found->second;
}

Reply Runs::unknown(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string_view> known;
  for (const auto& [name, run] : runs_) known.push_back(name);
  const std::string near = nearest_name(id, known);
  return reply_of({404,
                   fmt::format("there is no run {}{}; GET /v1/runs lists them", id,
                               near.empty() ? "" : " (did you mean " + near + "?)"),
                   {}});
}

std::string Runs::fresh_id(const std::string& name, SimTime now) const {
  for (auto at = static_cast<std::uint64_t>(now.since_epoch);; ++at) {
    std::string id = fmt::format("{}-{:x}", slug_of(name), at);
    if (!runs_.contains(id)) return id;
  }
}

/// The server's target with what the run may say otherwise: rows over HTTP, and patience.
std::optional<Refusal> Runs::target_of(const RunRequest& request, TargetPlan& target) const {
  target = options_.target;
  if (request.target.kind == Json::Kind::null) return std::nullopt;
  const auto refuse = [](std::string pointer, std::string found, std::string expected) {
    return bad_body({{std::string(body_name), std::move(pointer), std::move(found),
                      std::move(expected), "", false}});
  };
  const Node own(&request.target, "/target");
  const std::string text = write_json(request.target);
  if (text.find("${env:") != text.npos)
    return refuse("/target", "${env:...}",
                  "no variable: only the server's target file has secrets");
  for (std::size_t i = 0; i < own.size(); ++i)
    if (own.name(i) != "read" && own.name(i) != "settle")
      return refuse("/target" + pointer_segment(own.name(i)), "\"" + own.name(i) + "\"",
                    "\"read\" or \"settle\": the rest is the server's");
  if (own["read"] && own["read"]["kind"].word() != "http")
    return refuse("/target/read/kind", shown(own["read"]["kind"]),
                  "\"http\": files, databases and commands are the server's");
  if (own["settle"]["command"])
    return refuse("/target/settle/command", "a command", "a \"url\", or nothing of the kind");
  LoadedTarget loaded = load_target_text(text, std::string(body_name));
  std::erase_if(loaded.problems, [](const Problem& problem) { return problem.warning; });
  for (Problem& problem : loaded.problems) problem.pointer = "/target" + problem.pointer;
  if (!loaded.problems.empty()) return bad_body(std::move(loaded.problems));
  if (const auto near = check_hosts(loaded.target, options_.allow_hosts); !near)
    return refuse("/target", near.error().what, "a host of this machine or an allowed one");
  if (own["read"]) target.read = loaded.target.read;
  if (own["settle"]) target.settle = loaded.target.settle;
  return std::nullopt;
}

Reply Runs::list() const {
  std::vector<std::shared_ptr<Run>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, run] : runs_) all.push_back(run);
  }
  std::vector<RunLine> lines;
  for (const auto& run : all) lines.push_back(run->line());
  return {200, "application/json", runs_json(lines)};
}

Reply Runs::create(const std::string& body) {
  std::vector<Problem> found;
  auto json = parse_body(body, found);
  if (!json) return reply_of(bad_body(std::move(found)));
  const bool brings_none = json->kind == Json::Kind::object && json->find("actions") == nullptr;
  if (brings_none && options_.actions.kind != Json::Kind::null)
    json->put("actions", options_.actions);
  const std::vector<std::string> files{std::string(body_name)};
  Problems problems(files);
  RunRequest request = read_run(Node(&*json), problems);
  if (problems.any_error()) return reply_of(bad_body(std::move(problems.list())));
  auto run = std::make_shared<Run>();
  TrackingPlan plan;
  if (const auto refused = compile_plan(request, plan)) return reply_of(*refused);
  if (const auto refused = target_of(request, run->target)) return reply_of(*refused);

  const std::lock_guard lock(mutex_);
  if (runs_.size() >= runs_max)
    return reply_of(
        {413, fmt::format("a server keeps at most {} runs: DELETE some", runs_max), {}});
  const SimTime now = wall_now();
  const std::string id = fresh_id(request.name, now);
  auto declared =
      DeclaredRun::create(folder_of(id), id, now, *json, std::move(request), std::move(plan));
  if (!declared) return reply_of({500, declared.error().text(), {}});
  run->declared = std::move(*declared);
  runs_[id] = run;
  return {201, "application/json", run_json(run->line())};
}

Reply Runs::declare(const std::string& id, const std::string& body) {
  const auto run = find(id);
  if (!run) return unknown(id);
  std::vector<Problem> found;
  const auto json = parse_body(body, found);
  if (!json) return reply_of(bad_body(std::move(found)));
  std::vector<DeclaredRun::Added> added;
  const std::lock_guard lock(run->declaring);
  if (const auto refused = run->declared->add(*json, wall_now(), added)) return reply_of(*refused);
  const bool any_new = std::any_of(added.begin(), added.end(),
                                   [](const DeclaredRun::Added& one) { return !one.repeated; });
  return {any_new ? 201 : 200, "application/json", added_json(added)};
}

Reply Runs::settle(const std::string& id, const std::string& body) {
  const auto run = find(id);
  if (!run) return unknown(id);
  Reading reading{run->target, folder_of(id)};
  if (const auto refused = read_patience(body, reading.target.settle)) return reply_of(*refused);
  const std::lock_guard one(run->settling);
  const Declared declared = run->snapshot();
  auto judged = std::make_shared<Judged>();
  if (const auto refused = judge(declared, reading, *judged)) return reply_of(*refused);
  const auto mask = [&](std::string text) {
    return without_secrets(std::move(text), run->target.secrets);
  };
  judged->report.folder = folder_of(id).string();
  const std::string verdict = mask(verdict_json(declared, *judged));
  if (const auto written = write_reports(folder_of(id), verdict, *judged, run->target.secrets);
      !written)
    return reply_of({500, written.error().text(), {}});
  const std::lock_guard lock(run->reading);
  run->judged = judged;
  run->verdict = verdict;
  run->judged_actions = declared.actions.size();
  return {200, "application/json", mask(settled_json(declared, *judged))};
}

Reply Runs::verdict(const std::string& id, const std::string& format) {
  const auto run = find(id);
  if (!run) return unknown(id);
  constexpr std::array<std::string_view, 3> formats{"json", "junit", "markdown"};
  const std::string wanted = format.empty() ? "json" : format;
  if (std::find(formats.begin(), formats.end(), wanted) == formats.end()) {
    const std::string near = nearest_name(wanted, formats);
    return reply_of({400,
                     fmt::format("format: found \"{}\", expected json, junit or markdown{}", wanted,
                                 near.empty() ? "" : " (did you mean " + near + "?)"),
                     {}});
  }
  const RunLine now = run->line();
  if (now.state != "judged")
    return reply_of(
        {409,
         fmt::format(
             "{}: POST /v1/runs/{}/settle first",
             now.verdict ? "more was declared since it was judged" : "it has not been judged", id),
         {}});
  const std::lock_guard lock(run->reading);
  const auto mask = [&](std::string text) {
    return without_secrets(std::move(text), run->target.secrets);
  };
  if (wanted == "junit") return {200, "application/xml", mask(report_junit(run->judged->report))};
  if (wanted == "markdown")
    return {200, "text/markdown; charset=utf-8", mask(report_markdown(run->judged->report))};
  return {200, "application/json", run->verdict};
}

Reply Runs::remove(const std::string& id) {
  const auto run = find(id);
  if (!run) return unknown(id);
  const std::lock_guard settled(run->settling);
  const std::lock_guard declared(run->declaring);
  const std::lock_guard lock(mutex_);
  std::error_code code;
  fs::remove_all(folder_of(id), code);
  if (code) return reply_of({500, "the run's folder cannot be removed: " + code.message(), {}});
  runs_.erase(id);
  return {204, "application/json", ""};
}

}  // namespace parallax::serve
