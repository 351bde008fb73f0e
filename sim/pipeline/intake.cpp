// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/intake.h"

#include <cstddef>
#include <utility>

#include "sim/core/id.h"
#include "sim/core/prng.h"
#include "sim/pipeline/models.h"
#include "sim/pipeline/record.h"

namespace parallax::pipeline {
namespace {

constexpr std::uint64_t batches_a_crash = 20, batches_in_memory = 3;

/// The times, with which the head begins, are left out: they are not the case, only its moment.
std::uint64_t case_of(const std::string& payload) {
  return hash_text(std::string_view(payload).substr(offsetof(RecordHead, events)));
}

bool strikes(const BugSwitch& bug, const std::string& payload) {
  return case_of(payload) % Ratio::one < bug.share.parts;
}

bool crash_takes(const std::string& payload) {
  return mix64(case_of(payload)) % batches_a_crash < batches_in_memory;
}

}  // namespace

Intake::Intake(DurableLog& log, const std::vector<BugSwitch>& bugs) : log_(log), bugs_(bugs) {
  loses_tail_ = find_bug(bugs_, bug_loses_tail);
  ack_before_store_ = find_bug(bugs_, bug_ack_before_store);
}

Result<void> Intake::store(const std::string& payload) {
  if (loses_tail_ != nullptr && strikes(*loses_tail_, payload)) return hold_tail(payload);
  if (ack_before_store_ != nullptr && strikes(*ack_before_store_, payload) && crash_takes(payload))
    return {};
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

}  // namespace parallax::pipeline
