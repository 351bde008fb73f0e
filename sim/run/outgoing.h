// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "sim/core/ledger.h"
#include "sim/core/prng.h"

namespace parallax {

/// Names a batch, through all its tries, unlike any other of the run: by whose it is, when that one
/// began, and its number there. Few formats state it, so the number is made when it is asked for.
struct BatchName {
  std::uint64_t host = 0;  ///< Lane and session.
  SimTime began;
  std::uint64_t serial = 0;
  std::uint64_t value() const {
    return mix64(mix64(mix64(host) ^ static_cast<std::uint64_t>(began.since_epoch)) + serial);
  }
};

/// An attempt on its way to the target.
struct Outgoing {
  AttemptId id;
  SimTime arrives;
  SimTime sent_at;  ///< What the batch states, or `no_time`.
  Strike strike = Strike::none;
  std::uint16_t size = 0;  ///< Events in it.
  BatchName batch;
  std::span<const Emission* const> events;
};

}  // namespace parallax
