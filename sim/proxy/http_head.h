// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/result.h"

namespace parallax::proxy {

/// Longest head of a request or an answer.
constexpr std::size_t head_max = std::size_t{64} * 1024;

/// How a message says where its body ends (RFC 9112, section 6).
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  ///< For Kind::length; never 0.
};

/// A request's head, as views into its bytes.
struct RequestHead {
  std::string_view method, target;
  std::string_view path, query;  ///< Of the target: before and behind its "?".
  std::string_view authorization, content_encoding, sim_time,
      origin;  ///< Empty where not given.
  Framing framing;
  bool keeps_alive = true;
  bool expects_continue = false;
  bool upgrades = false;  ///< Asks for another protocol: WebSocket.
};
struct AnswerHead {
  std::uint16_t status = 0;
  Framing framing;
  bool keeps_alive = true;
};

/// Length of the head at the beginning of `bytes`, its empty line included; nothing while that has
/// not come.
std::optional<std::size_t> head_length(std::string_view bytes);

/// Reads a complete head. Errors (protocol): no HTTP/1.x, a line that is none, a body whose length
/// is stated twice or both ways: two readers could see two requests in it.
Result<RequestHead> read_request_head(std::string_view head);
/// `method`: of the request; what is answered to HEAD has no body.
Result<AnswerHead> read_answer_head(std::string_view head, std::string_view method);

/// Finds the end of a body that is on its way, whatever pieces it comes in.
class BodyScan {
 public:
  BodyScan() = default;
  explicit BodyScan(Framing framing);
  /// How many of the next bytes belong to the body. With `plain` the body without chunk marks is
  /// appended to it.
  std::size_t feed(std::string_view bytes, std::string* plain = nullptr);
  bool done() const { return state_ == State::done; }
  bool broken() const { return state_ == State::broken; }  ///< Chunk marks that are none.
  bool ends_with_connection() const { return state_ == State::open; }

 private:
  enum class State : std::uint8_t { done, length, open, size, data, mark, trailer, broken };
  bool read_line(std::string_view bytes, std::size_t& at);
  void take_line();

  State state_ = State::done;
  std::uint64_t left_ = 0;
  std::string line_;  ///< What has come of a chunk's size or of a trailer.
};

/// `head` with other lines: those named in `drop` (lower case) are left out, `add` (whole lines)
/// comes behind the rest.
std::string with_lines(std::string_view head, std::initializer_list<std::string_view> drop,
                       std::string_view add);
/// As above, and another status in the first line.
std::string with_status(std::string_view head, std::uint16_t status,
                        std::initializer_list<std::string_view> drop, std::string_view add);
/// An answer of the proxy's own. `lines` as above.
std::string own_answer(std::uint16_t status, std::string_view text, std::string_view lines = {});

}  // namespace parallax::proxy
