// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "fault/selector.h"
#include "sim/core/event.h"
#include "sim/core/id.h"

/// What stands before a selector, of each of the three kinds of fault.
namespace parallax {

/// Where what is kept by action type and side has its place.
inline std::size_t kind_of(const Emission& emission) {
  return std::size_t{emission.seen.type} * both_sources.size() +
         static_cast<std::size_t>(emission.source);
}

/// An emission before the faults of capture.
inline Candidate candidate_of(const Emission& emission) {
  // The lane's bits of an action's id leave the top nine free: for side and copy.
  constexpr unsigned key_shift = 55;
  const Action& seen = emission.seen;
  const std::uint64_t key =
      static_cast<std::uint64_t>(emission.source) | std::uint64_t{emission.copy} << 1U;
  return {.emission = emission,
          .entities = {seen.id.value ^ key << key_shift, seen.session, seen.device, seen.user,
                       lane_of(seen.id.value)},
          .bursts_with = seen.device,
          .counts_with = seen.user};
}

/// An attempt before the wire's: `first` of its batch stands for it.
inline Candidate candidate_of(const Emission& first, AttemptId attempt) {
  // A lane's server host sends for all its users: its bursts are its own, not those of whichever
  // device comes first in the batch.
  const bool host = first.source == Source::server;
  const std::uint64_t lane = lane_of(attempt.value);
  const Action& seen = first.seen;
  return {.emission = first,
          .entities = {attempt.value, seen.session, seen.device, seen.user, lane},
          .bursts_with = host ? lane : seen.device,
          .counts_with = host ? lane : seen.user};
}

/// A page that `opener` opens, or a process.
inline Candidate candidate_of(const Emission& opener, std::uint64_t host) {
  const Action& who = opener.seen;
  const bool page = opener.source == Source::client;
  const std::uint64_t lane = page ? 0 : lane_of(host);
  return {.emission = opener,
          .entities = {host, who.session, who.device, who.user, lane},
          .bursts_with = page ? who.device : lane,
          .counts_with = page ? who.user : lane};
}

}  // namespace parallax
