// SPDX-License-Identifier: Apache-2.0
#include "sim/run/live_tally.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/core/crc32c.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

using ledger_codec::block_header_size;
using ledger_codec::file_header_size;

/// Reads `count` bytes at `offset`; false when there are not so many.
bool read_at(int descriptor, std::uint64_t offset, std::size_t count, std::string& bytes) {
  bytes.resize(count);
  std::size_t got = 0;
  while (got < count) {
    const ssize_t n =
        ::pread(descriptor, bytes.data() + got, count - got, static_cast<off_t>(offset + got));
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

std::uint32_t u32_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void count_bits(std::uint64_t bits, std::vector<std::uint64_t>& counts) {
  for (; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
    if (bit < counts.size()) ++counts[bit];
  }
}

}  // namespace

JournalTail::JournalTail(JournalTail&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      offset_(other.offset_),
      broken_(other.broken_),
      unpacker_(other.unpacker_) {}

JournalTail::~JournalTail() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool JournalTail::open() {
  if (descriptor_ < 0) descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0 || broken_) return false;
  if (offset_ > 0) return true;
  if (!read_at(descriptor_, 0, file_header_size, bytes_)) return false;
  broken_ = bytes_ != ledger_codec::file_header();
  offset_ = file_header_size;
  return !broken_;
}

bool JournalTail::read(Ledger& out, std::size_t bytes_max) {
  if (!open()) return false;
  std::size_t taken = 0;
  while (taken < bytes_max && read_at(descriptor_, offset_, block_header_size, bytes_)) {
    const std::uint32_t length = u32_at(bytes_, 0), crc = u32_at(bytes_, 4);
    if (length == 0 || length > ledger_codec::block_size + ledger_codec::record_size_max) break;
    if (!read_at(descriptor_, offset_ + block_header_size, length, bytes_)) break;
    if (crc32c(bytes_) != crc) break;  // Half written: its end comes with the next look.
    broken_ = unpacker_.unpack(bytes_, out) != length;
    offset_ += block_header_size + length;
    taken += length;
    if (broken_) break;
  }
  return taken > 0;
}

std::uint64_t JournalTail::behind() const {
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return 0;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return size > offset_ ? size - offset_ : 0;
}

LiveTally::LiveTally(const Scenario& scenario)
    : struck(scenario.faults.size()),
      start_(scenario.time.start),
      length_(scenario.time.length),
      recent_(recent_size) {
  for (const ActionPlan& action : scenario.plan.actions)
    both_.push_back(action.emits(Source::client) && action.emits(Source::server));
}

std::uint64_t LiveTally::newly_struck(const Emission& emission) {
  const std::uint64_t key = emission.seen.id.value;
  Recent& recent =
      recent_[mix64(key * 2 + static_cast<std::uint64_t>(emission.source)) % recent_.size()];
  if (recent.action != key || recent.source != emission.source) recent = {key, 0, emission.source};
  const std::uint64_t fresh = emission.struck & ~recent.struck;
  recent.struck |= emission.struck;
  return fresh;
}

void LiveTally::add(const Ledger& ledger) {
  actions += ledger.actions.size();
  emissions += ledger.emissions.size();
  abandoned += ledger.abandons.size();
  attempts += ledger.attempts.size();
  answered += ledger.receipts.size();
  for (const EmissionRecord& record : ledger.emissions) {
    const Emission& emission = record.emission;
    if (emission.struck != 0) count_bits(newly_struck(emission), struck);
    destroyed += record.fate == Fate::destroyed ? 1U : 0U;
    withheld += record.fate == Fate::withheld ? 1U : 0U;
    const std::size_t type = emission.seen.type;
    if (record.fate != Fate::queued || type >= both_.size() || !both_[type]) continue;
    const Micros at = std::clamp<Micros>(emission.seen.at - start_, 0, length_ - 1);
    Sides& part = sides[static_cast<std::size_t>(at / (length_ / Micros{parts} + 1))];
    ++(emission.source == Source::client ? part.client : part.server);
  }
  for (const AttemptRecord& attempt : ledger.attempts) {
    count_bits(attempt.struck, struck);
    events += attempt.size;
  }
  for (const ReceiptRecord& receipt : ledger.receipts)
    ++receipts[static_cast<std::size_t>(receipt.receipt)];
}

}  // namespace parallax
