// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/core/result.h"
#include "sim/core/text_buffer.h"

namespace parallax {

/// A request made ahead of its time.
struct LoadRequest {
  TextBuffer body;  ///< Reused: keeps its memory.
  std::uint32_t events = 0;
  Strike strike = Strike::none;
  std::uint16_t answer = 0;  ///< For Strike::answered.
  SimTime arrives;           ///< For the clock header.
};

/// Where an engine gets its requests, and where it says what became of them. Called by the engine's
/// thread only. A slot is a number below `LoadPlan::slots()` that stands for one request at a time:
/// the source keeps what it knows of it under that number. Each goes prepare -> depart ->
/// conclude, or prepare -> abandon.
class LoadSource {
 public:
  virtual ~LoadSource() = default;
  /// Makes the next request; false when there is none any more (only after `drain`).
  virtual bool prepare(std::uint32_t slot, LoadRequest& out) = 0;
  /// The request is about to leave: everything about it is written ahead, its body is finished.
  virtual void depart(std::uint32_t slot, LoadRequest& request) = 0;
  /// What departed is safe. Comes once before the bytes of all that departed in one turn.
  virtual Result<void> flush() = 0;
  virtual void conclude(std::uint32_t slot, Receipt receipt, std::uint16_t status,
                        bool by_fault) = 0;
  /// The request is never sent.
  virtual void abandon(std::uint32_t slot) = 0;
  /// No new actions from here on: `prepare` gives what is left in partial batches.
  virtual void drain() = 0;
};

/// The slots of an engine: free ones, requests made ahead, and what is on its way.
class LoadStock {
 public:
  /// Keeps at most `ahead` requests ready. `source` outlives it.
  LoadStock(LoadSource& source, std::uint32_t slots, std::uint32_t ahead);

  LoadRequest& operator[](std::uint32_t slot) { return requests_[slot]; }
  /// So many requests in all, and no more are made until this is called again: what is made and
  /// not in the plan would have to be sent behind it.
  void limit(std::uint64_t requests) { limit_ = requests; }
  /// False when enough are ready, no slot is free or the source has no more.
  bool make_one();
  /// Up to so many at once; false when not even one was made.
  bool make_some(std::uint32_t most);
  /// The oldest request made ahead, or a fresh one; false when there is none any more.
  bool take(std::uint32_t& slot);
  void put_back(std::uint32_t slot) { free_.push_back(slot); }
  /// Abandons all that is ready, and all that the source still has.
  void abandon_all();
  /// Nothing is ready and nothing will be.
  bool exhausted() const { return exhausted_ && begin_ == ready_.size(); }

 private:
  LoadSource& source_;
  std::uint32_t ahead_;
  std::vector<LoadRequest> requests_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> ready_;  ///< From `begin_` on, in the order of making.
  std::size_t begin_ = 0;
  std::uint64_t made_ = 0, limit_ = ~std::uint64_t{0};
  bool exhausted_ = false;
};

}  // namespace parallax
