// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/lines_target.h"

#include <cassert>

#include "sim/drive/batch_events.h"
#include "sim/drive/http_message.h"

namespace parallax {

void LinesTarget::start(SendRequest request) {
  assert(in_flight() < capacity());
  SendResult result;
  result.ticket = request.ticket;
  switch (request.strike) {
    case Strike::none:
      result.receipt = Receipt::accepted;
      write(request.body, result);
      break;
    case Strike::after_commit:
      write(request.body, result);
      break;
    case Strike::during_body:
      break;
    case Strike::before_send:
      result.receipt = Receipt::rejected;
      result.error = "connection refused (fault)";
      break;
    case Strike::answered:
      result.status = request.answer;
      result.receipt = receipt_of_status(request.answer);
      break;
  }
  done_ = std::move(result);
}

SendResult LinesTarget::wait() {
  assert(done_);
  SendResult result = *std::move(done_);
  done_.reset();
  return result;
}

void LinesTarget::write(std::string_view body, SendResult& result) {
  const auto events = split_batch(body);
  if (!events) {
    result.receipt = Receipt::rejected;
    result.error = "the body is no batch of events";
    return;
  }
  lines_.clear();
  for (const std::string_view event : *events) lines_.append(event).append(1, '\n');
  if (!failed_)
    if (const Result<void> written = put(lines_); !written) failed_ = written.error();
  if (!failed_) return;
  result.receipt = Receipt::unknown;
  result.error = failed_->text();
}

}  // namespace parallax
