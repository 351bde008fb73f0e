// SPDX-License-Identifier: Apache-2.0
#include "sim/run/send_again.h"

#include <cassert>

#include "sim/drive/shuffled_target.h"

namespace parallax {
namespace {

namespace fs = std::filesystem;

/// Of bodies that are held back to shuffle them: a hundred thousand events or more.
constexpr std::size_t held_bytes_max = std::size_t{64} << 20U;

Result<std::unique_ptr<Target>> shuffled(Result<std::unique_ptr<Target>> target, Prng draws) {
  if (!target) return target;
  return make_shuffled_target(std::move(*target), draws, held_bytes_max);
}

/// What the target has after all was sent to it again; nothing where it gave up.
Result<std::unique_ptr<RowStore>> send_and_read(const SendAgain& again, const FirstTime& first,
                                                Connection& connection) {
  const Result<std::string> gave_up = again(connection);
  if (!gave_up) return gave_up.error();
  if (!gave_up->empty()) return std::unique_ptr<RowStore>();
  Result<std::unique_ptr<RowReader>> reader = connection.make_reader();
  if (!reader) return reader.error();
  Result<Settled> settled = settle_and_read(**reader, first.target.settle, first.run_id,
                                            first.at_once, first.make, nullptr);
  if (!settled) return settled.error();
  return std::move(settled->rows);
}

/// Which of several copies stands may differ, so that rows say nothing; verdicts do.
Result<Reordered> judge_reordered(const FirstTime& first, const RowStore& rows) {
  const Result<std::unique_ptr<JudgedRun>> second =
      JudgedRun::judge(first.judged.scenario(), first.judged.ledger(), rows, first.jobs);
  if (!second) return second.error();
  Reordered found;
  found.complete = rows.facts().complete;
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    const std::vector<JudgedAction>& was = first.judged.trial().judgement(lane).actions;
    const std::vector<JudgedAction>& is = (*second)->trial().judgement(lane).actions;
    assert(was.size() == is.size());
    found.actions += was.size();
    for (std::size_t i = 0; i < was.size(); ++i)
      found.otherwise += was[i].verdict != is[i].verdict || was[i].findings != is[i].findings ||
                         was[i].fields != is[i].fields;
  }
  return found;
}

/// The same requests in another order, at a target that was empty.
Result<Reordered> send_reordered(const SendAgain& again, const FirstTime& first,
                                 const fs::path& scratch) {
  Connection empty(first.judged.scenario().plan, first.target, scratch);
  if (const Result<void> up = empty.start(); !up) return up.error();
  const Result<std::unique_ptr<RowStore>> rows = send_and_read(again, first, empty);
  if (!rows) return rows.error();
  return *rows ? judge_reordered(first, **rows) : Reordered{};
}

}  // namespace

Result<std::string> play_again(const LaneContext& context, TrafficOptions options,
                               const fs::path& scratch, Connection& connection) {
  options.journals = scratch;
  options.jobs = 1;  // One order of arrival, however many threads the run has.
  const WireFormat& format = *options.format;
  options.make_target = [&] {
    auto target = connection.make_target(format);
    const Prng draws = context.network.stream("arrival order");
    return format.answers_by_event() ? std::move(target) : shuffled(std::move(target), draws);
  };
  options.restart = [&connection] { return connection.crash(); };
  std::error_code failure;
  fs::create_directories(scratch, failure);
  const Result<Traffic> played = play_traffic(context, options);
  fs::remove_all(scratch, failure);
  if (!played) return played.error();
  connection.stop();
  if (const Result<void> up = connection.start(); !up) return up.error();
  return played->gave_up;
}

Result<void> compare_again(const SendAgain& again, const FirstTime& first, const fs::path& scratch,
                           Connection& connection, RowFacts& facts) {
  const Result<std::unique_ptr<RowStore>> rows = send_and_read(again, first, connection);
  if (!rows) return rows.error();
  Result<Reread> resent = Reread{};
  if (*rows) resent = first.judged.rows().compare(**rows, RowStore::Compare::but_counts);
  if (!resent) return resent.error();
  facts.resent = *resent;
  if (!connection.embedded()) return {};
  const Result<Reordered> reordered = send_reordered(again, first, scratch);
  std::error_code ignored;
  fs::remove_all(scratch, ignored);
  if (!reordered) return reordered.error();
  facts.reordered = *reordered;
  return {};
}

}  // namespace parallax
