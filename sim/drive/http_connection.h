// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "sim/drive/http_message.h"
#include "sim/drive/target.h"
#include "sim/drive/url.h"

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace parallax {

using WallTime = std::chrono::steady_clock::time_point;

/// What all connections of a target share. Outlives them.
struct HttpEndpoint {
  Url url;
  RequestHead head;
  Micros timeout = 0;
  bool whole_answers = false;
  boost::asio::io_context* io = nullptr;
  boost::asio::ssl::context* tls = nullptr;  ///< Null for http.
};

/// One keep-alive connection, one request on it at a time. It is made without a socket and connects
/// when the first request begins. It never sends anything twice: whatever breaks after the request
/// began to leave is an unknown outcome, and what breaks before is a rejection. After a failure
/// or a strike it is closed for good.
///
/// Strikes are real. `during_body`: the head promises the whole body, half of it leaves, then the
/// connection is reset. `after_commit`: everything leaves, the first bytes of the answer are
/// awaited (they prove that the target has committed) and thrown away, then the connection is
/// reset.
class HttpConnection {
 public:
  using Place = std::list<std::shared_ptr<HttpConnection>>::iterator;
  using Done = std::function<void(HttpConnection&, SendResult)>;

  virtual ~HttpConnection() = default;
  /// Starts; the outcome comes to `done`, never from inside this call. Precondition: `usable()` or
  /// fresh, and the strike is one of the two above or none.
  virtual void begin(SendRequest request) = 0;
  /// Ends the request in flight as timed out: `done` is called from inside.
  virtual void expire() = 0;
  /// Whether the next request can be sent on it: open, and the other side neither closed it nor
  /// said something unasked. One system call.
  virtual bool usable() const = 0;
  virtual WallTime started() const = 0;

  Place place;  ///< Where the target keeps it; the target's to use.
};

std::shared_ptr<HttpConnection> make_http_connection(const HttpEndpoint& endpoint,
                                                     HttpConnection::Done done);

}  // namespace parallax
