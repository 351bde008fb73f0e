// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/ledger.h"

/// How journal files hold records; shared by the writing and the reading side, used by no one else.
namespace parallax::ledger_codec {

constexpr std::string_view magic = "PLXLEDGR";
constexpr std::uint32_t format_version = 2;  ///< 2: CRC-32C instead of CRC-32.
constexpr std::size_t file_header_size = 16;
constexpr std::size_t block_header_size = 8;
/// A block is closed when its payload has reached this size.
constexpr std::size_t block_size = std::size_t{1} << 20;
/// No record packs to more; no payload is longer than block_size + record_size_max.
constexpr std::size_t record_size_max = 512;

std::string file_header();

/// Turns records into bytes. A record is {u8 kind, presence bits, words}: its fields as 64-bit
/// little-endian words of which zero ones are left out, their presence bits being 0. An emission's
/// `seen` is first xor-ed with the action last packed, which makes nearly all of its words zero:
/// about 80 bytes instead of 288, and as much less to checksum.
class Packer {
 public:
  /// Each appends the record to `out`.
  void pack(const Action& record, std::string& out);
  void pack(const EmissionRecord& record, std::string& out);
  void pack(const AttemptRecord& record, std::string& out);
  void pack(const DeliveryRecord& record, std::string& out);
  void pack(const ReceiptRecord& record, std::string& out);
  void pack(const AbandonRecord& record, std::string& out);

 private:
  Action last_;  ///< The action last packed.
};

/// The inverse. One a file, fed its payloads in order.
class Unpacker {
 public:
  /// Hands the payload's records to `out`, in order. Returns the offset in `payload` of the first
  /// record that cannot be one, or `payload.size()`.
  std::size_t unpack(std::string_view payload, LedgerSink& out);

 private:
  /// Takes one record off `rest`; false when it cannot be one.
  bool unpack_record(std::string_view& rest, LedgerSink& out);
  Action last_;
};

}  // namespace parallax::ledger_codec
