// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/strike_point.h"

#include <algorithm>
#include <cassert>

#include "sim/scenario/load.h"

namespace parallax {
namespace {

constexpr std::string_view key = "at";

}  // namespace

bool meets(std::span<const StrikePlace> places, StrikePlace::Meets what) {
  return std::any_of(places.begin(), places.end(),
                     [&](const StrikePlace& place) { return place.meets == what; });
}

std::optional<ParamKind> point_param(const FaultKind& kind) {
  const bool is_taken = std::any_of(kind.params.begin(), kind.params.end(),
                                    [](const ParamKind& param) { return param.name == key; });
  if (is_taken || kind.everywhere) return std::nullopt;
  ParamKind at{.name = key,
               .type = ParamKind::Type::word,
               .about = "Where in an event's life it strikes; default the first.",
               .words = {}};
  for (const StrikePlace& place : kind.places) at.words.push_back(name_of(place.point));
  return at;
}

std::span<const StrikePlace> places_of(const FaultKind& kind, const FaultPlan& plan) {
  const std::span<const StrikePlace> all = kind.places;
  if (kind.everywhere) return all;
  const ParamValue* const at = point_param(kind) ? plan.param(key) : nullptr;
  if (at == nullptr) return all.first(1);
  const auto picked = std::find_if(all.begin(), all.end(), [&](const StrikePlace& place) {
    return name_of(place.point) == at->text;
  });
  assert(picked != all.end());
  return all.subspan(static_cast<std::size_t>(picked - all.begin()), 1);
}

}  // namespace parallax
