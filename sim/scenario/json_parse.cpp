// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/scenario/json.h"

namespace parallax {
namespace {

/// Builds the document from the parser's events: only so do numbers keep their digits, and do
/// repeated names show.
class Builder {
 public:
  Builder(std::string_view text, const std::string& file_name, std::uint16_t file,
          std::vector<Problem>& problems)
      : text_(text), file_name_(file_name), file_(file), problems_(problems) {}

  Json take() { return std::move(root_); }

  bool null() { return put({}); }
  bool boolean(bool truth) { return put(Json::of_flag(truth)); }
  bool number_integer(std::int64_t n) { return put(Json::of_number(n)); }
  bool number_unsigned(std::uint64_t n) { return put(number(std::to_string(n))); }
  bool number_float(double, const std::string& token) { return put(number(token)); }
  bool string(std::string& text) { return put(Json::of_text(text)); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::list()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (open_.back()->find(name) != nullptr)
      problem(path() + pointer_segment(name), "\"" + name + "\" a second time",
              "each name once in an object");
    name_ = name;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) {
    std::string what = error.what();
    if (const auto at = what.find(" - "); at != std::string::npos) what.erase(0, at + 3);
    std::string expected = "JSON";
    if (const auto at = what.find("; expected "); at != std::string::npos) {
      expected = what.substr(at + 11);
      what.erase(at);
    }
    problem("", what + " at " + place(position), expected);
    return false;
  }

 private:
  static Json number(std::string token) {
    Json value;
    value.kind = Json::Kind::number;
    value.text = std::move(token);
    return value;
  }

  Json* place_value(Json value) {
    value.file = file_;
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.kind == Json::Kind::list) {
      parent.push(std::move(value));
      return &parent.items.back();
    }
    parent.put(name_, std::move(value));
    return parent.find(name_);
  }

  bool put(Json value) {
    place_value(std::move(value));
    return true;
  }

  bool open(Json value) {
    if (open_.size() >= json_depth_max) {
      problem("", "nesting deeper than " + std::to_string(json_depth_max), "a flatter document");
      return false;
    }
    const bool in_list = !open_.empty() && open_.back()->kind == Json::Kind::list;
    const std::string segment = open_.empty() ? ""
                                : in_list     ? "/" + std::to_string(open_.back()->items.size())
                                              : pointer_segment(name_);
    segments_.push_back(segment);
    open_.push_back(place_value(std::move(value)));
    return true;
  }

  bool close() {
    open_.pop_back();
    segments_.pop_back();
    return true;
  }

  std::string path() const {
    std::string out;
    for (const std::string& segment : segments_) out += segment;
    return out;
  }

  std::string place(std::size_t position) const {
    const std::string_view before = text_.substr(0, position > 0 ? position - 1 : 0);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto start = before.rfind('\n');
    const std::size_t column =
        start == std::string_view::npos ? before.size() + 1 : before.size() - start;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
  }

  void problem(std::string pointer, std::string found, std::string expected) {
    problems_.push_back(
        {file_name_, std::move(pointer), std::move(found), std::move(expected), "", false});
  }

  std::string_view text_;
  const std::string& file_name_;
  std::uint16_t file_;
  std::vector<Problem>& problems_;
  Json root_;
  // Pointers stay valid: an open container's parent gets no new element before it is closed.
  std::vector<Json*> open_;
  std::vector<std::string> segments_;
  std::string name_;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text, const std::string& file_name,
                               std::uint16_t file, std::vector<Problem>& problems) {
  Builder builder(text, file_name, file, problems);
  const bool strict = true;
  const bool comments = true;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                 nlohmann::json::input_format_t::json, strict, comments))
    return std::nullopt;
  return builder.take();
}

}  // namespace parallax
