// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>

#include "sim/core/prng.h"
#include "sim/drive/target.h"

namespace parallax {

/// Sends to `inner` what it gets, in another order, as a queue may that hands on its backlog: a
/// request is answered at once, as if it had been accepted, and leaves later, whichever `draws`
/// picks among those that wait. A full `bytes_max` of bodies waits, all of them until `close`: what
/// is no more than that arrives in an order that owes nothing to the story. Nothing arrives before
/// it did, or before what was sent ahead of it: the simulated clock goes on and never back.
///
/// Strikes keep their meaning: what never arrives goes the usual way, at once; after_commit arrives
/// in its turn, and is answered as unknown. What the target does not take (429, 5xx, no answer)
/// waits again, up to twenty times; `close` is an Error (io) when it takes nothing a thousand times
/// in a row.
///
/// Answers say nothing of single events: not for formats that answer by event.
std::unique_ptr<Target> make_shuffled_target(std::unique_ptr<Target> inner, Prng draws,
                                             std::size_t bytes_max);

}  // namespace parallax
