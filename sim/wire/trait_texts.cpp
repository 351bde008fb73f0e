// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/trait_texts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/wire/json_text.h"

namespace parallax {

std::vector<TraitTexts> trait_texts(const TrackingPlan& plan) {
  std::vector<TraitTexts> parts;
  std::vector<std::string> texts;  // Of the last part.
  for (std::size_t i = 0; i < plan.traits.size(); ++i) {
    const TraitPlan& trait = plan.traits[i];
    if (parts.empty() || texts.size() * trait.values.size() > TraitTexts::texts_max) {
      parts.emplace_back().first = i;
      texts.assign(1, "");
    }
    const std::string key = ',' + json::quoted(trait.name) + ':';
    std::vector<std::string> longer;
    for (const std::string& before : texts)
      for (const std::string& value : trait.values)
        longer.push_back(before + key + json::quoted(value));
    texts = std::move(longer);
    parts.back().sizes.push_back(trait.values.size());
    parts.back().texts.clear();
    std::size_t longest = 0;
    for (const std::string& text : texts) longest = std::max(longest, text.size());
    for (const std::string& text : texts) parts.back().texts.emplace_back(text, longest);
  }
  return parts;
}

}  // namespace parallax
