// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_fields.h"

#include <algorithm>

namespace parallax {

Token field_of(const SharedEvent& event, std::string_view name) {
  if (name == "revenue" || name == "tax") {
    const Token& top = event.at(name == "tax" ? SharedKey::tax : SharedKey::revenue);
    if (top.kind != TokenKind::absent) return top;
  }
  const auto found = std::find_if(event.properties.rbegin(), event.properties.rend(),
                                  [&](const SharedEvent::Member& m) { return m.key == name; });
  return found == event.properties.rend() ? Token{} : found->value;
}

}  // namespace parallax
