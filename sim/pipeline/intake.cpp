// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/intake.h"

#include <cstddef>
#include <utility>

#include "sim/core/id.h"
#include "sim/pipeline/models.h"
#include "sim/pipeline/record.h"

namespace parallax::pipeline {
namespace {

/// The times, with which the head begins, are left out: they are not the case, only its moment.
bool strikes(const BugSwitch& bug, const std::string& payload) {
  constexpr std::size_t times = offsetof(RecordHead, events);
  return hash_text(std::string_view(payload).substr(times)) % Ratio::one < bug.share.parts;
}

}  // namespace

Intake::Intake(DurableLog& log, const std::vector<BugSwitch>& bugs) : log_(log), bugs_(bugs) {
  loses_tail_ = find_bug(bugs_, bug_loses_tail);
  ack_before_store_ = find_bug(bugs_, bug_ack_before_store);
}

Result<void> Intake::store(const std::string& payload) {
  if (loses_tail_ != nullptr && strikes(*loses_tail_, payload)) return hold_tail(payload);
  if (ack_before_store_ != nullptr && strikes(*ack_before_store_, payload)) return gather(payload);
  return log_.append(payload);
}

Result<void> Intake::hold_tail(const std::string& payload) {
  std::string before = payload;
  {
    const std::lock_guard lock(mutex_);
    before.swap(tail_);
  }
  if (before.empty()) return {};
  return log_.append(before);
}

Result<void> Intake::gather(const std::string& payload) {
  const std::lock_guard lock(mutex_);
  ++batches_;
  gathered_.push_back(payload);
  // Off the flush by one batch, so that the crash always finds some that were acknowledged.
  if (batches_ % batches_a_crash == batches_a_crash - 1) gathered_.clear();
  if (batches_ % batches_a_flush == 0) return flush_gathered();
  return {};
}

Result<void> Intake::flush_gathered() {
  for (const std::string& payload : gathered_)
    if (auto stored = log_.append(payload); !stored) return stored;
  gathered_.clear();
  return {};
}

Result<void> Intake::settle() {
  const std::lock_guard lock(mutex_);
  return flush_gathered();
}

}  // namespace parallax::pipeline
