// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_source.h"

namespace parallax {

LoadStock::LoadStock(LoadSource& source, std::uint32_t slots, std::uint32_t ahead)
    : source_(source), ahead_(ahead), requests_(slots) {
  for (std::uint32_t slot = slots; slot > 0; --slot) free_.push_back(slot - 1);
  ready_.reserve(2 * std::size_t{ahead});
}

bool LoadStock::make_one() {
  if (exhausted_ || made_ >= limit_ || free_.empty() || ready_.size() - begin_ >= ahead_)
    return false;
  const std::uint32_t slot = free_.back();
  if (!source_.prepare(slot, requests_[slot])) {
    exhausted_ = true;
    return false;
  }
  free_.pop_back();
  ++made_;
  if (ready_.size() == ready_.capacity()) {
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  ready_.push_back(slot);
  return true;
}

bool LoadStock::make_some(std::uint32_t most) {
  std::uint32_t made = 0;
  while (made < most && make_one()) ++made;
  return made > 0;
}

bool LoadStock::take(std::uint32_t& slot) {
  if (begin_ == ready_.size() && !make_one()) return false;
  slot = ready_[begin_++];
  if (begin_ == ready_.size()) {
    ready_.clear();
    begin_ = 0;
  }
  return true;
}

void LoadStock::abandon_all() {
  std::uint32_t slot = 0;
  while (take(slot)) {
    source_.abandon(slot);
    put_back(slot);
  }
}

}  // namespace parallax
