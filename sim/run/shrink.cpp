// SPDX-License-Identifier: Apache-2.0
#include "sim/run/shrink.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "fault/fault.h"
#include "sim/run/minimal_part.h"
#include "sim/run/runner.h"
#include "sim/run/scratch_folder.h"
#include "sim/run/wall_clock.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

/// Below this a story or a population is small enough to be looked through by eye.
constexpr Micros length_min = hour;
constexpr std::uint32_t users_min = 10;

/// What the judge calls a duplicate or a loss depends on what else the run shows: that others were
/// merged, that all of it came last. With fewer faults the same goes by the other name.
bool are_same(Cause wanted, Cause found) {
  switch (wanted) {
    case Cause::window_expired:
      return found == wanted || found == Cause::retransmit || found == Cause::not_merged ||
             found == Cause::double_fire;
    case Cause::last_batch:
    case Cause::after_acknowledgement:
      return found == Cause::last_batch || found == Cause::after_acknowledgement;
    default:
      return found == wanted;
  }
}

const CauseCount* cause_in(const RunReport& report, const Finding& finding) {
  for (const AssertionReport& assertion : report.assertions) {
    if (assertion.name != finding.assertion || assertion.found != Verdict::fail) continue;
    for (const CauseCount& cause : assertion.causes)
      if (finding.cause && cause.verdict == finding.cause->first &&
          are_same(finding.cause->second, cause.cause))
        return &cause;
  }
  return nullptr;
}

std::uint64_t actions_showing(const RunReport& report, const Finding& finding) {
  const CauseCount* cause = cause_in(report, finding);
  return cause != nullptr ? cause->actions : 0;
}

std::string cause_text(ActionVerdict verdict, Cause cause) {
  return fmt::format("{}/{}", name_of(verdict), name_of(cause));
}

/// The finding that is asked for; what could have been is the error.
Result<Finding> find(const RunReport& report, const std::string& wanted) {
  std::vector<std::string> known;
  for (const AssertionReport& assertion : report.assertions) {
    if (assertion.found != Verdict::fail) continue;
    const bool named = wanted.empty() || assertion.name == wanted;
    if (named && assertion.causes.empty()) return Finding{assertion.name, std::nullopt};
    known.push_back(assertion.name);
    for (const CauseCount& cause : assertion.causes) {
      known.push_back(cause_text(cause.verdict, cause.cause));
      if (named || known.back() == wanted)
        return Finding{assertion.name, std::pair(cause.verdict, cause.cause)};
    }
  }
  if (known.empty())
    return Error{Error::Kind::invalid_input, "nothing to shrink: no assertion fails", {}};
  return Error{Error::Kind::invalid_input,
               fmt::format("the run does not show {}; it shows {}", wanted, fmt::join(known, ", ")),
               "--finding"};
}

/// What fewer than one in so many of the actions show without some fault, they show for another
/// reason: an SDK sends twice by itself now and then.
constexpr std::uint64_t rare_way = 10;

/// What is left of a scenario.
struct Size {
  Micros length = 0;
  std::uint32_t users = 0;
  bool is(const Size& other) const { return length == other.length && users == other.users; }
};

class Shrinker {
 public:
  Shrinker(const Scenario& scenario, const TargetPlan& target, const ShrinkOptions& options,
           const ScratchFolder& scratch)
      : scenario_(scenario), target_(target), options_(options), scratch_(scratch) {}

  Result<Shrunk> shrink();

 private:
  Result<void> read_scenario(const RunReport& first);
  Result<RunReport> play(const std::string& json);
  std::string variant(const Positions& faults, const Size& size) const;
  bool holds(const Positions& faults, const Size& size);
  Positions struck_by(const RunReport& report) const;
  Positions needed_faults(const RunReport& first);
  Size smallest_size(const Positions& faults);
  void tell(const Positions& faults, const Size& size);

  const Scenario& scenario_;
  const TargetPlan& target_;
  const ShrinkOptions& options_;
  const ScratchFolder& scratch_;
  Clock::time_point start_ = Clock::now();
  Json document_;  ///< The scenario, its faults named.
  Finding finding_;
  std::map<std::string, bool> known_;  ///< By the text of the variant.
  Size whole_;
  std::uint64_t actions_first_ = 0;  ///< That show the finding where nothing is taken away,
  std::uint64_t actions_ = 0;        ///< and where it last stood.
  unsigned runs_ = 0;
  bool bounded_ = false;
  Result<void> failure_;
};

/// Default names count faults of a kind, and random streams hang on names: taking one away must not
/// rename the next. Of the assertions only the finding's own stays.
Result<void> Shrinker::read_scenario(const RunReport& first) {
  std::vector<Problem> problems;
  std::optional<Json> read = parse_json(scenario_.effective_json, scenario_.name, 0, problems);
  if (!read) return Error{Error::Kind::invalid_input, "is no JSON", scenario_.name};
  document_ = std::move(*read);
  document_.remove("$schema");
  if (Json* faults = document_.find("faults"))
    for (std::size_t i = 0; i < faults->items.size(); ++i)
      faults->items[i].put("name", Json::of_text(scenario_.faults[i].name));
  const auto own = std::find_if(
      first.assertions.begin(), first.assertions.end(),
      [&](const AssertionReport& assertion) { return assertion.name == finding_.assertion; });
  const auto place = static_cast<std::size_t>(own - first.assertions.begin());
  if (Json* assertions = document_.find("assert");
      assertions != nullptr && place < assertions->items.size()) {
    Json kept = assertions->items[place];
    kept.put("name", Json::of_text(finding_.assertion));
    *assertions = Json::list();
    assertions->push(std::move(kept));
  }
  if (target_.send.kind != "embedded" || target_.send.bugs.empty()) return {};
  Json bugs = Json::list();
  for (const std::string& bug : target_.send.bugs) bugs.push(Json::of_text(bug));
  return put_at(document_, "/target/send/bugs", std::move(bugs));
}

std::string Shrinker::variant(const Positions& faults, const Size& size) const {
  Json document = document_;
  if (const Json* all = document_.find("faults")) {
    Json kept = Json::list();
    for (const std::size_t fault : faults) kept.push(all->items[fault]);
    document.put("faults", std::move(kept));
  }
  // Both are members that can be made: the scenario was loaded.
  if (size.length != scenario_.time.length)
    (void)put_at(document, "/time/length", Json::of_text(format_duration(size.length)));
  if (size.users != scenario_.population.users)
    (void)put_at(document, "/population/users", Json::of_number(size.users));
  return write_json(document);
}

Result<RunReport> Shrinker::play(const std::string& json) {
  Loaded loaded = load_scenario_text(json, scenario_.name, {{}, wall_now(), fault_kinds()});
  if (!loaded.ok()) {  // A fault whose companion is gone, a deploy behind the new end.
    RunReport nothing;
    return nothing;
  }
  RunOptions options;
  options.folder = scratch_.path() / "run";
  options.tables_actions_max = 0;
  options.interrupted = options_.interrupted;
  ++runs_;
  return run_scenario(loaded.scenario, target_, options);
}

/// Whether the finding stands in what is left; false, too, where a bound was reached.
bool Shrinker::holds(const Positions& faults, const Size& size) {
  const std::string json = variant(faults, size);
  if (const auto known = known_.find(json); known != known_.end()) return known->second;
  const bool interrupted = options_.interrupted != nullptr && *options_.interrupted != 0;
  bounded_ =
      bounded_ || interrupted || runs_ >= options_.runs_max || since(start_) >= options_.limit;
  if (bounded_ || !failure_) return false;
  tell(faults, size);
  const Result<RunReport> report = play(json);
  if (!report) {
    failure_ = report.error();
    return false;
  }
  bounded_ = bounded_ || report->interrupted;
  const std::uint64_t showing = actions_showing(*report, finding_);
  const bool rare = size.is(whole_) && showing * rare_way < actions_first_;
  const bool stands = !report->interrupted && finding_.stands_in(*report) && !rare;
  if (stands) actions_ = showing;
  known_[json] = stands;
  return stands;
}

void Shrinker::tell(const Positions& faults, const Size& size) {
  if (options_.progress == nullptr) return;
  options_.progress->phase("shrink");
  options_.progress->update(static_cast<double>(runs_) / options_.runs_max,
                            fmt::format("run {}: {} faults, {} users, {}", runs_ + 1, faults.size(),
                                        size.users, format_duration(size.length)));
}

/// The faults that struck actions of the finding: nearly always all that it needs is among them.
Positions Shrinker::struck_by(const RunReport& report) const {
  Positions part;
  if (const CauseCount* cause = cause_in(report, finding_))
    for (const auto& [fault, actions] : cause->faults) part.push_back(fault);
  std::sort(part.begin(), part.end());
  return part;
}

Positions Shrinker::needed_faults(const RunReport& first) {
  Positions all = struck_by(first);
  if (all.empty() || all.size() == scenario_.faults.size() || !holds(all, whole_)) {
    all.resize(scenario_.faults.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
  }
  const auto of_all = [&](const Positions& part) {
    Positions faults;
    for (const std::size_t i : part) faults.push_back(all[i]);
    return faults;
  };
  return of_all(
      minimal_part(all.size(), [&](const Positions& part) { return holds(of_all(part), whole_); }));
}

/// Halves, as long as the finding stands.
Size Shrinker::smallest_size(const Positions& faults) {
  Size size = whole_;
  for (bool smaller = true; smaller;) {
    const Size shorter{size.length / 2 / minute * minute, size.users};
    smaller = shorter.length >= length_min && holds(faults, shorter);
    if (smaller) size = shorter;
  }
  for (bool smaller = true; smaller;) {
    const Size fewer{size.length, size.users / 2};
    smaller = fewer.users >= users_min && holds(faults, fewer);
    if (smaller) size = fewer;
  }
  return size;
}

Result<Shrunk> Shrinker::shrink() {
  ++runs_;
  RunOptions options;
  options.folder = scratch_.path() / "run";
  options.tables_actions_max = 0;
  options.progress = options_.progress;
  options.interrupted = options_.interrupted;
  const Result<RunReport> first = run_scenario(scenario_, target_, options);
  if (!first) return first.error();
  Result<Finding> finding = find(*first, options_.wanted);
  if (!finding) return finding.error();
  finding_ = std::move(*finding);
  actions_ = actions_first_ = actions_showing(*first, finding_);
  whole_ = {scenario_.time.length, scenario_.population.users};
  if (const Result<void> read = read_scenario(*first); !read) return read.error();

  const Positions needed = needed_faults(*first);
  const Size size = smallest_size(needed);
  if (!failure_) return failure_.error();
  Shrunk out;
  out.finding = finding_;
  for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
    const bool kept = std::binary_search(needed.begin(), needed.end(), i);
    (kept ? out.needed : out.spared).push_back(scenario_.faults[i].name);
  }
  out.length_before = whole_.length;
  out.length = size.length;
  out.users_before = whole_.users;
  out.users = size.users;
  out.actions = actions_;
  out.runs = runs_;
  out.minimal = !bounded_;
  document_.put("about", Json::of_text(fmt::format("{}: needs {}.", finding_.text(),
                                                   needed_text(out.needed))));
  out.scenario_json = variant(needed, size);
  return out;
}

}  // namespace

std::string Finding::text() const {
  return cause ? fmt::format("{}: {}", assertion, cause_text(cause->first, cause->second))
               : assertion + " fails";
}

bool Finding::stands_in(const RunReport& report) const {
  if (cause) return cause_in(report, *this) != nullptr;
  return std::any_of(report.assertions.begin(), report.assertions.end(),
                     [&](const AssertionReport& found) {
                       return found.name == assertion && found.found == Verdict::fail;
                     });
}

std::string needed_text(const std::vector<std::string>& needed) {
  if (needed.empty()) return "no fault";
  if (needed.size() == 1) return needed.front();
  return fmt::format("{} and {} together", fmt::join(needed.begin(), needed.end() - 1, ", "),
                     needed.back());
}

Result<Shrunk> shrink(const Scenario& scenario, const TargetPlan& target,
                      const ShrinkOptions& options) {
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  return Shrinker(scenario, target, options, *scratch).shrink();
}

}  // namespace parallax
