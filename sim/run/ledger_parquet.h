// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "assertions/judgement.h"
#include "sim/core/ledger.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

/// The ledger as Parquet, for people and their SQL. Equal ledgers give equal bytes.
///
/// Ids are texts as on the wire: "u-17", "d-..." and "s-..." with 16 hex digits, event ids as they
/// were sent; an action is "a-" and an attempt "t-" + its decimal number. Times are TIMESTAMP, UTC.
/// Traits and business fields are columns by name, over all action types; a name that is taken gets
/// "trait_" or "field_" before it. Money is DECIMAL in major units with the row's `currency` beside
/// it, a `number` field a DECIMAL of 6 places; a name with two types is VARCHAR.
namespace parallax {

/// A ledger that is loaded part by part, in order.
struct LedgerParts {
  std::size_t count = 0;
  std::function<Result<void>(std::size_t part, Ledger& out)> load;
};

/// The tables of a ledger, the one that takes longest first:
/// - actions.parquet: what really happened;
/// - emissions.parquet: key (action_id, source, copy); what that side believed and sent, its fate,
///   `faults` and `faults_skipped` as names with ", " between them, `points`: where in the event's
///   life each of `faults` struck it, in their order, and `field_forms`: fields that
///   did not go out as planned ("revenue=as_text"), and `departures`: what else did not
///   ("event_name=order_completed, user_id=digits, project=other"). Columns hold what the side
///   meant to say: a field that was sent under another name stands here, one not sent is NULL;
/// - attempts.parquet: with `faults` and `points` as above, and with the receipt; without one it is
///   `unknown` and receipt_at is NULL;
/// - deliveries.parquet: which emission went with which attempt;
/// - abandons.parquet: emissions that the SDK gave up, or that a fault took from its queue.
enum class LedgerTable : std::uint8_t { emissions, actions, attempts, deliveries, abandons };
inline constexpr std::array ledger_tables{LedgerTable::emissions, LedgerTable::actions,
                                          LedgerTable::attempts, LedgerTable::deliveries,
                                          LedgerTable::abandons};

/// Writes one table into the existing `folder`; several may be written at once. Errors: the folder
/// is missing, the disk is full, money beyond 18 digits. No half file is left under a final name.
Result<void> export_table(const Scenario& scenario, const LedgerParts& parts, LedgerTable table,
                          const std::filesystem::path& folder);

/// The tables that the folder lacks, or that are older than one of the journals they would be made
/// from: those are of another run.
std::vector<LedgerTable> missing_tables(const std::filesystem::path& folder,
                                        std::span<const std::filesystem::path> journals);

/// Removes verdicts.parquet and findings.parquet, if they are there: the verdicts are others now.
void remove_verdicts(const std::filesystem::path& folder);

/// Writes verdicts.parquet: one row an action, with verdict, cause, expectation, `findings` (all
/// verdicts found, ", " between them), the number of its `rows` and the `faults` that touched it;
/// and findings.parquet (findings.h). `parts`: in the order of the ledger. Errors as above.
Result<void> export_verdicts(const Scenario& scenario, const std::vector<const Judgement*>& parts,
                             const std::filesystem::path& folder);

}  // namespace parallax
