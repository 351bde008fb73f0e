// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// The numbers of the draws (Prng::at) that a user, a session and a step of it take: each choice
/// has its own, so that one more moves no other. Traits are numbered by the hash of their name.
namespace parallax {

namespace user_draws {
enum : std::uint64_t {
  sampling = 1,
  devices,
  refusal,
  withdrawal,
  withdrawn_at,
  borrows,
  first_device = 16,  ///< And one for each further device.
};
}  // namespace user_draws

namespace session_draws {
enum : std::uint64_t { user = 1, id, journey, device };
}  // namespace session_draws

namespace step_draws {
/// The way to the next state takes the draws from 1 on, as many as there are states on it where one
/// only thinks.
enum : std::uint64_t { success = std::uint64_t{1} << 32, first_field };
}  // namespace step_draws

}  // namespace parallax
