// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "sim/drive/load_connection.h"

namespace parallax {
namespace {

/// Connects and hangs up; 0, or the errno of what went wrong.
int try_connect(const addrinfo& to, Micros timeout) {
  const int handle = ::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return errno;
  int code = ::connect(handle, to.ai_addr, to.ai_addrlen) == 0 ? 0 : errno;
  if (code == EINPROGRESS) {
    pollfd wish{handle, POLLOUT, 0};
    const int ready = ::poll(&wish, 1, static_cast<int>(timeout / millisecond));
    socklen_t size = sizeof code;
    code = ETIMEDOUT;
    if (ready > 0) ::getsockopt(handle, SOL_SOCKET, SO_ERROR, &code, &size);
  }
  ::close(handle);
  return code;
}

}  // namespace

void LoadEndpoint::FreeTls::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
LoadEndpoint::LoadEndpoint(LoadEndpoint&&) noexcept = default;
LoadEndpoint& LoadEndpoint::operator=(LoadEndpoint&&) noexcept = default;
LoadEndpoint::~LoadEndpoint() = default;

/// Trusts what the system trusts (SSL_CERT_FILE and SSL_CERT_DIR change it).
Result<void> LoadEndpoint::use_tls() {
  tls_.reset(SSL_CTX_new(TLS_client_method()));
  if (!tls_ || SSL_CTX_set_default_verify_paths(tls_.get()) != 1 ||
      SSL_CTX_set_min_proto_version(tls_.get(), TLS1_2_VERSION) != 1)
    return Error{Error::Kind::io, "no trusted certificates", url_.host};
  SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
  return {};
}

Result<LoadEndpoint> LoadEndpoint::reach(const std::string& url, Micros timeout) {
  Result<Url> parsed = parse_url(url);
  if (!parsed) return parsed.error();
  LoadEndpoint endpoint;
  endpoint.url_ = std::move(*parsed);
  if (endpoint.url_.tls)
    if (const Result<void> trusted = endpoint.use_tls(); !trusted) return trusted.error();
  const std::string where = endpoint.url_.authority();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(endpoint.url_.host.c_str(),
                                   std::to_string(endpoint.url_.port).c_str(), &hints, &found);
  if (failed != 0)
    return Error{Error::Kind::io, std::string("cannot resolve the host: ") + gai_strerror(failed),
                 where};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  int code = 0;
  for (const addrinfo* to = found; to != nullptr; to = to->ai_next) {
    code = try_connect(*to, timeout);
    if (code != 0) continue;
    std::memcpy(&endpoint.address_, to->ai_addr, to->ai_addrlen);
    endpoint.address_size_ = to->ai_addrlen;
    return endpoint;
  }
  return Error{Error::Kind::io,
               code == ECONNREFUSED ? "connection refused"
                                    : "cannot connect: " + std::generic_category().message(code),
               where};
}

}  // namespace parallax
