// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace parallax {

/// What a collector that answers event by event says of one.
enum class EventResult : std::uint8_t { taken, dropped, again };

}  // namespace parallax
