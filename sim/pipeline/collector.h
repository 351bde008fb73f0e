// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "sim/core/time.h"
#include "sim/pipeline/contract.h"
#include "sim/pipeline/intake.h"
#include "sim/wire/dialects.h"

namespace parallax::pipeline {

/// Totals since the start of this process.
struct CollectorCounts {
  std::atomic<std::uint64_t> accepted{0};      ///< Events acknowledged, dead letters included.
  std::atomic<std::uint64_t> dead_letters{0};  ///< Of these, those that broke the contract.
  std::atomic<std::uint64_t> malformed{0};     ///< Requests refused for ever: 400.
  std::atomic<std::uint64_t> busy{0};          ///< Requests refused for now: 503.
};

/// What an HTTP request is answered with.
struct Answer {
  int status = 200;
  std::string body;
  const char* type = "application/json";
};

struct SdkDialect;

/// One POST: bytes in, answer out. Parses once, checks the contract event by event, and answers 2xx
/// only after the batch is on the disk. A batch is stored whole or not at all; events that break
/// the contract do not hold up the others. Thread-safe.
class Collector {
 public:
  Collector(const ContractCheck& contract, Intake& intake) : contract_(contract), intake_(intake) {}

  /// `body` is plain JSON (it gets spare capacity); `arrival` is the pipeline's "now".
  /// 200 stored; 400 no batch of the shared format; 500 the disk failed; 503 try again.
  Answer post(std::string& body, SimTime arrival);
  /// The same for a request of a vendor's SDK, answered in the vendor's words.
  Answer post_sdk(const SdkDialect& dialect, const SdkRequest& request);

  const CollectorCounts& counts() const { return counts_; }

 private:
  Answer refuse(const Error& error);
  const ContractCheck& contract_;
  Intake& intake_;
  CollectorCounts counts_;
};

/// {"error": "..."}
Answer error_answer(int status, std::string_view what);

}  // namespace parallax::pipeline
