// SPDX-License-Identifier: Apache-2.0
#include "sim/run/listen_address.h"

#include <charconv>

#include "sim/drive/target.h"

namespace parallax {

Result<ListenAddress> listen_address(const std::string& text, bool allow_remote) {
  const auto unusable = [&](const char* what) {
    return Error{Error::Kind::invalid_input, what, "--listen " + text};
  };
  ListenAddress address;
  const std::size_t colon = text.rfind(':');
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(
      text.data() + (colon == std::string::npos ? 0 : colon + 1), end, address.port);
  if (colon == std::string::npos || colon == 0 || error != std::errc() || stop != end)
    return unusable("expected HOST:PORT, such as 127.0.0.1:8100");
  address.host = text.substr(0, colon);
  if (address.host.front() == '[' && address.host.back() == ']')
    address.host = address.host.substr(1, address.host.size() - 2);
  if (!is_loopback_url("http://" + text) && !allow_remote)
    return unusable("is not loopback; add --allow-remote to serve other machines");
  return address;
}

}  // namespace parallax
