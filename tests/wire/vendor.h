// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "sim/wire/dialects.h"
#include "sim/wire/format.h"

namespace parallax::wire_tests {

/// "2026-03-02T12:00:00Z", the now of every collector here.
extern const SimTime noon;

/// What a decoder makes of a request: the events of the shared format, or why not.
struct Decoded {
  nlohmann::json events;
  int status = 200;
  std::string refusal;
};
Decoded decoded(DecodeSdk decode, std::string body, std::string_view path = {},
                std::string_view query = {}, std::string_view authorization = {});

/// The body of some emissions of a plan, sent at `sent_at`.
std::string body_with(const TrackingPlan& plan, std::string_view format,
                      std::span<const Emission> emissions, SimTime sent_at);
/// The sample purchase in every form that a fault can give an event, from both sides.
std::vector<Emission> every_form();

/// Sends `every_form` in a format, decodes it, and requires what the shared format says.
void require_round_trip(std::string_view format, DecodeSdk decode,
                        std::string_view authorization = {}, std::string_view path = {});

/// The body of the sample purchase, sent at `sent_at`.
std::string body_of(std::string_view format, SimTime sent_at);

}  // namespace parallax::wire_tests
