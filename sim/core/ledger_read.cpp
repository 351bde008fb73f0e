// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "sim/core/crc32c.h"
#include "sim/core/ledger.h"
#include "sim/core/ledger_codec.h"

namespace parallax {
namespace {

using ledger_codec::block_header_size;
using ledger_codec::file_header_size;

std::uint32_t get_u32(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Reads one journal from front to back. Blocks are small where every batch was flushed before it
/// was sent: they are looked at in place, in a buffer of many.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path),
        descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
        open_error_(errno),
        buffer_(new char[buffer_size]) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// True when the journal is torn.
  Result<bool> read(const TakePayload& use) {
    if (descriptor_ < 0) return failed(open_error_);
    const std::string_view header = take(file_header_size);
    if (header.size() < file_header_size) {
      if (const Result<void> ended = end(true); !ended) return ended.error();
      return torn_;
    }
    if (!header.starts_with(ledger_codec::magic))
      return Error{Error::Kind::protocol, "this is no ledger", path_.string()};
    const std::uint32_t version = get_u32(header.data() + ledger_codec::magic.size());
    if (version != ledger_codec::format_version)
      return Error{Error::Kind::unsupported,
                   "ledger format " + std::to_string(version) + " is not the supported format " +
                       std::to_string(ledger_codec::format_version),
                   path_.string()};
    while (!finished_) {
      if (const Result<void> block = read_block(use); !block) return block.error();
    }
    return torn_;
  }

 private:
  Result<void> read_block(const TakePayload& use) {
    const std::uint64_t start = offset_;
    const std::string_view header = take(block_header_size);
    if (header.size() < block_header_size) return end(!header.empty());
    const std::uint32_t length = get_u32(header.data());
    const std::uint32_t crc = get_u32(header.data() + 4);
    if (length == 0 || length > payload_max) return damaged(start, "a block of impossible length");
    const std::string_view payload = take(length);
    if (payload.size() < length) return end(true);
    if (crc32c(payload) != crc) {
      // A machine that lost power may leave the last block long enough, but with other content.
      if (at_end_of_file()) return end(true);
      return damaged(start, "a block whose checksum does not match");
    }
    const std::size_t understood = use(payload);
    if (understood == length) return {};
    return damaged(start + block_header_size + understood, "an unknown record");
  }

  /// The next `count` bytes, or as many as there are; until the next call.
  std::string_view take(std::size_t count) {
    if (filled_ - used_ < count) fill(count);
    const std::string_view bytes(buffer_.get() + used_, std::min(count, filled_ - used_));
    used_ += bytes.size();
    offset_ += bytes.size();
    return bytes;
  }

  /// Reads on until `count` bytes wait, or no more come.
  void fill(std::size_t count) {
    std::memmove(buffer_.get(), buffer_.get() + used_, filled_ - used_);
    filled_ -= std::exchange(used_, 0);
    while (filled_ < count) {
      const ssize_t got = ::read(descriptor_, buffer_.get() + filled_, buffer_size - filled_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) read_error_ = errno;
      if (got <= 0) return;
      filled_ += static_cast<std::size_t>(got);
    }
  }

  bool at_end_of_file() {
    if (used_ == filled_) fill(1);
    return used_ == filled_;
  }

  /// No more bytes came: the file ended, or reading it failed.
  Result<void> end(bool torn) {
    if (read_error_ != 0) return failed(read_error_);
    finished_ = true;
    torn_ = torn;
    return {};
  }

  Error failed(int code) const {
    return {Error::Kind::io, "cannot read the ledger: " + std::generic_category().message(code),
            path_.string()};
  }
  Error damaged(std::uint64_t offset, const std::string& what) const {
    return {Error::Kind::protocol,
            "the ledger is damaged: " + what + " at byte " + std::to_string(offset),
            path_.string()};
  }

  static constexpr std::size_t payload_max =
      ledger_codec::block_size + ledger_codec::record_size_max;
  static constexpr std::size_t buffer_size = payload_max + (std::size_t{1} << 18U);
  const std::filesystem::path& path_;
  int descriptor_;
  int open_error_;
  int read_error_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0, filled_ = 0;  ///< Of the buffer.
  std::uint64_t offset_ = 0;
  bool finished_ = false;
  bool torn_ = false;
};

LaneIndex lane(const Action& r) { return lane_of(r.id.value); }
LaneIndex lane(const EmissionRecord& r) { return lane_of(r.emission.seen.id.value); }
LaneIndex lane(const AttemptRecord& r) { return lane_of(r.id.value); }
LaneIndex lane(const DeliveryRecord& r) { return lane_of(r.attempt.value); }
LaneIndex lane(const ReceiptRecord& r) { return lane_of(r.attempt.value); }
LaneIndex lane(const AbandonRecord& r) { return lane_of(r.emission.action.value); }

/// Stable counting sort by lane, in time linear in the records.
template <class Record>
void order_by_lane(std::vector<Record>& records) {
  const auto before = [](const Record& a, const Record& b) { return lane(a) < lane(b); };
  if (std::is_sorted(records.begin(), records.end(), before)) return;
  std::vector<std::size_t> starts(std::size_t{1} << (64 - lane_shift));
  for (const Record& record : records) ++starts[lane(record)];
  std::size_t sum = 0;
  for (std::size_t& start : starts) sum += std::exchange(start, sum);
  std::vector<Record> sorted(records.size());
  for (const Record& record : records) sorted[starts[lane(record)]++] = record;
  records = std::move(sorted);
}

}  // namespace

void Ledger::clear() {
  actions.clear();
  emissions.clear();
  attempts.clear();
  deliveries.clear();
  receipts.clear();
  abandons.clear();
  torn = false;
}

Result<bool> scan_journal(const std::filesystem::path& file, const TakePayload& take) {
  return Reader(file).read(take);
}

Result<Ledger> read_ledger(std::span<const std::filesystem::path> files) {
  Ledger out;
  for (const std::filesystem::path& file : files) {
    ledger_codec::Unpacker unpacker;
    const Result<bool> torn =
        scan_journal(file, [&](std::string_view payload) { return unpacker.unpack(payload, out); });
    if (!torn) return torn.error();
    out.torn = out.torn || *torn;
  }
  order_by_lane(out.actions);
  order_by_lane(out.emissions);
  order_by_lane(out.attempts);
  order_by_lane(out.deliveries);
  order_by_lane(out.receipts);
  order_by_lane(out.abandons);
  return out;
}

}  // namespace parallax
