// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/drive/ascii.h"
#include "sim/drive/http_message.h"

namespace parallax {
namespace {

/// RFC 9110, section 5.6.2: what a header's name may consist of.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// No line end can be smuggled into the head through a value.
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return c == '\t' || (code >= 0x20 && code != 0x7f);
  });
}

bool is_set_by_target(std::string_view name) {
  constexpr std::array<std::string_view, 7> own{
      "Content-Length", "Transfer-Encoding", "Connection", "Content-Encoding", "Accept-Encoding",
      "Expect",         sim_time_header};
  return std::any_of(own.begin(), own.end(),
                     [&](std::string_view taken) { return equals_ignoring_case(taken, name); });
}

Result<void> check(std::string_view name, std::string_view value) {
  const std::string where = "headers/" + std::string(name);
  if (!is_token(name)) return Error{Error::Kind::invalid_input, "not a header's name", where};
  if (!is_value(value)) {
    return Error{Error::Kind::invalid_input, "the value has control characters", where};
  }
  if (is_set_by_target(name)) {
    return Error{Error::Kind::invalid_input, "this header is set by parallax itself", where};
  }
  return {};
}

void append_line(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Receipt receipt_of_status(std::uint16_t status) {
  if (status >= 200 && status < 300) return Receipt::accepted;
  if (status < 200 || status == 408 || status >= 500) return Receipt::unknown;
  return Receipt::rejected;
}

Result<RequestHead> RequestHead::compile(const HttpTargetOptions& options, const Url& url) {
  RequestHead head;
  head.clock_ = options.clock_header;
  std::string& out = head.constant_;
  out = "POST " + url.target + " HTTP/1.1\r\n";
  const auto given = [&](std::string_view name) {
    return std::any_of(options.headers.begin(), options.headers.end(), [&](const auto& header) {
      return equals_ignoring_case(header.first, name);
    });
  };
  if (!given("Host")) append_line("Host", url.authority(), out);
  if (!given("User-Agent")) append_line("User-Agent", "parallax", out);
  if (!given("Content-Type")) append_line("Content-Type", options.content_type, out);
  if (options.gzip) append_line("Content-Encoding", "gzip", out);
  for (const auto& [name, value] : options.headers) {
    if (auto checked = check(name, value); !checked) return checked.error();
    append_line(name, value, out);
  }
  return head;
}

void RequestHead::write(std::size_t content_length, SimTime arrives, std::string_view own,
                        std::string& out) const {
  out = constant_;
  out += own;
  if (clock_) {
    out.append(sim_time_header).append(": ");
    const std::size_t at = out.size();
    out.resize(at + rfc3339_length);
    write_rfc3339(arrives, out.data() + at);
    out += "\r\n";
  }
  out += "Content-Length: ";
  out += std::to_string(content_length);
  out += "\r\n\r\n";
}

}  // namespace parallax
