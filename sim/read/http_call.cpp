// SPDX-License-Identifier: Apache-2.0
#include "sim/read/http_call.h"

#include <httplib.h>

#include <chrono>

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t quoted_bytes_max = 200;

/// What one call came to, as far as the bytes tell.
struct Answer {
  int status = 0;
  bool stopped = false;  ///< The taker wanted no more.
  bool late = false;
  std::string begin;  ///< First bytes of an answer that is not 200.
};

httplib::Result send(const HttpCall& call, const std::function<bool(std::string_view)>& take,
                     Answer& answer) {
  const auto timeout = std::chrono::microseconds(call.timeout);
  const Clock::time_point deadline = Clock::now() + timeout;
  httplib::Client client(call.address.server);
  if (!client.is_valid()) return {nullptr, httplib::Error::Connection};
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  client.set_write_timeout(timeout);
  client.set_url_encode(false);  // The path is sent as the target file states it.
  httplib::Request request;
  request.method = call.method;
  request.path = call.address.path;
  request.headers = httplib::Headers(call.headers.begin(), call.headers.end());
  request.body = call.body;
  request.response_handler = [&](const httplib::Response& response) {
    answer.status = response.status;
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t /*offset*/,
                                 std::uint64_t /*length*/) {
    answer.late = Clock::now() > deadline;
    if (answer.late) return false;
    if (answer.status != 200) {
      answer.begin.append(data, std::min(size, quoted_bytes_max - answer.begin.size()));
      return answer.begin.size() < quoted_bytes_max;
    }
    answer.stopped = !take({data, size});
    return !answer.stopped;
  };
  return client.send(request);
}

}  // namespace

Result<bool> call_http(const HttpCall& call, const std::function<bool(std::string_view)>& take) {
  Answer answer;
  const httplib::Result result = send(call, take, answer);
  if (answer.status == 0) {
    const bool waited = result.error() == httplib::Error::Read;
    return Error{waited ? Error::Kind::timeout : Error::Kind::io,
                 "no answer: " + httplib::to_string(result.error()), call.name};
  }
  if (answer.status != 200)
    return Error{Error::Kind::protocol,
                 "answered " + std::to_string(answer.status) + ": " + answer.begin, call.name};
  return result.error() == httplib::Error::Success && !answer.stopped && !answer.late;
}

}  // namespace parallax
