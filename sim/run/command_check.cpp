// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "sim/drive/pacer.h"
#include "sim/run/command_parts.h"
#include "sim/run/connection.h"
#include "sim/run/report_text.h"
#include "sim/run/scratch_folder.h"
#include "sim/run/secrets.h"
#include "sim/run/tagged_event.h"
#include "sim/run/target_commands.h"
#include "sim/run/text_table.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace {

enum class Mark : std::uint8_t { ok, note, failed };

/// What was tried, in order, and how it went.
class Findings {
 public:
  explicit Findings(const std::vector<std::string>& secrets) : secrets_(&secrets) {}

  void add(Mark mark, std::string what, const std::string& found) {
    failed_ |= mark == Mark::failed;
    table_.add({mark == Mark::ok     ? "ok"
                : mark == Mark::note ? "note"
                                     : "FAIL",
                std::move(what), report_text::one_line(without_secrets(found, *secrets_))});
  }
  bool failed() const { return failed_; }
  std::string text() const { return table_.text(); }

 private:
  const std::vector<std::string>* secrets_;
  TextTable table_{{TextTable::Align::left, TextTable::Align::left, TextTable::Align::left}, 100};
  bool failed_ = false;
};

/// What reading back brought.
struct ReadBack {
  std::optional<CanonicalRow> row;
  std::uint64_t rows = 0, foreign = 0;  ///< Of the last read.
  Micros took = 0;
  std::optional<Error> error;
};

ReadBack read_once(RowReader& reader, const TaggedEvent& tagged) {
  ReadBack found;
  const std::uint64_t run = hash_text(tagged.run_id);
  const Result<bool> complete = reader.scan(tagged.run_id, [&](std::span<const CanonicalRow> rows) {
    for (const CanonicalRow& row : rows) {
      ++found.rows;
      if (row.run != 0 && row.run != run) ++found.foreign;
      if (identifies(row.id_form) && row.event_id == tagged.emission.event_id) found.row = row;
    }
    return true;
  });
  if (!complete) found.error = complete.error();
  return found;
}

ReadBack read_back(RowReader& reader, const TaggedEvent& tagged, const TargetPlan::Settle& settle) {
  const Clock::time_point start = Clock::now();
  for (;;) {
    ReadBack found = read_once(reader, tagged);
    found.took = since(start);
    if (found.row || found.error || found.took >= settle.limit) return found;
    const Micros pause = std::clamp<Micros>(settle.quiet, 50 * millisecond, second);
    Pacer(1, SimTime{}).wait(SimTime{pause}, pause);
  }
}

/// Columns that the judge would use and the row does not have.
std::string absent_columns(const CanonicalRow& row) {
  const std::vector<std::pair<std::string_view, bool>> columns{
      {"run_id", row.run != 0},
      {"event_name", row.event_name != 0},
      {"user_id", row.user != 0},
      {"device_id", row.device != 0},
      {"session_id", row.session != 0},
      {"sequence_id", row.sequence >= 0},
      {"server_ts", row.server_ts != no_time},
      {"event_ts", row.event_ts != no_time},
      {"source", row.source.has_value()},
      {"is_server_authoritative", row.server_authoritative.has_value()},
      {"consent_state", row.consent.has_value()},
      {"schema_version", row.schema_version >= 0},
  };
  std::string out;
  for (const auto& [name, there] : columns)
    if (!there) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

void check_send(const SendResult& sent, Findings& findings) {
  const std::string how = sent.status == 0 ? sent.error : fmt::format("HTTP {}", sent.status);
  const bool reached = sent.status != 0 || sent.receipt == Receipt::accepted;
  findings.add(reached ? Mark::ok : Mark::failed, "reach",
               reached ? "answered in " + report_text::wall_time(sent.took) : how);
  if (!reached) return;
  const bool refused = sent.status == 401 || sent.status == 403;
  findings.add(refused ? Mark::failed : Mark::ok, "credentials",
               refused ? how + ": look at send.headers and the variables in them" : "not refused");
  if (refused) return;
  const bool accepted = sent.receipt == Receipt::accepted;
  const std::string body = sent.body.empty() ? "" : ": " + sent.body;
  findings.add(accepted ? Mark::ok : Mark::failed, "write",
               accepted ? "one event, parallax_check, was accepted" : how + body);
}

std::string clock_text(Micros ahead) {
  const Micros size = (ahead < 0 ? -ahead : ahead) / second * second;
  if (size == 0) return "the target's clock agrees with this machine's";
  return fmt::format("the target's clock is {} {} this machine's", format_duration(size),
                     ahead < 0 ? "behind" : "ahead of");
}

void check_row(const CanonicalRow& row, const TaggedEvent& tagged, Findings& findings) {
  const std::string absent = absent_columns(row);
  const bool judged = row.event_name != 0 && row.user != 0;
  findings.add(absent.empty() ? Mark::ok
               : judged       ? Mark::note
                              : Mark::failed,
               "columns",
               absent.empty() ? "all that the judge can use"
               : judged       ? "without " + absent +
                              ": read.columns can rename, and what is "
                              "absent is not judged"
                        : "without " + absent +
                              ": event_name and user_id are needed; let "
                              "read.columns name them");
  if (row.event_ts != no_time && row.event_ts != tagged.emission.server_ts)
    findings.add(Mark::note, "event time",
                 fmt::format("{} instead of {}", to_rfc3339(row.event_ts),
                             to_rfc3339(tagged.emission.server_ts)));
  if (row.ingestion_ts == no_time) {
    findings.add(Mark::note, "clock", "no ingestion_ts: nothing tells the target's clock");
    return;
  }
  const Micros ahead = row.ingestion_ts - tagged.emission.captured;
  const bool near = ahead > -2 * second && ahead < minute;
  findings.add(near ? Mark::ok : Mark::note, "clock", clock_text(ahead));
}

void check_read(const ReadBack& found, const TaggedEvent& tagged, const TargetPlan& target,
                Findings& findings) {
  if (found.error) return findings.add(Mark::failed, "read", found.error->text());
  findings.add(Mark::ok, "read", fmt::format("{} rows", found.rows));
  if (found.foreign > 0)
    findings.add(Mark::note, "run_id",
                 fmt::format("{} rows of other runs came along: let the query filter by $1, or the "
                             "url by {{run_id}}",
                             found.foreign));
  if (!found.row)
    return findings.add(
        Mark::failed, "read back",
        fmt::format("event_id {} did not come back within {}", tagged.emission.event_id.text(),
                    format_duration(target.settle.limit)));
  findings.add(Mark::ok, "read back",
               "the event came back after " + report_text::wall_time(found.took));
  check_row(*found.row, tagged, findings);
}

/// Writes and reads. An Error: the target file does not make a target.
Result<void> try_target(const TargetPlan& target, Connection& connection, const TaggedEvent& tagged,
                        Findings& findings) {
  if (const Result<void> ready = connection.install(); !ready) return ready;
  if (const Result<void> up = connection.start(); !up) return up;
  const auto format = tagged.format(target.send);
  if (!format) return format.error();
  const auto reader = connection.make_reader();
  if (!reader) return reader.error();
  const auto sender = connection.make_target(**format);
  if (!sender) return sender.error();
  check_send(tagged.send(**sender, **format), findings);
  if (const Result<void> closed = (*sender)->close(); !closed)
    findings.add(Mark::failed, "write", closed.error().text());
  if (findings.failed()) return {};
  check_read(read_back(**reader, tagged, target.settle), tagged, target, findings);
  return {};
}

}  // namespace

int command_check(const CheckCommand& command) {
  RunCommand choice;
  choice.target = command.target;
  choice.allow_hosts = command.allow_hosts;
  const std::optional<TargetPlan> target = choose_target(choice, Scenario{}, command.target);
  if (!target) return exit_usage;
  const SimTime now = wall_now();
  const TaggedEvent tagged(
      "parallax_check",
      fmt::format("check-{:x}-{:x}", static_cast<std::uint64_t>(now.since_epoch), ::getpid()), now);
  // Where the embedded pipeline keeps its data.
  const Result<ScratchFolder> scratch = ScratchFolder::make();
  if (!scratch) return complain(exit_internal, scratch.error().text());
  Connection connection(tagged.plan, *target, scratch->path());
  Findings findings(target->secrets);
  fmt::print("{}\n", without_secrets(connection.describe(), target->secrets));
  if (const Result<void> tried = try_target(*target, connection, tagged, findings); !tried)
    return complain(exit_for(tried.error()),
                    without_secrets(tried.error().text(), target->secrets));
  fmt::print("{}\n", findings.text());
  if (findings.failed()) {
    fmt::print("The target cannot be used as it is.\n");
    return exit_unknown;
  }
  fmt::print("The target works. run_id of the event: {}\n", tagged.run_id);
  return exit_pass;
}

}  // namespace parallax
