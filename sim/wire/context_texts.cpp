// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/context_texts.h"

#include <algorithm>

#include "sim/wire/json_text.h"

namespace parallax {
namespace {

void store(const std::vector<std::string>& texts, ContextTexts& part) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  part.room = (longest / Piece::slack + 1) * Piece::slack;
  part.texts.assign(texts.size() * part.room, '\0');
  part.lengths.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i].copy(part.texts.data() + i * part.room, texts[i].size());
    part.lengths.push_back(static_cast<std::uint32_t>(texts[i].size()));
  }
}

}  // namespace

std::vector<ContextTexts> context_texts(const TrackingPlan& plan) {
  std::vector<ContextTexts> parts(1);
  parts.back().has_page = true;
  std::vector<std::string> texts;  // Of the last part.
  for (const std::string& page : plan.pages) texts.push_back(json::quoted(page));
  for (std::size_t i = 0; i < plan.traits.size(); ++i) {
    const TraitPlan& trait = plan.traits[i];
    if (texts.size() * trait.values.size() > ContextTexts::texts_max) {
      store(texts, parts.back());
      parts.emplace_back().first = i;
      texts.assign(1, "");
    }
    const std::string key = ',' + json::quoted(trait.name) + ':';
    std::vector<std::string> longer;
    for (const std::string& before : texts)
      for (const std::string& value : trait.values)
        longer.push_back(before + key + json::quoted(value));
    texts = std::move(longer);
    parts.back().sizes.push_back(static_cast<std::uint32_t>(trait.values.size()));
  }
  store(texts, parts.back());
  return parts;
}

}  // namespace parallax
