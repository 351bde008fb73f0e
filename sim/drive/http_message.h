// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/ledger.h"
#include "sim/core/result.h"
#include "sim/core/time.h"
#include "sim/drive/target.h"
#include "sim/drive/url.h"

namespace parallax {

/// What an answered status says: 2xx accepted; 5xx, 408 and anything below 200 unknown; every other
/// rejected, a redirection too, because nobody follows it.
Receipt receipt_of_status(std::uint16_t status);

/// The head of every request of a target: its constant lines are joined once.
class RequestHead {
 public:
  /// Errors (invalid_input, naming the header but never its value): a name or value that HTTP does
  /// not allow, or a header that the target sets itself (Content-Length and the like).
  static Result<RequestHead> compile(const HttpTargetOptions& options, const Url& url);
  /// Replaces `out` by the head for a body of so many bytes. `own`: lines of this request alone.
  void write(std::size_t content_length, SimTime arrives, std::string_view own,
             std::string& out) const;

 private:
  std::string constant_;
  bool clock_ = false;
};

/// Reads one answer at a time from whatever bytes the other side sends, garbage included. Bounded:
/// a head of 16 KiB, a body of 1 MiB, of which the first `body_kept` bytes are kept, 2 MiB in all.
/// Interim answers (1xx) are passed over. Usage: fill a part of `room()`, then `commit` it.
class AnswerReader {
 public:
  enum class State : std::uint8_t {
    more,      ///< Not complete yet.
    complete,  ///< `status`, `body` and `keeps_alive` hold.
    broken,    ///< No answer can come of it; `error` says why.
  };
  static constexpr std::size_t body_max = 1'048'576;
  static constexpr std::size_t kept_usually = 1'024;
  explicit AnswerReader(std::size_t body_kept = kept_usually);
  ~AnswerReader();
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  void reset();            ///< Before each answer; forgets unread bytes.
  std::span<char> room();  ///< Never empty while the state is `more`.
  State commit(std::size_t bytes);
  State end();  ///< The other side closed in order.

  std::uint16_t status() const;
  const std::string& body() const;
  Micros retry_after() const;  ///< Retry-After in seconds, at most a day; 0: none, or a date.
  /// Whether another request may follow on this connection: both sides agree, and no byte came
  /// after the answer.
  bool keeps_alive() const;
  const std::string& error() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace parallax
