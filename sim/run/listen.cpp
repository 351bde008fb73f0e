// SPDX-License-Identifier: Apache-2.0
#include "sim/run/listen.h"

#include <charconv>

#include "sim/drive/target.h"

namespace parallax {

Result<ListenAddress> parse_listen(const std::string& text, bool allow_remote) {
  const Error unreadable{Error::Kind::invalid_input, "expected HOST:PORT, such as 127.0.0.1:8100",
                         "--listen " + text};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return unreadable;
  ListenAddress address{text.substr(0, colon), 0};
  if (address.host.front() == '[' && address.host.back() == ']')
    address.host = address.host.substr(1, address.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || stop != end) return unreadable;
  if (!is_loopback_url("http://" + text) && !allow_remote)
    return Error{Error::Kind::invalid_input,
                 "is not loopback; add --allow-remote to serve other machines", "--listen " + text};
  return address;
}

}  // namespace parallax
