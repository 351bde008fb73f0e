// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sim/read/reader.h"
#include "sim/run/progress.h"
#include "sim/run/row_store.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

namespace parallax {

/// An empty store for the rows of one more read.
using MakeRowStore = std::function<std::unique_ptr<RowStore>()>;

/// What reading the target back came to.
struct Settled {
  std::unique_ptr<RowStore> rows;  ///< facts().complete = false when the read failed, was partial,
                                   ///< or did not settle.
  std::string problem;             ///< One sentence when not complete.
  Micros settle_took = 0;          ///< Wall time until nothing changed any more.
  Micros read_took = 0;            ///< Wall time of the read that is judged.
};

/// Reads until two reads that lie `quiet` apart bring the same number of rows, at most for `limit`:
/// a bounded wait, never a bare sleep. `at_once`: the target's read is a watermark by itself (the
/// embedded pipeline brings its models up to date before it answers), so one read settles it.
/// Errors: the rows cannot be kept (the disk is full).
Result<Settled> settle_and_read(RowReader& reader, const TargetPlan::Settle& plan,
                                std::string_view run_id, bool at_once, const MakeRowStore& make,
                                Progress* progress);

/// How often more the assertions want the target read, and whether one wants all sent again.
unsigned further_reads(const Scenario& scenario);
bool wants_resending(const Scenario& scenario);

/// Reads `times` more, a quiet period apart where the target needs one, and notes in `rows` what
/// each brought instead. A failed read is an incomplete one. Errors as above.
Result<void> read_again(RowReader& reader, const TargetPlan::Settle& plan, std::string_view run_id,
                        bool at_once, unsigned times, const MakeRowStore& make, RowStore& rows);

/// Reads once more after the deadline, for up to `plan.late`, and adds the rows of this run that
/// were not there before to `rows` as late. Errors as above; a failed read brings none.
Result<void> read_late(RowReader& reader, const TargetPlan::Settle& plan, std::string_view run_id,
                       const MakeRowStore& make, RowStore& rows);

}  // namespace parallax
