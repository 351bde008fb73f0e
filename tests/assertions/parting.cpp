// SPDX-License-Identifier: Apache-2.0
#include "tests/assertions/parting.h"

#include "assertions/id_index.h"

namespace parallax::test {
namespace {

/// The parts with the rows that may be theirs; what nobody can place goes to the trial.
std::vector<Part> deal(Trial& trial, const std::vector<Ledger>& ledgers,
                       const std::vector<CanonicalRow>& rows) {
  std::vector<Part> parts(ledgers.size());
  std::vector<IdIndex::Notes> notes(1);
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    parts[i].number = i;
    parts[i].ledger = ledgers[i];
    for (const EmissionRecord& record : ledgers[i].emissions)
      if (identifies(record.emission.id_form))
        notes[0].note(static_cast<std::uint8_t>(i), record.emission.event_id);
  }
  IdIndex index;
  for (std::size_t bucket = 0; bucket < IdIndex::bucket_count; ++bucket) index.build(bucket, notes);
  for (const CanonicalRow& row : rows) {
    std::uint8_t part = identifies(row.id_form) ? index.part_of(row.event_id) : IdIndex::nobody;
    if (part == IdIndex::nobody && parts.size() == 1) part = 0;
    if (part < parts.size()) {
      parts[part].rows.push_back(row);
    } else {
      trial.add_stray(row);
    }
  }
  return parts;
}

}  // namespace

std::vector<Ledger> split(const Ledger& whole, std::uint8_t parts) {
  std::vector<Ledger> out(parts);
  const auto part_of = [&](std::uint64_t id) -> Ledger& {
    return out[lane_of(id) * parts / lane_count];
  };
  for (const Action& r : whole.actions) part_of(r.id.value).actions.push_back(r);
  for (const EmissionRecord& r : whole.emissions)
    part_of(r.emission.seen.id.value).emissions.push_back(r);
  for (const AttemptRecord& r : whole.attempts) part_of(r.id.value).attempts.push_back(r);
  for (const DeliveryRecord& r : whole.deliveries) part_of(r.attempt.value).deliveries.push_back(r);
  for (const ReceiptRecord& r : whole.receipts) part_of(r.attempt.value).receipts.push_back(r);
  for (const AbandonRecord& r : whole.abandons)
    part_of(r.emission.action.value).abandons.push_back(r);
  return out;
}

void judge_parts(const Scenario& scenario, Trial& trial, const std::vector<Ledger>& ledgers,
                 const std::vector<CanonicalRow>& rows) {
  std::vector<Part> parts = deal(trial, ledgers, rows);
  for (Part& part : parts) trial.judge(part, LedgerView(scenario, part.ledger));
  if (trial.gather_strays()) {
    for (const Part& part : parts) trial.ask(part, LedgerView(scenario, part.ledger));
    for (const std::uint32_t again : trial.settle())
      trial.judge(parts[again], LedgerView(scenario, parts[again].ledger));
  }
  trial.conclude();
}

}  // namespace parallax::test
