// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/core/ledger_codec.h"
#include "sim/scenario/scenario.h"

/// What a run under way has written into its ledger so far. It is read from the journals as anybody
/// could, so that looking on costs the run nothing and counts what the report will count.
namespace parallax {

/// Reads a journal while another thread appends to it: block by block, each once. A block that is
/// not there in full is left for the next time.
class JournalTail {
 public:
  explicit JournalTail(std::filesystem::path file) : file_(std::move(file)) {}
  JournalTail(JournalTail&&) noexcept;
  JournalTail& operator=(JournalTail&&) = delete;
  ~JournalTail();

  /// Appends the records of the next blocks to `out`, about `bytes_max` of them. False when there
  /// was none. A file that is no journal has no records.
  bool read(Ledger& out, std::size_t bytes_max);
  /// Bytes that are written and not yet read.
  std::uint64_t behind() const;

 private:
  bool open();
  std::filesystem::path file_;
  int descriptor_ = -1;
  std::uint64_t offset_ = 0;
  bool broken_ = false;  ///< Not what we write: left alone.
  ledger_codec::Unpacker unpacker_;
  std::string bytes_;
};

/// Counts of what the tails brought. One tally may be fed by several tails, a whole look of one at
/// a time.
class LiveTally {
 public:
  /// Client and server records, within a part of the run's span, of actions that both sides emit.
  struct Sides {
    std::uint64_t client = 0, server = 0;
  };
  static constexpr std::size_t parts = 60;  ///< Of the simulated span.

  explicit LiveTally(const Scenario& scenario);
  void add(const Ledger& ledger);

  std::uint64_t actions = 0, emissions = 0, destroyed = 0, withheld = 0, abandoned = 0;
  std::uint64_t attempts = 0, events = 0, answered = 0;
  std::array<std::uint64_t, 3> receipts{};  ///< By Receipt.
  std::vector<std::uint64_t> struck;        ///< By fault of the scenario.
  std::array<Sides, parts> sides{};

 private:
  std::vector<bool> both_;  ///< By action type.
  SimTime start_;
  Micros length_;
  /// Who was struck lately: copies that a fault made carry its mark too, and follow soon.
  struct Recent {
    std::uint64_t action = 0, struck = 0;
    Source source = Source::client;
  };
  static constexpr std::size_t recent_size = std::size_t{1} << 16;
  /// The faults whose mark no other emission of this action and side was counted with.
  std::uint64_t newly_struck(const Emission& emission);
  std::vector<Recent> recent_;
};

}  // namespace parallax
