// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/json.h"

namespace parallax {
namespace {

/// A list or object without others inside stands on one line while it is no longer than this.
constexpr std::size_t line_max = 96;

void append_quoted(std::string_view text, std::string& out) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_scalar(const Json& value, std::string& out) {
  switch (value.kind) {
    case Json::Kind::boolean:
      out += value.truth ? "true" : "false";
      break;
    case Json::Kind::number:
      out += value.text;
      break;
    case Json::Kind::text:
      append_quoted(value.text, out);
      break;
    default:
      out += "null";
  }
}

void append_line(const Json& value, std::string& out) {
  if (!value.holds_others()) return append_scalar(value, out);
  const bool is_object = value.kind == Json::Kind::object;
  out += is_object ? "{" : "[";
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ", ";
    if (is_object) {
      append_quoted(value.names[i], out);
      out += ": ";
    }
    append_line(value.items[i], out);
  }
  out += is_object ? "}" : "]";
}

bool fits_one_line(const Json& value, const std::string& line) {
  const bool flat = std::none_of(value.items.begin(), value.items.end(), [](const Json& item) {
    return item.holds_others() && !item.items.empty();
  });
  return value.items.empty() || (flat && line.size() <= line_max);
}

void append(const Json& value, std::size_t indent, std::string& out) {
  std::string line;
  append_line(value, line);
  if (!value.holds_others() || fits_one_line(value, line)) {
    out += line;
    return;
  }
  const bool is_object = value.kind == Json::Kind::object;
  out += is_object ? "{" : "[";
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    out += i > 0 ? ",\n" : "\n";
    out.append(indent + 2, ' ');
    if (is_object) {
      append_quoted(value.names[i], out);
      out += ": ";
    }
    append(value.items[i], indent + 2, out);
  }
  out += '\n';
  out.append(indent, ' ');
  out += is_object ? "}" : "]";
}

}  // namespace

std::string write_json(const Json& value) {
  std::string out;
  append(value, 0, out);
  out += '\n';
  return out;
}

std::string write_json_line(const Json& value) {
  std::string out;
  append_line(value, out);
  return out;
}

}  // namespace parallax
