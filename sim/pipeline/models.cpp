// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/models.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "sim/core/duckdb.h"

namespace parallax {
namespace {

constexpr std::array<BugKind, 39> kinds{{
    {"no_dedupe", "raw rows go straight to the clean table"},
    {"null_id_partition", "all rows without an event_id collapse into one"},
    {"blank_id", "'' and the zero UUID are taken for an id"},
    {"client_wins", "the client's row is kept where both sides were heard"},
    {"any_row_wins", "an arbitrary copy wins, another one at each read"},
    {"payload_hash_key", "rows are deduplicated by a hash of their payload"},
    {"timestamp_payload_dedupe", "rows that say the same in one second count once"},
    {"minute_bucket_key", "the composite key of rows without an id holds the calendar minute"},
    {"short_window", "the dedupe forgets an id 30 minutes after its first copy"},
    {"loses_tail", "the last batch is acknowledged and never stored"},
    {"ack_before_store", "batches are acknowledged before they are stored, and a crash loses some"},
    {"key_has_client_ts", "the dedupe key contains client_ts beside the id"},
    {"retry_changes_winner", "the copy that arrives last overwrites the row"},
    {"eventual_dedupe", "copies of the last six hours stand until a merge in the background"},
    {"poison_blocks", "one bad event of a user blocks everything behind it"},
    {"silent_reject", "a tenth of the devices are taken for bots, answered 200 and dropped"},
    {"lateness_cutoff", "what arrives more than a day after it happened is filtered out"},
    {"watermark_max", "each hourly load takes only events newer than all loaded before"},
    {"null_watermark", "a comparison with NULL loads nothing; a share: of the users"},
    {"null_merge_key", "rows without an event_id are added again by a second merge"},
    {"local_day", "times of the reporting zone are read as UTC, nine hours off"},
    {"client_ts_hourly", "the event's time is the client's although the server's is known"},
    {"skew_correction_eats_delay", "a batch's time on its way is taken for a wrong clock"},
    {"dual_write_counted", "each schema version of an event is counted"},
    {"renamed_property", "a property that a release renamed is null"},
    {"float_money", "amounts pass through binary floating point and are truncated"},
    {"line_rounding", "an amount is the sum of three lines, each rounded"},
    {"id_from_last_user", "an event goes to the user of the event before it"},
    {"stitch_not_back_applied", "what was done before the login keeps the anonymous id"},
    {"session_trim", "a session that crosses the hour is cut there"},
    {"consent_overdrop", "whoever refused once is dropped whole"},
    {"sample_one_side", "every other user is sampled out on the server's side only"},
    {"consent_ignored_server", "server rows are kept although consent was refused"},
    {"cents_major", "minor and major units are mixed: revenue a hundred times too high"},
    {"totals_local_day", "the daily totals cut the day at midnight in Los Angeles"},
    {"totals_skip_late", "the daily totals lack what arrives after the day's end"},
    {"totals_add_twice", "the daily totals have what arrived in a day's last hour twice"},
    {"coarse_key", "discounted server rows of one minute count once; @TIME: from then on", true},
    {"version_unread", "server rows above schema version 3 are not read; @TIME: from then on",
     true},
}};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<BugKind> bug_kinds() { return {kinds.begin(), kinds.end()}; }

Result<BugSwitch> parse_bug(std::string_view text) {
  return pipeline::parse_bug_among(text, kinds);
}

namespace pipeline {
namespace {

/// "eligible" of "create or replace temp view eligible as ...", "store_rows" of a procedure.
std::string_view replaced_step(std::string_view model) {
  const std::size_t create = model.find("create or replace");
  for (const std::string_view start : {" view ", " procedure "}) {
    const std::size_t at = model.find(start, create);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = model.substr(at + start.size());
    return rest.substr(0, rest.find_first_of(" ("));
  }
  assert(false);
  return {};
}

}  // namespace

std::string_view nearest_of(std::string_view name, std::span<const std::string_view> names) {
  return *std::min_element(names.begin(), names.end(), [&](auto a, auto b) {
    return edit_distance(a, name) < edit_distance(b, name);
  });
}

Result<BugSwitch> parse_bug_among(std::string_view text, std::span<const BugKind> among) {
  const auto wrong = [text](std::string what) {
    return Error{Error::Kind::invalid_input, std::move(what), std::string(text)};
  };
  const std::size_t at = text.find('@');
  const std::string_view what = text.substr(0, at);
  const std::size_t colon = what.find(':');
  BugSwitch bug;
  bug.name = what.substr(0, colon);
  const auto kind = std::find_if(among.begin(), among.end(),
                                 [&](const BugKind& each) { return each.name == bug.name; });
  if (kind == among.end()) {
    std::vector<std::string_view> names;
    for (const BugKind& each : among) names.push_back(each.name);
    return wrong("unknown bug; did you mean " + std::string(nearest_of(bug.name, names)) + "?");
  }
  if (colon != std::string_view::npos) {
    const auto share = parse_ratio(what.substr(colon + 1));
    if (!share) return wrong("the share of cases is no number within 0..1");
    bug.share = *share;
  }
  if (at == std::string_view::npos) return bug;
  const auto from = parse_rfc3339(text.substr(at + 1));
  if (!from) return wrong("behind the @ stands no RFC 3339 time such as 2026-03-05T00:00:00Z");
  if (!kind->dated)
    return wrong("this bug is always there: only those of a release begin at a time");
  bug.from = *from;
  return bug;
}

const BugSwitch* find_bug(const std::vector<BugSwitch>& bugs, std::string_view name) {
  const auto found = std::find_if(bugs.begin(), bugs.end(),
                                  [&](const BugSwitch& bug) { return bug.name == name; });
  return found == bugs.end() ? nullptr : &*found;
}

Result<void> ReplacedSteps::add(const std::string& who, std::string_view model) {
  const std::string_view step = replaced_step(model);
  if (const auto [other, fresh] = who_.emplace(step, who); !fresh)
    return Error{Error::Kind::invalid_input,
                 other->second + " and " + who + " replace the same step, " + std::string(step),
                 {}};
  return {};
}

std::string policy_models(std::string_view policy, ReplacedSteps& replaced) {
  if (policy == reference_policy) return {};
  const Result<PolicyKind> kind = find_policy(policy);
  assert(kind);
  const std::string_view winner =
      embedded_model(kind->winner == "last" ? "policies/last_wins.sql" : "policies/first_wins.sql");
  const std::string_view key = embedded_model("policies/" + std::string(policy) + ".sql");
  for (const std::string_view model : {winner, key}) {
    const auto alone = replaced.add("policy " + std::string(policy), model);
    assert(alone);
  }
  return std::string(embedded_model("policies/shared.sql")).append(winner).append(key);
}

Result<std::string> bug_models(const std::vector<BugSwitch>& bugs, ReplacedSteps& replaced) {
  std::string sql;
  for (const BugSwitch& bug : bugs) {
    const std::string_view model = embedded_model("bugs/" + bug.name + ".sql");
    if (model.empty()) continue;
    if (const Result<void> alone = replaced.add("bug " + bug.name, model); !alone)
      return alone.error();
    sql += "create or replace macro " + bug.name + "_hits(case_key) as md5_number_lower(concat(" +
           duckdb::quote_literal(bug.name) + ", ' ', case_key)) % " + std::to_string(Ratio::one) +
           " < " + std::to_string(bug.share.parts) + ";\n";
    const std::int64_t from = bug.from == no_time ? 0 : bug.from.since_epoch;
    sql += "create or replace macro " + bug.name +
           "_on(arrival) as epoch_us(arrival) >= " + std::to_string(from) + ";\n";
    sql += model;
  }
  return sql;
}

}  // namespace pipeline
}  // namespace parallax
