// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sim/wire/shared_decode.h"

namespace parallax {

/// Money beside the currency stands at the top of the event, everything else in the properties.
/// `absent` where the event has no such field.
Token field_of(const SharedEvent& event, std::string_view name);

}  // namespace parallax
