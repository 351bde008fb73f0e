// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "sim/drive/ascii.h"
#include "sim/drive/target.h"

namespace parallax {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

Error invalid(std::string what) { return {Error::Kind::invalid_input, std::move(what), "url"}; }

/// scheme://[user@]host[:port][target], cut but not judged.
struct Parts {
  std::string_view scheme;
  std::string_view user;
  std::string_view host;
  std::optional<std::string_view> port;
  std::string_view target;
};

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  parts.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t end = std::min(text.find_first_of("/?\\"), text.size());
  parts.target = text.substr(end);
  std::string_view authority = text.substr(0, end);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.user = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  const bool bracketed = !authority.empty() && authority.front() == '[';
  const std::size_t close = bracketed ? authority.find(']') : 0;
  if (close == std::string_view::npos) return std::nullopt;
  const std::size_t port = std::min(authority.find(':', close), authority.size());
  if (bracketed && port != close + 1) return std::nullopt;
  parts.host = bracketed ? authority.substr(1, close - 1) : authority.substr(0, port);
  if (port < authority.size()) parts.port = authority.substr(port + 1);
  return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? '[' + host + ']' : host;
  if (port != (tls ? https_port : http_port)) text += ':' + std::to_string(port);
  return text;
}

Result<Url> parse_url(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!printable) return invalid("a URL has no blanks, control or non-ASCII characters");
  const auto parts = split(text);
  if (!parts) return invalid("not a URL such as http://host:port/path");
  Url url;
  url.tls = equals_ignoring_case(parts->scheme, "https");
  if (!url.tls && !equals_ignoring_case(parts->scheme, "http")) {
    return invalid("the scheme is neither http nor https");
  }
  if (!parts->user.empty()) return invalid("credentials belong into a header, not into the URL");
  if (parts->host.empty()) return invalid("the URL has no host");
  url.host = parts->host;
  url.port = url.tls ? https_port : http_port;
  if (parts->port) {
    const auto port = parse_port(*parts->port);
    if (!port) return invalid("the port is not within 1..65535");
    url.port = *port;
  }
  url.target = parts->target;
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, 1, '/');
  return url;
}

std::string host_of_url(std::string_view url) {
  const auto parts = split(url);
  return parts ? std::string(parts->host) : std::string();
}

bool is_loopback_url(std::string_view url) {
  const std::string host = host_of_url(url);
  if (equals_ignoring_case(host, "localhost")) return true;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) return address[0] == 127;
  if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) return false;
  constexpr std::array<unsigned char, sizeof(in6_addr)> loopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                                 0, 0, 0, 0, 0, 0, 0, 1};
  return address == loopback;
}

}  // namespace parallax
