// SPDX-License-Identifier: Apache-2.0
#include "sim/read/run_url.h"

namespace parallax {
namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace

std::string with_run_id(std::string text, std::string_view run_id) {
  constexpr std::string_view mark = "{run_id}";
  const std::string encoded = percent_encoded(run_id);
  for (auto at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + encoded.size()))
    text.replace(at, mark.size(), encoded);
  return text;
}

Result<HttpAddress> split_url(const std::string& url) {
  const auto scheme = url.find("://");
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.size() == scheme + 3)
    return Error{Error::Kind::invalid_input, "no http or https address", url};
  const auto path = url.find_first_of("/?", scheme + 3);
  if (path == std::string::npos) return HttpAddress{url, "/"};
  std::string rest = url.substr(path);
  return HttpAddress{url.substr(0, path), rest.front() == '/' ? rest : "/" + rest};
}

}  // namespace parallax
