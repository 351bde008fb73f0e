// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/declared_run.h"

#include <fmt/format.h>

#include "sim/run/serve/declared_stage.h"

namespace parallax::serve {
namespace {

constexpr const char* body_name = "body";

Refusal refusal_of(Problems& problems) {
  return {400, "the request is not as it should be", std::move(problems.list())};
}

/// What two actions of one run may not share. Where the key is the only tie, its name counts too:
/// order and refund may carry one order_id.
std::vector<std::string> ties_of(const DeclaredAction& action) {
  std::vector<std::string> ties;
  if (!action.event_id.empty()) ties.push_back("event_id " + action.event_id);
  if (!action.key.empty())
    ties.push_back(
        fmt::format("{} {} of {}", action.key, action.field(action.key)->value.text, action.name));
  return ties;
}

Refusal conflict(const Node& at, const std::string& found, const std::string& expected) {
  Refusal refusal{409, "an earlier declaration says otherwise", {}};
  refusal.problems.push_back({body_name, at.pointer(), found, expected, "", false});
  return refusal;
}

Json head_of(const Declared& declared, const Json& body) {
  return Json::object()
      .put("run", Json::of_text(declared.id))
      .put("created", Json::of_text(to_rfc3339(declared.created)))
      .put("said", body);
}

Error no_such_file(const std::filesystem::path& file) {
  return {Error::Kind::invalid_input, "is no file of declarations that this version wrote",
          file.string()};
}

}  // namespace

/// What a request would add.
struct DeclaredRun::Draft {
  TrackingPlan plan;
  std::vector<DeclaredAction> actions;
  std::vector<Added> added;
  std::map<std::string, std::size_t> by_action_key, by_tie;  ///< Of `actions` alone.
};

std::optional<Refusal> compile_plan(const RunRequest& request, TrackingPlan& plan) {
  Declared nothing;
  nothing.request = request;
  if (nothing.open()) return std::nullopt;  // Its assertions are checked when names are known.
  Stage stage;
  if (auto refusal = set_stage(nothing, stage)) return refusal;
  plan = stage.scenario.plan;
  return std::nullopt;
}

Result<std::unique_ptr<DeclaredRun>> DeclaredRun::create(const std::filesystem::path& folder,
                                                         std::string id, SimTime now,
                                                         const Json& body, RunRequest request,
                                                         TrackingPlan plan) {
  Result<DeclaredLog> log = DeclaredLog::create(folder / file_name);
  if (!log) return log.error();
  Declared declared{std::move(id), now.to_millisecond(), std::move(request), std::move(plan), {}};
  if (const auto kept = log->append(write_json_line(head_of(declared, body))); !kept)
    return kept.error();
  return std::unique_ptr<DeclaredRun>(new DeclaredRun(std::move(log).value(), std::move(declared)));
}

Result<std::unique_ptr<DeclaredRun>> DeclaredRun::open(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / file_name;
  std::vector<std::string> lines;
  Result<DeclaredLog> log = DeclaredLog::open(file, lines);
  if (!log) return log.error();
  std::vector<Problem> found;
  const std::vector<std::string> files{file.string()};
  const auto head = lines.empty() ? std::nullopt : parse_json(lines.front(), files[0], 0, found);
  const Json* said = head ? head->find("said") : nullptr;
  if (said == nullptr) return no_such_file(file);
  Problems problems(files);
  Declared declared;
  declared.request = read_run(Node(said), problems);
  const auto created = parse_rfc3339(Node(&*head)["created"].word());
  if (problems.any_error() || !created || compile_plan(declared.request, declared.plan))
    return no_such_file(file);
  declared.id = Node(&*head)["run"].word();
  declared.created = *created;
  std::unique_ptr<DeclaredRun> run(new DeclaredRun(std::move(log).value(), std::move(declared)));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = parse_json(lines[i], files[0], 0, found);
    const auto received = line ? parse_rfc3339(Node(&*line)["received"].word()) : std::nullopt;
    const Json* actions = line ? line->find("actions") : nullptr;
    Draft draft;
    if (!received || actions == nullptr || run->prepare(*actions, *received, draft))
      return no_such_file(file);
    run->take(std::move(draft));
  }
  return run;
}

/// Finds whether the action is new, was declared before, or contradicts an earlier one.
std::optional<Refusal> DeclaredRun::place(DeclaredAction action, const Node& body,
                                          Draft& draft) const {
  const auto known = [&](const auto& before, const auto& now,
                         const std::string& key) -> const DeclaredAction* {
    if (const auto at = before.find(key); at != before.end()) return &declared_.actions[at->second];
    const auto at = now.find(key);
    return at == now.end() ? nullptr : &draft.actions[at->second];
  };
  if (!action.action_key.empty())
    if (const auto* same = known(by_action_key_, draft.by_action_key, action.action_key)) {
      if (same->said != action.said)
        return conflict(body, "action_key " + action.action_key + " with other content",
                        "what " + same->id + " says, or another action_key: " + same->said);
      draft.added.push_back({same->id, same->action_key, true});
      return std::nullopt;
    }
  for (const std::string& tie : ties_of(action)) {
    if (const auto* same = known(by_tie_, draft.by_tie, tie))
      return conflict(body, tie, "one that no other action has; " + same->id + " has it");
    draft.by_tie[tie] = draft.actions.size();
  }
  const std::size_t number = declared_.actions.size() + draft.actions.size() + 1;
  if (number > actions_max)
    return Refusal{413, fmt::format("a run has at most {} actions", actions_max), {}};
  action.id = fmt::format("a-{}", number);
  if (!action.action_key.empty()) draft.by_action_key[action.action_key] = draft.actions.size();
  draft.added.push_back({action.id, action.action_key, false});
  if (declared_.open()) learn(draft.plan, action);
  draft.actions.push_back(std::move(action));
  return std::nullopt;
}

std::optional<Refusal> DeclaredRun::prepare(const Json& body, SimTime now, Draft& draft) const {
  draft.plan = declared_.plan;
  const std::vector<std::string> files{body_name};
  Problems problems(files);
  const Node root(&body);
  const bool many = root.is(Json::Kind::list);
  const std::size_t count = many ? root.size() : 1;
  if (count == 0) problems.error(root, "an empty list", "an action, or a list of them", "");
  for (std::size_t i = 0; i < count; ++i) {
    const Node at = many ? root.at(i) : root;
    DeclaredAction action = read_action(at, now, problems);
    if (!problems.any_error()) check_against(draft.plan, declared_.open(), action, at, problems);
    if (problems.any_error()) continue;
    if (auto refusal = place(std::move(action), at, draft)) return refusal;
  }
  if (problems.any_error()) return refusal_of(problems);
  return std::nullopt;
}

void DeclaredRun::take(Draft draft) {
  const std::size_t before = declared_.actions.size();
  for (const auto& [key, index] : draft.by_action_key) by_action_key_[key] = before + index;
  for (const auto& [tie, index] : draft.by_tie) by_tie_[tie] = before + index;
  declared_.plan = std::move(draft.plan);
  for (DeclaredAction& action : draft.actions) declared_.actions.push_back(std::move(action));
}

std::optional<Refusal> DeclaredRun::add(const Json& body, SimTime now, std::vector<Added>& added) {
  Draft draft;
  const SimTime received = now.to_millisecond();
  if (auto refusal = prepare(body, received, draft)) return refusal;
  added = draft.added;
  if (draft.actions.empty()) return std::nullopt;
  const Json line =
      Json::object().put("received", Json::of_text(to_rfc3339(received))).put("actions", body);
  if (const auto kept = log_.append(write_json_line(line)); !kept)
    return Refusal{500, kept.error().text(), {}};
  take(std::move(draft));
  return std::nullopt;
}

}  // namespace parallax::serve
