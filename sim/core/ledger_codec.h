// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/ledger.h"

/// How journal files hold records; shared by the writing and the reading side, and by who sorts
/// them.
namespace parallax::ledger_codec {

constexpr std::string_view magic = "PLXLEDGR";
constexpr std::uint32_t format_version = 5;
constexpr std::size_t file_header_size = 16;
constexpr std::size_t block_header_size = 8;
/// A block is closed when its payload has reached this size.
constexpr std::size_t block_size = std::size_t{1} << 20;
/// No record packs to more; no payload is longer than block_size + record_size_max.
constexpr std::size_t record_size_max = 512;

std::string file_header();

/// The attempt last met: what records near it lean on.
struct LastAttempt {
  AttemptId id;
  SimTime at, arrives;
};

/// Turns records into bytes (ledger_layout.h). An action is written as it lies in memory up to its
/// last value. An emission says only what it adds to the action last packed, as long as it saw that
/// one unchanged: about 45 bytes instead of 288, and as much less to checksum. An attempt as nearly
/// all are says what it adds to that action and to the attempt before it: 20 bytes, with its
/// delivery where it has one of that action, and 3 for its acknowledgement.
class Packer {
 public:
  /// Each writes the record and returns its end. Precondition: room for `record_size_max` bytes at
  /// `out`, whatever the record needs; what was written up to `out` may still be changed.
  char* pack(const Action& record, char* out);
  char* pack(const EmissionRecord& record, char* out);
  char* pack(const AttemptRecord& record, char* out);
  char* pack(const DeliveryRecord& record, char* out);
  char* pack(const ReceiptRecord& record, char* out);
  char* pack(const AbandonRecord& record, char* out);

 private:
  Action last_;  ///< The action last packed.
  LastAttempt last_attempt_;
  /// Where the record last packed ends, if that is an attempt that can take up a delivery.
  const char* lone_ends_ = nullptr;
};

enum class Kind : std::uint8_t;

/// The inverse. One a file, fed its payloads in order.
class Unpacker {
 public:
  /// Appends the payload's records to `out`, in order. Returns the offset in `payload` of the first
  /// record that cannot be one, or `payload.size()`.
  std::size_t unpack(std::string_view payload, Ledger& out);

 private:
  /// Each returns the end of the record, or null where it cannot be one.
  const char* unpack_record(Kind kind, const char* at, const char* end, Ledger& out);
  const char* unpack_emission(bool own, const char* at, const char* end, Ledger& out);
  const char* unpack_near_attempt(bool lone, const char* at, const char* end, Ledger& out);
  Action last_;
  LastAttempt last_attempt_;
};

/// The small fields of an AttemptRecord.
struct AttemptTail {
  Source source;
  Strike strike;
  std::uint16_t number, size, answer;
};

/// Sorts packed records by lane without unpacking them: they are copied as they stand. Only one
/// that leans on an action or attempt which `take` has taken is made to stand alone.
class LaneSplitter {
 public:
  /// What was read on the way past.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void see_action() = 0;
    virtual void see_emission(LaneIndex lane, Uuid event_id, IdForm form, Fate fate) = 0;
    virtual void see_attempt(const AttemptTail& attempt) = 0;
    virtual void see_receipt(const ReceiptRecord& receipt) = 0;
    virtual void see_abandon() = 0;
  };
  explicit LaneSplitter(Watcher& watcher);

  /// Appends each record of the payload, which is the journal's next one, to the bytes of its lane.
  /// Returns as `Unpacker::unpack`.
  std::size_t split(std::string_view payload);
  /// What a lane has got. An Unpacker of its own reads it.
  const std::string& bytes(LaneIndex lane) const { return lanes_[lane].bytes; }
  /// Takes it; what comes next is for another Unpacker.
  std::string take(LaneIndex lane);

 private:
  struct Lane {
    std::string bytes;
    bool has_last = false;  ///< The action last met is in `bytes`, if it is the lane's.
    bool has_last_attempt = false;
  };
  /// Each returns the end of the record, or null where it cannot be one.
  const char* split_record(const char* at, const char* end);
  const char* split_action(const char* at, const char* end);
  const char* split_emission(const char* at, const char* end);
  const char* split_attempt(const char* at, const char* end);
  const char* split_near_attempt(const char* at, const char* end);
  const char* split_near_receipt(const char* at, const char* end);
  const char* split_delivery(const char* at, const char* end);
  const char* split_small(const char* at, const char* end);
  Lane& enter(LaneIndex lane, const char* record);
  void end_run(const char* at);

  Watcher& watcher_;
  std::array<Lane, lane_count> lanes_;
  LaneIndex run_lane_ = lane_count;  ///< Whose records have been met since `run_`, if anyone's.
  const char* run_ = nullptr;
  std::string last_;  ///< The action last met, packed, without its kind.
  LaneIndex last_lane_ = 0;
  LastAttempt last_attempt_;
};

}  // namespace parallax::ledger_codec
