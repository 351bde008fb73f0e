// SPDX-License-Identifier: Apache-2.0
#include "fault/chain.h"

namespace parallax {

void note_destroyed(const Destroyed& destroyed, Journal& journal) {
  const Emission& emission = destroyed.emission;
  const bool was_queued = destroyed.from_queue != 0;
  journal.append(EmissionRecord{emission, was_queued ? Fate::queued : Fate::destroyed});
  if (was_queued)
    journal.append(AbandonRecord{emission.key(), emission.captured, AbandonRecord::Why::lost,
                                 destroyed.from_queue});
}

}  // namespace parallax
