// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/time.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load.h"

namespace parallax {

/// A place in a document: the value there, if there is one, and the pointer to it. Refers to the
/// document, which must outlive it.
class Node {
 public:
  explicit Node(const Json* value, std::string pointer = "")
      : value_(value), pointer_(std::move(pointer)) {}

  /// The member; absent when this is no object or has none of that name.
  Node operator[](std::string_view name) const;
  /// Precondition: index < size().
  Node at(std::size_t index) const;
  std::size_t size() const { return value_ != nullptr ? value_->items.size() : 0; }
  /// Precondition: an object, index < size().
  const std::string& name(std::size_t index) const { return value_->names[index]; }

  explicit operator bool() const { return value_ != nullptr; }
  bool is(Json::Kind kind) const { return value_ != nullptr && value_->kind == kind; }
  /// Content of a text or digits of a number; empty for everything else.
  std::string_view word() const;
  const Json& json() const { return *value_; }
  const std::string& pointer() const { return pointer_; }

 private:
  const Json* value_;
  std::string pointer_;
};

/// Collects what is wrong with a document.
class Problems {
 public:
  /// `files`: names by Json::file; must outlive this.
  explicit Problems(const std::vector<std::string>& files) : files_(&files) {}

  void error(const Node& at, std::string expected, std::string nearest = "");
  void error(const Node& at, std::string found, std::string expected, std::string nearest);
  void warn(const Node& at, std::string found, std::string expected);
  /// `word` at `at` is none of `known`: names a few of them, and the nearest.
  void unknown(const Node& at, std::string_view word, std::string_view what,
               std::span<const std::string_view> known);

  bool any_error() const;
  std::vector<Problem>& list() { return list_; }
  const std::vector<std::string>& files() const { return *files_; }

 private:
  const std::vector<std::string>* files_;
  std::vector<Problem> list_;
};

/// What stands at a node, shortened for a message: a secret as "***", a container by its kind.
std::string shown(const Node& node);
/// Names joined for a message: "a, b, c", at most 16 of them.
std::string joined(std::span<const std::string_view> names);
std::vector<std::string_view> views(const std::vector<std::string>& names);

/// A decimal text ("0.35", "-2", "1e-3") times 10^places as an integer. Nothing when it is no
/// number, does not fit 64 bits, or has non-zero digits beyond the places.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places);

/// Values of a node. Nothing when it is absent or is not of that form, which check_shape has
/// reported already: reading never reports.
std::optional<std::int64_t> integer_of(const Node& node);
std::optional<std::int64_t> millionths_of(const Node& node);
std::optional<Ratio> ratio_of(const Node& node);
std::optional<Micros> duration_of(const Node& node);
std::optional<std::string> text_of(const Node& node);
std::optional<double> real_of(const Node& node);

/// Put the value into `out` where there is one, and leave the default otherwise.
template <class Integer>
void read_integer(const Node& node, Integer& out) {
  if (const auto value = integer_of(node)) out = static_cast<Integer>(*value);
}
void read_ratio(const Node& node, Ratio& out);
void read_duration(const Node& node, Micros& out);
void read_text(const Node& node, std::string& out);
void read_flag(const Node& node, bool& out);

}  // namespace parallax
