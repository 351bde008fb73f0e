// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace parallax {

/// The events of a batch body, {"batch":[event,..],..}, each as its own text, in order. Looks at
/// brackets and strings only: whether each event is valid JSON is not its business. Nothing where
/// the body does not start so or the array does not end. The views point into `body`.
std::optional<std::vector<std::string_view>> split_batch(std::string_view body);

/// The value of a member at the top level of an event: a text without its quotes, anything else as
/// it stands. Nothing where there is none, or null.
std::optional<std::string_view> event_member(std::string_view event, std::string_view name);

}  // namespace parallax
