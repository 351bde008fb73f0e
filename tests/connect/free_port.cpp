// SPDX-License-Identifier: Apache-2.0
#include "tests/connect/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.h"

namespace parallax::test {

int free_port() {
  const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(handle, any, size) == 0 && ::getsockname(handle, any, &size) == 0;
  ::close(handle);
  REQUIRE(bound);
  return ntohs(address.sin_port);
}

}  // namespace parallax::test
