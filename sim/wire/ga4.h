// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

/// What Google Analytics 4 takes by its Measurement Protocol, by the vendor's documents.
namespace parallax::ga4 {

constexpr std::size_t body_bytes_max = 130'000;
constexpr std::size_t events_max = 25;  ///< Of a request.
constexpr std::size_t params_max = 25;  ///< Of an event.
constexpr std::size_t name_length_max = 40;
constexpr std::size_t text_length_max = 100;  ///< Of a parameter's value.

/// Whether an event or a parameter may have this name: a letter, then letters, digits and _.
bool is_name(std::string_view name);

}  // namespace parallax::ga4
