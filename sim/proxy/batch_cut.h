// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace parallax::proxy {

/// A JSON body of `events` events without the last `left_out` of them: those of a list at the top,
/// or of one in the object at the top ("batch", "events", "data"). Nothing where no such list has
/// exactly so many elements: the body is packed in some way, or holds one event alone.
/// Precondition: left_out < events.
std::optional<std::string> without_last(std::string_view body, std::size_t events,
                                        std::size_t left_out);

}  // namespace parallax::proxy
