// SPDX-License-Identifier: Apache-2.0
#include "assertions/value_set.h"

#include <algorithm>

namespace parallax {
namespace {

constexpr std::uint64_t marks = 7;
constexpr std::size_t slack = 4'096;

/// Ascending, and each value once with all its marks.
void unite(std::vector<std::uint64_t>& values) {
  std::sort(values.begin(), values.end());
  std::size_t kept = 0;
  for (const std::uint64_t value : values) {
    if (kept > 0 && ((values[kept - 1] ^ value) & ~marks) == 0) {
      values[kept - 1] |= value & marks;
    } else {
      values[kept++] = value;
    }
  }
  values.resize(kept);
}

}  // namespace

void ValueSet::add(std::uint64_t hash, Mark mark) {
  values_.push_back((hash & ~marks) | mark);
  boil_down();
}

void ValueSet::merge(const ValueSet& later) {
  values_.insert(values_.end(), later.values_.begin(), later.values_.end());
  boil_down();
}

void ValueSet::boil_down() {
  if (values_.size() <= 2 * settled_ + slack) return;
  unite(values_);
  settled_ = values_.size();
}

ValueSet::Counts ValueSet::counts() const {
  std::vector<std::uint64_t> values = values_;
  unite(values);
  Counts counts;
  for (const std::uint64_t value : values) {
    const bool is_due = (value & must) != 0;
    const bool is_allowed = is_due || (value & may) != 0;
    const bool is_there = (value & stands) != 0;
    counts.must += is_due ? 1 : 0;
    counts.allowed += is_allowed ? 1 : 0;
    counts.there += is_there ? 1 : 0;
    counts.missing += is_due && !is_there ? 1 : 0;
    counts.strange += is_there && !is_allowed ? 1 : 0;
  }
  return counts;
}

}  // namespace parallax
