// SPDX-License-Identifier: Apache-2.0
#include "sim/core/canonical_row.h"

#include <bit>
#include <cassert>

namespace parallax {

std::int64_t comparable(const FieldPlan& field, std::int64_t value) {
  if (field.type != FieldType::string) return value;
  const TextForm& form = field.form;
  if (form.kind == TextForm::Kind::list) {  // No copy, and no walk over the list for its longest.
    assert(value >= 0 && static_cast<std::size_t>(value) < form.texts.size());
    return std::bit_cast<std::int64_t>(hash_text(form.texts[static_cast<std::size_t>(value)]));
  }
  std::array<char, 128> buffer;
  if (form.longest() > buffer.size())
    return std::bit_cast<std::int64_t>(hash_text(form.text(value)));
  const char* const end = form.write(value, buffer.data());
  return std::bit_cast<std::int64_t>(hash_text({buffer.data(), end}));
}

}  // namespace parallax
