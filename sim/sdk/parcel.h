// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/core/time.h"

/// What SDK models hold, and how they hold it.
namespace parallax {

/// An emission kept by the caller. The SDK model moves pointers; it never looks inside.
using Held = EmissionRecord*;

/// A handle in an SDK's queue.
struct Queued {
  Held held = nullptr;
  SimTime since;
};

/// A handle that the SDK gave up.
struct Released {
  Held held = nullptr;
  AbandonRecord::Why why = AbandonRecord::Why::unload;
};

/// A handle on the device's storage, where it outlives its page.
struct Kept {
  Held held = nullptr;
  SimTime since;            ///< When it was kept.
  std::uint16_t tries = 0;  ///< That it has had.
};

/// A request of one SDK; 0 is none.
using RequestId = std::uint32_t;

/// A batch apart from the queue: under way, or waiting for `due`.
struct Parcel {
  std::vector<Queued> batch;
  SimTime due = end_of_time;  ///< `end_of_time`: under way.
  SimTime first_begun = no_time;
  std::uint64_t serial = 0;  ///< Order of first tries, and of what waits for its own.
  RequestId request = 0;     ///< Under way; 0: it waits.
  std::uint16_t number = 0;  ///< Tries begun.
  std::uint16_t uncounted = 0;
  bool blocks = false;  ///< The queue waits for it.
  bool torn = false;    ///< A copy has taken over.
};

}  // namespace parallax
