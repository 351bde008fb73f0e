// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/drive/http_message.h"

namespace parallax {

/// Reads one answer at a time where every microsecond counts: of a plain answer (final status,
/// Content-Length) it looks at the head once and skips the body. Every other kind (chunked,
/// interim, without a length, a head in pieces beyond 16 KiB) goes through an AnswerReader, made
/// when the first such answer comes. Allocates nothing for plain answers that come in one piece.
class AnswerScan {
 public:
  using State = AnswerReader::State;

  void reset();  ///< Before each answer.
  /// The next bytes from the other side. Precondition: the state is `more`.
  State feed(std::string_view bytes);
  State end();  ///< The other side closed in order.

  std::uint16_t status() const { return reader_in_use_ ? reader_->status() : status_; }
  /// Whether another request may follow: both sides agree, and no byte came after the answer.
  bool keeps_alive() const { return reader_in_use_ ? reader_->keeps_alive() : keeps_alive_; }
  const std::string& error() const;
  bool started() const { return started_; }

 private:
  State feed_head(std::string_view bytes);
  State feed_reader(std::string_view bytes);
  bool read_head(std::string_view head);

  std::uint16_t status_ = 0;
  bool keeps_alive_ = true;
  bool started_ = false;
  bool in_body_ = false;
  bool reader_in_use_ = false;
  std::uint64_t body_left_ = 0;
  std::string head_;  ///< What has come of a head that is not complete.
  std::unique_ptr<AnswerReader> reader_;
};

}  // namespace parallax
