// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace parallax {

/// Why an operation on the outside world failed. A bug in this program is never an Error: it is an
/// assert. `what` is one lower-case sentence without a full stop; `where` names the input (file and
/// JSON pointer, path, URL) and may be empty.
struct Error {
  enum class Kind {
    invalid_input,  ///< A scenario, target file or command line that cannot be used: exit code 4.
    io,             ///< A file or a socket failed.
    protocol,       ///< The other side answered with something that is not the contract.
    timeout,        ///< A bounded wait ended.
    unsupported,    ///< Built without it, or not available on this machine.
  };
  Kind kind = Kind::io;
  std::string what;
  std::string where;

  /// "where: what", or `what` alone.
  std::string text() const { return where.empty() ? what : where + ": " + what; }
};

/// A value or an Error (std::expected does not exist in C++20). Neither throws nor allocates.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return held_.index() == 0; }

  /// Preconditions: `value()` only on success, `error()` only on failure.
  T& value() & { return *check(std::get_if<0>(&held_)); }
  const T& value() const& { return *check(std::get_if<0>(&held_)); }
  T&& value() && { return std::move(*check(std::get_if<0>(&held_))); }
  const Error& error() const { return *check(std::get_if<1>(&held_)); }

  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

 private:
  template <class P>
  static P check(P held) {
    assert(held != nullptr);
    return held;
  }
  std::variant<T, Error> held_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return !error_; }
  const Error& error() const {
    assert(error_);
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace parallax
