// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/result.h"

namespace parallax {

/// What happened to an emission before any attempt.
enum class Fate : std::uint8_t {
  queued,     ///< Entered the SDK's queue.
  destroyed,  ///< A fault destroyed it before the SDK saw it (ad block, drop).
  withheld,   ///< Consent, sampling or a refusal forbade it, and the side obeyed.
};

/// Where a wire fault strikes an attempt.
enum class Strike : std::uint8_t {
  none,
  before_send,   ///< The request never leaves: connection refused.
  during_body,   ///< The connection is cut in the middle of the body.
  after_commit,  ///< The target has committed; the connection is cut before the answer is read.
  answered,      ///< A status is answered in the target's place; the target never sees it.
};
std::string_view name_of(Strike s);

/// The wire outcome of an attempt.
enum class Receipt : std::uint8_t {
  accepted,  ///< 2xx was read: the target acknowledged it.
  rejected,  ///< Another answer says that it was not taken (4xx, 429, or struck before it left).
  unknown,   ///< No answer, or 5xx: it may have been committed.
};
std::string_view name_of(Receipt r);

/// The action and its emissions are written ahead of any attempt.
struct EmissionRecord {
  Emission emission;
  Fate fate = Fate::queued;
};

/// Written before the request leaves; `emissions` of it follow as Delivery records.
struct AttemptRecord {
  AttemptId id;
  SimTime at;                ///< True simulated time of sending.
  SimTime arrives;           ///< True simulated time of arrival at the target (delay included).
  SimTime sent_at;           ///< The sender's clock, as the batch states it.
  std::uint64_t struck = 0;  ///< Bit i: wire fault i struck this attempt.
  std::uint64_t skipped = 0;
  Source source = Source::client;
  Strike strike = Strike::none;
  std::uint16_t number = 1;  ///< 1 = first try of this batch.
  std::uint16_t size = 0;    ///< Emissions in the batch.
  std::uint16_t answer = 0;  ///< Status injected, for Strike::answered.
};

/// Attempt x emission.
struct DeliveryRecord {
  AttemptId attempt;
  EmissionKey emission;
};

/// Written after the outcome is known. An attempt without one was in flight when the run stopped:
/// its receipt is `unknown`.
struct ReceiptRecord {
  AttemptId attempt;
  SimTime at;  ///< True simulated time at which the sender knew.
  Receipt receipt = Receipt::unknown;
  std::uint16_t status = 0;  ///< HTTP status, 0 where none was read.
  bool by_fault = false;     ///< A wire fault made this outcome; otherwise it is the target's own.
};

/// An emission that the SDK gave up, or that was taken from it: its queue overflowed, retries were
/// exhausted, the page closed.
struct AbandonRecord {
  enum class Why : std::uint8_t {
    overflow,   ///< The queue was full.
    exhausted,  ///< The last retry failed.
    refused,    ///< An answer that is not tried again.
    unload,     ///< The page closed, or the process ended.
    unsent,     ///< The load ended before its turn came.
    limited,    ///< The SDK's own rate limit.
    opted_out,  ///< The user opted out while it waited.
    misread,    ///< The SDK took an answer for a success that was none.
    unvisited,  ///< Kept on a device that never came back.
    lost,       ///< A fault took it: the app was killed, its storage wiped.
  };
  EmissionKey emission;
  SimTime at;
  Why why = Why::unload;
  std::uint64_t struck = 0;  ///< Bit i: host fault i took it. Only for `lost`.
};
std::string_view name_of(AbandonRecord::Why w);

/// Append-only truth of a run, written ahead of sending: `append` keeps a record in memory, and
/// `flush` hands all kept ones to the operating system in one write, after which a crash of this
/// process loses none. The caller flushes before each send; a journal that nobody flushes hands
/// over a mebibyte at a time, so its memory stays bounded. Not thread-safe: one journal a thread.
///
/// File: a 16-byte header (magic "PLXLEDGR", u32 format version, u32 reserved), then blocks of
/// {u32 length, u32 CRC-32C, payload}, little-endian; a payload is a run of packed records
/// (ledger_codec.h). Equal appends and flushes give equal bytes. A torn last block is ignored on
/// reading: it was never followed by a send.
class Journal {
 public:
  static Result<Journal> create(const std::filesystem::path& file);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();  ///< Flushes; errors are lost, so call `close` where they matter.

  void append(const Action&);
  void append(const EmissionRecord&);
  void append(const AttemptRecord&);
  void append(const DeliveryRecord&);
  void append(const ReceiptRecord&);
  void append(const AbandonRecord&);
  /// Errors (a full disk) are sticky and come back from every later `flush` and from `close`.
  Result<void> flush();
  Result<void> close();

 private:
  struct File;
  explicit Journal(std::unique_ptr<File>);
  std::unique_ptr<File> file_;
};

/// Gets the payload of a journal's next block; how much of it was understood.
using TakePayload = std::function<std::size_t(std::string_view payload)>;

/// Reads one journal from front to back, in memory that does not depend on its size. True when it
/// ended in a torn block: the run was killed. Errors: the file is missing, of another format
/// version, or damaged elsewhere than at its end.
Result<bool> scan_journal(const std::filesystem::path& file, const TakePayload& take);

/// All records of a run, or of a part of it, each list ordered by lane and, within a lane, as
/// written.
struct Ledger {
  std::vector<Action> actions;
  std::vector<EmissionRecord> emissions;
  std::vector<AttemptRecord> attempts;
  std::vector<DeliveryRecord> deliveries;
  std::vector<ReceiptRecord> receipts;
  std::vector<AbandonRecord> abandons;
  bool torn = false;  ///< A journal ended in a torn block.

  void clear();  ///< Keeps the memory.
};

/// Reads and orders whole journals into memory. Errors as above.
Result<Ledger> read_ledger(std::span<const std::filesystem::path> files);

}  // namespace parallax
