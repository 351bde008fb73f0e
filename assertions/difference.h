// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "assertions/judgement.h"

/// In what way a value differs from the one that was sent, as a cause that says where to look in
/// the pipeline. Pure; the causes are asked for values that do differ. What fits nothing is
/// `value_changed`, or `wrong_time`.
namespace parallax::difference {

/// A text with its letters a .. z turned.
enum class Capitals : std::uint8_t { all, none, first, of_words };
std::string in_capitals(std::string_view text, Capitals capitals);

/// Whether `key` belongs to the text with other capitals: all, none, the first letter, or that of
/// each word. `key_of` makes keys of texts.
template <class KeyOf>
bool is_case(std::string_view sent, std::uint64_t key, KeyOf key_of) {
  using enum Capitals;
  return std::ranges::any_of(std::array{all, none, first, of_words}, [&](Capitals capitals) {
    return key_of(in_capitals(sent, capitals)) == key;
  });
}

/// case_changed, text_cut or value_changed. `stated`: hash_text of the row's text.
Cause of_text(std::string_view sent, std::uint64_t stated);

/// wrong_unit (a power of ten up to 10'000), wrong_sign, rounded (to tens, hundreds or thousands of
/// the smallest unit, or off by one of it) or value_changed.
Cause of_amount(std::int64_t sent, std::int64_t stated);

/// The same for a row whose number has digits that the type has not, `nearest` without them:
/// rounded where that is what was sent (a binary fraction), wrong_unit where a division left
/// them.
Cause of_blurred(std::int64_t sent, std::int64_t nearest);

/// Whether two times are there and the same: wire times carry milliseconds, targets may round them.
bool is_same_time(SimTime a, SimTime b);

/// time_cut, zone_shifted (at most 14 hours) or wrong_time, by the first of the `sent` that fits.
Cause of_time(std::span<const SimTime> sent, SimTime stated);

}  // namespace parallax::difference
